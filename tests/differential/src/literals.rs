//! Literals at random: numbers, texts and bytes as CEL writes them, and texts of special kinds.

use fastrand::Rng;

use crate::random::{pick, unlikely};

/// A literal of a type, if it has any.
pub fn literal(rng: &mut Rng, of: &str) -> Option<String> {
    Some(match of {
        "int" => int(rng),
        "uint" => uint(rng),
        "double" => double(rng),
        "string" | "nametext" | "verb" => {
            let text = text(rng);
            quoted(rng, &text)
        }
        "bytes" => format!("b{}", {
            let text = text(rng);
            quoted(rng, &text)
        }),
        "small" => pick(rng, &["0", "0", "1", "1", "2", "3", "5", "7"]).to_owned(),
        "bool" => rng.bool().to_string(),
        "null" => "null".to_owned(),
        "numtext" => plain(&number_text(rng)),
        "quantitytext" => plain(&quantity_text(rng)),
        "iptext" => plain(&ip_text(rng)),
        "cidrtext" => plain(&format!("{}/{}", ip_text(rng), rng.u32(0..140))),
        "urltext" => plain(&url_text(rng)),
        "versiontext" => plain(&version_text(rng)),
        "durationtext" => plain(&duration_text(rng)),
        "timetext" => plain(&time_text(rng)),
        "zone" => plain(&zone_text(rng)),
        "regex" => format!("r{}", plain(&regex_text(rng))),
        "formattext" => plain(&format_text(rng)),
        "duration" => format!("duration('{}')", duration_text(rng)),
        "timestamp" => format!("timestamp('{}')", time_text(rng)),
        "quantity" => format!("quantity('{}')", quantity_text(rng)),
        "ip" => format!("ip('{}')", ip_text(rng)),
        "cidr" => format!("cidr('{}/{}')", ip_text(rng), rng.u32(0..33)),
        "semver" if rng.bool() => {
            let texts = [
                "1.2.3",
                "0.0.0",
                "1.10.0",
                "1.2.3-rc.1+b",
                "10.0.0-a.1",
                "1.2.3-a.b.2",
            ];
            format!("semver('{}')", pick(rng, &texts))
        }
        "semver" => format!("semver('{}')", version_text(rng)),
        _ => return None,
    })
}

fn plain(text: &str) -> String {
    format!("'{text}'")
}

fn int(rng: &mut Rng) -> String {
    match rng.u32(0..12) {
        0..4 => rng.i64(-4..20).to_string(),
        4 => (rng.i64(-2..3) + (1 << rng.u32(0..62))).to_string(),
        5 => (-(1_i64 << rng.u32(0..63))).to_string(),
        6 => (i64::MAX - rng.i64(0..2)).to_string(),
        7 => (i64::MIN + rng.i64(0..2)).to_string(),
        8 => format!("0x{:x}", rng.u64(..) >> rng.u32(1..64)),
        9 => format!("-0x{:X}", rng.u64(..) >> rng.u32(1..64)),
        10 if unlikely(rng, 6) => "9223372036854775808".to_owned(),
        10 if unlikely(rng, 6) => "007".to_owned(),
        _ => rng.i64(-1000..100_000).to_string(),
    }
}

fn uint(rng: &mut Rng) -> String {
    match rng.u32(0..8) {
        0..4 => format!("{}u", rng.u32(0..12)),
        4 => format!("{}u", u64::MAX - rng.u64(0..2)),
        5 => format!("0x{:x}U", rng.u64(..) >> rng.u32(0..64)),
        6 => format!("{}U", 1_u64 << rng.u32(0..64)),
        _ if unlikely(rng, 8) => "18446744073709551616u".to_owned(),
        _ => format!("{}u", rng.u64(..) >> rng.u32(0..64)),
    }
}

