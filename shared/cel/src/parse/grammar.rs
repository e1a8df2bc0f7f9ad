//! Recursive descent over the tokens of a text that is right; it gives up at the first token
//! that does not fit.

use super::build::{Builder, Term};
use super::errors;
use super::lexer::{Token, TokenKind};
use crate::ast::{Expr, List, Literal, MapEntry, StructField};
use crate::source::Span;

/// How deep rules of one kind may nest, and how deep calls, selections and operators may: cel-go's
/// default. It also bounds the recursion of everything that walks a tree.
pub(super) const MAX_DEPTH: u32 = 250;

/// A token does not fit, or the text nests too deep.
#[derive(Debug)]
pub(super) struct Abort;

type Result<T> = std::result::Result<T, Abort>;

/// A parsed part: its tree, its text, and how deep operators, selections and calls nest in it.
struct Part {
    expr: Expr,
    span: Span,
    depth: u32,
}

pub(super) struct Parser<'p, 'b> {
    tokens: &'p [Token],
    at: usize,
    build: &'b mut Builder<'p>,
    exprs: u32,
    relations: u32,
    calcs: u32,
}

/// Parses a whole text.
pub(super) fn parse<'p>(tokens: &'p [Token], build: &mut Builder<'p>) -> Result<Expr> {
    let mut parser = Parser {
        tokens,
        at: 0,
        build,
        exprs: 0,
        relations: 0,
        calcs: 0,
    };
    let part = parser.expr()?;
    parser.expect(TokenKind::Eof)?;
    Ok(part.expr)
}

fn enter(depth: &mut u32) -> Result<()> {
    *depth += 1;
    if *depth > MAX_DEPTH {
        return Err(Abort);
    }
    Ok(())
}

/// One level more than the deepest part.
fn deeper(parts: &[u32]) -> Result<u32> {
    let depth = parts.iter().max().copied().unwrap_or(0) + 1;
    if depth > MAX_DEPTH {
        return Err(Abort);
    }
    Ok(depth)
}

fn relation_operator(kind: TokenKind) -> Option<&'static str> {
    Some(match kind {
        TokenKind::Less => "_<_",
        TokenKind::LessEquals => "_<=_",
        TokenKind::Greater => "_>_",
        TokenKind::GreaterEquals => "_>=_",
        TokenKind::Equals => "_==_",
        TokenKind::NotEquals => "_!=_",
        TokenKind::In => "@in",
        _ => return None,
    })
}

/// An arithmetic operator and its precedence.
fn calc_operator(kind: TokenKind) -> Option<(&'static str, u8)> {
    Some(match kind {
        TokenKind::Star => ("_*_", 2),
        TokenKind::Slash => ("_/_", 2),
        TokenKind::Percent => ("_%_", 2),
        TokenKind::Plus => ("_+_", 1),
        TokenKind::Minus => ("_-_", 1),
        _ => return None,
    })
}

impl Parser<'_, '_> {
    fn token(&self) -> Token {
        self.token_at(self.at)
    }

    fn token_at(&self, at: usize) -> Token {
        let token = self.tokens.get(at).or_else(|| self.tokens.last());
        token.copied().unwrap_or(Token {
            kind: TokenKind::Eof,
            span: Span::default(),
        })
    }

    fn kind(&self) -> TokenKind {
        self.token().kind
    }

    fn next(&mut self) -> Token {
        let token = self.token();
        self.at += 1;
        token
    }

    fn eat(&mut self, kind: TokenKind) -> Option<Token> {
        (self.kind() == kind).then(|| self.next())
    }

    fn expect(&mut self, kind: TokenKind) -> Result<Token> {
        self.eat(kind).ok_or(Abort)
    }

    /// An expression. The first operand is read before the levels of operators are entered, so
    /// that nested parentheses, lists and calls take as little of the stack as possible.
    fn expr(&mut self) -> Result<Part> {
        enter(&mut self.exprs)?;
        let first = self.first_operand()?;
        let mut part = match self.kind() {
            kind if relation_operator(kind).is_some() || calc_operator(kind).is_some() => {
                self.or(first)?
            }
            TokenKind::LogicalAnd | TokenKind::LogicalOr => self.or(first)?,
            _ => {
                self.relations -= 1;
                self.calcs -= 1;
                first
            }
        };
        if self.kind() == TokenKind::QuestionMark {
            part = self.conditional(part)?;
        }
        self.exprs -= 1;
        Ok(part)
    }

