//! Values that look like secrets, before a person shares them.
//!
//! This is a warning, not a guarantee: it looks at lines, at the values of environment variables
//! and of Secrets, at names that say `password`, and at texts shaped like well-known tokens.

use std::ops::Range;

/// A value that looks like a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// Its line, from 1.
    pub line: usize,
    /// What it is: `the value of DB_PASSWORD`.
    pub what: String,
    /// The bytes that blanking replaces.
    span: Range<usize>,
}

const BLANK: &str = "\"\"";
const TELLING: [&str; 9] =
    ["password", "passwd", "secret", "token", "apikey", "api_key", "api-key", "credential", "privatekey"];
// Fields that only name a secret.
const HARMLESS: [&str; 10] = [
    "secretname",
    "secretkeyref",
    "secretref",
    "secret",
    "imagepullsecrets",
    "automountserviceaccounttoken",
    "serviceaccounttoken",
    "tokenexpirationseconds",
    "secrets",
    "expirationseconds",
];
const PREFIXES: [&str; 12] = [
    "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "AKIA", "ASIA", "eyJhbGciOi", "sk-", "hvs.",
];

/// The values of a text that look like secrets.
pub fn find(text: &str) -> Vec<Secret> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut reader = Reader::default();
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if let Some((what, span)) = reader.line(line) {
            found.push(Secret { line: number + 1, what, span: start + span.start..start + span.end });
        }
        start += line.len();
    }
    found
}

/// The text with every value that looks like a secret made empty.
pub fn blank(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for secret in find(text) {
        out.push_str(text.get(from..secret.span.start).unwrap_or_default());
        out.push_str(BLANK);
        from = secret.span.end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

#[derive(Default)]
struct Reader {
    secret: bool,
    /// The depth of `data:` or `stringData:` of a Secret.
    data: Option<usize>,
    /// The depth of `env:`.
    env: Option<usize>,
    variable: String,
    /// The depth of the key whose block scalar is secret.
    block: Option<usize>,
}

impl Reader {
    fn line(&mut self, line: &str) -> Option<(String, Range<usize>)> {
        let bare = line.trim_end();
        let trimmed = bare.trim_start();
        let mut indent = bare.len() - trimmed.len();
        if trimmed.is_empty() {
            return None;
        }
        if let Some(depth) = self.block {
            if indent > depth {
                return Some(("a line of a secret text".to_owned(), indent..bare.len()));
            }
            self.block = None;
        }
        if trimmed == "---" {
            *self = Self::default();
            return None;
        }
        let mut content = trimmed;
        while let Some(rest) = content.strip_prefix("- ") {
            indent += content.len() - rest.trim_start().len();
            content = rest.trim_start();
        }
        let Some((key, value)) = content.split_once(':') else {
            return token(bare);
        };
        let key = key.trim_matches(['"', '\'', ' ', '{']);
        let raw = value;
        let value = value.trim_start();
        let at = bare.len() - value.len();
        if indent == 0 && key == "kind" {
            self.secret = value.trim_matches(['"', '\'']) == "Secret";
        }
        if self.data.is_some_and(|depth| indent <= depth) {
            self.data = None;
        }
        if self.env.is_some_and(|depth| indent < depth) {
            self.env = None;
        }
        if value.is_empty() || !raw.starts_with([' ', '\t']) && !content.starts_with('"') {
            match key {
                "data" | "stringData" if indent == 0 => self.data = Some(indent),
                "env" => self.env = Some(indent),
                _ => {}
            }
            return token(bare);
        }
        if self.env.is_some() && key == "name" {
            self.variable = value.trim_matches(['"', '\'']).to_owned();
        }
        let what = self.what(key, value)?;
        if value.starts_with(['|', '>']) {
            self.block = Some(indent);
            return None;
        }
        Some((what, at..bare.len()))
    }

    fn what(&self, key: &str, value: &str) -> Option<String> {
        let word = key.to_ascii_lowercase();
        let plain = value.trim_matches(['"', '\'']);
        if plain.is_empty() || plain == "{}" || plain == "[]" {
            return None;
        }
        if self.secret && self.data.is_some() {
            return Some(format!("`{key}` of a Secret"));
        }
        if self.env.is_some() && key == "value" {
            return Some(format!("the value of `{}`", self.variable));
        }
        if matches!(plain, "true" | "false" | "null") || value.starts_with(['{', '[']) {
            return token(value).map(|(what, _)| what);
        }
        let telling = TELLING.iter().any(|part| word.contains(part)) && !HARMLESS.contains(&&*word);
        if telling && !plain.contains(char::is_whitespace) {
            return Some(format!("the value of `{key}`"));
        }
        token(value).map(|(what, _)| what)
    }
}

fn token(line: &str) -> Option<(String, Range<usize>)> {
    let begin = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '=' | ':' | '{' | '[');
    let mut from = 0;
    for word in line.split(begin) {
        let end = from + word.len();
        let body = word.trim_end_matches(['}', ']', ';']);
        if body.len() >= 16 && PREFIXES.iter().any(|prefix| body.starts_with(prefix)) {
            return Some(("a text shaped like a token".to_owned(), from..from + body.len()));
        }
        from = end + line.get(end..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    }
    line.contains("-----BEGIN ").then(|| {
        let indent = line.len() - line.trim_start().len();
        ("a private key or certificate".to_owned(), indent..line.trim_end().len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, lines: &[usize], blanked: &str) {
        let found: Vec<_> = find(text).iter().map(|secret| secret.line).collect();
        assert_eq!(found, lines, "{text}");
        assert_eq!(blank(text), blanked, "{text}");
    }

    #[test]
    fn environment_values() {
        check(
            "spec:\n  containers:\n  - name: a\n    env:\n    - name: DB\n      value: hunter2\n    - name: X\n      valueFrom: {}\n    image: b\n",
            &[6],
            "spec:\n  containers:\n  - name: a\n    env:\n    - name: DB\n      value: \"\"\n    - name: X\n      valueFrom: {}\n    image: b\n",
        );
    }

    #[test]
    fn secret_data() {
        check(
            "kind: Secret\ndata:\n  a: YWJj\n  b: \"\"\nstringData:\n  key: |\n    one\n    two\ntype: Opaque\n",
            &[3, 7, 8],
            "kind: Secret\ndata:\n  a: \"\"\n  b: \"\"\nstringData:\n  key: |\n    \"\"\n    \"\"\ntype: Opaque\n",
        );
        check("kind: ConfigMap\ndata:\n  a: YWJj\n", &[], "kind: ConfigMap\ndata:\n  a: YWJj\n");
    }

    #[test]
    fn a_document_ends_at_its_end() {
        check("kind: Secret\n---\nkind: ConfigMap\ndata:\n  a: b\n", &[], "kind: Secret\n---\nkind: ConfigMap\ndata:\n  a: b\n");
    }

    #[test]
    fn telling_names() {
        check("a:\n  dbPassword: x\n", &[2], "a:\n  dbPassword: \"\"\n");
        for harmless in ["secretName: web-tls\n", "automountServiceAccountToken: false\n", "message: no token here\n"] {
            check(harmless, &[], harmless);
        }
    }

    #[test]
    fn tokens_anywhere() {
        check(
            "args:\n- --t=ghp_abcdefghijklmnopqrst\n",
            &[2],
            "args:\n- --t=\"\"\n",
        );
        check("{\"a\": \"AKIAABCDEFGHIJKLMNOP\"}\n", &[1], "{\"a\": \"\"\"\"}\n");
    }
}
