//! URLs as Go's `net/url` reads and prints them.

use std::net::IpAddr;

use crate::libs::netip;
use crate::libs::support::go_quote;

/// The most query parameters Go reads.
const MAX_PARAMETERS: usize = 10_000;

/// A URL in parts, unescaped but for `raw_path` and `raw_fragment`.
#[derive(Debug, Default)]
pub(super) struct Url {
    pub scheme: String,
    opaque: String,
    user: Option<(Vec<u8>, Option<Vec<u8>>)>,
    pub host: Vec<u8>,
    path: Vec<u8>,
    /// The path as it was written, where escaping the path would not give it back.
    raw_path: Option<String>,
    omit_host: bool,
    force_query: bool,
    query: String,
    fragment: Vec<u8>,
    raw_fragment: Option<String>,
}

/// The part of a URL, by which the bytes that need no escape differ.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Path,
    User,
    Host,
    Zone,
    Query,
    Fragment,
}

fn must_escape(byte: u8, part: Part) -> bool {
    if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
        return false;
    }
    match part {
        Part::Host | Part::Zone => !b"!$&'()*+,;=:[]<>\"".contains(&byte),
        Part::Path => !b"$&+,/:;=@".contains(&byte),
        Part::User => !b"$&+,;=".contains(&byte),
        Part::Query => true,
        Part::Fragment => !b"$&+,/:;=?@!()*".contains(&byte),
    }
}

fn escape(bytes: &[u8], part: Part) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        if must_escape(*byte, part) {
            text.push_str(&format!("%{byte:02X}"));
        } else {
            text.push(char::from(*byte));
        }
    }
    text
}

