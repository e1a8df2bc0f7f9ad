//! Values as the case protocol writes them, where JSON has none.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use serde_json::{Value as Json, json};

pub fn double(value: f64) -> Json {
    if value.is_nan() {
        json!("NaN")
    } else if value.is_infinite() {
        json!(if value > 0.0 { "+Inf" } else { "-Inf" })
    } else {
        json!(value)
    }
}

pub fn bytes(value: &[u8]) -> Json {
    json!(STANDARD.encode(value))
}

/// `3600s`, `-1.5s`
pub fn duration(seconds: i64, nanos: i32) -> Json {
    let total = i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
    let sign = if total < 0 { "-" } else { "" };
    let (seconds, nanos) = (total.abs() / 1_000_000_000, total.abs() % 1_000_000_000);
    json!(format!("{sign}{seconds}{}s", fraction(nanos)))
}

/// `2009-02-13T23:31:30.5Z`
pub fn timestamp(seconds: i64, nanos: u32) -> Json {
    let time = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    let time = time.format("%Y-%m-%dT%H:%M:%S");
    json!(format!("{time}{}Z", fraction(i128::from(nanos))))
}

fn fraction(nanos: i128) -> String {
    let digits = format!("{nanos:09}");
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        String::new()
    } else {
        format!(".{digits}")
    }
}
