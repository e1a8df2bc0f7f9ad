//! IP addresses and networks as Go's `net/netip` reads and prints them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::support::go_quote;

/// An address that was read, and whether it had a zone (`fe80::1%eth0`).
pub(super) struct Address {
    pub ip: IpAddr,
    pub zone: bool,
}

/// Why an address cannot be read: Go's words, and where.
struct Refusal<'t> {
    message: &'static str,
    at: &'t str,
}

const fn refusal<'t>(message: &'static str, at: &'t str) -> Refusal<'t> {
    Refusal { message, at }
}

/// Reads an address.
pub(super) fn parse(text: &str) -> Result<Address, String> {
    let found = match text.bytes().find(|byte| matches!(byte, b'.' | b':' | b'%')) {
        Some(b'.') => parse_v4(text).map(|octets| Address {
            ip: IpAddr::V4(octets.into()),
            zone: false,
        }),
        Some(b':') => parse_v6(text),
        Some(_) => Err(refusal("missing IPv6 address", "")),
        None => Err(refusal("unable to parse IP", "")),
    };
    found.map_err(|Refusal { message, at }| {
        let at = if at.is_empty() {
            String::new()
        } else {
            format!(" (at {})", go_quote(at))
        };
        format!("ParseAddr({}): {message}{at}", go_quote(text))
    })
}

fn tail(text: &str, from: usize) -> &str {
    text.get(from..).unwrap_or_default()
}

fn parse_v4(text: &str) -> Result<[u8; 4], Refusal<'_>> {
    const NO_DIGIT: &str = "IPv4 field must have at least one digit";
    let mut octets = Vec::with_capacity(4);
    let mut value = 0u16;
    let mut digits = 0;
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => {
                if digits == 1 && value == 0 {
                    return Err(refusal("IPv4 field has octet with leading zero", ""));
                }
                value = value * 10 + u16::from(byte - b'0');
                digits += 1;
                if value > 255 {
                    return Err(refusal("IPv4 field has value >255", ""));
                }
            }
            b'.' => {
                if digits == 0 || index + 1 == text.len() {
                    return Err(refusal(NO_DIGIT, tail(text, index)));
                }
                if octets.len() == 3 {
                    return Err(refusal("IPv4 address too long", ""));
                }
                octets.push(value as u8);
                value = 0;
                digits = 0;
            }
            _ => return Err(refusal("unexpected character", tail(text, index))),
        }
    }
    octets.push(value as u8);
    octets
        .try_into()
        .map_err(|_| refusal("IPv4 address too short", ""))
}

fn parse_v6(text: &str) -> Result<Address, Refusal<'_>> {
    let (mut rest, zone) = match text.split_once('%') {
        Some((_, "")) => return Err(refusal("zone must be a non-empty string", "")),
        Some((rest, _)) => (rest, true),
        None => (text, false),
    };
    // The groups before and after `::`.
    let mut groups: Vec<u16> = Vec::with_capacity(8);
    let mut ellipsis = None;
    if let Some(after) = rest.strip_prefix("::") {
        ellipsis = Some(0);
        rest = after;
    }
    while groups.len() < 8 && !(rest.is_empty() && ellipsis == Some(groups.len())) {
        let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        if digits == 0 {
            let message = "each colon-separated field must have at least one digit";
            return Err(refusal(message, rest));
        }
        if digits > 4 {
            return Err(refusal("each group must have 4 or less digits", rest));
        }
        let (group, after) = rest.split_at_checked(digits).unwrap_or_default();
        if after.starts_with('.') {
            if ellipsis.is_none() && groups.len() != 6 {
                let message =
                    "embedded IPv4 address must replace the final 2 fields of the address";
                return Err(refusal(message, rest));
            }
            if groups.len() > 6 {
                let message =
                    "too many hex fields to fit an embedded IPv4 at the end of the address";
                return Err(refusal(message, rest));
            }
            let [a, b, c, d] = parse_v4(rest)?;
            groups.extend([u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])]);
            rest = "";
            break;
        }
        groups.push(u16::from_str_radix(group, 16).unwrap_or_default());
        rest = after;
        if rest.is_empty() {
            break;
        }
        let Some(after) = rest.strip_prefix(':') else {
            return Err(refusal("unexpected character, want colon", rest));
        };
        if after.is_empty() {
            return Err(refusal("colon must be followed by more characters", rest));
        }
        rest = after;
        if let Some(after) = rest.strip_prefix(':') {
            if ellipsis.is_some() {
                return Err(refusal("multiple :: in address", rest));
            }
            ellipsis = Some(groups.len());
            rest = after;
        }
    }
    if !rest.is_empty() {
        return Err(refusal("trailing garbage after address", rest));
    }
    match ellipsis {
        None if groups.len() < 8 => return Err(refusal("address string too short", "")),
        Some(_) if groups.len() == 8 => {
            let message = "the :: must expand to at least one field of zeros";
            return Err(refusal(message, ""));
        }
        Some(at) => {
            let missing = 8 - groups.len();
            groups.splice(at..at, std::iter::repeat_n(0, missing));
        }
        None => {}
    }
    let groups: [u16; 8] = groups
        .try_into()
        .map_err(|_| refusal("trailing garbage after address", ""))?;
    Ok(Address {
        ip: IpAddr::V6(groups.into()),
        zone,
    })
}

