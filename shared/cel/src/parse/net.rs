//! The grammar as a network of states, as ANTLR sees it: which tokens may follow a state.
//!
//! Only texts with syntax errors are read with it: what ANTLR reports, and how it goes on after
//! an error, depends on the states of its network.

use super::lexer::TokenKind;
use TokenKind as T;

/// A set of token kinds, a bit each.
pub(super) type Tokens = u64;

pub(super) const fn bit(kind: TokenKind) -> Tokens {
    1 << kind as u8
}

pub(super) const fn bits(kinds: &[TokenKind]) -> Tokens {
    match kinds {
        [] => 0,
        [first, rest @ ..] => bit(*first) | bits(rest),
    }
}

/// The rules of the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    Start,
    Expr,
    Or,
    And,
    Relation,
    Calc,
    Unary,
    Member,
    Primary,
    ExprList,
    ListInit,
    FieldList,
    OptField,
    MapList,
    EscapeIdent,
    OptExpr,
    Literal,
}

const RULES: [Rule; 17] = [
    Rule::Start,
    Rule::Expr,
    Rule::Or,
    Rule::And,
    Rule::Relation,
    Rule::Calc,
    Rule::Unary,
    Rule::Member,
    Rule::Primary,
    Rule::ExprList,
    Rule::ListInit,
    Rule::FieldList,
    Rule::OptField,
    Rule::MapList,
    Rule::EscapeIdent,
    Rule::OptExpr,
    Rule::Literal,
];

/// A state of the network.
pub(super) type State = usize;

/// How ANTLR treats a state when it looks whether the next token fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StateKind {
    /// Before an optional part, a choice or a loop.
    Start,
    /// After an iteration of a loop.
    LoopBack,
    /// Anything else.
    Plain,
}

#[derive(Clone, Copy, Debug)]
enum Edge {
    Free(State),
    Token(Tokens, State),
    Rule(Rule, State),
}

/// What the parser does at a state.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Match one token of a set.
    Token(State, Tokens),
    /// Match a rule, with the least precedence it may go on with.
    Rule(State, Rule, u8),
    /// Match the steps if the next token starts them.
    Optional(State, Vec<Step>),
    /// Match one of several.
    Choice(State, Vec<Vec<Step>>),
    /// Match the steps any number of times: entry state, state after an iteration.
    Star(State, State, Vec<Step>),
    /// The same, at least once.
    Plus(State, State, Vec<Step>),
    /// What follows the first operand of a left-recursive rule: entry, state after an iteration,
    /// the state of the choice, and each operator's precedence and steps.
    LeftRecursion(State, State, State, Vec<(u8, Vec<Step>)>),
}

/// A part of a rule as the grammar has it.
enum Item {
    Token(TokenKind),
    Set(&'static [TokenKind]),
    Rule(Rule, u8),
    Optional(Vec<Item>),
    Choice(Vec<Vec<Item>>),
    Star(Vec<Item>),
    Plus(Vec<Item>),
    LeftRecursion(Vec<(u8, Vec<Item>)>),
}

/// The network and the steps of every rule.
pub(super) struct Net {
    kinds: Vec<StateKind>,
    edges: Vec<Vec<Edge>>,
    starts: Vec<State>,
    steps: Vec<Vec<Step>>,
}

/// Tokens that may come next, and whether the rule may end here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Next {
    pub(super) tokens: Tokens,
    pub(super) end: bool,
}

impl Next {
    pub(super) const fn allows(self, kind: TokenKind) -> bool {
        self.tokens & bit(kind) != 0
    }
}

impl Net {
    pub(super) fn new() -> Self {
        let mut net = Self {
            kinds: Vec::new(),
            edges: Vec::new(),
            starts: Vec::new(),
            steps: Vec::new(),
        };
        for rule in RULES {
            let start = net.state(StateKind::Plain);
            let (_, steps) = net.sequence(start, grammar(rule));
            net.starts.push(start);
            net.steps.push(steps);
        }
        net
    }

    pub(super) fn steps(&self, rule: Rule) -> &[Step] {
        self.steps.get(rule as usize).map_or(&[], Vec::as_slice)
    }

    pub(super) fn kind(&self, state: State) -> StateKind {
        self.kinds.get(state).copied().unwrap_or(StateKind::Plain)
    }

    pub(super) fn start(&self, rule: Rule) -> State {
        self.starts.get(rule as usize).copied().unwrap_or(0)
    }

    /// The state after a step's single edge.
    pub(super) fn after(&self, state: State) -> State {
        match self.edges.get(state).and_then(|edges| edges.first()) {
            Some(Edge::Free(to) | Edge::Token(_, to) | Edge::Rule(_, to)) => *to,
            None => state,
        }
    }

    /// What may come next at a state, within its rule.
    pub(super) fn next(&self, state: State) -> Next {
        let mut next = Next::default();
        let mut seen = vec![false; self.edges.len()];
        next.end = self.look(state, &mut seen, &mut next.tokens);
        next
    }