    #[inline(never)]
    fn conditional(&mut self, condition: Part) -> Result<Part> {
        let mark = self.next();
        let id = self.build.id(Some(mark.span.start));
        let first = self.first_operand()?;
        let yes = self.or(first)?;
        self.expect(TokenKind::Colon)?;
        let no = self.expr()?;
        let span = condition.span.union(no.span);
        let depth = deeper(&[condition.depth, yes.depth, no.depth])?;
        let args = vec![condition.expr, yes.expr, no.expr];
        Ok(Part {
            expr: self.build.call(id, span, "_?_:_".into(), None, args),
            span,
            depth,
        })
    }

    /// The first operand of a relation, which is entered with it and left by
    /// [`Parser::relation`].
    fn first_operand(&mut self) -> Result<Part> {
        enter(&mut self.relations)?;
        enter(&mut self.calcs)?;
        self.unary()
    }

    #[inline(never)]
    fn or(&mut self, first: Part) -> Result<Part> {
        let first = self.and(first)?;
        self.logic(TokenKind::LogicalOr, "_||_", first, Self::and)
    }

    #[inline(never)]
    fn and(&mut self, first: Part) -> Result<Part> {
        let first = self.relation(first)?;
        self.logic(TokenKind::LogicalAnd, "_&&_", first, Self::relation)
    }

    #[inline(never)]
    fn logic(
        &mut self,
        op: TokenKind,
        function: &str,
        first: Part,
        operand: fn(&mut Self, Part) -> Result<Part>,
    ) -> Result<Part> {
        if self.kind() != op {
            return Ok(first);
        }
        let mut depth = first.depth;
        let mut terms = vec![Term {
            span: first.span,
            expr: first.expr,
        }];
        let mut ops = Vec::new();
        while let Some(token) = self.eat(op) {
            let next = self.first_operand()?;
            let next = operand(self, next)?;
            depth = depth.max(next.depth);
            ops.push(self.build.id(Some(token.span.start)));
            terms.push(Term {
                span: next.span,
                expr: next.expr,
            });
        }
        let Term { span, expr } = self.build.logic(function, terms, &ops);
        Ok(Part { expr, span, depth })
    }

    #[inline(never)]
    fn relation(&mut self, first: Part) -> Result<Part> {
        let mut left = self.calc_after(0, first)?;
        self.calcs -= 1;
        while let Some(function) = relation_operator(self.kind()) {
            let op = self.next();
            let id = self.build.id(Some(op.span.start));
            // the right operand is a relation of its own to cel-go, and counts as one
            enter(&mut self.relations)?;
            let right = self.calc(0)?;
            self.relations -= 1;
            left = self.binary(id, function, left, right)?;
        }
        self.relations -= 1;
        Ok(left)
    }

    fn calc(&mut self, minimum: u8) -> Result<Part> {
        enter(&mut self.calcs)?;
        let first = self.unary()?;
        let part = self.calc_after(minimum, first)?;
        self.calcs -= 1;
        Ok(part)
    }

    #[inline(never)]
    fn calc_after(&mut self, minimum: u8, mut left: Part) -> Result<Part> {
        while let Some((function, precedence)) = calc_operator(self.kind()) {
            if precedence < minimum {
                break;
            }
            let op = self.next();
            let id = self.build.id(Some(op.span.start));
            let right = self.calc(precedence + 1)?;
            left = self.binary(id, function, left, right)?;
        }
        Ok(left)
    }

    #[inline(never)]
    fn binary(&mut self, id: u32, function: &str, left: Part, right: Part) -> Result<Part> {
        let span = left.span.union(right.span);
        let depth = deeper(&[left.depth, right.depth])?;
        let args = vec![left.expr, right.expr];
        Ok(Part {
            expr: self.build.call(id, span, function.into(), None, args),
            span,
            depth,
        })
    }

