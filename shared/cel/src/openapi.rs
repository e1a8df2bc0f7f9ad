//! How OpenAPI schemas of Kubernetes' API become names and types of CEL.

use crate::types::Type;

/// Names that CEL reserves: a field of such a name goes by `__NAME__`.
pub const RESERVED: [&str; 21] = [
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// A field's name as an identifier, as `Escape` of `k8s.io/apiserver/pkg/cel` makes one; `None` where
/// there is none.
///
/// ```
/// use vapwright_cel::openapi::escape;
///
/// assert_eq!(escape("app.kubernetes.io/name").as_deref(), Some("app__dot__kubernetes__dot__io__slash__name"));
/// assert_eq!(escape("namespace").as_deref(), Some("__namespace__"));
/// assert_eq!(escape("1st"), None);
/// ```
#[must_use]
pub fn escape(name: &str) -> Option<String> {
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    if RESERVED.contains(&name) {
        return Some(format!("__{name}__"));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    name.chars().all(plain).then(|| {
        name.replace("__", "__underscores__")
            .replace('.', "__dot__")
            .replace('-', "__dash__")
            .replace('/', "__slash__")
    })
}

/// The type of a schema's values by its `type` and `format`, where these are neither lists nor maps
/// (`SchemaDeclType` of `k8s.io/apiserver/pkg/cel/common`); `None` where CEL does not see them.
#[must_use]
pub fn scalar(r#type: &str, format: &str) -> Option<Type> {
    Some(match r#type {
        "string" => match format {
            "byte" => Type::Bytes,
            "duration" => Type::Duration,
            "date" | "date-time" => Type::Timestamp,
            _ => Type::String,
        },
        "boolean" => Type::Bool,
        "number" => Type::Double,
        "integer" => Type::Int,
        _ => return None,
    })
}
