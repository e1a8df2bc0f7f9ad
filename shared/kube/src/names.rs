//! What names, label keys and label values may be, in the API server's words.

const LABEL_KEY_FORMAT: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const LABEL_KEY_TEXT: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const LABEL_VALUE_TEXT: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const LABEL_FORMAT: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const LABEL_TEXT: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const SUBDOMAIN_FORMAT: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
const SUBDOMAIN_TEXT: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";

fn too_long(most: usize) -> String {
    format!("must be no more than {most} bytes")
}

/// The error of a text that does not match a regular expression.
pub(crate) fn not_of_form(text: &str, format: &str, examples: &[&str]) -> String {
    // the comma before each "or" is the API server's own
    let examples: Vec<_> = examples
        .iter()
        .map(|example| format!("'{example}', "))
        .collect();
    format!(
        "{text} (e.g. {}regex used for validation is '{format}')",
        examples.join(" or ")
    )
}

/// Whether a text is not empty, begins and ends with what fits at the ends and has only what
/// fits inside.
pub(crate) fn is_word(text: &str, end: impl Fn(u8) -> bool, inside: impl Fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    bytes.first().copied().is_some_and(&end)
        && bytes.last().copied().is_some_and(&end)
        && bytes.iter().all(|byte| end(*byte) || inside(*byte))
}

fn is_qualified(text: &str) -> bool {
    is_word(
        text,
        |byte| byte.is_ascii_alphanumeric(),
        |byte| matches!(byte, b'-' | b'_' | b'.'),
    )
}

fn is_label(text: &str) -> bool {
    is_word(
        text,
        |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit(),
        |byte| byte == b'-',
    )
}

pub(crate) fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label)
}

/// What is wrong with a DNS label, such as a namespace's name.
#[must_use]
pub fn label_name(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 63 {
        errors.push(too_long(63));
    }
    if !is_label(text) {
        errors.push(if is_subdomain(text) {
            "must not contain dots".to_owned()
        } else {
            not_of_form(LABEL_TEXT, LABEL_FORMAT, &["my-name", "123-abc"])
        });
    }
    errors
}

/// What is wrong with a DNS subdomain, such as most objects' names.
#[must_use]
pub fn subdomain(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 253 {
        errors.push(too_long(253));
    }
    if !is_subdomain(text) {
        errors.push(not_of_form(
            SUBDOMAIN_TEXT,
            SUBDOMAIN_FORMAT,
            &["example.com"],
        ));
    }
    errors
}

/// What is wrong with the key of a label or annotation.
#[must_use]
pub fn label_key(key: &str) -> Vec<String> {
    let mut errors = Vec::new();
    let form = || {
        not_of_form(
            LABEL_KEY_TEXT,
            LABEL_KEY_FORMAT,
            &["MyName", "my.name", "123-abc"],
        )
    };
    let name = match key.split_once('/') {
        None => key,
        Some((_, name)) if name.contains('/') => {
            errors.push(format!(
                "a valid label key {} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
                form()
            ));
            return errors;
        }
        Some(("", name)) => {
            errors.push("prefix part must be non-empty".to_owned());
            name
        }
        Some((prefix, name)) => {
            let found = subdomain(prefix).into_iter();
            errors.extend(found.map(|error| format!("prefix part {error}")));
            name
        }
    };
    if name.is_empty() {
        errors.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        errors.push(format!("name part {}", too_long(63)));
    }
    if !is_qualified(name) {
        errors.push(format!("name part {}", form()));
    }
    errors
}

/// What is wrong with the value of a label.
#[must_use]
pub fn label_value(value: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if value.len() > 63 {
        errors.push(too_long(63));
    }
    if !value.is_empty() && !is_qualified(value) {
        errors.push(not_of_form(
            LABEL_VALUE_TEXT,
            &format!("({LABEL_KEY_FORMAT})?"),
            &["MyValue", "my_value", "12345"],
        ));
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::{label_key, label_name, label_value, subdomain};

    #[test]
    fn words_of_the_api_server() {
        // k8s.io/apimachinery 0.36 api/validate/content gives these texts
        let name = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
        let rows: [(Vec<String>, &[&str]); 12] = [
            (label_key("app.kubernetes.io/name"), &[]),
            (label_key("a"), &[]),
            (label_key("-a"), &[name]),
            (label_key(""), &["name part must be non-empty", name]),
            (label_key("/a"), &["prefix part must be non-empty"]),
            (
                label_key("A/b"),
                &[
                    "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
                ],
            ),
            (label_value(""), &[]),
            (label_value("a_b.c-9"), &[]),
            (
                label_value("a b"),
                &[
                    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
                ],
            ),
            (label_name("a.b"), &["must not contain dots"]),
            (subdomain("a.b-c.d9"), &[]),
            (
                label_name(&"x".repeat(64)),
                &["must be no more than 63 bytes"],
            ),
        ];
        for (index, (found, expected)) in rows.iter().enumerate() {
            assert_eq!(found, expected, "row {index}");
        }
    }
}
