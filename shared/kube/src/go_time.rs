//! What Go's `time.Parse` says of a text that is no time as Kubernetes writes them (RFC 3339).

use vapwright_cel::value::go::quote;

const SECONDS: &str = "2006-01-02T15:04:05Z07:00";
const MICROSECONDS: &str = "2006-01-02T15:04:05.000000Z07:00";

/// Why a text is no time: `parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as
/// "2006"`. `micro`: whether the time has microseconds.
#[must_use]
pub fn parse_error(text: &str, micro: bool) -> Option<String> {
    let layout = if micro { MICROSECONDS } else { SECONDS };
    let mut parser = Parser { rest: text, micro };
    let why = parser.parse().err()?;
    let head = format!("parsing time {}", quote(text));
    Some(match why {
        Wrong::Element(element, rest) => format!(
            "{head} as {}: cannot parse {} as {}",
            quote(layout),
            quote(rest),
            quote(element)
        ),
        Wrong::Range(what) => format!("{head}: {what} out of range"),
        Wrong::Extra(rest) => format!("{head}: extra text: {}", quote(rest)),
    })
}

enum Wrong<'t> {
    /// An element of the layout, and the rest of the text where it should stand.
    Element(&'static str, &'t str),
    Range(&'static str),
    Extra(&'t str),
}

struct Parser<'t> {
    rest: &'t str,
    micro: bool,
}

impl<'t> Parser<'t> {
    fn parse(&mut self) -> Result<(), Wrong<'t>> {
        let year = self.year()?;
        self.literal("-")?;
        let month = self.number("01", true)?;
        if !(1..=12).contains(&month) {
            return Err(Wrong::Range("month"));
        }
        self.literal("-")?;
        let day = self.number("02", true)?;
        self.literal("T")?;
        if self.number("15", false)? >= 24 {
            return Err(Wrong::Range("hour"));
        }
        self.literal(":")?;
        if self.number("04", true)? >= 60 {
            return Err(Wrong::Range("minute"));
        }
        self.literal(":")?;
        if self.number("05", true)? >= 60 {
            return Err(Wrong::Range("second"));
        }
        self.fraction()?;
        self.zone()?;
        if !self.rest.is_empty() {
            return Err(Wrong::Extra(self.rest));
        }
        let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
        let days = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        if !(1..=days).contains(&day) {
            return Err(Wrong::Range("day"));
        }
        Ok(())
    }

    fn digit(&self, at: usize) -> Option<u32> {
        let byte = self.rest.as_bytes().get(at)?;
        byte.is_ascii_digit().then(|| u32::from(byte - b'0'))
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn year(&mut self) -> Result<u32, Wrong<'t>> {
        let digits = [0, 1, 2, 3].map(|at| self.digit(at));
        match digits {
            [Some(a), Some(b), Some(c), Some(d)] => {
                self.skip(4);
                Ok(a * 1000 + b * 100 + c * 10 + d)
            }
            _ => Err(Wrong::Element("2006", self.rest)),
        }
    }

    fn literal(&mut self, text: &'static str) -> Result<(), Wrong<'t>> {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None => Err(Wrong::Element(text, self.rest)),
        }
    }

    /// One or two digits; `fixed`: two.
    fn number(&mut self, element: &'static str, fixed: bool) -> Result<u32, Wrong<'t>> {
        match (self.digit(0), self.digit(1)) {
            (Some(tens), Some(ones)) => {
                self.skip(2);
                Ok(tens * 10 + ones)
            }
            (Some(only), None) if !fixed => {
                self.skip(1);
                Ok(only)
            }
            _ => Err(Wrong::Element(element, self.rest)),
        }
    }

    fn fraction(&mut self) -> Result<(), Wrong<'t>> {
        let point = self.rest.starts_with(['.', ',']);
        let digits = (1..).take_while(|at| self.digit(*at).is_some()).count();
        if self.micro {
            if !point || digits < 6 {
                return Err(Wrong::Element(".000000", self.rest));
            }
            self.skip(7);
        } else if point && digits > 0 {
            self.skip(digits + 1);
        }
        Ok(())
    }

    fn zone(&mut self) -> Result<(), Wrong<'t>> {
        if let Some(rest) = self.rest.strip_prefix('Z') {
            self.rest = rest;
            return Ok(());
        }
        let wrong = Wrong::Element("Z07:00", self.rest);
        let digits = [1, 2, 4, 5].map(|at| self.digit(at));
        let colon = self.rest.as_bytes().get(3) == Some(&b':');
        let [Some(a), Some(b), Some(c), Some(d)] = digits else {
            return Err(wrong);
        };
        if !colon || !self.rest.starts_with(['+', '-']) {
            return Err(wrong);
        }
        self.skip(6);
        if a * 10 + b > 24 {
            return Err(Wrong::Range("time zone offset hour"));
        }
        if c * 10 + d > 60 {
            return Err(Wrong::Range("time zone offset minute"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::parse_error;

    /// As `time.Parse(time.RFC3339, text)` of Go 1.26 answers.
    #[test]
    fn errors_are_gos() {
        let as_layout = |rest: &str, element: &str| {
            format!(" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{rest}\" as \"{element}\"")
        };
        for (text, expected) in [
            ("2020-01-02T03:04:05Z", None),
            ("2020-01-02T03:04:05.123+01:00", None),
            (
                "2020-02-30T03:04:05Z",
                Some(": day out of range".to_owned()),
            ),
            (
                "2020-13-01T00:00:00Z",
                Some(": month out of range".to_owned()),
            ),
            ("", Some(as_layout("", "2006"))),
            ("x", Some(as_layout("x", "2006"))),
            ("2020", Some(as_layout("", "-"))),
            ("2020-1-02", Some(as_layout("1-02", "01"))),
            ("2020-01-02", Some(as_layout("", "T"))),
            (
                "2020-01-02T25:00:00Z",
                Some(": hour out of range".to_owned()),
            ),
            ("2020-01-02T03:04:05", Some(as_layout("", "Z07:00"))),
            (
                "2020-01-02T03:04:05Zx",
                Some(": extra text: \"x\"".to_owned()),
            ),
        ] {
            let expected = expected.map(|rest| format!("parsing time \"{text}\"{rest}"));
            assert_eq!(parse_error(text, false), expected, "{text}");
        }
    }
}
