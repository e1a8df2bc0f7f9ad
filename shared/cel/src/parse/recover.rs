//! Reads a text that has syntax errors as ANTLR's generated parser does, with its
//! `DefaultErrorStrategy`: what it reports where, and how it goes on after an error.

use super::build::Builder;
use super::errors;
use super::grammar::MAX_DEPTH;
use super::lexer::{Lexed, Token, TokenKind};
use super::net::{Net, Next, Rule, State, StateKind, Step, Tokens, bit};
use crate::source::Span;
use TokenKind as T;

/// cel-go's default of `ErrorRecoveryLimit`.
const MAX_RECOVERIES: u32 = 30;
/// cel-go's default of `ErrorRecoveryLookaheadTokenLimit`.
const MAX_SKIPPED: u32 = 256;
/// cel-go's default of `errorReportingLimit`.
const MAX_REPORTS: usize = 100;

/// A rule as it was matched, as far as it was.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) rule: Rule,
    /// From 1; 0 where no alternative was chosen.
    pub(super) alternative: usize,
    /// Its first token.
    pub(super) start: Token,
    pub(super) children: Vec<Child>,
}

/// A part of a matched rule.
#[derive(Debug)]
pub(super) enum Child {
    Token(Token),
    Node(Node),
}

/// A tree may be deeper than the stack: it is taken apart in a loop.
impl Drop for Node {
    fn drop(&mut self) {
        let mut pending = std::mem::take(&mut self.children);
        while let Some(child) = pending.pop() {
            if let Child::Node(mut node) = child {
                pending.append(&mut node.children);
            }
        }
    }
}

/// Why a rule was left.
enum Thrown {
    /// ANTLR's exception, which the rule reports and recovers from.
    Mismatch(Exception),
    /// Reading ends here.
    Stop,
}

/// What is wrong at a token.
enum Exception {
    Input { at: usize, expected: Tokens },
    NoAlternative { from: usize, at: usize },
}

type Matched<T> = Result<T, Thrown>;

/// Reads a text and reports its syntax errors. `None` where reading had to end early.
pub(super) fn recover(lexed: &Lexed, build: &mut Builder<'_>) -> Option<Node> {
    let net = Net::new();
    let mut reader = Reader {
        net: &net,
        lexed,
        build,
        at: 0,
        fetched: 0,
        lex_errors: 0,
        reports: 0,
        state: 0,
        follows: Vec::new(),
        recovering: false,
        last_error: None,
        recoveries: 0,
        depths: [0; 3],
        rules: Vec::new(),
        waiting: Vec::new(),
    };
    reader.fetch(0).ok()?;
    reader.run(Rule::Start).ok()
}

struct Reader<'r, 'p> {
    net: &'r Net,
    lexed: &'r Lexed,
    build: &'r mut Builder<'p>,
    at: usize,
    /// How many tokens were asked for: those after them are not even split off yet.
    fetched: usize,
    lex_errors: usize,
    reports: usize,
    state: State,
    /// The states after the rules that are being matched.
    follows: Vec<State>,
    recovering: bool,
    /// Token and states of the last recovery.
    last_error: Option<(usize, Vec<State>)>,
    recoveries: u32,
    /// How deep expressions, relations and calculations nest here.
    depths: [u32; 3],
    /// The rules that are being matched, outermost first.
    rules: Vec<Open>,
    /// What is to be done for them, last first.
    waiting: Vec<Waiting<'r>>,
}

/// A rule that is being matched.
struct Open {
    node: Node,
    /// The least precedence of operators that belong to it.
    precedence: u8,
    /// How much is waiting that is not for it.
    base: usize,
}

