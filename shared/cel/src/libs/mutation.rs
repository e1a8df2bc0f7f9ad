//! What only the expressions of mutations have: the types `Object` and `JSONPatch`, and
//! `jsonpatch.escapeKey` (Kubernetes 1.32).

use super::support::{Outcome, text, traversal};
use crate::library::{Function, Library, OpenType, Overload};
use crate::types::{ObjectType, Type};
use crate::value::Value;
use crate::value::object::{JSON_PATCH, OBJECT};

/// Kubernetes' library of JSON patches, with the types that `hasPatchTypes` of
/// `k8s.io/apiserver/pkg/admission/plugin/cel` adds; there is one version of it.
///
/// - `Object{spec: Object.spec{replicas: 3}}` is a part of an object: the name of a type is the
///   path to the field it stands in. Any field may be set to any value; whether the names fit is
///   known when the object is patched.
/// - `JSONPatch{op: 'add', path: '/spec/replicas', value: 3}` is one operation, with `from` where
///   it moves or copies.
#[must_use]
pub fn library(version: u32) -> Library {
    let text = |name: &str| (name.into(), Type::String);
    Library {
        name: "kubernetes.jsonpatch",
        version,
        functions: vec![escape_key()],
        objects: vec![ObjectType {
            name: JSON_PATCH.into(),
            fields: vec![
                text("op"),
                text("from"),
                text("path"),
                ("value".into(), Type::Dyn),
            ],
        }],
        open_types: vec![
            OpenType {
                name: OBJECT,
                nested: true,
                field: Type::Dyn,
            },
            // of a field that it does not have Go's `JSONPatchType` gives no type at all
            OpenType {
                name: JSON_PATCH,
                nested: false,
                field: Type::opaque(""),
            },
        ],
        ..Library::default()
    }
}

/// `jsonpatch.escapeKey(string) -> string`: a key as it stands in the path of a JSON patch
/// (Kubernetes 1.32): `jsonpatch.escapeKey('k8s.io/my~label')` is `'k8s.io~1my~0label'`.
fn escape_key() -> Function {
    Function::new("jsonpatch.escapeKey").overload(
        Overload::global(
            "string_jsonpatch_escapeKey_string",
            vec![Type::String],
            Type::String,
        )
        .bind(escape)
        .cost(traversal),
    )
}

fn escape<'d>(args: &[Value<'d>]) -> Outcome<'d> {
    let key = text(args, 0)?;
    Ok(Value::string(key.replace('~', "~0").replace('/', "~1")))
}