fn double(rng: &mut Rng) -> String {
    match rng.u32(0..12) {
        0..3 => format!("{:?}", f64::from(rng.i32(-40..41)) / 4.0),
        3 => format!("{:?}", any_double(rng)),
        4 => format!("{}e{}", rng.u32(0..100), rng.i32(-330..312)),
        5 => format!(".{}", rng.u32(0..1000)),
        6 => format!("{}.{}E+{}", rng.u32(0..10), rng.u64(..), rng.u32(0..20)),
        7 => (pick(
            rng,
            &[
                "0.0",
                "-0.0",
                "0.1",
                "9007199254740993.0",
                "9223372036854775807.0",
                "9223372036854775808.0",
                "-9223372036854775808.0",
                "18446744073709551615.0",
                "1.7976931348623157e308",
                "1e309",
                "5e-324",
                "1e-400",
            ],
        ))
        .to_owned(),
        8 => (pick(
            rng,
            &["double('NaN')", "double('Infinity')", "double('-Infinity')"],
        ))
        .to_owned(),
        _ => format!("{:?}", f64::from(rng.i32(-5..6))),
    }
}

fn any_double(rng: &mut Rng) -> f64 {
    match f64::from_bits(rng.u64(..)) {
        number if number.is_finite() => number,
        _ => 1.5,
    }
}

/// Characters that texts are made of: of every length in UTF-8 and UTF-16, letters with case
/// beyond ASCII, combining marks, blanks that are no ASCII, and control characters.
const CHARACTERS: &[char] = &[
    'a',
    'b',
    'c',
    'A',
    'Z',
    'e',
    'x',
    '0',
    '1',
    '9',
    '.',
    '-',
    '_',
    '/',
    ':',
    ',',
    ' ',
    ' ',
    '%',
    's',
    'd',
    '$',
    '+',
    '=',
    '?',
    '*',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '|',
    '^',
    '&',
    '#',
    '@',
    '!',
    '\'',
    '"',
    '\\',
    '`',
    '\t',
    '\n',
    '\r',
    '\u{0}',
    '\u{7}',
    '\u{b}',
    '\u{1b}',
    '\u{7f}',
    '\u{80}',
    '\u{85}',
    '\u{a0}',
    '\u{ad}',
    'é',
    'ß',
    'İ',
    'ı',
    'ſ',
    'K',
    'ü',
    '\u{301}',
    'ж',
    'Σ',
    'ς',
    '中',
    '\u{200b}',
    '\u{2028}',
    '\u{202e}',
    '\u{3000}',
    '\u{fe0f}',
    '\u{feff}',
    '\u{fffd}',
    '\u{ffff}',
    '😀',
    '\u{10ffff}',
    '𝔘',
];

/// A text, short as a rule.
pub fn text(rng: &mut Rng) -> String {
    const WORDS: &[&str] = &[
        "a",
        "abc",
        "b",
        "web",
        "Hello, World",
        "a,b,,c",
        "10",
        "-7",
        "1.5",
        "true",
        "  pad ",
        "aaa",
        "abcabc",
        "%s-%d",
        "ünïcödé",
        "registry.example/a:1",
    ];
    match rng.u32(0..10) {
        0 => String::new(),
        1..6 => (pick(rng, WORDS)).to_owned(),
        6 => (0..rng.u32(1..4)).map(|_| pick(rng, WORDS)).collect(),
        7 if unlikely(rng, 10) => "long".repeat(rng.usize(20..200)),
        _ => (0..rng.u32(1..8)).map(|_| pick(rng, CHARACTERS)).collect(),
    }
}

/// A text as a literal: in one of CEL's four quotes, raw, or with escapes.
pub fn quoted(rng: &mut Rng, text: &str) -> String {
    let quote = pick(rng, &["'", "'", "'", "\"", "\"", "'''", "\"\"\""]);
    let plain = !text.contains(['\\', '\n', '\r', '\'', '"']);
    if plain && unlikely(rng, 12) {
        return format!("{}{quote}{text}{quote}", pick(rng, &["r", "R"]));
    }
    let mut inner = String::new();
    for char in text.chars() {
        match char {
            '\\' => inner.push_str("\\\\"),
            '\n' if quote.len() == 1 || rng.bool() => inner.push_str("\\n"),
            '\r' if quote.len() == 1 || rng.bool() => inner.push_str("\\r"),
            '\'' | '"' => {
                inner.push('\\');
                inner.push(char);
            }
            _ if unlikely(rng, 20) => inner.push_str(&escaped(rng, char)),
            _ => inner.push(char),
        }
    }
    format!("{quote}{inner}{quote}")
}

fn escaped(rng: &mut Rng, char: char) -> String {
    let code = u32::from(char);
    match rng.u32(0..4) {
        0 if code < 0x100 => format!("\\x{code:02x}"),
        1 if code < 0x100 => format!("\\{code:03o}"),
        2 if code < 0x1_0000 => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08X}"),
    }
}