fn bad_escape(text: &[u8]) -> String {
    let text = text.get(..3).unwrap_or(text);
    format!(
        "invalid URL escape {}",
        go_quote(&String::from_utf8_lossy(text))
    )
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

fn unescape(text: &str, part: Part) -> Result<Vec<u8>, String> {
    let mut rest = text.as_bytes();
    let mut bytes = Vec::with_capacity(rest.len());
    while let Some((byte, after)) = rest.split_first() {
        match byte {
            b'%' => {
                let digits = match after {
                    [high, low, ..] => hex(*high).zip(hex(*low)),
                    _ => None,
                };
                let (high, low) = digits.ok_or_else(|| bad_escape(rest))?;
                let value = high << 4 | low;
                let percent = rest.starts_with(b"%25");
                if part == Part::Host && high < 8 && !percent {
                    return Err(bad_escape(rest));
                }
                if part == Part::Zone && !percent && value != b' ' && must_escape(value, Part::Host)
                {
                    return Err(bad_escape(rest));
                }
                bytes.push(value);
                rest = after.get(2..).unwrap_or_default();
                continue;
            }
            b'+' if part == Part::Query => bytes.push(b' '),
            _ => {
                if matches!(part, Part::Host | Part::Zone)
                    && byte.is_ascii()
                    && must_escape(*byte, part)
                {
                    let char = go_quote(&char::from(*byte).to_string());
                    return Err(format!("invalid character {char} in host name"));
                }
                bytes.push(*byte);
            }
        }
        rest = after;
    }
    Ok(bytes)
}

/// Whether a path or fragment has only bytes that may stand there as they are.
fn is_encoded(text: &str, part: Part) -> bool {
    text.bytes()
        .all(|byte| b"!$&'()*+,;=:@[]%".contains(&byte) || !must_escape(byte, part))
}

/// Reads a URL that must be absolute or start with `/`, as `url.ParseRequestURI` does. A
/// fragment is taken for a part of the path or query.
pub(super) fn parse_request(text: &str) -> Result<Url, String> {
    parse(text, true).map_err(|why| format!("parse {}: {why}", go_quote(text)))
}

/// Reads a URL or a reference, with its fragment, as `url.Parse` does.
pub(super) fn parse_reference(text: &str) -> Result<Url, String> {
    let (before, fragment) = text.split_once('#').unwrap_or((text, ""));
    let mut url =
        parse(before, false).map_err(|why| format!("parse {}: {why}", go_quote(before)))?;
    url.fragment = unescape(fragment, Part::Fragment)
        .map_err(|why| format!("parse {}: {why}", go_quote(text)))?;
    if escape(&url.fragment, Part::Fragment) != fragment {
        url.raw_fragment = Some(fragment.to_owned());
    }
    Ok(url)
}

fn parse(text: &str, via_request: bool) -> Result<Url, String> {
    if text.bytes().any(|byte| byte.is_ascii_control()) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    if text.is_empty() && via_request {
        return Err("empty url".to_owned());
    }
    let mut url = Url::default();
    if text == "*" {
        url.path = b"*".to_vec();
        return Ok(url);
    }
    let (scheme, mut rest) = split_scheme(text)?;
    url.scheme = scheme.to_ascii_lowercase();
    match rest.split_once('?') {
        Some((before, "")) => {
            url.force_query = true;
            rest = before;
        }
        Some((before, query)) => {
            url.query = query.to_owned();
            rest = before;
        }
        None => {}
    }
    if !rest.starts_with('/') {
        if !url.scheme.is_empty() {
            url.opaque = rest.to_owned();
            return Ok(url);
        }
        if via_request {
            return Err("invalid URI for request".to_owned());
        }
        let segment = rest.split('/').next().unwrap_or_default();
        if segment.contains(':') {
            return Err("first path segment in URL cannot contain colon".to_owned());
        }
    }
    let authority = rest
        .strip_prefix("//")
        .filter(|after| !url.scheme.is_empty() || !via_request && !after.starts_with('/'));
    if let Some(authority) = authority {
        let end = authority.find('/').unwrap_or(authority.len());
        let (authority, path) = authority.split_at_checked(end).unwrap_or_default();
        read_authority(&mut url, authority)?;
        rest = path;
    } else if !url.scheme.is_empty() && rest.starts_with('/') {
        url.omit_host = true;
    }
    url.path = unescape(rest, Part::Path)?;
    if escape(&url.path, Part::Path) != rest {
        url.raw_path = Some(rest.to_owned());
    }
    Ok(url)
}

/// The scheme, or nothing, and what follows.
fn split_scheme(text: &str) -> Result<(&str, &str), String> {
    let end = text.find(|char: char| !char.is_ascii_alphanumeric() && !"+-.".contains(char));
    let starts_with_letter = text.starts_with(|char: char| char.is_ascii_alphabetic());
    match end.and_then(|end| text.split_at_checked(end)) {
        Some(("", rest)) if rest.starts_with(':') => Err("missing protocol scheme".to_owned()),
        Some((scheme, rest)) if starts_with_letter && rest.starts_with(':') => {
            Ok((scheme, rest.strip_prefix(':').unwrap_or(rest)))
        }
        _ => Ok(("", text)),
    }
}

fn read_authority(url: &mut Url, authority: &str) -> Result<(), String> {
    let Some((user, host)) = authority.rsplit_once('@') else {
        url.host = read_host(&url.scheme, authority)?;
        return Ok(());
    };
    url.host = read_host(&url.scheme, host)?;
    let valid = |char: char| char.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(char);
    if !user.chars().all(valid) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    url.user = Some(match user.split_once(':') {
        Some((name, password)) => (
            unescape(name, Part::User)?,
            Some(unescape(password, Part::User)?),
        ),
        None => (unescape(user, Part::User)?, None),
    });
    Ok(())
}

/// Whether a text is empty or a colon with digits.
fn is_port(text: &str) -> bool {
    text.is_empty()
        || text
            .strip_prefix(':')
            .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn bad_port(port: &str) -> String {
    format!("invalid port {} after host", go_quote(port))
}

fn read_host(scheme: &str, host: &str) -> Result<Vec<u8>, String> {
    const INVALID_LITERAL: &str = "invalid IP-literal";
    match host.rfind('[') {
        Some(0) => return read_literal(host),
        Some(_) => return Err(INVALID_LITERAL.to_owned()),
        None => {}
    }
    if let Some(first) = host.find(':') {
        // Go is strict about more than one colon only in these schemes.
        let strict = matches!(scheme, "http" | "https");
        let at = if strict {
            first
        } else {
            host.rfind(':').unwrap_or(first)
        };
        let port = host.get(at..).unwrap_or_default();
        if !is_port(port) {
            return Err(bad_port(port));
        }
    }
    unescape(host, Part::Host)
}

/// An IPv6 address in brackets, with a port perhaps.
fn read_literal(host: &str) -> Result<Vec<u8>, String> {
    let inside = host.get(1..).unwrap_or_default();
    let Some((name, port)) = inside.rsplit_once(']') else {
        return Err("missing ']' in host".to_owned());
    };
    if !is_port(port) {
        return Err(bad_port(port));
    }
    let port = unescape(port, Part::Host)?;
    let name = match name
        .find("%25")
        .and_then(|zone| name.split_at_checked(zone))
    {
        Some((address, zone)) => {
            let mut name = unescape(address, Part::Host)?;
            name.extend(unescape(zone, Part::Zone)?);
            name
        }
        None => unescape(name, Part::Host)?,
    };
    let address = netip::parse(&String::from_utf8_lossy(&name))
        .map_err(|why| format!("invalid host: {why}"))?;
    if matches!(address.ip, IpAddr::V4(_)) {
        return Err("invalid IP-literal".to_owned());
    }
    let mut host = b"[".to_vec();
    host.extend(name);
    host.push(b']');
    host.extend(port);
    Ok(host)
}

impl Url {
    /// The host without its port, and the port.
    pub(super) fn host_and_port(&self) -> (String, String) {
        let host = String::from_utf8_lossy(&self.host);
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, port),
            _ => (&*host, ""),
        };
        let bare = name
            .strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'));
        (bare.unwrap_or(name).to_owned(), port.to_owned())
    }

    /// The path, escaped.
    pub(super) fn escaped_path(&self) -> String {
        match &self.raw_path {
            Some(raw) if is_encoded(raw, Part::Path) => raw.clone(),
            _ if self.path == b"*" => "*".to_owned(),
            _ => escape(&self.path, Part::Path),
        }
    }

    /// The query's parameters: each key once, in the order of its first value. What cannot be
    /// unescaped or has a semicolon is left out.
    pub(super) fn parameters(&self) -> Vec<(String, Vec<String>)> {
        let mut parameters: Vec<(String, Vec<String>)> = Vec::new();
        if self.query.matches('&').count() >= MAX_PARAMETERS {
            return parameters;
        }
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        for parameter in self.query.split('&') {
            if parameter.is_empty() || parameter.contains(';') {
                continue;
            }
            let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let (Ok(key), Ok(value)) = (unescape(key, Part::Query), unescape(value, Part::Query))
            else {
                continue;
            };
            let (key, value) = (text(key), text(value));
            match parameters.iter_mut().find(|(other, _)| *other == key) {
                Some((_, values)) => values.push(value),
                None => parameters.push((key, vec![value])),
            }
        }
        parameters
    }

    /// The URL as Go prints it.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        if !self.scheme.is_empty() {
            text.push_str(&self.scheme);
            text.push(':');
        }
        if self.opaque.is_empty() {
            self.push_hierarchy(&mut text);
        } else {
            text.push_str(&self.opaque);
        }
        if self.force_query || !self.query.is_empty() {
            text.push('?');
            text.push_str(&self.query);
        }
        if !self.fragment.is_empty() {
            text.push('#');
            match &self.raw_fragment {
                Some(raw) if is_encoded(raw, Part::Fragment) => text.push_str(raw),
                _ => text.push_str(&escape(&self.fragment, Part::Fragment)),
            }
        }
        text
    }

    /// User, host and path.
    fn push_hierarchy(&self, text: &mut String) {
        let empty_host = self.host.is_empty() && self.user.is_none();
        if !(empty_host && (self.scheme.is_empty() || self.omit_host)) {
            if !empty_host || !self.path.is_empty() {
                text.push_str("//");
            }
            if let Some((name, password)) = &self.user {
                text.push_str(&escape(name, Part::User));
                if let Some(password) = password {
                    text.push(':');
                    text.push_str(&escape(password, Part::User));
                }
                text.push('@');
            }
            text.push_str(&escape(&self.host, Part::Host));
        }
        let path = self.escaped_path();
        if !path.is_empty() && !path.starts_with('/') && !self.host.is_empty() {
            text.push('/');
        }
        if text.is_empty() && path.split('/').next().is_some_and(|it| it.contains(':')) {
            text.push_str("./");
        }
        text.push_str(&path);
    }
}