    fn unary(&mut self) -> Result<Part> {
        let first = self.token();
        let function = match first.kind {
            TokenKind::Exclam => "!_",
            // a single minus before a number is the number's sign
            TokenKind::Minus => match self.token_at(self.at + 1).kind {
                TokenKind::Int | TokenKind::Float => return self.member(),
                _ => "-_",
            },
            _ => return self.member(),
        };
        self.prefixed(first, function)
    }

    /// An operand behind one or several `!` or `-`.
    #[inline(never)]
    fn prefixed(&mut self, first: Token, function: &str) -> Result<Part> {
        let mut count = 0;
        while self.eat(first.kind).is_some() {
            count += 1;
        }
        if count % 2 == 0 {
            let mut operand = self.member()?;
            operand.span.start = first.span.start;
            return Ok(operand);
        }
        let id = self.build.id(Some(first.span.start));
        let operand = self.member()?;
        let span = first.span.union(operand.span);
        let args = vec![operand.expr];
        Ok(Part {
            expr: self.build.call(id, span, function.into(), None, args),
            span,
            depth: operand.depth,
        })
    }

    fn member(&mut self) -> Result<Part> {
        let mut part = self.primary()?;
        loop {
            part = match self.kind() {
                TokenKind::Dot => self.select(part)?,
                TokenKind::LeftBracket => self.index(part)?,
                _ => return Ok(part),
            };
        }
    }

    #[inline(never)]
    /// `operand.field`, `operand.?field` or `operand.method(...)`, at the dot.
    fn select(&mut self, operand: Part) -> Result<Part> {
        let dot = self.next().span.start;
        let optional = self.eat(TokenKind::QuestionMark).is_some();
        let name = self.next();
        match name.kind {
            TokenKind::Identifier => {}
            TokenKind::EscapedIdentifier => {}
            _ => return Err(Abort),
        }
        if !optional
            && name.kind == TokenKind::Identifier
            && let Some(open) = self.eat(TokenKind::LeftParen)
        {
            let id = self.build.id(Some(open.span.start));
            let (args, deepest, end) = self.args()?;
            let span = operand.span.union(end);
            let function = self.build.source.slice(name.span).into();
            let depth = deeper(&[operand.depth, deepest])?;
            let expr = self
                .build
                .call(id, span, function, Some(operand.expr), args);
            return Ok(Part { expr, span, depth });
        }
        let span = operand.span.union(name.span);
        let depth = deeper(&[operand.depth])?;
        let field = self.build.field(name.span, name.span.start);
        let expr = if optional {
            self.build
                .optional_select(dot, span, operand.expr, (name.span, field))
        } else {
            self.build.select(dot, span, operand.expr, field)
        };
        Ok(Part { expr, span, depth })
    }

    #[inline(never)]
    /// `operand[index]` or `operand[?index]`, at the bracket.
    fn index(&mut self, operand: Part) -> Result<Part> {
        let open = self.next();
        let id = self.build.id(Some(open.span.start));
        let optional = self.eat(TokenKind::QuestionMark).is_some();
        let index = self.expr()?;
        let close = self.expect(TokenKind::RightBracket)?;
        let span = operand.span.union(close.span);
        let depth = deeper(&[operand.depth, index.depth])?;
        let expr = if optional && !self.build.optional_syntax {
            self.build
                .error(Some(open.span.start), errors::UNSUPPORTED_OPTIONAL_INDEX)
        } else {
            let function = if optional { "_[?_]" } else { "_[_]" };
            let args = vec![operand.expr, index.expr];
            self.build.call(id, span, function.into(), None, args)
        };
        Ok(Part { expr, span, depth })
    }

    #[inline(never)]
    /// Arguments up to and with the closing parenthesis.
    fn args(&mut self) -> Result<(Vec<Expr>, u32, Span)> {
        let mut args = Vec::new();
        let mut deepest = 0;
        if let Some(close) = self.eat(TokenKind::RightParen) {
            return Ok((args, deepest, close.span));
        }
        loop {
            let arg = self.expr()?;
            deepest = deepest.max(arg.depth);
            args.push(arg.expr);
            if self.eat(TokenKind::Comma).is_none() {
                let close = self.expect(TokenKind::RightParen)?;
                return Ok((args, deepest, close.span));
            }
        }
    }

