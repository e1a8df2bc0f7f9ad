//! What names, ports, paths and other words may be, in the API server's words: what
//! `k8s.io/apimachinery/pkg/util/validation` says.

use std::net::IpAddr;

use crate::names;

/// The error of a text that does not have the form of a regular expression.
fn not_of_form(text: &str, format: &str, examples: &[&str]) -> String {
    names::not_of_form(text, format, examples)
}

fn too_long(most: usize) -> String {
    format!("must be no more than {most} characters")
}

/// The error of a number outside of a range.
pub(super) fn between(low: i64, high: i64) -> String {
    format!("must be between {low} and {high}, inclusive")
}

/// `IsDNS1123Label`
pub(super) fn label(text: &str) -> Vec<String> {
    in_characters(names::label_name(text))
}

/// `IsDNS1123Subdomain`
pub(super) fn subdomain(text: &str) -> Vec<String> {
    in_characters(names::subdomain(text))
}

/// Here lengths are counted in characters, elsewhere in bytes: only the word differs.
fn in_characters(errors: Vec<String>) -> Vec<String> {
    let errors = errors.into_iter();
    errors
        .map(|error| match error.strip_suffix(" bytes") {
            Some(error) => format!("{error} characters"),
            None => error,
        })
        .collect()
}

/// `IsDNS1123SubdomainWithUnderscore`
pub(super) fn subdomain_with_underscore(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 253 {
        errors.push(too_long(253));
    }
    let end = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let fits = text.split('.').all(|part| {
        let part = part.strip_prefix('_').unwrap_or(part);
        names::is_word(part, end, |byte| matches!(byte, b'-' | b'_'))
    });
    if !fits {
        errors.push(not_of_form(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
            "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*",
            &["example.com"],
        ));
    }
    errors
}

/// `IsWildcardDNS1123Subdomain`
pub(super) fn wildcard_subdomain(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 253 {
        errors.push(too_long(253));
    }
    let rest = text.strip_prefix("*.");
    if rest.is_none_or(|rest| !names::is_subdomain(rest)) {
        errors.push(not_of_form(
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
            "\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
            &["*.example.com"],
        ));
    }
    errors
}

/// `IsPathSegmentName`: what the name of any object may be.
pub(super) fn path_segment(text: &str) -> Vec<String> {
    if matches!(text, "." | "..") {
        return vec![format!("may not be '{text}'")];
    }
    let wrong = ['/', '%'].into_iter().filter(|char| text.contains(*char));
    wrong
        .map(|char| format!("may not contain '{char}'"))
        .collect()
}

/// `IsDNS1035Label`
pub(crate) fn label_1035(text: &str) -> Vec<String> {
    const FORM: &str = "[a-z]([-a-z0-9]*[a-z0-9])?";
    const TEXT: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
    let mut errors = Vec::new();
    if text.len() > 63 {
        errors.push(too_long(63));
    }
    let begins = text.starts_with(|first: char| first.is_ascii_lowercase());
    if !begins || !names::label_name(text.get(..63).unwrap_or(text)).is_empty() {
        errors.push(not_of_form(TEXT, FORM, &["my-name", "abc-123"]));
    }
    errors
}

/// `IsQualifiedName`: a key of labels.
pub(super) fn qualified(text: &str) -> Vec<String> {
    names::label_key(text)
}

/// `IsValidPortNum`
pub(super) fn port_number(port: i64) -> Option<String> {
    (!(1..=65535).contains(&port)).then(|| between(1, 65535))
}

/// `IsValidPortName`
pub(super) fn port_name(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 15 {
        errors.push(too_long(15));
    }
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if text.is_empty() || !text.bytes().all(fits) {
        errors.push(
            "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".to_owned(),
        );
    }
    if !text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        errors.push("must contain at least one letter (a-z)".to_owned());
    }
    if text.contains("--") {
        errors.push("must not contain consecutive hyphens".to_owned());
    }
    if text.starts_with('-') || text.ends_with('-') {
        errors.push("must not begin or end with a hyphen".to_owned());
    }
    errors
}

/// `IsHTTPHeaderName`
pub(super) fn header_name(text: &str) -> Vec<String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if !text.is_empty() && text.bytes().all(fits) {
        return Vec::new();
    }
    vec![not_of_form(
        "a valid HTTP header must consist of alphanumeric characters or '-'",
        "[-A-Za-z0-9]+",
        &["X-Header-Name"],
    )]
}

