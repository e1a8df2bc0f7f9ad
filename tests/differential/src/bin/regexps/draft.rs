//! Generates a pattern, and a text that is likely to match it.

use fastrand::Rng;

use super::random::{pick, unlikely, word};

/// Characters of texts and literals: cases that fold in threes, wide ones, ends of lines.
const CHARS: &[char] = &[
    'a',
    'b',
    'c',
    'x',
    'A',
    'B',
    'K',
    'k',
    '\u{212a}',
    's',
    'S',
    'ſ',
    '0',
    '1',
    '9',
    '_',
    ' ',
    '-',
    '.',
    ',',
    ':',
    '/',
    '=',
    '\n',
    '\t',
    '\r',
    'é',
    'É',
    'ß',
    'ẞ',
    'σ',
    'ς',
    'Σ',
    'Ǆ',
    'ǅ',
    'ǆ',
    'İ',
    'ı',
    'µ',
    'μ',
    'я',
    'Я',
    '日',
    'あ',
    '٣',
    '½',
    '\u{301}',
    '€',
    '😀',
    '\u{10ffff}',
    '\u{fffd}',
    '\0',
    '\u{7f}',
    '\u{80}',
    '\u{a0}',
    '\u{2028}',
    'ꭰ',
    'Ꭰ',
    'ᏸ',
    'Ა',
    'ა',
    '𐐀',
    '𐐨',
];
/// Characters with a meaning in patterns.
const META: &[char] = &[
    '\\', '.', '+', '*', '?', '(', ')', '|', '[', ']', '{', '}', '^', '$', '-', ':', '<', '>', ',',
    '=', '!', '#', 'P', 'p', 'x', 'Q', 'E', 'd', 'D', 'w', 'b', 'B', 'z', 'Z', 'A', 'i', 'm', 's',
    'U', 'a', '0', '1', '7', '8', 'é', '日',
];
const NAMES: &str = "L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So \
    Z Zs Zl Zp C Cc Cf Co Cs Cn LC Latin Greek Cyrillic Han Hiragana Katakana Arabic Hebrew Thai \
    Common Inherited Cherokee Georgian Deseret Armenian Any Assigned ASCII Ascii any assigned \
    Letter Uppercase_Letter lowercase-letter Titlecase_Letter Cased_Letter Mark Number \
    Decimal_Number digit punct Punctuation Symbol Separator Other Control cntrl Format \
    Unassigned Surrogate latin GREEK Old_Italic Linear_A Grek Foo Lx l lu LU";
const POSIX: &str = "alnum alpha ascii blank cntrl digit graph lower print punct space upper word \
    xdigit foo Alpha";

/// Beyond these many bytes an example is not repeated further.
const LONG: usize = 160;

struct Draft<'r> {
    rng: &'r mut Rng,
    pattern: String,
    /// A text that the pattern would match, were it not for assertions and negations.
    example: String,
}

/// A pattern and a text to look for it in.
pub fn pattern_and_text(rng: &mut Rng) -> (String, String) {
    if unlikely(rng, 20) {
        let length = rng.usize(0..14);
        let noise = (0..length).map(|_| pick(rng, META)).collect();
        return (noise, random_text(rng, 12));
    }
    let mut draft = Draft {
        rng,
        pattern: String::new(),
        example: String::new(),
    };
    if unlikely(draft.rng, 4) {
        let flags = word(
            draft.rng,
            "(?i) (?m) (?s) (?U) (?im) (?is) (?imsU) (?i-m) (?-i)",
        );
        draft.pattern.push_str(flags);
    }
    let depth = draft.rng.u32(1..5);
    draft.alternatives(depth);
    let Draft {
        pattern, example, ..
    } = draft;
    let pattern = match rng.u32(0..6) {
        0 => damaged(rng, &pattern, META),
        _ => pattern,
    };
    (pattern, text(rng, &example))
}

fn text(rng: &mut Rng, example: &str) -> String {
    let mut text = match rng.u32(0..10) {
        0 => random_text(rng, 30),
        1 => example.repeat(rng.usize(2..4)),
        2 => format!("{example}\n{example}"),
        3 => example.to_uppercase(),
        _ => example.to_owned(),
    };
    if rng.bool() {
        text.insert_str(0, &random_text(rng, 4));
    }
    if rng.bool() {
        text.push_str(&random_text(rng, 4));
    }
    if unlikely(rng, 3) {
        text = damaged(rng, &text, CHARS);
    }
    text
}

fn random_text(rng: &mut Rng, most: usize) -> String {
    let length = rng.usize(0..most);
    (0..length).map(|_| pick(rng, CHARS)).collect()
}

/// With a character or two taken out, put in or replaced.
fn damaged(rng: &mut Rng, text: &str, by: &[char]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..rng.u32(1..3) {
        let at = rng.usize(0..=chars.len());
        match rng.u32(0..3) {
            0 if at < chars.len() => drop(chars.remove(at)),
            1 if at < chars.len() => chars[at] = pick(rng, by),
            _ => chars.insert(at, pick(rng, by)),
        }
    }
    chars.into_iter().collect()
}