    /// Collects the tokens; whether the rule's end can be reached without one.
    fn look(&self, state: State, seen: &mut [bool], tokens: &mut Tokens) -> bool {
        match seen.get_mut(state) {
            Some(seen) if !*seen => *seen = true,
            _ => return false,
        }
        let edges = self.edges.get(state).map_or(&[][..], Vec::as_slice);
        if edges.is_empty() {
            return true;
        }
        let mut end = false;
        for edge in edges {
            match *edge {
                Edge::Free(to) => end |= self.look(to, seen, tokens),
                Edge::Token(set, _) => *tokens |= set,
                // no rule of this grammar matches nothing, so what follows it cannot come next
                Edge::Rule(rule, _) => {
                    if let Some(start) = self.starts.get(rule as usize) {
                        self.look(*start, seen, tokens);
                    }
                }
            }
        }
        end
    }

    fn state(&mut self, kind: StateKind) -> State {
        self.kinds.push(kind);
        self.edges.push(Vec::new());
        self.kinds.len() - 1
    }

    fn edge(&mut self, from: State, edge: Edge) {
        if let Some(edges) = self.edges.get_mut(from) {
            edges.push(edge);
        }
    }

    fn sequence(&mut self, from: State, items: Vec<Item>) -> (State, Vec<Step>) {
        let mut at = from;
        let mut steps = Vec::new();
        for item in items {
            let (to, step) = self.item(at, item);
            at = to;
            steps.push(step);
        }
        (at, steps)
    }

    fn single(&mut self, from: State, edge: fn(State) -> Edge) -> State {
        let to = self.state(StateKind::Plain);
        self.edge(from, edge(to));
        to
    }

    /// Steps that start at a state of their own and end at `to`.
    fn branch(&mut self, from: State, to: State, items: Vec<Item>) -> Vec<Step> {
        let start = self.single(from, Edge::Free);
        let (end, steps) = self.sequence(start, items);
        self.edge(end, Edge::Free(to));
        steps
    }

    fn item(&mut self, at: State, item: Item) -> (State, Step) {
        let to = self.state(StateKind::Plain);
        let step = match item {
            Item::Token(kind) => {
                self.edge(at, Edge::Token(bit(kind), to));
                Step::Token(at, bit(kind))
            }
            Item::Set(kinds) => {
                self.edge(at, Edge::Token(bits(kinds), to));
                Step::Token(at, bits(kinds))
            }
            Item::Rule(rule, precedence) => {
                self.edge(at, Edge::Rule(rule, to));
                Step::Rule(at, rule, precedence)
            }
            Item::Optional(items) => {
                let start = self.decision(at);
                let steps = self.branch(start, to, items);
                self.edge(start, Edge::Free(to));
                Step::Optional(start, steps)
            }
            Item::Choice(choices) => {
                let start = self.decision(at);
                let mut all = Vec::new();
                for items in choices {
                    all.push(self.branch(start, to, items));
                }
                Step::Choice(start, all)
            }
            Item::Star(items) => {
                let entry = self.decision(at);
                let back = self.state(StateKind::LoopBack);
                let steps = self.branch(entry, back, items);
                self.edge(back, Edge::Free(entry));
                self.edge(entry, Edge::Free(to));
                Step::Star(entry, back, steps)
            }
            Item::Plus(items) => {
                let start = self.decision(at);
                let back = self.state(StateKind::LoopBack);
                let steps = self.branch(start, back, items);
                self.edge(back, Edge::Free(start));
                self.edge(back, Edge::Free(to));
                Step::Plus(start, back, steps)
            }
            Item::LeftRecursion(operators) => {
                let entry = self.decision(at);
                let back = self.state(StateKind::LoopBack);
                let choice = self.state(StateKind::Start);
                self.edge(entry, Edge::Free(choice));
                let mut all = Vec::new();
                for (precedence, items) in operators {
                    all.push((precedence, self.branch(choice, back, items)));
                }
                self.edge(back, Edge::Free(entry));
                self.edge(entry, Edge::Free(to));
                Step::LeftRecursion(entry, back, choice, all)
            }
        };
        (to, step)
    }

    fn decision(&mut self, from: State) -> State {
        let state = self.state(StateKind::Start);
        self.edge(from, Edge::Free(state));
        state
    }
}

