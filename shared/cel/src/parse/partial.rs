//! Visits what could be read of a text with syntax errors, for the further errors that cel-go
//! finds there: reserved names, macro arguments, literals.

use super::build::{Builder, Term};
use super::errors;
use super::grammar::MAX_DEPTH;
use super::lexer::{Token, TokenKind};
use super::net::Rule;
use super::recover::{Child, Node};
use crate::ast::{Expr, List, Literal, MapEntry, StructField};
use crate::source::Span;
use TokenKind as T;

/// Reports the errors of a partly read text.
pub(super) fn visit(node: &Node, build: &mut Builder<'_>) {
    let mut visitor = Visitor { build, depth: 0 };
    if visitor.visit(Some(node)).is_none() {
        visitor.build.report(None, errors::VISIT_DEPTH.to_owned());
    }
}

struct Visitor<'v, 'p> {
    build: &'v mut Builder<'p>,
    depth: u32,
}

impl Node {
    fn tokens(&self) -> impl Iterator<Item = Token> {
        self.children.iter().filter_map(|child| match child {
            Child::Token(token) => Some(*token),
            Child::Node(_) => None,
        })
    }

    fn tokens_of(&self, kind: TokenKind) -> impl Iterator<Item = Token> {
        self.tokens().filter(move |token| token.kind == kind)
    }

    fn token(&self, kind: TokenKind) -> Option<Token> {
        self.tokens_of(kind).next()
    }

    fn nodes(&self, rule: Rule) -> impl Iterator<Item = &Node> {
        self.children.iter().filter_map(move |child| match child {
            Child::Node(node) if node.rule == rule => Some(node),
            _ => None,
        })
    }

    fn node(&self, rule: Rule) -> Option<&Node> {
        self.nodes(rule).next()
    }

    fn offset(&self) -> u32 {
        self.start.span.start
    }
}

/// The first node on the way down that is more than a detour.
fn unnest(mut node: &Node) -> Option<&Node> {
    loop {
        let below = match (node.rule, node.alternative) {
            (Rule::Start | Rule::OptExpr, _) => Rule::Expr,
            (Rule::Expr, _) if node.token(T::QuestionMark).is_none() => Rule::Or,
            (Rule::Or, _) if node.token(T::LogicalOr).is_none() => Rule::And,
            (Rule::And, _) if node.token(T::LogicalAnd).is_none() => Rule::Relation,
            (Rule::Relation, 0) => Rule::Calc,
            (Rule::Calc, 0) => Rule::Unary,
            (Rule::Unary, 1) => Rule::Member,
            (Rule::Member, 0) => Rule::Primary,
            (Rule::Primary, 3) => Rule::Expr,
            (Rule::Primary, 7) => Rule::Literal,
            _ => return Some(node),
        };
        node = node.node(below)?;
    }
}