/// `IsRelaxedEnvVarName`
pub(super) fn env_name(text: &str) -> Vec<String> {
    if text.is_empty() {
        return vec!["environment variable name must be non-empty".to_owned()];
    }
    let fits = |char: char| matches!(char, ' '..='~') && char != '=';
    if text.chars().all(fits) {
        return Vec::new();
    }
    vec!["a valid environment variable name must consist only of printable ASCII characters other than '='".to_owned()]
}

/// `IsConfigMapKey`
pub(super) fn config_key(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 253 {
        errors.push(too_long(253));
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if text.is_empty() || !text.bytes().all(fits) {
        errors.push(not_of_form(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
            "[-._a-zA-Z0-9]+",
            &["key.name", "KEY_NAME", "key-name"],
        ));
    }
    match text {
        "." => errors.push("must not be '.'".to_owned()),
        ".." => errors.push("must not be '..'".to_owned()),
        _ if text.starts_with("..") => errors.push("must not start with '..'".to_owned()),
        _ => {}
    }
    errors
}

/// `IsValidPercent`: the number, or the error.
pub(super) fn percent(text: &str) -> Result<i64, String> {
    let digits = text.strip_suffix('%').unwrap_or("");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(not_of_form(
            "a valid percent string must be a numeric string followed by an ending '%'",
            "[0-9]+%",
            &["1%", "93%"],
        ));
    }
    // what is too large for Go's `Atoi` becomes its largest value
    Ok(digits.parse().unwrap_or(i64::MAX))
}

/// An IP address as Go used to read it: IPv4 numbers may have leading zeros, also those at the
/// end of an IPv6 address.
pub(super) fn sloppy_ip(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().or_else(|| {
        let (head, tail) = match text.rsplit_once(':') {
            Some((head, tail)) => (format!("{head}:"), tail),
            None => (String::new(), text),
        };
        let parts = tail.split('.').map(|part| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            let kept = part.trim_start_matches('0');
            digits.then_some(if kept.is_empty() { "0" } else { kept })
        });
        let parts: Option<Vec<_>> = parts.collect();
        format!("{head}{}", parts?.join(".")).parse().ok()
    })
}

fn is_mapped(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some())
}

/// What is wrong with an IP address of a field that was there before addresses were read
/// strictly: `IsValidIPForLegacyField`.
pub(super) fn ip(text: &str) -> Option<&'static str> {
    if sloppy_ip(text).is_none() {
        return Some("must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
    }
    match text.parse::<IpAddr>() {
        Err(_) => Some("must not have leading 0s"),
        Ok(address) if is_mapped(address) => Some("must not be an IPv4-mapped IPv6 address"),
        Ok(_) => None,
    }
}

/// A range of addresses: the first as a number, its length in bits, and that of addresses.
#[derive(Clone, Copy)]
pub(super) struct Cidr {
    pub start: u128,
    pub bits: u32,
    pub width: u32,
}

impl Cidr {
    fn mask(self) -> u128 {
        let host = self.width - self.bits;
        u128::MAX.checked_shl(host).unwrap_or(0)
    }

    /// Whether a range is a part of it, and smaller.
    pub fn holds(self, other: Self) -> bool {
        self.width == other.width
            && other.start & self.mask() == self.start & self.mask()
            && self.bits < other.bits
    }
}

/// A range of addresses, and what is wrong with it: `IsValidCIDRForLegacyField`.
pub(super) fn cidr(text: &str) -> (Option<Cidr>, Option<&'static str>) {
    const FORM: &str = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
    let read = || {
        let (address, bits) = text.split_once('/')?;
        let address = sloppy_ip(address)?;
        let (start, width) = match address {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        let digits = !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit());
        let bits = bits.parse().ok().filter(|bits| digits && *bits <= width)?;
        Some((address, Cidr { start, bits, width }))
    };
    let Some((address, cidr)) = read() else {
        return (None, Some(FORM));
    };
    let (written, bits) = text.split_once('/').unwrap_or_default();
    let strict = written.parse::<IpAddr>().is_ok() && (bits == "0" || !bits.starts_with('0'));
    let wrong = if !strict {
        Some("must not have leading 0s in IP or prefix length")
    } else if is_mapped(address) {
        Some("must not have an IPv4-mapped IPv6 address")
    } else if cidr.start & !cidr.mask() & (u128::MAX >> (128 - cidr.width)) != 0 {
        Some("must not have bits set beyond the prefix length")
    } else {
        None
    };
    (Some(cidr), wrong)
}