    fn primary(&mut self) -> Result<Part> {
        match self.kind() {
            TokenKind::Dot | TokenKind::Identifier => self.named(),
            TokenKind::LeftParen => self.nested(),
            TokenKind::LeftBracket => self.list(),
            TokenKind::LeftBrace => self.map(),
            TokenKind::Minus | TokenKind::Int | TokenKind::Float => self.number(),
            _ => self.literal(),
        }
    }

    #[inline(never)]
    fn nested(&mut self) -> Result<Part> {
        let open = self.next();
        let mut inner = self.expr()?;
        let close = self.expect(TokenKind::RightParen)?;
        inner.span = open.span.union(close.span);
        Ok(inner)
    }

    #[inline(never)]
    fn literal(&mut self) -> Result<Part> {
        let Token { kind, span } = self.next();
        let expr = match kind {
            TokenKind::Uint => self.build.uint(span),
            TokenKind::String => self.build.string(span),
            TokenKind::Bytes => self.build.bytes(span),
            TokenKind::True => self.build.literal(span, Literal::Bool(true)),
            TokenKind::False => self.build.literal(span, Literal::Bool(false)),
            TokenKind::Null => self.build.literal(span, Literal::Null),
            _ => return Err(Abort),
        };
        Ok(Part {
            expr,
            span,
            depth: 0,
        })
    }

    #[inline(never)]
    fn number(&mut self) -> Result<Part> {
        let sign = self.eat(TokenKind::Minus);
        let digits = self.next();
        let span = sign.map_or(digits.span, |sign| sign.span.union(digits.span));
        let expr = match digits.kind {
            TokenKind::Int => self.build.int(span, digits.span, sign.is_some()),
            TokenKind::Float => self.build.double(span, digits.span, sign.is_some()),
            _ => return Err(Abort),
        };
        Ok(Part {
            expr,
            span,
            depth: 0,
        })
    }

    #[inline(never)]
    /// A name, a function call or a message, at the name or its leading dot.
    fn named(&mut self) -> Result<Part> {
        if let Some(names) = self.message_name() {
            return self.message(names);
        }
        let first = self.token().span;
        self.eat(TokenKind::Dot);
        let name = self.expect(TokenKind::Identifier)?.span;
        let full = first.union(name);
        let Some(open) = self.eat(TokenKind::LeftParen) else {
            return Ok(Part {
                expr: self.build.ident(full, name),
                span: full,
                depth: 0,
            });
        };
        if let Err(expr) = self.build.check_reserved(full, name) {
            // cel-go does not look at the arguments of a reserved name
            let issues = self.build.issues.len();
            let (_, depth, end) = self.args()?;
            self.build.issues.truncate(issues);
            return Ok(Part {
                expr,
                span: full.union(end),
                depth,
            });
        }
        let function = self.build.dotted(full, name);
        let id = self.build.id(Some(open.span.start));
        let (args, depth, end) = self.args()?;
        let span = full.union(end);
        Ok(Part {
            expr: self.build.call(id, span, function, None, args),
            span,
            depth,
        })
    }

    #[inline(never)]
    /// The tokens of `.a.b.c` if a brace follows.
    fn message_name(&self) -> Option<usize> {
        let mut at = self.at + usize::from(self.kind() == TokenKind::Dot);
        loop {
            if self.token_at(at).kind != TokenKind::Identifier {
                return None;
            }
            match self.token_at(at + 1).kind {
                TokenKind::LeftBrace => return Some(at + 1),
                TokenKind::Dot => at += 2,
                _ => return None,
            }
        }
    }

