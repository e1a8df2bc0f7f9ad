//! The recorded cases, the answers of kube-apiserver, and how an answer is compared with them.

use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde_json::Value as Json;

/// Cases and the answers that are expected, one a line.
pub struct Cases {
    pub lines: Vec<String>,
    pub expected: Vec<Json>,
}

/// Where the recorded answers are.
pub fn folder() -> PathBuf {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let folder = std::env::var_os("VAPWRIGHT_DATA").map_or(default.into(), PathBuf::from);
    folder.join("cases")
}

impl Cases {
    pub fn read(folder: &Path, name: &str) -> std::io::Result<Self> {
        let text = |kind: &str| {
            let file = std::fs::File::open(folder.join(format!("{name}.{kind}.jsonl.gz")))?;
            let mut text = String::new();
            GzDecoder::new(file).read_to_string(&mut text)?;
            Ok::<_, std::io::Error>(text)
        };
        let expected = text("expected")?;
        Ok(Self {
            lines: text("cases")?.lines().map(str::to_owned).collect(),
            expected: expected
                .lines()
                .map(serde_json::from_str)
                .collect::<Result<_, _>>()?,
        })
    }
}

/// What kind an answer is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Value,
    RuntimeError,
    CompileError,
    /// A panic, or the end of the program.
    Panic,
}

pub fn kind(answer: &Json) -> Kind {
    if answer.get("compileErrors").is_some() {
        Kind::CompileError
    } else if answer.get("error").is_some() {
        Kind::RuntimeError
    } else if answer.get("value").is_some() {
        Kind::Value
    } else {
        Kind::Panic
    }
}

/// Whether kind and value are the same. A value in which cel-go varies from run to run is not
/// compared.
pub fn same(expected: &Json, answer: &Json) -> bool {
    let varies = expected["unstable"]
        .as_array()
        .is_some_and(|fields| fields.iter().any(|field| field == "value"));
    kind(expected) == kind(answer)
        && (kind(expected) != Kind::Value || varies || equal(&expected["value"], &answer["value"]))
}

/// The same, where any error is as good as another: crates without a type check find them later.
pub fn same_but_for_errors(expected: &Json, answer: &Json) -> bool {
    let is_error = |answer| matches!(kind(answer), Kind::RuntimeError | Kind::CompileError);
    same(expected, answer) || (is_error(expected) && is_error(answer))
}

/// Go writes whole numbers without a point.
fn equal(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => {
            a == b || (a.as_f64() == b.as_f64() && (a.is_f64() || b.is_f64()))
        }
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| equal(a, b)))
        }
        _ => a == b,
    }
}

/// What a validation of a policy comes to: `admit`, `deny` or `error`.
pub fn verdict(answer: &Json) -> &'static str {
    match kind(answer) {
        Kind::Value if answer["value"] == true => "admit",
        Kind::Value if answer["value"] == false => "deny",
        Kind::Panic => "panic",
        _ => "error",
    }
}