/// What is to be done after something else.
enum Waiting<'r> {
    /// These steps, from this one on.
    Steps(&'r [Step], usize),
    /// `Step::Star` after an iteration.
    Star(State, &'r [Step]),
    /// `Step::Plus` after an iteration.
    Plus(State, &'r [Step]),
    /// `Step::LeftRecursion` after an iteration.
    Operators(State, State, &'r [(u8, Vec<Step>)]),
}

impl<'r> Reader<'r, '_> {
    fn token_at(&self, at: usize) -> Token {
        let token = self.lexed.tokens.get(at).or(self.lexed.tokens.last());
        token.copied().unwrap_or(Token {
            kind: T::Eof,
            span: Span::default(),
        })
    }

    fn token(&self) -> Token {
        self.token_at(self.at)
    }

    fn kind(&self) -> TokenKind {
        self.token().kind
    }

    /// The kind of the token `ahead` of the next, which is thereby split off the text.
    fn look(&mut self, ahead: usize) -> Matched<TokenKind> {
        self.fetch(self.at + ahead)?;
        Ok(self.token_at(self.at + ahead).kind)
    }

    /// Reports what could not be read before a token.
    fn fetch(&mut self, at: usize) -> Matched<()> {
        self.fetched = self.fetched.max(at);
        while let Some(error) = self.lexed.errors.get(self.lex_errors) {
            if error.before > self.fetched {
                break;
            }
            self.lex_errors += 1;
            let text = self.build.source.slice(error.span).to_owned();
            self.notify(error.span.start, &errors::token_recognition(&text))?;
        }
        Ok(())
    }

    fn notify(&mut self, offset: u32, message: &str) -> Matched<()> {
        if self.reports >= MAX_REPORTS {
            let message = errors::syntax(&errors::too_many(MAX_REPORTS));
            self.build.report(Some(offset), message);
            return Err(Thrown::Stop);
        }
        self.reports += 1;
        self.build.report(Some(offset), errors::syntax(message));
        Ok(())
    }

    fn consume(&mut self) -> Matched<Token> {
        let token = self.token();
        if token.kind != T::Eof {
            self.at += 1;
        }
        self.fetch(self.at)?;
        Ok(token)
    }

    fn matched(&mut self) {
        self.recovering = false;
        self.last_error = None;
    }

    // ---- rules

    /// Matches a rule and all below it. What waits for a rule to end is kept in lists and not on
    /// the stack: a text may nest as deep as the limits let it.
    fn run(&mut self, rule: Rule) -> Matched<Node> {
        self.enter(rule, 0)?;
        loop {
            match self.go_on() {
                Ok(Some(root)) => return Ok(root),
                Ok(None) => {}
                Err(Thrown::Stop) => return Err(Thrown::Stop),
                Err(Thrown::Mismatch(exception)) => {
                    // the rule recovers, and ends
                    let base = self.rules.last().map_or(0, |rule| rule.base);
                    self.waiting.truncate(base);
                    self.report(&exception)?;
                    self.recover()?;
                }
            }
        }
    }

    /// Begins a rule, whose kind may nest as deep as cel-go's listener lets it.
    fn enter(&mut self, rule: Rule, precedence: u8) -> Matched<()> {
        if let Some(depth) = self.depth_of(rule) {
            *depth += 1;
            if *depth > MAX_DEPTH {
                self.build.report(None, errors::recursion_limit(MAX_DEPTH));
                return Err(Thrown::Stop);
            }
        }
        let node = Node {
            rule,
            alternative: 0,
            start: self.token(),
            children: Vec::new(),
        };
        self.rules.push(Open {
            node,
            precedence,
            base: self.waiting.len(),
        });
        self.waiting.push(Waiting::Steps(self.net.steps(rule), 0));
        Ok(())
    }

    /// The rules that nest: those of the other kinds nest no deeper than these.
    fn depth_of(&mut self, rule: Rule) -> Option<&mut u32> {
        match rule {
            Rule::Expr => self.depths.first_mut(),
            Rule::Relation => self.depths.get_mut(1),
            Rule::Calc => self.depths.get_mut(2),
            _ => None,
        }
    }

    /// Does the next thing; the root where that is all.
    fn go_on(&mut self) -> Matched<Option<Node>> {
        let base = self.rules.last().map_or(0, |rule| rule.base);
        if self.waiting.len() == base {
            return Ok(self.leave());
        }
        match self.waiting.last_mut() {
            Some(Waiting::Steps(steps, at)) => {
                let step = steps.get(*at);
                *at += 1;
                match step {
                    Some(step) => self.step(step)?,
                    None => {
                        self.waiting.pop();
                    }
                }
            }
            Some(Waiting::Star(back, body)) => {
                let (back, body) = (*back, *body);
                self.sync(back)?;
                self.iterate(body)?;
            }
            Some(Waiting::Plus(back, body)) => {
                let (back, body) = (*back, *body);
                self.sync(back)?;
                if self.again(body)? {
                    self.waiting.push(Waiting::Steps(body, 0));
                } else {
                    self.waiting.pop();
                }
            }
            Some(Waiting::Operators(back, choice, operators)) => {
                let (back, choice, operators) = (*back, *choice, *operators);
                self.sync(back)?;
                self.operate(choice, operators)?;
            }
            None => {}
        }
        Ok(None)
    }

    /// Ends a rule, which becomes a part of the one around it.
    fn leave(&mut self) -> Option<Node> {
        let node = self.rules.pop()?.node;
        if let Some(depth) = self.depth_of(node.rule) {
            *depth -= 1;
        }
        if self.rules.is_empty() {
            return Some(node);
        }
        self.follows.pop();
        self.child(Child::Node(node));
        None
    }

    fn child(&mut self, child: Child) {
        if let Some(open) = self.rules.last_mut() {
            open.node.children.push(child);
        }
    }

    fn rule(&self) -> Rule {
        self.rules.last().map_or(Rule::Start, |open| open.node.rule)
    }

    fn step(&mut self, step: &'r Step) -> Matched<()> {
        match step {
            Step::Token(state, set) => {
                self.state = *state;
                let token = self.match_token(*set)?;
                self.child(Child::Token(token));
            }
            Step::Rule(state, rule, precedence) => {
                self.state = *state;
                self.follows.push(self.net.after(*state));
                self.enter(*rule, *precedence)?;
            }
            Step::Optional(state, body) => {
                self.sync(*state)?;
                if self.starts(body) {
                    self.waiting.push(Waiting::Steps(body, 0));
                }
            }
            Step::Choice(state, choices) => {
                self.sync(*state)?;
                let chosen = self.predict(self.rule())?;
                if let Some(body) = choices.get(chosen.wrapping_sub(1)) {
                    if let Some(open) = self.rules.last_mut() {
                        open.node.alternative = chosen;
                    }
                    self.waiting.push(Waiting::Steps(body, 0));
                }
            }
            Step::Star(entry, back, body) => {
                self.sync(*entry)?;
                self.waiting.push(Waiting::Star(*back, body));
                self.iterate(body)?;
            }
            Step::Plus(start, back, body) => {
                self.sync(*start)?;
                self.waiting.push(Waiting::Plus(*back, body));
                self.waiting.push(Waiting::Steps(body, 0));
            }
            Step::LeftRecursion(entry, back, choice, operators) => {
                self.sync(*entry)?;
                self.waiting
                    .push(Waiting::Operators(*back, *choice, operators));
                self.operate(*choice, operators)?;
            }
        }
        Ok(())
    }

    /// Once more the body of a loop that is waiting, or its end.
    fn iterate(&mut self, body: &'r [Step]) -> Matched<()> {
        if self.continues(self.rule(), body)? {
            self.waiting.push(Waiting::Steps(body, 0));
        } else {
            self.waiting.pop();
        }
        Ok(())
    }

    /// One operator more and its right side, what was matched before becomes its left side; or
    /// the end of the operators.
    fn operate(&mut self, choice: State, operators: &'r [(u8, Vec<Step>)]) -> Matched<()> {
        let precedence = self.rules.last().map_or(0, |open| open.precedence);
        let more = operators
            .iter()
            .any(|(least, body)| *least >= precedence && self.starts(body));
        if !more {
            self.waiting.pop();
            return Ok(());
        }
        self.sync(choice)?;
        let chosen = match self.rule() {
            Rule::Member => self.predict_member()?,
            _ => operators
                .iter()
                .position(|(_, body)| self.starts(body))
                .map_or(1, |index| index + 1),
        };
        if let Some(open) = self.rules.last_mut() {
            let outer = Node {
                rule: open.node.rule,
                alternative: chosen,
                start: open.node.start,
                children: Vec::new(),
            };
            let left = std::mem::replace(&mut open.node, outer);
            open.node.children.push(Child::Node(left));
        }
        if let Some((_, body)) = operators.get(chosen.wrapping_sub(1)) {
            self.waiting.push(Waiting::Steps(body, 0));
        }
        Ok(())
    }

    /// Whether the next token may start the steps.
    fn starts(&self, body: &[Step]) -> bool {
        body.first().is_some_and(|step| {
            let state = match step {
                Step::Token(state, _)
                | Step::Rule(state, _, _)
                | Step::Optional(state, _)
                | Step::Choice(state, _)
                | Step::Star(state, ..)
                | Step::Plus(state, ..)
                | Step::LeftRecursion(state, ..) => *state,
            };
            self.net.next(state).allows(self.kind())
        })
    }

    // ---- decisions that need more than the next token

    /// Whether a loop goes on. In lists and maps a comma may also be the last one.
    fn continues(&mut self, rule: Rule, body: &[Step]) -> Matched<bool> {
        if !self.starts(body) {
            return Ok(false);
        }
        let ahead = match rule {
            Rule::ListInit | Rule::MapList => Rule::OptExpr,
            Rule::FieldList => Rule::OptField,
            _ => return Ok(true),
        };
        let second = self.look(1)?;
        Ok(self.first(ahead).allows(second))
    }

    fn first(&self, rule: Rule) -> Next {
        self.net.next(self.net.start(rule))
    }

    /// Whether `!` or `-` comes once more. A minus may also be a number's sign.
    fn again(&mut self, body: &[Step]) -> Matched<bool> {
        if self.starts(body) {
            if self.kind() == T::Minus {
                let second = self.look(1)?;
                if second != T::Minus && !self.first(Rule::Member).allows(second) {
                    return self.no_alternative(1);
                }
            }
            return Ok(true);
        }
        // the loop over `!` looks at one token only; the one over `-` predicts
        let minus = matches!(body.first(), Some(Step::Token(_, set)) if *set == bit(T::Minus));
        if minus && !self.first(Rule::Member).allows(self.kind()) {
            return self.no_alternative(0);
        }
        Ok(false)
    }

    fn no_alternative<A>(&self, ahead: usize) -> Matched<A> {
        Err(Thrown::Mismatch(Exception::NoAlternative {
            from: self.at,
            at: self.at + ahead,
        }))
    }

    /// Which alternative of a rule comes, from 1.
    fn predict(&mut self, rule: Rule) -> Matched<usize> {
        let kind = self.kind();
        match rule {
            Rule::Unary => match kind {
                T::Exclam => Ok(2),
                T::Minus => match self.look(1)? {
                    T::Int | T::Float => Ok(1),
                    T::Minus => Ok(3),
                    second if self.first(Rule::Member).allows(second) => Ok(3),
                    _ => self.no_alternative(1),
                },
                _ if self.first(Rule::Member).allows(kind) => Ok(1),
                _ => self.no_alternative(0),
            },
            Rule::Primary => self.predict_primary(kind),
            Rule::EscapeIdent => match kind {
                T::Identifier => Ok(1),
                T::EscapedIdentifier => Ok(2),
                _ => self.no_alternative(0),
            },
            _ => match kind {
                T::Int => Ok(1),
                T::Uint => Ok(2),
                T::Float => Ok(3),
                T::String => Ok(4),
                T::Bytes => Ok(5),
                T::True => Ok(6),
                T::False => Ok(7),
                T::Null => Ok(8),
                T::Minus => match self.look(1)? {
                    T::Int => Ok(1),
                    T::Float => Ok(3),
                    _ => self.no_alternative(1),
                },
                _ => self.no_alternative(0),
            },
        }
    }

    fn predict_primary(&mut self, kind: TokenKind) -> Matched<usize> {
        let mut ahead = match kind {
            T::LeftParen => return Ok(3),
            T::LeftBracket => return Ok(4),
            T::LeftBrace => return Ok(5),
            T::Identifier => 0,
            T::Dot if self.look(1)? == T::Identifier => 1,
            T::Dot => return self.no_alternative(1),
            _ if self.first(Rule::Literal).allows(kind) => return Ok(7),
            _ => return self.no_alternative(0),
        };
        // a name, unless a parenthesis follows at once or a brace after names and dots
        match self.look(ahead + 1)? {
            T::LeftParen => return Ok(2),
            T::LeftBrace => return Ok(6),
            _ => {}
        }
        while self.look(ahead + 1)? == T::Dot && self.look(ahead + 2)? == T::Identifier {
            ahead += 2;
            if self.look(ahead + 1)? == T::LeftBrace {
                return Ok(6);
            }
        }
        Ok(1)
    }

    /// Which of `.name`, `.name(...)` and `[...]` comes.
    fn predict_member(&mut self) -> Matched<usize> {
        if self.kind() == T::LeftBracket {
            return Ok(3);
        }
        match self.look(1)? {
            T::QuestionMark | T::EscapedIdentifier => Ok(1),
            T::Identifier if self.look(2)? == T::LeftParen => Ok(2),
            T::Identifier => Ok(1),
            _ => self.no_alternative(1),
        }
    }

    // ---- ANTLR's error strategy

    fn match_token(&mut self, set: Tokens) -> Matched<Token> {
        if set & bit(self.kind()) != 0 {
            self.matched();
            return self.consume();
        }
        self.attempt()?;
        if let Some(token) = self.delete_token()? {
            self.consume()?;
            return Ok(token);
        }
        let beyond = self.in_context(self.net.after(self.state));
        if beyond & bit(self.kind()) != 0 {
            if !self.recovering {
                self.recovering = true;
                let token = self.token();
                let message = errors::missing(self.expected(), &self.display(token));
                self.notify(token.span.start, &message)?;
            }
            let start = self.token().span.start;
            return Ok(Token {
                kind: lowest(self.expected()),
                span: Span::new(start, start),
            });
        }
        Err(self.mismatch())
    }

    fn mismatch(&self) -> Thrown {
        Thrown::Mismatch(Exception::Input {
            at: self.at,
            expected: self.expected(),
        })
    }

    fn attempt(&mut self) -> Matched<()> {
        if self.recoveries == MAX_RECOVERIES {
            let offset = self.token().span.start;
            self.notify(offset, &errors::recovery_limit(MAX_RECOVERIES))?;
            return Err(Thrown::Stop);
        }
        self.recoveries += 1;
        Ok(())
    }

    /// Tokens that may come next, here and in the rules around.
    fn expected(&self) -> Tokens {
        self.in_context(self.state)
    }

    fn in_context(&self, state: State) -> Tokens {
        let mut next = self.net.next(state);
        let mut tokens = next.tokens;
        let mut around = self.follows.iter().rev();
        while next.end {
            match around.next() {
                Some(follow) => next = self.net.next(*follow),
                None => return tokens | bit(T::Eof),
            }
            tokens |= next.tokens;
        }
        tokens
    }

    /// Tokens at which a rule around can go on.
    fn recovery_set(&self) -> Tokens {
        self.follows
            .iter()
            .fold(0, |set, follow| set | self.net.next(*follow).tokens)
    }

    fn sync(&mut self, state: State) -> Matched<()> {
        self.state = state;
        if self.recovering {
            return Ok(());
        }
        let next = self.net.next(state);
        if next.end || next.allows(self.kind()) {
            return Ok(());
        }
        match self.net.kind(state) {
            StateKind::Start => match self.delete_token()? {
                Some(_) => Ok(()),
                None => Err(self.mismatch()),
            },
            StateKind::LoopBack => {
                self.unwanted()?;
                let until = self.expected() | self.recovery_set();
                self.consume_until(until, None)
            }
            StateKind::Plain => Ok(()),
        }
    }

    /// Drops the next token if the one after it fits.
    fn delete_token(&mut self) -> Matched<Option<Token>> {
        let second = self.look(1)?;
        if self.expected() & bit(second) == 0 {
            return Ok(None);
        }
        self.unwanted()?;
        self.consume()?;
        self.matched();
        Ok(Some(self.token()))
    }

    fn unwanted(&mut self) -> Matched<()> {
        if self.recovering {
            return Ok(());
        }
        self.recovering = true;
        let token = self.token();
        let message = errors::extraneous(&self.display(token), self.expected());
        self.notify(token.span.start, &message)
    }

    fn report(&mut self, exception: &Exception) -> Matched<()> {
        if self.recovering {
            return Ok(());
        }
        self.recovering = true;
        match exception {
            Exception::Input { at, expected } => {
                let token = self.token_at(*at);
                let message = errors::mismatched(&self.display(token), *expected);
                self.notify(token.span.start, &message)
            }
            Exception::NoAlternative { from, at } => {
                let token = self.token_at(*at);
                let message = errors::no_viable_alternative(&self.text(*from, *at));
                self.notify(token.span.start, &message)
            }
        }
    }

    fn recover(&mut self) -> Matched<()> {
        self.attempt()?;
        let mut skipped = 0;
        let mut states = match self.last_error.take() {
            Some((at, states)) if at == self.at => {
                if states.contains(&self.state) {
                    self.skip(&mut skipped)?;
                }
                states
            }
            Some((_, states)) => states,
            None => Vec::new(),
        };
        states.push(self.state);
        self.last_error = Some((self.at, states));
        self.consume_until(self.recovery_set(), Some(&mut skipped))
    }

    fn consume_until(&mut self, set: Tokens, mut skipped: Option<&mut u32>) -> Matched<()> {
        while self.kind() != T::Eof && set & bit(self.kind()) == 0 {
            match &mut skipped {
                Some(skipped) => self.skip(skipped)?,
                None => {
                    self.consume()?;
                }
            }
        }
        Ok(())
    }

    fn skip(&mut self, skipped: &mut u32) -> Matched<()> {
        if *skipped >= MAX_SKIPPED {
            self.build
                .report(None, errors::lookahead_limit(MAX_SKIPPED));
            return Err(Thrown::Stop);
        }
        *skipped += 1;
        self.consume().map(|_| ())
    }

    // ---- texts

    fn display(&self, token: Token) -> String {
        if token.kind == T::Eof {
            return errors::quote("<EOF>");
        }
        errors::quote(self.build.source.slice(token.span))
    }

    /// The text from one token to the end of another, without what is no token.
    fn text(&self, from: usize, to: usize) -> String {
        let (first, last) = (self.token_at(from), self.token_at(to));
        if first.kind == T::Eof {
            return "<EOF>".to_owned();
        }
        let mut text = String::new();
        let mut at = first.span.start;
        for error in &self.lexed.errors {
            if error.span.start >= at && error.span.end <= last.span.end {
                text.push_str(self.build.source.slice(Span::new(at, error.span.start)));
                at = error.span.end;
            }
        }
        text.push_str(self.build.source.slice(Span::new(at, last.span.end)));
        text
    }
}

/// The first kind of a set.
fn lowest(set: Tokens) -> TokenKind {
    super::lexer::KINDS
        .into_iter()
        .find(|kind| set & bit(*kind) != 0)
        .unwrap_or(T::Eof)
}
