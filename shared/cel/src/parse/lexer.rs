//! Text to tokens, by the lexer rules of cel-go's `CEL.g4`: the longest match wins, the earlier
//! rule where two match the same length.

use crate::source::Span;

/// What a token is. The order is that of the grammar's token types, by which cel-go orders the
/// tokens it expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(super) enum TokenKind {
    Eof,
    Equals,
    NotEquals,
    In,
    Less,
    LessEquals,
    GreaterEquals,
    Greater,
    LogicalAnd,
    LogicalOr,
    LeftBracket,
    RightBracket,
    LeftBrace,
    RightBrace,
    LeftParen,
    RightParen,
    Dot,
    Comma,
    Minus,
    Exclam,
    QuestionMark,
    Colon,
    Plus,
    Star,
    Slash,
    Percent,
    True,
    False,
    Null,
    Float,
    Int,
    Uint,
    String,
    Bytes,
    Identifier,
    EscapedIdentifier,
}

/// Every kind, in their order.
pub(super) const KINDS: [TokenKind; 36] = [
    TokenKind::Eof,
    TokenKind::Equals,
    TokenKind::NotEquals,
    TokenKind::In,
    TokenKind::Less,
    TokenKind::LessEquals,
    TokenKind::GreaterEquals,
    TokenKind::Greater,
    TokenKind::LogicalAnd,
    TokenKind::LogicalOr,
    TokenKind::LeftBracket,
    TokenKind::RightBracket,
    TokenKind::LeftBrace,
    TokenKind::RightBrace,
    TokenKind::LeftParen,
    TokenKind::RightParen,
    TokenKind::Dot,
    TokenKind::Comma,
    TokenKind::Minus,
    TokenKind::Exclam,
    TokenKind::QuestionMark,
    TokenKind::Colon,
    TokenKind::Plus,
    TokenKind::Star,
    TokenKind::Slash,
    TokenKind::Percent,
    TokenKind::True,
    TokenKind::False,
    TokenKind::Null,
    TokenKind::Float,
    TokenKind::Int,
    TokenKind::Uint,
    TokenKind::String,
    TokenKind::Bytes,
    TokenKind::Identifier,
    TokenKind::EscapedIdentifier,
];

/// A token and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

/// A stretch of text that is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LexError {
    pub(super) span: Span,
    /// Index of the token that follows it.
    pub(super) before: usize,
}

/// The tokens of a text, the last of them the end, and what could not be read.
#[derive(Clone, Debug, Default)]
pub(super) struct Lexed {
    pub(super) tokens: Vec<Token>,
    pub(super) errors: Vec<LexError>,
}

/// Splits a text into tokens.
pub(super) fn lex(text: &str) -> Lexed {
    let mut lexed = Lexed::default();
    let mut at = 0;
    while let Some(first) = text.as_bytes().get(at).copied() {
        let rest = text.get(at..).unwrap_or("");
        let blank = blank_length(rest);
        if blank > 0 {
            at += blank;
            continue;
        }
        match longest(rest, first) {
            Match::Token(kind, length) => {
                lexed.tokens.push(Token {
                    kind,
                    span: span(at, at + length),
                });
                at += length;
            }
            Match::Error(length) => {
                // the character at which the match failed is dropped too
                let tail = rest.get(length..).unwrap_or("");
                let end = at + length + tail.chars().next().map_or(0, char::len_utf8);
                lexed.errors.push(LexError {
                    span: span(at, end),
                    before: lexed.tokens.len(),
                });
                at = end;
            }
        }
    }
    lexed.tokens.push(Token {
        kind: TokenKind::Eof,
        span: span(text.len(), text.len()),
    });
    lexed
}

fn span(start: usize, end: usize) -> Span {
    Span::new(
        u32::try_from(start).unwrap_or(u32::MAX),
        u32::try_from(end).unwrap_or(u32::MAX),
    )
}

/// What stands at the start of a text.
enum Match {
    /// A token of so many bytes.
    Token(TokenKind, usize),
    /// No token: after so many bytes no rule could go on.
    Error(usize),
}