impl Draft<'_> {
    fn write(&mut self, pattern: &str, example: &str) {
        self.pattern.push_str(pattern);
        self.example.push_str(example);
    }

    fn alternatives(&mut self, depth: u32) {
        let start = self.example.len();
        self.sequence(depth);
        if !unlikely(self.rng, 3) {
            return;
        }
        for _ in 0..self.rng.u32(1..4) {
            let example = self.example.split_off(start);
            self.pattern.push('|');
            if !unlikely(self.rng, 8) {
                self.sequence(depth);
            }
            if self.rng.bool() {
                self.example.truncate(start);
                self.example.push_str(&example);
            }
        }
    }

    fn sequence(&mut self, depth: u32) {
        for _ in 0..self.rng.u32(0..4) {
            self.repeated(depth);
        }
    }

    fn repeated(&mut self, depth: u32) {
        let start = self.example.len();
        self.atom(depth);
        if !unlikely(self.rng, 3) {
            return;
        }
        let (operator, times) = self.operator();
        self.pattern.push_str(&operator);
        if unlikely(self.rng, 4) {
            self.pattern.push('?');
        }
        if unlikely(self.rng, 40) {
            let (again, _) = self.operator();
            self.pattern.push_str(&again);
        }
        let once = self.example.split_off(start);
        for _ in 0..times {
            if self.example.len() < LONG {
                self.example.push_str(&once);
            }
        }
    }

    /// A repetition, and how many times are right for it.
    fn operator(&mut self) -> (String, u32) {
        let rng = &mut *self.rng;
        match rng.u32(0..12) {
            0..3 => ("*".to_owned(), rng.u32(0..4)),
            3..6 => ("+".to_owned(), rng.u32(1..4)),
            6..8 => ("?".to_owned(), rng.u32(0..2)),
            8 => {
                let least = self.count();
                (format!("{{{least}}}"), least)
            }
            9 => {
                let least = self.count();
                (format!("{{{least},}}"), least + self.rng.u32(0..3))
            }
            10 => {
                let (one, other) = (self.count(), self.count());
                // sometimes the wrong way round
                let (least, most) = if unlikely(self.rng, 20) {
                    (one.max(other), one.min(other))
                } else {
                    (one.min(other), one.max(other))
                };
                let times = self.rng.u32(least.min(most)..=most.max(least));
                (format!("{{{least},{most}}}"), times)
            }
            _ => {
                let broken =
                    "{ {} {,} {,2} {a} {2 {2, {2,1 {01} {00} {2,02} {99999999999} { 2} {1,2,3}";
                (word(rng, broken).to_owned(), 1)
            }
        }
    }

    fn count(&mut self) -> u32 {
        match self.rng.u32(0..40) {
            0 => pick(self.rng, &[10, 31, 32, 33, 100, 500, 999, 1000, 1001]),
            _ => self.rng.u32(0..5),
        }
    }

    fn atom(&mut self, depth: u32) {
        match self.rng.u32(0..20) {
            0..7 => self.literal(),
            7 => self.any("."),
            8 => self.perl(),
            9 => self.unicode(),
            10 | 11 => self.class(),
            12 | 13 => self.assertion(),
            14 => self.escape(),
            _ if depth > 0 => self.group(depth - 1),
            _ => self.literal(),
        }
    }

    fn any(&mut self, pattern: &str) {
        let example = pick(self.rng, CHARS);
        self.pattern.push_str(pattern);
        self.example.push(example);
    }

    fn literal(&mut self) {
        let char = pick(self.rng, CHARS);
        if char.is_ascii_punctuation() && !unlikely(self.rng, 6) {
            self.pattern.push('\\');
        }
        self.pattern.push(char);
        self.example.push(char);
    }

    fn perl(&mut self) {
        let (class, example) = pick(
            self.rng,
            &[
                (r"\d", "7"),
                (r"\D", "é"),
                (r"\s", "\t"),
                (r"\s", "\u{b}"),
                (r"\S", "日"),
                (r"\w", "_"),
                (r"\w", "ſ"),
                (r"\W", "K"),
                (r"\W", "-"),
            ],
        );
        self.write(class, example);
    }

    fn unicode(&mut self) {
        let class = unicode_class(self.rng);
        self.any(&class);
    }

    fn assertion(&mut self) {
        let assertion = word(
            self.rng,
            r"^ $ \A \z \b \B ^ $ \b \B \Z \G (?m:^) (?m:$) (?-m:$) (?m)^",
        );
        self.pattern.push_str(assertion);
        if unlikely(self.rng, 4) {
            self.example.push('\n');
        }
    }

    fn escape(&mut self) {
        let (escape, example) = pick(
            self.rng,
            &[
                (r"\a", "\u{7}"),
                (r"\f", "\u{c}"),
                (r"\t", "\t"),
                (r"\n", "\n"),
                (r"\r", "\r"),
                (r"\v", "\u{b}"),
                (r"\x41", "A"),
                (r"\xe9", "é"),
                (r"\x{e9}", "é"),
                (r"\x{1F600}", "😀"),
                (r"\x{000000041}", "A"),
                (r"\x{10FFFF}", "\u{10ffff}"),
                (r"\x{110000}", "a"),
                (r"\x{D800}", "a"),
                (r"\x{}", "a"),
                (r"\x4", "a"),
                (r"\x", "a"),
                (r"\x{4", "A"),
                (r"\0", "\0"),
                (r"\101", "A"),
                (r"\1011", "A1"),
                (r"\377", "ÿ"),
                (r"\777", "\u{1ff}"),
                (r"\08", "\u{0}8"),
                (r"\1", "a"),
                (r"\8", "8"),
                (r"\C", "a"),
                (r"\R", "a"),
                (r"\_", "_"),
                (r"\é", "é"),
                (r"\/", "/"),
                ("\\\n", "\n"),
                (r"\Qa.b\E", "a.b"),
                (r"\Q\E", ""),
                (r"\Q*", "*"),
                (r"\E", ""),
                (r"\Qé\x\E", r"é\x"),
            ],
        );
        self.write(escape, example);
    }

    fn class(&mut self) {
        let mut class = String::from("[");
        let rng = &mut *self.rng;
        if unlikely(rng, 3) {
            class.push('^');
        }
        if unlikely(rng, 12) {
            class.push(pick(rng, &[']', '-', '^']));
        }
        let mut example = pick(rng, CHARS);
        for _ in 0..rng.u32(1..4) {
            match rng.u32(0..12) {
                0..4 => {
                    let char = pick(rng, CHARS);
                    class_char(rng, char, &mut class);
                    example = char;
                }
                4..7 => {
                    let (mut low, mut high) = (pick(rng, CHARS), pick(rng, CHARS));
                    if low > high && !unlikely(rng, 10) {
                        (low, high) = (high, low);
                    }
                    class_char(rng, low, &mut class);
                    class.push('-');
                    class_char(rng, high, &mut class);
                    example = if rng.bool() { low } else { high };
                }
                7 => class.push_str(word(
                    rng,
                    r"\d \D \s \S \w \W \b \x41 \x{e9}-\x{eb} \Q a-\d \pL-z \101",
                )),
                8 | 9 => {
                    let not = if unlikely(rng, 3) { "^" } else { "" };
                    class.push_str(&format!("[:{not}{}:]", word(rng, POSIX)));
                }
                10 => class.push_str(&unicode_class(rng)),
                _ => class.push(pick(rng, &['-', '[', '&', '^', '.', '$'])),
            }
        }
        if !unlikely(rng, 30) {
            class.push(']');
        }
        self.pattern.push_str(&class);
        self.example.push(example);
    }

    fn group(&mut self, depth: u32) {
        let open = match self.rng.u32(0..12) {
            0..4 => "(",
            4..8 => "(?:",
            8 => word(
                self.rng,
                "(?P<n> (?<n> (?P<name_1> (?P<é> (?P<> (?P<n (?P=n) (?'n'",
            ),
            9 | 10 => word(
                self.rng,
                "(?i: (?s: (?m: (?U: (?ims: (?i-s: (?-i: (?-U: (?i-: (?ii: (?-: (?x:",
            ),
            _ => word(
                self.rng,
                "(?i) (?s) (?m) (?U) (?-i) (?i-m) (?) (?= (?! (?<= (?> (?# (?i",
            ),
        };
        self.pattern.push_str(open);
        if open.ends_with(')') {
            return;
        }
        self.alternatives(depth);
        if !unlikely(self.rng, 60) {
            self.pattern.push(')');
        }
    }
}