fn digits(rng: &mut Rng, most: usize) -> String {
    (0..rng.usize(1..=most))
        .map(|_| char::from(b'0' + rng.u8(0..10)))
        .collect()
}

fn number_text(rng: &mut Rng) -> String {
    let sign = pick(rng, &["", "", "", "-", "+"]);
    match rng.u32(0..8) {
        0..3 => format!("{sign}{}", digits(rng, 4)),
        3 => format!("{sign}{}", digits(rng, 22)),
        4 => format!("{sign}{}.{}", digits(rng, 4), digits(rng, 20)),
        5 => format!("{sign}{}e{}", digits(rng, 3), rng.i32(-330..320)),
        6 => (pick(
            rng,
            &[
                "NaN",
                "nan",
                "Inf",
                "+Infinity",
                "-inf",
                "infinit",
                "0x1F",
                "0x1p-2",
                "1_000",
                "1e",
                ".5",
                "5.",
                ".",
                "-",
                "",
                " 1",
                "1 ",
                "0b1",
                "1u",
                "٣",
                "1e99999999999",
                "9223372036854775808",
                "-9223372036854775808",
                "18446744073709551616",
                "0x1.8p1",
                "1E5",
            ],
        ))
        .to_owned(),
        _ => rng.i64(..).to_string(),
    }
}

fn quantity_text(rng: &mut Rng) -> String {
    let sign = pick(rng, &["", "", "", "-", "+"]);
    let whole = match rng.u32(0..6) {
        0 => digits(rng, 25),
        1 => String::new(),
        _ => digits(rng, 5),
    };
    let fraction = match rng.u32(0..5) {
        0 => format!(".{}", digits(rng, 4)),
        1 if unlikely(rng, 3) => format!(".{}", digits(rng, 22)),
        1 if unlikely(rng, 3) => ".".to_owned(),
        _ => String::new(),
    };
    let suffix = match rng.u32(0..8) {
        0 => format!("e{}", rng.i32(-25..25)),
        1 => format!("E{}", rng.i32(-5..20)),
        2 if unlikely(rng, 4) => "KiB".to_owned(),
        3..5 => String::new(),
        _ => (pick(
            rng,
            &[
                "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "n", "u", "m", "k", "M", "G", "T", "P", "E",
                "K", "e", " ",
            ],
        ))
        .to_owned(),
    };
    format!("{sign}{whole}{fraction}{suffix}")
}

fn ip_text(rng: &mut Rng) -> String {
    let octet = |rng: &mut Rng| {
        if unlikely(rng, 30) {
            (pick(rng, &["256", "01", "", "0", "a"])).to_owned()
        } else {
            pick(rng, &[0_u8, 1, 10, 127, 169, 172, 192, 224, 254, 255]).to_string()
        }
    };
    if rng.u32(0..3) < 2 {
        let parts = if unlikely(rng, 25) {
            rng.usize(1..6)
        } else {
            4
        };
        let octets: Vec<String> = (0..parts).map(|_| octet(rng)).collect();
        return octets.join(".");
    }
    let mut groups: Vec<String> = (0..8)
        .map(|_| match rng.u32(0..12) {
            0..6 => "0".to_owned(),
            6 => "ff02".to_owned(),
            7 => "fe80".to_owned(),
            8 => "FFFF".to_owned(),
            9 => "00a".to_owned(),
            _ => format!("{:x}", rng.u16(..)),
        })
        .collect();
    let mut text = if rng.bool() {
        let from = rng.usize(0..8);
        let to = rng.usize(from..8);
        let tail = groups.split_off(to + 1).join(":");
        groups.truncate(from);
        format!("{}::{tail}", groups.join(":"))
    } else {
        groups.join(":")
    };
    if unlikely(rng, 8) {
        text = format!("::ffff:{}.{}.0.1", octet(rng), octet(rng));
    }
    if unlikely(rng, 20) {
        text.push_str("%eth0");
    }
    text
}