/// Length of white space or of a comment.
fn blank_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    if rest.starts_with("//") {
        return bytes
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(bytes.len());
    }
    bytes
        .iter()
        .take_while(|byte| matches!(byte, b'\t' | b' ' | b'\r' | b'\n' | 0x0c))
        .count()
}

fn longest(rest: &str, first: u8) -> Match {
    match first {
        b'0'..=b'9' => number(rest.as_bytes()),
        b'"' | b'\'' => string(rest.as_bytes()),
        b'a'..=b'z' | b'A'..=b'Z' | b'_' => word(rest.as_bytes()),
        b'`' => escaped_identifier(rest.as_bytes()),
        b'.' => match fraction(rest.as_bytes(), 0) {
            Some(length) => Match::Token(
                TokenKind::Float,
                exponent(rest.as_bytes(), length).unwrap_or(length),
            ),
            None => Match::Token(TokenKind::Dot, 1),
        },
        _ => symbol(rest.as_bytes(), first),
    }
}

fn symbol(bytes: &[u8], first: u8) -> Match {
    use TokenKind as T;
    let second = bytes.get(1).copied();
    let or_longer = |kind, longer| match second {
        Some(b'=') => Match::Token(longer, 2),
        _ => Match::Token(kind, 1),
    };
    let only_double = |kind| match second {
        Some(second) if second == first => Match::Token(kind, 2),
        _ => Match::Error(1),
    };
    let single = |kind| Match::Token(kind, 1);
    match first {
        b'=' => only_double(T::Equals),
        b'&' => only_double(T::LogicalAnd),
        b'|' => only_double(T::LogicalOr),
        b'!' => or_longer(T::Exclam, T::NotEquals),
        b'<' => or_longer(T::Less, T::LessEquals),
        b'>' => or_longer(T::Greater, T::GreaterEquals),
        b'[' => single(T::LeftBracket),
        b']' => single(T::RightBracket),
        b'{' => single(T::LeftBrace),
        b'}' => single(T::RightBrace),
        b'(' => single(T::LeftParen),
        b')' => single(T::RightParen),
        b',' => single(T::Comma),
        b'-' => single(T::Minus),
        b'?' => single(T::QuestionMark),
        b':' => single(T::Colon),
        b'+' => single(T::Plus),
        b'*' => single(T::Star),
        b'/' => single(T::Slash),
        b'%' => single(T::Percent),
        _ => Match::Error(0),
    }
}

fn digits(bytes: &[u8], from: usize, is_digit: fn(&u8) -> bool) -> usize {
    bytes
        .iter()
        .skip(from)
        .take_while(|byte| is_digit(byte))
        .count()
}

/// End of `.` and digits at `from`.
fn fraction(bytes: &[u8], from: usize) -> Option<usize> {
    if bytes.get(from) != Some(&b'.') {
        return None;
    }
    let count = digits(bytes, from + 1, u8::is_ascii_digit);
    (count > 0).then_some(from + 1 + count)
}

/// End of an exponent at `from`.
fn exponent(bytes: &[u8], from: usize) -> Option<usize> {
    if !matches!(bytes.get(from), Some(b'e' | b'E')) {
        return None;
    }
    let sign = usize::from(matches!(bytes.get(from + 1), Some(b'+' | b'-')));
    let count = digits(bytes, from + 1 + sign, u8::is_ascii_digit);
    (count > 0).then_some(from + 1 + sign + count)
}

fn number(bytes: &[u8]) -> Match {
    let mut end = digits(bytes, 0, u8::is_ascii_digit);
    if bytes.starts_with(b"0x") {
        let count = digits(bytes, 2, u8::is_ascii_hexdigit);
        if count > 0 {
            end = 2 + count;
        }
    } else if let Some(fraction_end) = fraction(bytes, end) {
        let end = exponent(bytes, fraction_end).unwrap_or(fraction_end);
        return Match::Token(TokenKind::Float, end);
    } else if let Some(end) = exponent(bytes, end) {
        return Match::Token(TokenKind::Float, end);
    }
    match bytes.get(end) {
        Some(b'u' | b'U') => Match::Token(TokenKind::Uint, end + 1),
        _ => Match::Token(TokenKind::Int, end),
    }
}

