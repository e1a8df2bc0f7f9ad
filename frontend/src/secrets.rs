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
    /// By what.
    blank: &'static str,
}

/// A value and what takes its place.
struct Value {
    what: String,
    span: Range<usize>,
    blank: &'static str,
}

/// In the place of a whole value.
const EMPTY: &str = "\"\"";
/// In the place of a part of a text.
const BLANKED: &str = "(blanked)";
const TELLING: [&str; 9] = [
    "password",
    "passwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "credential",
    "privatekey",
];
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
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "AKIA",
    "ASIA",
    "eyJhbGciOi",
    "sk-",
    "hvs.",
];

/// The values of a text that look like secrets.
pub fn find(text: &str) -> Vec<Secret> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut reader = Reader::default();
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if number == 0 || line.trim_end() == "---" {
            reader = Reader {
                secret: holds_secret(text.get(start..).unwrap_or_default()),
                ..Reader::default()
            };
        }
        if let Some(Value { what, span, blank }) = reader.line(line) {
            let span = start + span.start..start + span.end;
            found.push(Secret {
                line: number + 1,
                what,
                span,
                blank,
            });
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
        out.push_str(secret.blank);
        from = secret.span.end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

// `kind` may stand after `data`: tools sort the fields.
fn holds_secret(document: &str) -> bool {
    let lines = document
        .lines()
        .skip(1)
        .take_while(|line| line.trim_end() != "---");
    document.lines().take(1).chain(lines).any(|line| {
        let line = line
            .trim()
            .trim_start_matches(['{', '-', ' '])
            .trim_end_matches(',')
            .replace(['"', '\''], "");
        line.strip_prefix("kind:")
            .is_some_and(|kind| kind.trim() == "Secret")
    })
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
    fn line(&mut self, line: &str) -> Option<Value> {
        let bare = line.trim_end().trim_end_matches(',');
        let trimmed = bare.trim_start();
        let mut indent = bare.len() - trimmed.len();
        if trimmed.is_empty() || trimmed == "---" {
            return None;
        }
        if let Some(depth) = self.block {
            if indent > depth {
                let what = "a line of a secret text".to_owned();
                return Some(Value {
                    what,
                    span: indent..bare.len(),
                    blank: BLANKED,
                });
            }
            self.block = None;
        }
        let mut content = trimmed;
        while let Some(rest) = content.strip_prefix("- ") {
            indent += content.len() - rest.trim_start().len();
            content = rest.trim_start();
        }
        // a collection on one line: only what is shaped like a token is found there
        if content.starts_with(['{', '[']) {
            return token(bare);
        }
        let Some((key, value)) = content.split_once(':') else {
            return token(bare);
        };
        if !value.is_empty() && !value.starts_with([' ', '\t']) && !content.starts_with('"') {
            return token(bare);
        }
        let key = key.trim_matches(['"', '\'', ' ']);
        let value = value.trim_start();
        if self.data.is_some_and(|depth| indent <= depth) {
            self.data = None;
        }
        if self.env.is_some_and(|depth| indent < depth) {
            self.env = None;
        }
        if matches!(value, "" | "{" | "[") {
            match key {
                "data" | "stringData" if self.secret => self.data = Some(indent),
                "env" => self.env = Some(indent),
                _ => {}
            }
            return None;
        }
        if self.env.is_some() && key == "name" {
            self.variable = value.trim_matches(['"', '\'']).to_owned();
        }
        let Some(what) = self.what(key, value) else {
            return token(bare);
        };
        if value.starts_with(['|', '>']) {
            self.block = Some(indent);
            return None;
        }
        Some(Value {
            what,
            span: bare.len() - value.len()..bare.len(),
            blank: EMPTY,
        })
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
            return None;
        }
        let telling = TELLING.iter().any(|part| word.contains(part)) && !HARMLESS.contains(&&*word);
        (telling && !plain.contains(char::is_whitespace)).then(|| format!("the value of `{key}`"))
    }
}

fn token(line: &str) -> Option<Value> {
    let begin =
        |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '=' | ':' | '{' | '[');
    let mut from = 0;
    for word in line.split(begin) {
        let end = from + word.len();
        let body = word.trim_end_matches(['}', ']', ';']);
        if body.len() >= 16 && PREFIXES.iter().any(|prefix| body.starts_with(prefix)) {
            let what = "a text shaped like a token".to_owned();
            return Some(Value {
                what,
                span: from..from + body.len(),
                blank: BLANKED,
            });
        }
        from = end
            + line
                .get(end..)
                .and_then(|rest| rest.chars().next())
                .map_or(0, char::len_utf8);
    }
    line.contains("-----BEGIN ").then(|| {
        let indent = line.len() - line.trim_start().len();
        let what = "a private key or certificate".to_owned();
        Value {
            what,
            span: indent..line.trim_end().len(),
            blank: BLANKED,
        }
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
            "kind: Secret\ndata:\n  a: \"\"\n  b: \"\"\nstringData:\n  key: |\n    (blanked)\n    (blanked)\ntype: Opaque\n",
        );
        check(
            "kind: ConfigMap\ndata:\n  a: YWJj\n",
            &[],
            "kind: ConfigMap\ndata:\n  a: YWJj\n",
        );
    }

    #[test]
    fn a_document_ends_at_its_end() {
        check(
            "kind: Secret\n---\nkind: ConfigMap\ndata:\n  a: b\n",
            &[],
            "kind: Secret\n---\nkind: ConfigMap\ndata:\n  a: b\n",
        );
    }

    #[test]
    fn telling_names() {
        check("a:\n  dbPassword: x\n", &[2], "a:\n  dbPassword: \"\"\n");
        for harmless in [
            "secretName: web-tls\n",
            "automountServiceAccountToken: false\n",
            "message: no token here\n",
        ] {
            check(harmless, &[], harmless);
        }
    }

    #[test]
    fn json_stays_json() {
        check(
            "{\n  \"data\": {\n    \"a\": \"YWJj\",\n    \"b\": \"YQ==\"\n  },\n  \"kind\": \"Secret\"\n}\n",
            &[3, 4],
            "{\n  \"data\": {\n    \"a\": \"\",\n    \"b\": \"\"\n  },\n  \"kind\": \"Secret\"\n}\n",
        );
    }

    #[test]
    fn the_kind_may_come_last() {
        check(
            "data:\n  a: YWJj\nkind: Secret\n",
            &[2],
            "data:\n  a: \"\"\nkind: Secret\n",
        );
    }

    #[test]
    fn tokens_anywhere() {
        check(
            "args:\n- --t=ghp_abcdefghijklmnopqrst\n",
            &[2],
            "args:\n- --t=(blanked)\n",
        );
        check(
            "{\"a\": \"AKIAABCDEFGHIJKLMNOP\"}\n",
            &[1],
            "{\"a\": \"(blanked)\"}\n",
        );
    }
}