/// A character of a class, escaped where it must be, most times.
fn class_char(rng: &mut Rng, char: char, class: &mut String) {
    let code = u32::from(char);
    match rng.u32(0..12) {
        0 => class.push_str(&format!("\\x{{{code:X}}}")),
        1 if code < 0x100 => class.push_str(&format!("\\x{code:02x}")),
        2 if code < 0o1000 => class.push_str(&format!("\\{code:03o}")),
        _ => {
            if char.is_ascii_punctuation() && !unlikely(rng, 6) {
                class.push('\\');
            }
            class.push(char);
        }
    }
}

/// `\pL`, `\p{Greek}`, `\P{^Greek}`
fn unicode_class(rng: &mut Rng) -> String {
    let letter = if unlikely(rng, 3) { 'P' } else { 'p' };
    let name = word(rng, NAMES);
    let name = if unlikely(rng, 12) {
        name.replace('_', " ")
    } else {
        name.to_owned()
    };
    match rng.u32(0..12) {
        0..3 => format!(
            "\\{letter}{}",
            pick(rng, &['L', 'N', 'M', 'Z', 'P', 'S', 'C', 'X', 'l'])
        ),
        3 => format!("\\{letter}{{^{name}}}"),
        4 if unlikely(rng, 4) => format!("\\{letter}{{{name}"),
        _ => format!("\\{letter}{{{name}}}"),
    }
}