fn url_text(rng: &mut Rng) -> String {
    let some = |rng: &mut Rng, from: &[&'static str]| pick(rng, from);
    let scheme = some(
        rng,
        &[
            "http://", "https://", "", "ftp://", "HTTP://", "a+b.c-d:", "1x://", ":", "//",
            "mailto:",
        ],
    );
    let user = some(rng, &["", "", "", "u@", "u:p@", "u%40:p%3a@", ":@", "a b@"]);
    let host = some(
        rng,
        &[
            "example.com",
            "a.example",
            "10.0.0.1",
            "[::1]",
            "[fe80::1%25eth0]",
            "[::1",
            "ex%41mple",
            "ünï.example",
            "h_st",
            "",
            "a b",
            "a%zz",
            "<x>",
        ],
    );
    let port = some(rng, &["", "", ":80", ":", ":8080", ":x", ":99999", "::80"]);
    let path = some(
        rng,
        &[
            "",
            "/",
            "/a/b",
            "/a%20b",
            "/a b",
            "/%zz",
            "/ü",
            "/a;b=c",
            "/a//b/../c",
            "/%2F",
            "*",
            "/[x]",
        ],
    );
    let query = some(
        rng,
        &[
            "",
            "",
            "?",
            "?a=1",
            "?a=1&a=2&b",
            "?a=%20+x",
            "?a=%zz",
            "?;a=1",
            "?a b=ü",
            "?=x",
            "?a=b=c",
            "?&&",
        ],
    );
    let fragment = some(rng, &["", "", "#", "#f", "#%zz", "#a b", "#ü"]);
    format!("{scheme}{user}{host}{port}{path}{query}{fragment}")
}

fn version_text(rng: &mut Rng) -> String {
    let number = |rng: &mut Rng| match rng.u32(0..14) {
        0 => "0".to_owned(),
        1 => "01".to_owned(),
        2 => digits(rng, 21),
        3 if unlikely(rng, 3) => "x".to_owned(),
        3 if unlikely(rng, 3) => String::new(),
        _ => rng.u32(0..30).to_string(),
    };
    let parts = if unlikely(rng, 6) { rng.u32(1..5) } else { 3 };
    let core: Vec<String> = (0..parts).map(|_| number(rng)).collect();
    let before = if unlikely(rng, 10) { "v" } else { "" };
    let mut text = format!("{before}{}", core.join("."));
    let words = ["rc", "1", "alpha", "0", "01", "-", "a-b", "", "é", "x9"];
    for sign in ['-', '+'] {
        if unlikely(rng, 3) {
            let count = rng.u32(1..3);
            let identifiers: Vec<&str> = (0..count).map(|_| pick(rng, &words)).collect();
            text.push(sign);
            text.push_str(&identifiers.join("."));
        }
    }
    text
}

fn duration_text(rng: &mut Rng) -> String {
    let mut text = (pick(rng, &["", "", "", "-", "+"])).to_owned();
    for _ in 0..rng.u32(1..4) {
        text.push_str(&match rng.u32(0..5) {
            0 => digits(rng, 12),
            1 => format!("{}.{}", digits(rng, 3), digits(rng, 12)),
            _ => digits(rng, 3),
        });
        text.push_str(pick(
            rng,
            &["h", "m", "s", "s", "ms", "us", "ns", "µs", "μs", "", "d"],
        ));
    }
    text
}

fn time_text(rng: &mut Rng) -> String {
    let year = match rng.u32(0..6) {
        0 => rng.u32(0..10_000),
        1 => pick(rng, &[0, 1, 9999, 1970, 1969, 10_000]),
        _ => rng.u32(1900..2100),
    };
    let (month, day) = if unlikely(rng, 25) {
        (rng.u32(0..14), rng.u32(0..33))
    } else {
        (rng.u32(1..13), rng.u32(1..30))
    };
    let (hour, minute, second) = if unlikely(rng, 25) {
        (rng.u32(0..26), rng.u32(0..62), rng.u32(0..62))
    } else {
        (rng.u32(0..24), rng.u32(0..60), rng.u32(0..60))
    };
    let fraction = match rng.u32(0..5) {
        0 => format!(".{}", digits(rng, 9)),
        1 if unlikely(rng, 6) => format!(".{}", digits(rng, 14)),
        1 if unlikely(rng, 6) => format!(",{}", digits(rng, 3)),
        _ => String::new(),
    };
    let zone = match rng.u32(0..6) {
        0 => format!("+{:02}:{:02}", rng.u32(0..15), rng.u32(0..60)),
        1 => format!("-{:02}:{:02}", rng.u32(0..25), rng.u32(0..61)),
        2 if unlikely(rng, 5) => "z".to_owned(),
        2 if unlikely(rng, 5) => "+0100".to_owned(),
        _ => "Z".to_owned(),
    };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}")
}

