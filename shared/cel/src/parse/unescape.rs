//! String and bytes literals to what they stand for.

use super::errors;

/// The content of a string literal's text, quotes and `r` prefix included.
pub(super) fn string(text: &str) -> Result<String, &'static str> {
    let (content, raw) = content(text);
    if raw || !content.contains('\\') {
        return Ok(content);
    }
    let mut out = String::with_capacity(content.len());
    let mut chars = content.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match escape(&mut chars)? {
            Escape::Char(c) => out.push(c),
            Escape::Byte(value) | Escape::Unicode(value) => {
                out.push(char::from_u32(value).ok_or(errors::INVALID_CODE_POINT)?);
            }
        }
    }
    Ok(out)
}

/// The content of a bytes literal's text, without its `b`.
pub(super) fn bytes(text: &str) -> Result<Vec<u8>, &'static str> {
    let (content, raw) = content(text);
    if raw || !content.contains('\\') {
        return Ok(content.into_bytes());
    }
    let mut out = Vec::with_capacity(content.len());
    let mut buffer = [0; 4];
    let mut chars = content.chars();
    while let Some(c) = chars.next() {
        let c = if c == '\\' {
            match escape(&mut chars)? {
                Escape::Char(c) => c,
                Escape::Byte(value) => {
                    out.push(u8::try_from(value).map_err(|_| errors::CANNOT_UNESCAPE)?);
                    continue;
                }
                Escape::Unicode(_) => return Err(errors::CANNOT_UNESCAPE),
            }
        } else {
            c
        };
        out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
    }
    Ok(out)
}

/// Takes prefix and quotes off and makes every line end a line feed.
fn content(text: &str) -> (String, bool) {
    let unprefixed = text.trim_start_matches(['r', 'R']);
    let raw = unprefixed.len() < text.len();
    let quotes = if unprefixed.len() >= 6
        && (unprefixed.starts_with("'''") || unprefixed.starts_with("\"\"\""))
    {
        3
    } else {
        1
    };
    let inner = unprefixed
        .get(quotes..unprefixed.len().saturating_sub(quotes))
        .unwrap_or("");
    (inner.replace("\r\n", "\n").replace('\r', "\n"), raw)
}

/// What stands after a backslash.
enum Escape {
    /// A letter for a character.
    Char(char),
    /// `\xHH` or octal: a byte in bytes, a code point in strings.
    Byte(u32),
    /// `\uHHHH` or `\UHHHHHHHH`.
    Unicode(u32),
}

fn escape(chars: &mut std::str::Chars<'_>) -> Result<Escape, &'static str> {
    let c = chars.next().ok_or(errors::TRAILING_BACKSLASH)?;
    Ok(match c {
        'a' => Escape::Char('\x07'),
        'b' => Escape::Char('\x08'),
        'f' => Escape::Char('\x0c'),
        'n' => Escape::Char('\n'),
        'r' => Escape::Char('\r'),
        't' => Escape::Char('\t'),
        'v' => Escape::Char('\x0b'),
        '\\' | '\'' | '"' | '`' | '?' => Escape::Char(c),
        'x' | 'X' => Escape::Byte(number(chars, 2, 16, 0)?),
        'u' => Escape::Unicode(number(chars, 4, 16, 0)?),
        'U' => Escape::Unicode(number(chars, 8, 16, 0)?),
        '0'..='3' => Escape::Byte(number(chars, 2, 8, c.to_digit(8).unwrap_or(0))?),
        _ => return Err(errors::CANNOT_UNESCAPE),
    })
}

fn number(
    chars: &mut std::str::Chars<'_>,
    count: usize,
    radix: u32,
    first: u32,
) -> Result<u32, &'static str> {
    let mut value = first;
    for _ in 0..count {
        let digit = chars.next().and_then(|c| c.to_digit(radix));
        let digit = digit.ok_or(errors::CANNOT_UNESCAPE)?;
        value = value.wrapping_mul(radix).wrapping_add(digit);
    }
    Ok(value)
}
