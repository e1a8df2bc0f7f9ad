//! Kubernetes' networks: `cidr('10.0.0.0/8')` and what can be asked of it (Kubernetes 1.30).

use std::any::Any;
use std::sync::Arc;

use super::ip::{self, Ip, ip_type};
use super::netip::{self, Prefix};
use super::support::{
    STRING_TRAVERSAL, arg_size, go_quote, nominal, opaque, own, scaled, text, traversal,
    unsupported_conversion,
};
use crate::eval::EvalError;
use crate::library::{Constant, Function, Library, Overload};
use crate::types::Type;
use crate::value::{Opaque, Value};

/// Kubernetes' CIDR library; there is one version of it.
#[must_use]
pub fn library(version: u32) -> Library {
    let of = Arc::new(cidr_type());
    Library {
        name: "kubernetes.net.cidr",
        version,
        functions: vec![
            cidr(),
            contains_ip(),
            contains_cidr(),
            ip_of(),
            prefix_length(),
            masked(),
            is_cidr(),
            string(),
        ],
        constants: vec![Constant {
            name: "net.CIDR",
            r#type: Type::Type(Some(of.clone())),
            value: Value::Type(of),
        }],
        ..Library::default()
    }
}

fn cidr_type() -> Type {
    Type::opaque("net.CIDR")
}

/// A value of the type `net.CIDR`.
#[derive(Debug)]
pub struct Cidr(Prefix);

impl Opaque for Cidr {
    fn type_of(&self) -> Type {
        cidr_type()
    }

    fn go_type(&self) -> &'static str {
        "cel.CIDR"
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
        format!("{}/{}", self.0.ip, self.0.bits)
    }

    fn unwrapped(&self) -> Option<String> {
        Some(unsupported_conversion("netip.Prefix", &self.to_text()))
    }

    fn hashed_by_value(&self) -> bool {
        true
    }

    fn size(&self) -> u64 {
        u64::from(self.0.bits.div_ceil(8))
    }
}

fn parse(raw: &str) -> Result<Prefix, EvalError> {
    const CONTEXT: &str = "network address parse error during conversion from string";
    // Kubernetes gives what Go says its context twice.
    let prefix =
        Prefix::parse(raw).map_err(|why| EvalError::new(format!("{CONTEXT}: {CONTEXT}: {why}")))?;
    if netip::is_mapped(prefix.ip) {
        let quoted = go_quote(raw);
        return Err(EvalError::new(format!(
            "{CONTEXT}: IPv4-mapped IPv6 address {quoted} is not allowed"
        )));
    }
    Ok(prefix)
}