impl Visitor<'_, '_> {
    /// `None`: too deep.
    fn visit(&mut self, node: Option<&Node>) -> Option<Expr> {
        let Some(node) = node.and_then(unnest) else {
            return Some(self.build.unspecified(None));
        };
        match node.rule {
            Rule::Or => self.logic(node, T::LogicalOr, Rule::And),
            Rule::And => self.logic(node, T::LogicalAnd, Rule::Relation),
            Rule::Unary => self.unary(node),
            Rule::Primary => self.primary(node),
            Rule::Literal => Some(self.literal(node)),
            Rule::Expr | Rule::Relation | Rule::Calc | Rule::Member => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return None;
                }
                let expr = match node.rule {
                    Rule::Expr => self.conditional(node),
                    Rule::Member => self.member(node),
                    rule => self.binary(node, rule),
                };
                self.depth -= 1;
                expr
            }
            _ => Some(self.build.unspecified(None)),
        }
    }

    fn id(&mut self, token: Option<Token>) -> u32 {
        self.build.id(token.map(|token| token.span.start))
    }

    fn call(&mut self, id: u32, name: &str, target: Option<Expr>, args: Vec<Expr>) -> Expr {
        self.build
            .call(id, Span::default(), name.into(), target, args)
    }

    fn conditional(&mut self, node: &Node) -> Option<Expr> {
        let mut choices = node.nodes(Rule::Or);
        let condition = self.visit(choices.next())?;
        let id = self.id(node.token(T::QuestionMark));
        let yes = self.visit(choices.next())?;
        let no = self.visit(node.node(Rule::Expr))?;
        Some(self.call(id, "_?_:_", None, vec![condition, yes, no]))
    }

    fn logic(&mut self, node: &Node, op: TokenKind, operand: Rule) -> Option<Expr> {
        let mut terms = Vec::new();
        let mut ops = Vec::new();
        let mut tokens = node.tokens_of(op);
        for (index, operand) in node.nodes(operand).enumerate() {
            let expr = self.visit(Some(operand))?;
            if index > 0 {
                ops.push(self.id(tokens.next()));
            }
            terms.push(Term {
                span: Span::default(),
                expr,
            });
        }
        let function = if op == T::LogicalOr { "_||_" } else { "_&&_" };
        Some(self.build.logic(function, terms, &ops).expr)
    }

    fn binary(&mut self, node: &Node, rule: Rule) -> Option<Expr> {
        let mut sides = node.nodes(rule);
        let left = self.visit(sides.next())?;
        let op = node.tokens().next();
        let id = self.id(op);
        let right = self.visit(sides.next())?;
        // which operator it is matters to no error
        Some(self.call(id, "_", None, vec![left, right]))
    }

    fn unary(&mut self, node: &Node) -> Option<Expr> {
        if node.alternative == 0 {
            let span = Span::new(node.offset(), node.offset());
            return Some(
                self.build
                    .literal(span, Literal::String("<<error>>".into())),
            );
        }
        if node.tokens().count().is_multiple_of(2) {
            return self.visit(node.node(Rule::Member));
        }
        let id = self.id(node.tokens().next());
        let operand = self.visit(node.node(Rule::Member))?;
        Some(self.call(id, "!_", None, vec![operand]))
    }

    fn member(&mut self, node: &Node) -> Option<Expr> {
        let operand = self.visit(node.node(Rule::Member))?;
        let at = node.offset();
        Some(match node.alternative {
            1 => {
                let (Some(dot), Some(name)) = (node.token(T::Dot), node.node(Rule::EscapeIdent))
                else {
                    return Some(self.build.unspecified(Some(at)));
                };
                let field = self.field(name, name.offset()).unwrap_or_default();
                let (dot, span) = (dot.span.start, Span::new(at, at));
                if node.token(T::QuestionMark).is_some() {
                    let name = (name.start.span, field.into());
                    self.build.optional_select(dot, span, operand, name)
                } else {
                    self.build.select(dot, span, operand, field.into())
                }
            }
            2 => {
                let Some(name) = node.token(T::Identifier) else {
                    return Some(self.build.unspecified(Some(at)));
                };
                let name = self.build.source.slice(name.span).to_owned();
                let id = self.id(node.token(T::LeftParen));
                let args = self.args(node)?;
                self.call(id, &name, Some(operand), args)
            }
            _ => {
                let id = self.id(node.token(T::LeftBracket));
                let index = self.visit(node.node(Rule::Expr))?;
                self.call(id, "_[_]", None, vec![operand, index])
            }
        })
    }

    /// The name of a field, or an error at `error_at`.
    fn field(&mut self, name: &Node, error_at: u32) -> Option<String> {
        let message = match name.alternative {
            1 => {
                let token = name.token(T::Identifier).unwrap_or(name.start);
                return Some(self.build.source.slice(token.span).to_owned());
            }
            2 => errors::UNSUPPORTED_ESCAPED_IDENTIFIER,
            _ => errors::UNSUPPORTED_IDENTIFIER,
        };
        self.build.error(Some(error_at), message);
        None
    }

    fn args(&mut self, node: &Node) -> Option<Vec<Expr>> {
        let list = node.node(Rule::ExprList);
        let args = list.into_iter().flat_map(|list| list.nodes(Rule::Expr));
        args.map(|arg| self.visit(Some(arg))).collect()
    }

    fn primary(&mut self, node: &Node) -> Option<Expr> {
        Some(match node.alternative {
            1 | 2 => {
                let Some(name) = node.token(T::Identifier) else {
                    return Some(self.build.unspecified(Some(node.offset())));
                };
                let span = node.start.span.union(name.span);
                if node.alternative == 1 {
                    return Some(self.build.ident(span, name.span));
                }
                if let Err(reserved) = self.build.check_reserved(span, name.span) {
                    return Some(reserved);
                }
                let function = self.build.dotted(span, name.span);
                let id = self.id(node.token(T::LeftParen));
                let args = self.args(node)?;
                self.call(id, &function, None, args)
            }
            4 => self.list(node)?,
            5 => self.map(node)?,
            6 => self.message(node)?,
            _ => self.build.unspecified(None),
        })
    }

    fn list(&mut self, node: &Node) -> Option<Expr> {
        let id = self.id(node.token(T::LeftBracket));
        let list = node.node(Rule::ListInit);
        let elements = list.into_iter().flat_map(|list| list.nodes(Rule::OptExpr));
        let elements: Option<Vec<Expr>> = elements.map(|node| self.visit(Some(node))).collect();
        let list = List {
            elements: elements?,
            optional: Vec::new(),
        };
        Some(self.build.list(id, Span::default(), list))
    }

    fn map(&mut self, node: &Node) -> Option<Expr> {
        let id = self.id(node.token(T::LeftBrace));
        let mut entries = Vec::new();
        if let Some(list) = node.node(Rule::MapList) {
            let mut keys = list.nodes(Rule::OptExpr);
            let mut values = list.nodes(Rule::Expr);
            for colon in list.tokens_of(T::Colon) {
                let id = self.id(Some(colon));
                let (Some(key), Some(value)) = (keys.next(), values.next()) else {
                    break;
                };
                entries.push(MapEntry {
                    id,
                    key: self.visit(Some(key))?,
                    value: self.visit(Some(value))?,
                    optional: false,
                });
            }
        }
        Some(self.build.map(id, Span::default(), entries))
    }

    fn message(&mut self, node: &Node) -> Option<Expr> {
        let id = self.id(node.token(T::LeftBrace));
        let mut fields = Vec::new();
        if let Some(list) = node.node(Rule::FieldList) {
            let mut colons = list.tokens_of(T::Colon);
            let mut values = list.nodes(Rule::Expr);
            for field in list.nodes(Rule::OptField) {
                let (Some(colon), Some(value)) = (colons.next(), values.next()) else {
                    break;
                };
                let id = self.id(Some(colon));
                let name = field.node(Rule::EscapeIdent).unwrap_or(field);
                let Some(name) = self.field(name, list.offset()) else {
                    continue;
                };
                fields.push(StructField {
                    id,
                    name: name.into(),
                    value: self.visit(Some(value))?,
                    optional: false,
                });
            }
        }
        let name = "".into();
        Some(self.build.message(id, Span::default(), name, fields))
    }

    fn literal(&mut self, node: &Node) -> Expr {
        let Some(token) = node.tokens().last() else {
            return self.build.unspecified(None);
        };
        let span = node.start.span.union(token.span);
        let negative = node.token(T::Minus).is_some();
        match token.kind {
            T::Int => self.build.int(span, token.span, negative),
            T::Uint => self.build.uint(span),
            T::Float => self.build.double(span, token.span, negative),
            T::String => self.build.string(span),
            T::Bytes => self.build.bytes(span),
            T::True => self.build.literal(span, Literal::Bool(true)),
            T::False => self.build.literal(span, Literal::Bool(false)),
            _ => self.build.literal(span, Literal::Null),
        }
    }
}
