//! Kubernetes' IP addresses: `ip('::1')` and what can be asked of it (Kubernetes 1.30).

use std::any::Any;
use std::net::IpAddr;
use std::sync::Arc;

use super::netip;
use super::support::{
    Outcome, double_traversal, go_quote, nominal, opaque, own, text, traversal,
    unsupported_conversion,
};
use crate::eval::EvalError;
use crate::library::{Binding, Constant, Function, Library, Overload};
use crate::types::Type;
use crate::value::{Opaque, Value};

/// Kubernetes' IP library; there is one version of it.
#[must_use]
pub fn library(version: u32) -> Library {
    let of = Arc::new(ip_type());
    Library {
        name: "kubernetes.net.ip",
        version,
        functions: vec![
            ip(),
            family(),
            is_canonical(),
            is_unspecified(),
            is_loopback(),
            is_link_local_multicast(),
            is_link_local_unicast(),
            is_global_unicast(),
            is_ip(),
            string(),
        ],
        constants: vec![Constant {
            name: "net.IP",
            r#type: Type::Type(Some(of.clone())),
            value: Value::Type(of),
        }],
        ..Library::default()
    }
}

pub(super) fn ip_type() -> Type {
    Type::opaque("net.IP")
}

/// A value of the type `net.IP`.
#[derive(Debug)]
pub struct Ip(pub IpAddr);

impl Opaque for Ip {
    fn type_of(&self) -> Type {
        ip_type()
    }

    fn go_type(&self) -> &'static str {
        "cel.IP"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn equals(&self, other: &dyn Opaque) -> Result<bool, EvalError> {
        match other.as_any().downcast_ref::<Self>() {
            Some(other) => Ok(self.0 == other.0),
            None => Err(EvalError::no_such_overload()),
        }
    }

    fn to_text(&self) -> String {
        self.0.to_string()
    }

    fn unwrapped(&self) -> Option<String> {
        Some(unsupported_conversion("netip.Addr", &self.to_text()))
    }

    fn hashed_by_value(&self) -> bool {
        true
    }

    fn size(&self) -> u64 {
        if self.0.is_ipv4() { 4 } else { 16 }
    }
}

/// Reads an address; Kubernetes takes neither zones nor IPv4 written as IPv6.
pub(super) fn parse(raw: &str) -> Result<IpAddr, EvalError> {
    let quoted = go_quote(raw);
    let address = netip::parse(raw).map_err(|why| {
        EvalError::new(format!(
            "IP Address {quoted} parse error during conversion from string: {why}"
        ))
    })?;
    if address.zone {
        return Err(EvalError::new(format!(
            "IP address {quoted} with zone value is not allowed"
        )));
    }
    if netip::is_mapped(address.ip) {
        return Err(EvalError::new(format!(
            "IPv4-mapped IPv6 address {quoted} is not allowed"
        )));
    }
    Ok(address.ip)
}

fn address(args: &[Value<'_>]) -> Result<IpAddr, EvalError> {
    opaque::<Ip>(args, 0).map(|ip| ip.0)
}

fn ask(name: &'static str, id: &'static str, result: Type, binding: Binding) -> Function {
    Function::new(name).overload(
        Overload::member(id, vec![ip_type()], result)
            .cost(nominal)
            .bind(binding),
    )
}

/// `ip(string) -> net.IP` (1.30): `ip('127.0.0.1')`.
/// Errors: `IP Address "X" parse error during conversion from string: ..`,
/// `IP address "X" with zone value is not allowed`,
/// `IPv4-mapped IPv6 address "X" is not allowed`.
#[must_use]
pub fn ip() -> Function {
    Function::new("ip").overload(
        Overload::global("string_to_ip", vec![Type::String], ip_type())
            .cost(traversal)
            .bind(|args| Ok(own(Ip(parse(text(args, 0)?)?)))),
    )
}

/// `isIP(string) -> bool` (1.30): `isIP('127.0.0.256')` is false. No errors.
#[must_use]
pub fn is_ip() -> Function {
    Function::new("isIP").overload(
        Overload::global("is_ip", vec![Type::String], Type::Bool)
            .cost(traversal)
            .bind(|args| Ok(Value::Bool(parse(text(args, 0)?).is_ok()))),
    )
}

/// `ip.isCanonical(string) -> bool` (1.30): whether the address is written as it prints:
/// `ip.isCanonical('2001:DB8::1')` is false. Errors as of `ip`.
#[must_use]
pub fn is_canonical() -> Function {
    Function::new("ip.isCanonical").overload(
        Overload::global("ip_is_canonical", vec![Type::String], Type::Bool)
            .cost(double_traversal)
            .bind(|args| {
                let text = text(args, 0)?;
                Ok(Value::Bool(parse(text)?.to_string() == text))
            }),
    )
}

/// `net.IP.family() -> int` (1.30): 4 or 6: `ip('::1').family()` is 6. No errors.
#[must_use]
pub fn family() -> Function {
    ask("family", "ip_family", Type::Int, |args| {
        Ok(Value::Int(if address(args)?.is_ipv4() { 4 } else { 6 }))
    })
}

/// `net.IP.isUnspecified() -> bool` (1.30): `ip('0.0.0.0').isUnspecified()` is true. No errors.
#[must_use]
pub fn is_unspecified() -> Function {
    ask("isUnspecified", "ip_is_unspecified", Type::Bool, |args| {
        Ok(Value::Bool(address(args)?.is_unspecified()))
    })
}

/// `net.IP.isLoopback() -> bool` (1.30): `ip('::1').isLoopback()` is true. No errors.
#[must_use]
pub fn is_loopback() -> Function {
    ask("isLoopback", "ip_is_loopback", Type::Bool, |args| {
        Ok(Value::Bool(address(args)?.is_loopback()))
    })
}

/// `net.IP.isLinkLocalMulticast() -> bool` (1.30): `ip('ff02::1').isLinkLocalMulticast()` is
/// true. No errors.
#[must_use]
pub fn is_link_local_multicast() -> Function {
    ask(
        "isLinkLocalMulticast",
        "ip_is_link_local_multicast",
        Type::Bool,
        |args| Ok(Value::Bool(netip::is_link_local_multicast(address(args)?))),
    )
}

/// `net.IP.isLinkLocalUnicast() -> bool` (1.30): `ip('fe80::1').isLinkLocalUnicast()` is true.
/// No errors.
#[must_use]
pub fn is_link_local_unicast() -> Function {
    ask(
        "isLinkLocalUnicast",
        "ip_is_link_local_unicast",
        Type::Bool,
        |args| Ok(Value::Bool(netip::is_link_local_unicast(address(args)?))),
    )
}

/// `net.IP.isGlobalUnicast() -> bool` (1.30): `ip('192.168.0.1').isGlobalUnicast()` is true.
/// No errors.
#[must_use]
pub fn is_global_unicast() -> Function {
    ask(
        "isGlobalUnicast",
        "ip_is_global_unicast",
        Type::Bool,
        |args| Ok(Value::Bool(netip::is_global_unicast(address(args)?))),
    )
}

/// `string(net.IP) -> string` (1.30): `string(ip('0::1'))` is `'::1'`. No errors.
#[must_use]
pub fn string() -> Function {
    fn print<'d>(args: &[Value<'d>]) -> Outcome<'d> {
        Ok(Value::string(address(args)?.to_string()))
    }
    Function::new("string")
        .overload(Overload::global("ip_to_string", vec![ip_type()], Type::String).bind(print))
}
