//! Single calls, made from the libraries' declarations: each overload of a version is as likely as
//! any other, and its arguments are what it reads, mostly.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use fastrand::Rng;
use vapwright_cel::env::Environment;
use vapwright_cel::library::Overload;
use vapwright_cel::types::Type;
use vapwright_cel::version::KubernetesVersion;

use crate::expression::{shallow, some_type};
use crate::grammar::Ty;
use crate::random::{pick, unlikely, word};

/// The overloads of a version with the names of their functions.
type Overloads = Vec<(&'static str, Overload)>;

/// A call of an overload that a server of version 1.`minor` has.
pub fn call(rng: &mut Rng, minor: u32) -> String {
    let overloads = overloads(minor);
    let at = rng.usize(0..overloads.len());
    let Some((function, overload)) = overloads.get(at) else {
        return String::new();
    };
    let mut bound = BTreeMap::new();
    let args = overload.params.iter().enumerate().map(|(index, param)| {
        let ty = aim(rng, param, overload.id, index, &mut bound);
        let text = shallow(rng, minor, &ty);
        match unlikely(rng, 12) {
            true => format!("dyn({text})"),
            false => text,
        }
    });
    let args: Vec<String> = args.collect();
    written(function, overload.member, &args)
}

/// All but those that only macros call.
fn overloads(minor: u32) -> &'static Overloads {
    static TABLE: [OnceLock<Overloads>; 7] = [const { OnceLock::new() }; 7];
    let version = minor.clamp(30, 36);
    TABLE[version as usize - 30].get_or_init(|| {
        let version = KubernetesVersion::new(u16::try_from(version).unwrap_or(36));
        let env = Environment::kubernetes(version);
        let mut overloads = Overloads::new();
        for library in env.libraries() {
            for function in &library.functions {
                let inner =
                    function.name == "@not_strictly_false" || function.name == "cel.@mapInsert";
                if !inner {
                    let of = function.overloads.iter().cloned();
                    overloads.extend(of.map(|overload| (function.name, overload)));
                }
            }
        }
        overloads
    })
}

/// What to aim at for a parameter of this type.
fn aim(
    rng: &mut Rng,
    param: &Type,
    overload: &str,
    index: usize,
    bound: &mut BTreeMap<Arc<str>, Ty>,
) -> Ty {
    let mut inner = |rng: &mut Rng, of: &Type| aim(rng, of, "", 0, bound);
    match param {
        Type::Bool => Ty::Named("bool"),
        // a range is as large as memory, whatever its cost
        Type::Int if overload == "lists_range" => Ty::Named("small"),
        Type::Int if index > 0 && !unlikely(rng, 4) => Ty::Named("small"),
        Type::Int => Ty::Named("int"),
        Type::Uint => Ty::Named("uint"),
        Type::Double => Ty::Named("double"),
        Type::Bytes => Ty::Named("bytes"),
        Type::Null => Ty::Named("null"),
        Type::Duration => Ty::Named("duration"),
        Type::Timestamp => Ty::Named("timestamp"),
        Type::String if unlikely(rng, 6) => Ty::Named("string"),
        Type::String => Ty::Named(text_kind(overload, index)),
        Type::Type(_) => Ty::Named("type"),
        Type::List(of) => Ty::list(inner(rng, of)),
        Type::Map(key, value) => {
            let key = inner(rng, key);
            Ty::Of("map", vec![key, inner(rng, value)])
        }
        Type::Opaque(name, of) => match (&**name, of.first()) {
            ("optional_type", Some(of)) => Ty::Of("opt", vec![inner(rng, of)]),
            (name, _) => named(name),
        },
        Type::Object(name) => named(name),
        Type::Param(name) => match bound.get(name) {
            Some(known) => known.clone(),
            None => {
                let chosen = match rng.u32(0..4) {
                    0 => some_type(rng),
                    // types that keys may have, too
                    _ => Ty::Named(word(rng, "string int uint bool string")),
                };
                bound.insert(name.clone(), chosen.clone());
                chosen
            }
        },
        _ => Ty::Named("dyn"),
    }
}