/// A name, a keyword, or a string with a prefix.
fn word(bytes: &[u8]) -> Match {
    let bytes_prefix = usize::from(matches!(bytes.first(), Some(b'b' | b'B')));
    let raw = matches!(bytes.get(bytes_prefix), Some(b'r' | b'R'));
    let prefix = bytes_prefix + usize::from(raw);
    if matches!(bytes.get(prefix), Some(b'"' | b'\'')) {
        let quoted = bytes.get(prefix..).unwrap_or(&[]);
        if let Ok(length) = quoted_length(quoted, raw) {
            let kind = if bytes_prefix > 0 {
                TokenKind::Bytes
            } else {
                TokenKind::String
            };
            return Match::Token(kind, prefix + length);
        }
    }
    let length = bytes
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
        .count();
    let kind = match bytes.get(..length) {
        Some(b"in") => TokenKind::In,
        Some(b"true") => TokenKind::True,
        Some(b"false") => TokenKind::False,
        Some(b"null") => TokenKind::Null,
        _ => TokenKind::Identifier,
    };
    Match::Token(kind, length)
}

fn string(bytes: &[u8]) -> Match {
    match quoted_length(bytes, false) {
        Ok(length) => Match::Token(TokenKind::String, length),
        Err(failed_at) => Match::Error(failed_at),
    }
}

/// Length of the quoted string at the start, or where reading it failed.
fn quoted_length(bytes: &[u8], raw: bool) -> Result<usize, usize> {
    let quote = bytes.first().copied().unwrap_or(b'"');
    if bytes.starts_with(&[quote; 3])
        && let Some(length) = triple_length(bytes, quote, raw)
    {
        return Ok(length);
    }
    let mut at = 1;
    loop {
        match bytes.get(at) {
            Some(byte) if *byte == quote => return Ok(at + 1),
            None | Some(b'\n' | b'\r') => return Err(at),
            Some(b'\\') if !raw => at += escape_length(bytes.get(at..).unwrap_or(&[]), at)?,
            Some(_) => at += 1,
        }
    }
}

fn triple_length(bytes: &[u8], quote: u8, raw: bool) -> Option<usize> {
    let mut at = 3;
    loop {
        let rest = bytes.get(at..)?;
        if rest.starts_with(&[quote; 3]) {
            return Some(at + 3);
        }
        match rest.first()? {
            b'\\' if !raw => at += escape_length(rest, at).ok()?,
            _ => at += 1,
        }
    }
}

/// Length of the escape at the start, or where (`at` added) it is none.
fn escape_length(bytes: &[u8], at: usize) -> Result<usize, usize> {
    let numeric = |from: usize, count: usize, is_digit: fn(&u8) -> bool| {
        let found = digits(bytes.get(..from + count).unwrap_or(bytes), from, is_digit);
        if found == count {
            Ok(from + count)
        } else {
            Err(at + from + found)
        }
    };
    match bytes.get(1) {
        Some(b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'"' | b'\'' | b'\\' | b'?')
        | Some(b'`') => Ok(2),
        Some(b'x' | b'X') => numeric(2, 2, u8::is_ascii_hexdigit),
        Some(b'u') => numeric(2, 4, u8::is_ascii_hexdigit),
        Some(b'U') => numeric(2, 8, u8::is_ascii_hexdigit),
        Some(b'0'..=b'3') => numeric(2, 2, |byte| matches!(byte, b'0'..=b'7')),
        _ => Err(at + 1),
    }
}

fn escaped_identifier(bytes: &[u8]) -> Match {
    let length = bytes
        .iter()
        .skip(1)
        .take_while(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'/' | b' ')
        })
        .count();
    if length > 0 && bytes.get(length + 1) == Some(&b'`') {
        Match::Token(TokenKind::EscapedIdentifier, length + 2)
    } else {
        Match::Error(length + 1)
    }
}