/// `CEL.g4`, rule by rule.
fn grammar(rule: Rule) -> Vec<Item> {
    use Item::{Choice, LeftRecursion, Optional, Plus, Set, Star, Token};
    let rule_of = |rule| Item::Rule(rule, 0);
    let expr = || rule_of(Rule::Expr);
    match rule {
        Rule::Start => vec![expr(), Token(T::Eof)],
        Rule::Expr => vec![
            rule_of(Rule::Or),
            Optional(vec![
                Token(T::QuestionMark),
                rule_of(Rule::Or),
                Token(T::Colon),
                expr(),
            ]),
        ],
        Rule::Or => vec![
            rule_of(Rule::And),
            Star(vec![Token(T::LogicalOr), rule_of(Rule::And)]),
        ],
        Rule::And => vec![
            rule_of(Rule::Relation),
            Star(vec![Token(T::LogicalAnd), rule_of(Rule::Relation)]),
        ],
        Rule::Relation => vec![
            rule_of(Rule::Calc),
            LeftRecursion(vec![(
                1,
                vec![Set(RELATION_OPERATORS), Item::Rule(Rule::Relation, 2)],
            )]),
        ],
        Rule::Calc => vec![
            rule_of(Rule::Unary),
            LeftRecursion(vec![
                (
                    2,
                    vec![
                        Set(&[T::Star, T::Slash, T::Percent]),
                        Item::Rule(Rule::Calc, 3),
                    ],
                ),
                (
                    1,
                    vec![Set(&[T::Plus, T::Minus]), Item::Rule(Rule::Calc, 2)],
                ),
            ]),
        ],
        Rule::Unary => vec![Choice(vec![
            vec![rule_of(Rule::Member)],
            vec![Plus(vec![Token(T::Exclam)]), rule_of(Rule::Member)],
            vec![Plus(vec![Token(T::Minus)]), rule_of(Rule::Member)],
        ])],
        Rule::Member => vec![
            rule_of(Rule::Primary),
            LeftRecursion(vec![
                (
                    3,
                    vec![
                        Token(T::Dot),
                        Optional(vec![Token(T::QuestionMark)]),
                        rule_of(Rule::EscapeIdent),
                    ],
                ),
                (
                    2,
                    vec![
                        Token(T::Dot),
                        Token(T::Identifier),
                        Token(T::LeftParen),
                        Optional(vec![rule_of(Rule::ExprList)]),
                        Token(T::RightParen),
                    ],
                ),
                (
                    1,
                    vec![
                        Token(T::LeftBracket),
                        Optional(vec![Token(T::QuestionMark)]),
                        expr(),
                        Token(T::RightBracket),
                    ],
                ),
            ]),
        ],
        Rule::Primary => vec![Choice(primary())],
        Rule::ExprList => vec![expr(), Star(vec![Token(T::Comma), expr()])],
        Rule::ListInit => {
            let element = || rule_of(Rule::OptExpr);
            vec![element(), Star(vec![Token(T::Comma), element()])]
        }
        Rule::FieldList => {
            let field = || rule_of(Rule::OptField);
            vec![
                field(),
                Token(T::Colon),
                expr(),
                Star(vec![Token(T::Comma), field(), Token(T::Colon), expr()]),
            ]
        }
        Rule::OptField => vec![
            Optional(vec![Token(T::QuestionMark)]),
            rule_of(Rule::EscapeIdent),
        ],
        Rule::MapList => {
            let key = || rule_of(Rule::OptExpr);
            vec![
                key(),
                Token(T::Colon),
                expr(),
                Star(vec![Token(T::Comma), key(), Token(T::Colon), expr()]),
            ]
        }
        Rule::EscapeIdent => vec![Choice(vec![
            vec![Token(T::Identifier)],
            vec![Token(T::EscapedIdentifier)],
        ])],
        Rule::OptExpr => vec![Optional(vec![Token(T::QuestionMark)]), expr()],
        Rule::Literal => {
            let signed = |kind| vec![Optional(vec![Token(T::Minus)]), Token(kind)];
            vec![Choice(vec![
                signed(T::Int),
                vec![Token(T::Uint)],
                signed(T::Float),
                vec![Token(T::String)],
                vec![Token(T::Bytes)],
                vec![Token(T::True)],
                vec![Token(T::False)],
                vec![Token(T::Null)],
            ])]
        }
    }
}

/// The alternatives of `primary`: name, call, parentheses, list, map, message, literal.
fn primary() -> Vec<Vec<Item>> {
    use Item::{Optional, Star, Token};
    let rule_of = |rule| Item::Rule(rule, 0);
    let dot = || Optional(vec![Token(T::Dot)]);
    let comma = || Optional(vec![Token(T::Comma)]);
    vec![
        vec![dot(), Token(T::Identifier)],
        vec![
            dot(),
            Token(T::Identifier),
            Token(T::LeftParen),
            Optional(vec![rule_of(Rule::ExprList)]),
            Token(T::RightParen),
        ],
        vec![
            Token(T::LeftParen),
            rule_of(Rule::Expr),
            Token(T::RightParen),
        ],
        vec![
            Token(T::LeftBracket),
            Optional(vec![rule_of(Rule::ListInit)]),
            comma(),
            Token(T::RightBracket),
        ],
        vec![
            Token(T::LeftBrace),
            Optional(vec![rule_of(Rule::MapList)]),
            comma(),
            Token(T::RightBrace),
        ],
        vec![
            dot(),
            Token(T::Identifier),
            Star(vec![Token(T::Dot), Token(T::Identifier)]),
            Token(T::LeftBrace),
            Optional(vec![rule_of(Rule::FieldList)]),
            comma(),
            Token(T::RightBrace),
        ],
        vec![rule_of(Rule::Literal)],
    ]
}

const RELATION_OPERATORS: &[TokenKind] = &[
    T::Less,
    T::LessEquals,
    T::GreaterEquals,
    T::Greater,
    T::Equals,
    T::NotEquals,
    T::In,
];
