//! Times as Go's `time.Parse` reads them, and its words for those that it cannot read.

use vapwright_cel::value::go::quote;

/// The layout of `metav1.Time`, in the elements that Go reads one after another.
const TIME: &[&str] = &[
    "2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05", "Z07:00",
];
/// The layout of `metav1.MicroTime`.
const MICRO_TIME: &[&str] = &[
    "2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05", ".000000", "Z07:00",
];

/// What is wrong with an element: its form, or a value that is out of range.
enum Wrong {
    Form,
    Range(&'static str),
}

/// What Go says of a text that is no time; `micro` where microseconds must be given.
pub(crate) fn error(text: &str, micro: bool) -> Option<String> {
    let layout = if micro { MICRO_TIME } else { TIME };
    let mut rest = text;
    let mut month = 0;
    let mut day = 0;
    let mut year = 0;
    let written = layout.concat();
    let say = |value: &str, element: &str, range: &str| {
        let (text, written) = (quote(text), quote(&written));
        if range.is_empty() {
            let (value, element) = (quote(value), quote(element));
            format!("parsing time {text} as {written}: cannot parse {value} as {element}")
        } else {
            format!("parsing time {text}: {range} out of range")
        }
    };
    for (index, element) in layout.iter().enumerate() {
        let read = match *element {
            "2006" => number(rest, 4, 4).map(|(value, after)| {
                year = value;
                after
            }),
            "01" => number(rest, 2, 2).and_then(|(value, after)| {
                month = value;
                within((1..=12).contains(&value), "month", after)
            }),
            "02" => number(rest, 2, 2).map(|(value, after)| {
                day = value;
                after
            }),
            "15" => number(rest, 1, 2).and_then(|(value, after)| within(value < 24, "hour", after)),
            "04" => {
                number(rest, 2, 2).and_then(|(value, after)| within(value < 60, "minute", after))
            }
            "05" => number(rest, 2, 2)
                .and_then(|(value, after)| within(value < 60, "second", after))
                .map(|after| if micro { after } else { fraction(after) }),
            ".000000" => match number(rest.get(1..).unwrap_or_default(), 6, 6) {
                Ok((_, after)) if rest.starts_with(['.', ',']) => Ok(after),
                _ => Err(Wrong::Form),
            },
            "Z07:00" => zone(rest),
            mark => rest.strip_prefix(mark).ok_or(Wrong::Form),
        };
        match read {
            Ok(after) => rest = after,
            Err(Wrong::Form) => return Some(say(rest, layout.get(index).unwrap_or(&""), "")),
            Err(Wrong::Range(what)) => return Some(say(rest, element, what)),
        }
    }
    if !rest.is_empty() {
        return Some(format!(
            "parsing time {}: extra text: {}",
            quote(text),
            quote(rest)
        ));
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    };
    (day < 1 || day > days).then(|| say("", "", "day"))
}

const fn within<'t>(holds: bool, what: &'static str, after: &'t str) -> Result<&'t str, Wrong> {
    if holds {
        Ok(after)
    } else {
        Err(Wrong::Range(what))
    }
}

/// A number of so many digits, and what follows.
fn number(text: &str, least: usize, most: usize) -> Result<(u32, &str), Wrong> {
    let digits = text
        .bytes()
        .take(most)
        .take_while(u8::is_ascii_digit)
        .count();
    let split = text.split_at_checked(digits).filter(|_| digits >= least);
    let (digits, after) = split.ok_or(Wrong::Form)?;
    Ok((digits.parse().map_err(|_| Wrong::Form)?, after))
}

/// What follows a fraction of a second, which need not be there.
fn fraction(text: &str) -> &str {
    let digits = text.strip_prefix(['.', ',']).unwrap_or_default();
    let after = digits.trim_start_matches(|char: char| char.is_ascii_digit());
    if after.len() < digits.len() {
        after
    } else {
        text
    }
}

fn zone(text: &str) -> Result<&str, Wrong> {
    if let Some(after) = text.strip_prefix('Z') {
        return Ok(after);
    }
    let offset = text.strip_prefix(['+', '-']).ok_or(Wrong::Form)?;
    let (hour, after) = number(offset, 2, 2)?;
    let after = after.strip_prefix(':').ok_or(Wrong::Form)?;
    let (minute, after) = number(after, 2, 2)?;
    within(hour <= 24, "time zone offset hour", after)?;
    within(minute <= 60, "time zone offset minute", after)
}

#[cfg(test)]
mod tests {
    use super::error;

    #[test]
    fn times() {
        for (text, micro, wanted) in [
            ("2026-01-01T00:00:00Z", false, None),
            ("2026-01-01T00:00:00.5+02:00", false, None),
            ("2026-01-01T00:00:00.000000Z", true, None),
            (
                "2026-01-01T00:00:00Z",
                true,
                Some(r#" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000""#),
            ),
            (
                "",
                false,
                Some(r#" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "2006""#),
            ),
            ("2026-13-01T00:00:00Z", false, Some(": month out of range")),
            ("2026-02-30T00:00:00Z", false, Some(": day out of range")),
            ("2026-02-01T00:00:00Zx", false, Some(r#": extra text: "x""#)),
        ] {
            let wanted = wanted.map(|wanted| format!("parsing time {text:?}{wanted}"));
            assert_eq!(error(text, micro), wanted);
        }
    }
}
