//! Schedules of CronJobs, as `github.com/robfig/cron/v3` reads them.

use vapwright_cel::value::duration;
use vapwright_cel::value::go::quote;

/// A field of a schedule: its least and greatest value, and names for values.
struct Bounds {
    min: u64,
    max: u64,
    names: &'static [&'static str],
}

const fn bounds(min: u64, max: u64, names: &'static [&'static str]) -> Bounds {
    Bounds { min, max, names }
}

const FIELDS: [Bounds; 5] = [
    bounds(0, 59, &[]),
    bounds(0, 23, &[]),
    bounds(1, 31, &[]),
    bounds(
        1,
        12,
        &[
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ],
    ),
    bounds(0, 6, &["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
];

/// Whether a schedule can be read; the reader's error where not.
pub(super) fn check(schedule: &str) -> Result<(), String> {
    let mut schedule = schedule;
    if schedule.starts_with("TZ=") || schedule.starts_with("CRON_TZ=") {
        let (_, rest) = schedule.split_once('=').unwrap_or_default();
        let Some((zone, rest)) = rest.split_once(' ') else {
            // the reader panics, and the API server gives its words
            return Err(
                "invalid schedule format: runtime error: slice bounds out of range [:-1]"
                    .to_owned(),
            );
        };
        let known = matches!(zone, "" | "UTC" | "Local")
            || vapwright_cel::value::time::is_zone(zone).unwrap_or(true);
        if !known {
            return Err(format!(
                "provided bad location {zone}: unknown time zone {zone}"
            ));
        }
        schedule = rest.trim();
    }
    if schedule.starts_with('@') {
        return descriptor(schedule);
    }
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Err(format!(
            "expected exactly 5 fields, found {}: [{}]",
            fields.len(),
            fields.join(" ")
        ));
    }
    for (field, bounds) in fields.iter().zip(&FIELDS) {
        for range in field.split(',').filter(|range| !range.is_empty()) {
            check_range(range, bounds)?;
        }
    }
    Ok(())
}

fn descriptor(text: &str) -> Result<(), String> {
    match text {
        "@yearly" | "@annually" | "@monthly" | "@weekly" | "@daily" | "@midnight" | "@hourly" => {
            Ok(())
        }
        _ => match text.strip_prefix("@every ") {
            Some(every) => match duration::parse(every) {
                Some(_) => Ok(()),
                None => Err(format!(
                    "failed to parse duration {text}: time: {}",
                    duration_error(every)
                )),
            },
            None => Err(format!("unrecognized descriptor: {text}")),
        },
    }
}

/// What Go's `time.ParseDuration` says of a text that is no duration.
fn duration_error(text: &str) -> String {
    let units = ["ns", "us", "µs", "μs", "ms", "s", "m", "h"];
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    while rest.starts_with(|char: char| char == '.' || char.is_ascii_digit()) {
        let digits = rest.trim_start_matches(|char: char| char.is_ascii_digit());
        let after = match digits.strip_prefix('.') {
            Some(fraction) => fraction.trim_start_matches(|char: char| char.is_ascii_digit()),
            None => digits,
        };
        if rest.len() - after.len() == 1 && rest.starts_with('.') {
            break;
        }
        let end = after
            .find(|char: char| char == '.' || char.is_ascii_digit())
            .unwrap_or(after.len());
        let (unit, following) = after.split_at(end);
        if unit.is_empty() {
            return format!("missing unit in duration {}", quote(text));
        }
        if !units.contains(&unit) {
            let unit = quote(unit);
            return format!("unknown unit {unit} in duration {}", quote(text));
        }
        rest = following;
    }
    format!("invalid duration {}", quote(text))
}

fn check_range(range: &str, bounds: &Bounds) -> Result<(), String> {
    let steps: Vec<&str> = range.split('/').collect();
    let ends: Vec<&str> = steps.first().copied().unwrap_or("").split('-').collect();
    let first = ends.first().copied().unwrap_or("");
    let (start, mut end) = if matches!(first, "*" | "?") {
        (bounds.min, bounds.max)
    } else {
        let start = number(first, bounds.names, bounds.min)?;
        match ends.as_slice() {
            [_] => (start, start),
            [_, last] => (start, number(last, bounds.names, bounds.min)?),
            _ => return Err(format!("too many hyphens: {range}")),
        }
    };
    let step = match steps.as_slice() {
        [_] => 1,
        [_, step] => {
            let step = number(step, &[], 0)?;
            // a single value with a step goes on to the end
            if ends.len() == 1 {
                end = bounds.max;
            }
            step
        }
        _ => return Err(format!("too many slashes: {range}")),
    };
    if start < bounds.min {
        let min = bounds.min;
        return Err(format!(
            "beginning of range ({start}) below minimum ({min}): {range}"
        ));
    }
    if end > bounds.max {
        let max = bounds.max;
        return Err(format!(
            "end of range ({end}) above maximum ({max}): {range}"
        ));
    }
    if start > end {
        return Err(format!(
            "beginning of range ({start}) beyond end of range ({end}): {range}"
        ));
    }
    if step == 0 {
        return Err(format!(
            "step of range should be a positive number: {range}"
        ));
    }
    Ok(())
}

/// A number, or a name for one: the first name stands for the least value.
fn number(text: &str, names: &[&str], least: u64) -> Result<u64, String> {
    let lower = text.to_lowercase();
    if let Some(position) = names.iter().position(|name| *name == lower) {
        return Ok(least + position as u64);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<i64>() {
        Ok(number) if number < 0 => Err(format!("negative number ({number}) not allowed: {text}")),
        Ok(number) => Ok(number.unsigned_abs()),
        Err(_) => {
            let why = if digits {
                "value out of range"
            } else {
                "invalid syntax"
            };
            Err(format!(
                "failed to parse int from {text}: strconv.Atoi: parsing {}: {why}",
                quote(text)
            ))
        }
    }
}