/// Whether an address is an IPv4 address written as IPv6, as `::ffff:1.2.3.4` is.
pub(super) const fn is_mapped(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(_) => false,
        IpAddr::V6(ip) => ip.to_ipv4_mapped().is_some(),
    }
}

/// An address and the length of a network's prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Prefix {
    pub ip: IpAddr,
    pub bits: u8,
}

impl Prefix {
    /// Reads a network.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let refuse = |why: String| format!("netip.ParsePrefix({}): {why}", go_quote(text));
        let Some((address, bits)) = text.rsplit_once('/') else {
            return Err(refuse("no '/'".to_owned()));
        };
        let Address { ip, zone } = parse(address).map_err(refuse)?;
        if zone {
            return Err(refuse(
                "IPv6 zones cannot be present in a prefix".to_owned(),
            ));
        }
        let bad = || refuse(format!("bad bits after slash: {}", go_quote(bits)));
        if bits.len() > 1 && !bits.starts_with(|first: char| ('1'..='9').contains(&first)) {
            return Err(bad());
        }
        let bits: i64 = bits.parse().map_err(|_| bad())?;
        match u8::try_from(bits) {
            Ok(bits) if bits <= width(ip) => Ok(Self { ip, bits }),
            _ => Err(refuse("prefix length out of range".to_owned())),
        }
    }

    /// The network's address with the host's bits cleared.
    pub(super) fn masked(self) -> Self {
        let ip = match self.ip {
            IpAddr::V4(ip) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from_bits(ip.to_bits() & mask))
            }
            IpAddr::V6(ip) => {
                let mask = u128::MAX
                    .checked_shl(128 - u32::from(self.bits))
                    .unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & mask))
            }
        };
        Self { ip, ..self }
    }

    /// Whether an address of the same family is in the network.
    pub(super) fn contains(self, ip: IpAddr) -> bool {
        ip.is_ipv4() == self.ip.is_ipv4() && Self { ip, ..self }.masked().ip == self.masked().ip
    }

    /// Whether a whole network of the same family is in this one.
    pub(super) fn contains_prefix(self, other: Self) -> bool {
        self.bits <= other.bits && self.contains(other.ip)
    }
}

/// How many bits the addresses of a family have.
const fn width(ip: IpAddr) -> u8 {
    match ip {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// Whether an address is one of IPv6 multicast with the scope of a link, or 224.0.0.x.
pub(super) const fn is_link_local_multicast(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => matches!(ip.octets(), [224, 0, 0, _]),
        IpAddr::V6(ip) => {
            let [first, second, ..] = ip.octets();
            first == 0xff && second & 0x0f == 2
        }
    }
}

/// Whether an address is in 169.254.0.0/16 or fe80::/10.
pub(super) const fn is_link_local_unicast(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

/// Whether an address is of one host, beyond its own link; private ones are.
pub(super) fn is_global_unicast(ip: IpAddr) -> bool {
    ip != IpAddr::V4(Ipv4Addr::BROADCAST)
        && !ip.is_unspecified()
        && !ip.is_loopback()
        && !ip.is_multicast()
        && !is_link_local_unicast(ip)
}