fn prefix(args: &[Value<'_>], index: usize) -> Result<Prefix, EvalError> {
    opaque::<Cidr>(args, index).map(|cidr| cidr.0)
}

/// `cidr(string) -> net.CIDR` (1.30): `cidr('192.168.0.0/16')`.
/// Errors: `network address parse error during conversion from string: ..`.
#[must_use]
pub fn cidr() -> Function {
    Function::new("cidr").overload(
        Overload::global("string_to_cidr", vec![Type::String], cidr_type())
            .cost(traversal)
            .bind(|args| Ok(own(Cidr(parse(text(args, 0)?)?)))),
    )
}

/// `isCIDR(string) -> bool` (1.30): `isCIDR('192.168.0.0/33')` is false. No errors.
#[must_use]
pub fn is_cidr() -> Function {
    Function::new("isCIDR").overload(
        Overload::global("is_cidr", vec![Type::String], Type::Bool)
            .cost(traversal)
            .bind(|args| Ok(Value::Bool(parse(text(args, 0)?).is_ok()))),
    )
}

/// The comparison of two addresses over the network's prefix.
fn compare_cost(args: &[Value<'_>]) -> u64 {
    scaled(arg_size(args, 0).saturating_mul(2), STRING_TRAVERSAL)
}

fn argument_cost(args: &[Value<'_>]) -> u64 {
    scaled(arg_size(args, 1), STRING_TRAVERSAL)
}

fn mask_cost(args: &[Value<'_>]) -> u64 {
    scaled(arg_size(args, 0), STRING_TRAVERSAL) + 1
}

/// `net.CIDR.containsIP(string or net.IP) -> bool` (1.30):
/// `cidr('10.0.0.0/8').containsIP('10.1.1.1')` is true.
/// Error: `no such overload` where the text is no address.
#[must_use]
pub fn contains_ip() -> Function {
    Function::new("containsIP")
        .overload(
            Overload::member(
                "cidr_contains_ip_string",
                vec![cidr_type(), Type::String],
                Type::Bool,
            )
            .cost(|args, _| compare_cost(args) + argument_cost(args))
            .unresolved_cost(|args, _| compare_cost(args))
            .bind(|args| {
                let prefix = prefix(args, 0)?;
                let ip = ip::parse(text(args, 1)?).map_err(|_| EvalError::no_such_overload())?;
                Ok(Value::Bool(prefix.contains(ip)))
            }),
        )
        .overload(
            Overload::member(
                "cidr_contains_ip_ip",
                vec![cidr_type(), ip_type()],
                Type::Bool,
            )
            .cost(|args, _| compare_cost(args))
            .bind(|args| {
                Ok(Value::Bool(
                    prefix(args, 0)?.contains(opaque::<Ip>(args, 1)?.0),
                ))
            }),
        )
}

/// `net.CIDR.containsCIDR(string or net.CIDR) -> bool` (1.30):
/// `cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')` is true. Errors as of `cidr`.
#[must_use]
pub fn contains_cidr() -> Function {
    Function::new("containsCIDR")
        .overload(
            Overload::member(
                "cidr_contains_cidr_string",
                vec![cidr_type(), Type::String],
                Type::Bool,
            )
            .cost(|args, _| compare_cost(args) + mask_cost(args) + argument_cost(args))
            .unresolved_cost(|args, _| compare_cost(args) + mask_cost(args))
            .bind(|args| {
                let prefix = prefix(args, 0)?;
                Ok(Value::Bool(prefix.contains_prefix(parse(text(args, 1)?)?)))
            }),
        )
        .overload(
            Overload::member(
                "cidr_contains_cidr",
                vec![cidr_type(), cidr_type()],
                Type::Bool,
            )
            .cost(|args, _| compare_cost(args) + mask_cost(args))
            .bind(|args| {
                Ok(Value::Bool(
                    prefix(args, 0)?.contains_prefix(prefix(args, 1)?),
                ))
            }),
        )
}

/// `net.CIDR.ip() -> net.IP` (1.30): `cidr('10.1.1.1/8').ip() == ip('10.1.1.1')`. No errors.
#[must_use]
pub fn ip_of() -> Function {
    Function::new("ip").overload(
        Overload::member("cidr_ip", vec![cidr_type()], ip_type())
            .cost(nominal)
            .bind(|args| Ok(own(Ip(prefix(args, 0)?.ip)))),
    )
}

/// `net.CIDR.prefixLength() -> int` (1.30): `cidr('10.0.0.0/8').prefixLength()` is 8. No errors.
#[must_use]
pub fn prefix_length() -> Function {
    Function::new("prefixLength").overload(
        Overload::member("cidr_prefix_length", vec![cidr_type()], Type::Int)
            .cost(nominal)
            .bind(|args| Ok(Value::Int(prefix(args, 0)?.bits.into()))),
    )
}

/// `net.CIDR.masked() -> net.CIDR` (1.30): `cidr('10.1.1.1/8').masked() == cidr('10.0.0.0/8')`.
/// No errors.
#[must_use]
pub fn masked() -> Function {
    Function::new("masked").overload(
        Overload::member("cidr_masked", vec![cidr_type()], cidr_type())
            .cost(nominal)
            .bind(|args| Ok(own(Cidr(prefix(args, 0)?.masked())))),
    )
}

/// `string(net.CIDR) -> string` (1.30): `string(cidr('10.0.0.0/8'))` is `'10.0.0.0/8'`.
/// No errors.
#[must_use]
pub fn string() -> Function {
    Function::new("string").overload(
        Overload::global("cidr_to_string", vec![cidr_type()], Type::String)
            .bind(|args| Ok(Value::string(opaque::<Cidr>(args, 0)?.to_text()))),
    )
}
