//! Where the oracle's answer is no bar: a short list, each with its reason.

use serde_json::Value;

use crate::compare::{kind, same_but_for_order};

/// A known difference that is left as it is.
pub struct Exception {
    /// As the report names it.
    pub name: &'static str,
    /// Why.
    pub reason: &'static str,
    /// Whether a difference of an answer is this one.
    covers: fn(&Pair) -> bool,
}

/// A case with both answers.
pub struct Pair<'p> {
    pub version: &'p str,
    /// The expression, or the policy as JSON.
    pub asked: String,
    pub theirs: &'p Value,
    pub ours: &'p Value,
}

/// The exception for answers of the oracle that differ from run to run, where it also gives ours.
pub const VARIES: &str = "the oracle varies";
/// The exception for such answers where it would take too long to wait for ours.
pub const ORDER: &str = "the order of a map";

/// The exception for answers that the comparison cannot read.
pub const UNREAD: &str = "an answer that was not read";

/// Every exception.
pub const EXCEPTIONS: &[Exception] = &[
    Exception {
        name: UNREAD,
        reason: "a value nests deeper than the comparison's reader of JSON goes: nothing is compared",
        covers: |_| false,
    },
    Exception {
        name: VARIES,
        reason: "Go iterates maps in random order: asked again, the oracle gives our answer too",
        covers: |_| false,
    },
    Exception {
        name: ORDER,
        reason: "Go iterates and prints maps in random order: asked again, the oracle gives other \
                 answers, and ours but for the order of elements or of what is printed",
        covers: |_| false,
    },
    Exception {
        name: "out of memory",
        reason: "costs do not bound what `lists.range` and `+` of lists take: Go dies where memory ends, \
                 and here the evaluation ends as too high a cost does",
        covers: |pair| {
            let ours = pair.ours.to_string();
            panics_with(pair, "it ended after")
                && ours.contains("operation cancelled: actual cost limit exceeded")
        },
    },
    Exception {
        name: "NaN as a key",
        reason: "an entry of a map whose key is NaN is not found again: the oracle cannot print it",
        covers: |pair| {
            let lost = r#""NaN":{"error":"no text"}"#;
            pair.theirs["value"].to_string().contains(lost)
                && !pair.ours["value"].to_string().contains(lost)
                && pair.theirs["cost"] == pair.ours["cost"]
                && pair.theirs["type"] == pair.ours["type"]
        },
    },
    Exception {
        name: "bytes as a key",
        reason: "a bytes key of a map literal panics in Go: a slice has no hash",
        covers: |pair| panics_with(pair, "hash of unhashable type"),
    },
    Exception {
        name: "optional element that is dyn",
        reason: "`[1, ?dyn(x)]` and `{1: 1, ?2: dyn(x)}` panic in cel-go's check of literals",
        covers: |pair| {
            pair.asked.contains('?') && panics_with(pair, "index out of range [0] with length 0")
        },
    },
    Exception {
        name: "the order of unknown fields",
        reason: "what a patch copies or moves is text in the order of Go's structs, and strict decoding \
                 names unknown fields in their order; here it is that of the alphabet",
        covers: |pair| {
            pair.theirs["status"]["message"]
                .as_str()
                .is_some_and(|text| text.contains("strict decoding error"))
                && same_but_for_order(pair.theirs, pair.ours)
        },
    },
    Exception {
        name: "the scheme",
        reason: "the error of a kind that is not registered names the program's scheme: here it is \
                 kube-apiserver's",
        covers: |pair| {
            let (theirs, ours) = (pair.theirs.to_string(), pair.ours.to_string());
            theirs.contains("pkg/runtime/scheme.go:111")
                && ours.contains("pkg/api/legacyscheme/scheme.go:30")
        },
    },
    Exception {
        name: "selectors in 1.30",
        reason: "field and label selectors of the authorizer came with 1.31; the library of 1.36 \
                 has them in 1.30's environment too, because their feature gate is on",
        covers: |pair| {
            let errors = pair.ours["compileErrors"].to_string();
            pair.version == "1.30"
                && kind(pair.theirs) != "compile error"
                && (errors.contains("undeclared reference to 'fieldSelector'")
                    || errors.contains("undeclared reference to 'labelSelector'"))
        },
    },
];

fn panics_with(pair: &Pair, text: &str) -> bool {
    let panic = pair.theirs["panic"].as_str();
    kind(pair.ours) != "panic" && panic.is_some_and(|panic| panic.contains(text))
}

/// The exception that covers a difference.
pub fn exception(pair: &Pair) -> Option<&'static Exception> {
    EXCEPTIONS.iter().find(|exception| (exception.covers)(pair))
}