    #[inline(never)]
    /// `Type{field: value}`, given the token of its brace.
    fn message(&mut self, brace: usize) -> Result<Part> {
        let first = self.token().span;
        let mut name = String::new();
        while self.at < brace {
            let part = self.next();
            name.push_str(self.build.source.slice(part.span));
        }
        let open = self.expect(TokenKind::LeftBrace)?;
        let id = self.build.id(Some(open.span.start));
        let list_start = self.token().span.start;
        let mut fields = Vec::new();
        let mut depth = 0;
        while !matches!(self.kind(), TokenKind::RightBrace | TokenKind::Comma) {
            let start = self.token().span.start;
            let field_id = self.build.id(None);
            let optional = self.eat(TokenKind::QuestionMark).is_some();
            let field = self.next();
            if !matches!(
                field.kind,
                TokenKind::Identifier | TokenKind::EscapedIdentifier
            ) {
                return Err(Abort);
            }
            let colon = self.expect(TokenKind::Colon)?;
            self.build.set_offset(field_id, colon.span.start);
            if optional && !self.build.optional_syntax {
                self.build.error(Some(start), errors::UNSUPPORTED_OPTIONAL);
            }
            let name = self.build.field(field.span, list_start);
            let value = self.expr()?;
            depth = depth.max(value.depth);
            fields.push(StructField {
                id: field_id,
                name,
                value: value.expr,
                optional,
            });
            if self.eat(TokenKind::Comma).is_none() || self.kind() == TokenKind::RightBrace {
                break;
            }
        }
        if fields.is_empty() {
            self.eat(TokenKind::Comma);
        }
        let close = self.expect(TokenKind::RightBrace)?;
        let span = first.union(close.span);
        Ok(Part {
            expr: self.build.message(id, span, name.into(), fields),
            span,
            depth,
        })
    }

    #[inline(never)]
    fn list(&mut self) -> Result<Part> {
        let open = self.next();
        let id = self.build.id(Some(open.span.start));
        let mut list = List::default();
        let mut depth = 0;
        while !matches!(self.kind(), TokenKind::RightBracket | TokenKind::Comma) {
            let mark = self.eat(TokenKind::QuestionMark);
            let element = self.expr()?;
            depth = depth.max(element.depth);
            if let Some(mark) = mark {
                if self.build.optional_syntax {
                    list.optional
                        .push(u32::try_from(list.elements.len()).unwrap_or(u32::MAX));
                } else {
                    self.build
                        .error(Some(mark.span.start), errors::UNSUPPORTED_OPTIONAL);
                }
            }
            list.elements.push(element.expr);
            if self.eat(TokenKind::Comma).is_none() || self.kind() == TokenKind::RightBracket {
                break;
            }
        }
        if list.elements.is_empty() {
            self.eat(TokenKind::Comma);
        }
        let close = self.expect(TokenKind::RightBracket)?;
        let span = open.span.union(close.span);
        Ok(Part {
            expr: self.build.list(id, span, list),
            span,
            depth,
        })
    }

    #[inline(never)]
    fn map(&mut self) -> Result<Part> {
        let open = self.next();
        let id = self.build.id(Some(open.span.start));
        let mut entries = Vec::new();
        let mut depth = 0;
        while !matches!(self.kind(), TokenKind::RightBrace | TokenKind::Comma) {
            let start = self.token().span.start;
            let entry_id = self.build.id(None);
            let optional = self.eat(TokenKind::QuestionMark).is_some();
            if optional && !self.build.optional_syntax {
                self.build.error(Some(start), errors::UNSUPPORTED_OPTIONAL);
            }
            let key = self.expr()?;
            let colon = self.expect(TokenKind::Colon)?;
            self.build.set_offset(entry_id, colon.span.start);
            let value = self.expr()?;
            depth = depth.max(key.depth).max(value.depth);
            entries.push(MapEntry {
                id: entry_id,
                key: key.expr,
                value: value.expr,
                optional,
            });
            if self.eat(TokenKind::Comma).is_none() || self.kind() == TokenKind::RightBrace {
                break;
            }
        }
        if entries.is_empty() {
            self.eat(TokenKind::Comma);
        }
        let close = self.expect(TokenKind::RightBrace)?;
        let span = open.span.union(close.span);
        Ok(Part {
            expr: self.build.map(id, span, entries),
            span,
            depth,
        })
    }
}