fn zone_text(rng: &mut Rng) -> String {
    match rng.u32(0..4) {
        0 => format!("+{:02}:{:02}", rng.u32(0..26), rng.u32(0..62)),
        1 => format!("-{:02}:{:02}", rng.u32(0..26), rng.u32(0..62)),
        2 => format!("{}:{}", rng.u32(0..30), rng.u32(0..70)),
        _ => (pick(
            rng,
            &[
                "America/New_York",
                "Asia/Tokyo",
                "CET",
                "Etc/GMT+5",
                "GMT",
                "US/Pacific",
            ],
        ))
        .to_owned(),
    }
}

/// Pieces that regular expressions are made of.
const REGEX_PIECES: &[&str] = &[
    "a",
    "b",
    "c",
    "x",
    "A",
    "0",
    ".",
    "ü",
    "😀",
    " ",
    "-",
    "_",
    ",",
    "[abc]",
    "[^a]",
    "[a-z0-9]",
    "[[:digit:]]",
    "[[:^space:]]",
    "[^[:word:]x]",
    "[]a]",
    "[a-]",
    "[^-a]",
    "[\\d\\s]",
    "[\\pL]",
    "[z-a]",
    "[[:nope:]]",
    "\\d",
    "\\D",
    "\\w",
    "\\W",
    "\\s",
    "\\S",
    "\\b",
    "\\B",
    "\\A",
    "\\z",
    "\\Z",
    "\\n",
    "\\t",
    "\\x41",
    "\\x{1F600}",
    "\\x{110000}",
    "\\101",
    "\\8",
    "\\pL",
    "\\p{Lu}",
    "\\P{Greek}",
    "\\p{^Han}",
    "\\p{Nope}",
    "\\Q.*\\E",
    "\\C",
    "\\.",
    "\\/",
    "\\-",
    "\\_",
    "\\!",
    "\\é",
    "^",
    "$",
    "*",
    "+",
    "?",
    "*?",
    "+?",
    "??",
    "{2}",
    "{1,3}",
    "{2,}",
    "{,2}",
    "{0}",
    "{3,1}",
    "{1000}",
    "{1001}",
    "{2}{3}",
    "{1}?",
    "|",
    "(",
    ")",
    "(?:",
    "(?i)",
    "(?i:",
    "(?-s)",
    "(?m)",
    "(?U)",
    "(?s-i:",
    "(?P<n>",
    "(?<m>",
    "(?P<n",
    "(?P=n)",
    "(?=",
    "(?!",
    "(?#",
    "(?x)",
    "{",
    "}",
    "]",
    "&&",
    "~~",
];

fn regex_text(rng: &mut Rng) -> String {
    let simple = rng.bool();
    let mut text = String::new();
    let mut open = 0;
    for _ in 0..rng.u32(1..7) {
        let piece = pick(rng, REGEX_PIECES);
        if simple && piece.contains(['{', '(', '*', '[']) && rng.bool() {
            continue;
        }
        match piece {
            ")" if open > 0 => open -= 1,
            ")" if !unlikely(rng, 10) => continue,
            _ if piece.starts_with('(') && !piece.ends_with(')') => open += 1,
            _ => {}
        }
        text.push_str(piece);
    }
    if !unlikely(rng, 15) {
        text.push_str(&")".repeat(open));
    }
    text
}

fn format_text(rng: &mut Rng) -> String {
    let mut text = String::new();
    for _ in 0..rng.u32(1..4) {
        text.push_str(pick(rng, &["", " ", "a", "ü", ": ", "%%", "."]));
        match rng.u32(0..9) {
            0..5 => {
                text.push('%');
                if unlikely(rng, 4) {
                    text.push('.');
                    text.push_str(&digits(rng, 2));
                }
                text.push_str(pick(rng, &["s", "s", "d", "f", "e", "x", "X", "o", "b"]));
            }
            5 => text.push_str(pick(
                rng,
                &[
                    "%", "%.", "%5d", "%-s", "%q", "%.-1f", "%.1s", "%%%", "%.2d",
                ],
            )),
            _ => {}
        }
    }
    text
}