/// A library's type by the grammar's name.
fn named(name: &str) -> Ty {
    Ty::Named(match name {
        "kubernetes.Quantity" => "quantity",
        "kubernetes.URL" => "url",
        "kubernetes.Semver" => "semver",
        "kubernetes.NamedFormat" => "format",
        "kubernetes.authorization.Authorizer" => "authorizer",
        "kubernetes.authorization.ResourceCheck" => "resourcecheck",
        "kubernetes.authorization.PathCheck" => "pathcheck",
        "kubernetes.authorization.GroupCheck" => "groupcheck",
        "kubernetes.authorization.Decision" => "decision",
        "net.IP" => "ip",
        "net.CIDR" => "cidr",
        _ => "dyn",
    })
}

/// The kind of text that a function reads.
fn text_kind(overload: &str, index: usize) -> &'static str {
    const KINDS: &[(&str, usize, &str)] = &[
        ("quantity", 0, "quantitytext"),
        ("url", 0, "urltext"),
        ("contains_cidr", 1, "cidrtext"),
        ("contains_ip", 1, "iptext"),
        ("cidr", 0, "cidrtext"),
        ("ip", 0, "iptext"),
        ("semver", 0, "versiontext"),
        ("to_timestamp", 0, "timetext"),
        ("to_duration", 0, "durationtext"),
        ("_tz", 1, "zone"),
        ("matches", 1, "regex"),
        ("find", 1, "regex"),
        ("string_format", 0, "formattext"),
        ("to_int64", 0, "numtext"),
        ("to_uint64", 0, "numtext"),
        ("to_double", 0, "numtext"),
        ("to_bool", 0, "booltext"),
        ("format-named", 0, "formatname"),
        ("format-validate", 1, "nametext"),
        ("selector", 1, "selector"),
        ("check_check", 1, "verb"),
        ("serviceaccount", 1, "nametext"),
        ("serviceaccount", 2, "nametext"),
    ];
    let kind = KINDS
        .iter()
        .find(|(part, at, _)| *at == index && overload.contains(part));
    kind.map_or("string", |(_, _, kind)| kind)
}

/// A call as CEL writes it.
fn written(function: &str, member: bool, args: &[String]) -> String {
    let infix = function.strip_prefix('_').and_then(|f| f.strip_suffix('_'));
    match (function, args) {
        ("_?_:_", [a, b, c]) => format!("({a}) ? ({b}) : ({c})"),
        ("_[_]", [a, b]) => format!("({a})[{b}]"),
        ("_[?_]", [a, b]) => format!("({a})[?{b}]"),
        ("_?._", [a, _]) => format!("({a}).?a"),
        ("!_" | "-_", [a]) => format!("{}({a})", &function[..1]),
        ("@in", [a, b]) => format!("({a}) in ({b})"),
        (_, [a, b]) if infix.is_some() => format!("({a}) {} ({b})", infix.unwrap_or_default()),
        (_, [target, args @ ..]) if member => format!("({target}).{function}({})", args.join(", ")),
        _ => format!("{function}({})", args.join(", ")),
    }
}

/// A call within something that uses its value.
pub fn used_call(rng: &mut Rng, minor: u32) -> String {
    let call = call(rng, minor);
    match rng.u32(0..12) {
        0 => format!("[{call}, {call}]"),
        1 => format!("type({call})"),
        2 => format!("({call}) == ({call})"),
        3 => format!("{{'a': {call}}}.a"),
        4 => format!("optional.of({call}).value()"),
        5 => format!("string({call})"),
        6 => format!("[{call}].map(x, [x, {}])", pick(rng, &["x", "1", "x == x"])),
        _ => call,
    }
}
