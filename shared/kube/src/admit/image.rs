//! The pull policy that an image's name implies.

/// `Always` for the tag `latest`, and where neither tag nor digest is given; else
/// `IfNotPresent`, also for names that are none.
pub(super) fn pull_policy(image: &str) -> &'static str {
    if tag(image) == Some("latest") {
        "Always"
    } else {
        "IfNotPresent"
    }
}

/// The tag of an image; `None` where it has only a digest, or is no image's name.
fn tag(image: &str) -> Option<&str> {
    let (name, digest) = match image.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (image, None),
    };
    let last = name.rsplit('/').next()?;
    let (repository, tag) = match last.rsplit_once(':') {
        Some((_, tag)) => (name.strip_suffix(tag)?.strip_suffix(':')?, Some(tag)),
        None => (name, None),
    };
    let fits = is_repository(repository) && tag.is_none_or(is_tag) && digest.is_none_or(is_digest);
    match (fits, tag, digest) {
        (false, ..) => None,
        (true, Some(tag), _) => Some(tag),
        (true, None, None) => Some("latest"),
        (true, None, Some(_)) => None,
    }
}

/// `host:port/path/name`, of which the host may be left out.
fn is_repository(name: &str) -> bool {
    let (host, path) = match name.split_once('/') {
        Some((host, path))
            if host.contains(['.', ':'])
                || host == "localhost"
                || host.bytes().any(|byte| byte.is_ascii_uppercase()) =>
        {
            (Some(host), path)
        }
        _ => (None, name),
    };
    // a name of 64 hexadecimal digits is taken for an identifier
    let identifier = host.is_none()
        && name.len() == 64
        && name
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    host.is_none_or(is_host)
        && !identifier
        && path.len() <= 255
        && path.split('/').all(is_component)
}

fn is_host(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) => (name, port),
        None => (host, "0"),
    };
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let bracketed = name.starts_with('[') && name.ends_with(']');
    !port.is_empty()
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && (bracketed || name.split('.').all(part))
}

/// Lower-case letters and digits, with single `.`, `_`, `__` or any number of `-` between.
fn is_component(component: &str) -> bool {
    let bytes = component.as_bytes();
    let is_word = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    bytes.first().is_some_and(is_word)
        && bytes.last().is_some_and(is_word)
        && component
            .split(|character: char| character.is_ascii_lowercase() || character.is_ascii_digit())
            .all(|between| {
                matches!(between, "" | "." | "_" | "__") || between.bytes().all(|byte| byte == b'-')
            })
}

fn is_tag(tag: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    tag.len() <= 128
        && tag.bytes().next().is_some_and(word)
        && tag
            .bytes()
            .all(|byte| word(byte) || matches!(byte, b'.' | b'-'))
}

fn is_digest(digest: &str) -> bool {
    digest.split_once(':').is_some_and(|(algorithm, hex)| {
        !algorithm.is_empty()
            && algorithm
                .split(['-', '_', '+', '.'])
                .all(|part| part.starts_with(|first: char| first.is_ascii_alphabetic()))
            && hex.len() >= 32
            && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::pull_policy;

    #[test]
    fn policies() {
        let digest = format!("nginx@sha256:{}", "a".repeat(64));
        let both = format!("nginx:latest@sha256:{}", "a".repeat(64));
        // k8s.io/kubernetes pkg/util/parsers ParseImageName, SetDefaults_Container
        let rows = [
            ("nginx", "Always"),
            ("nginx:latest", "Always"),
            ("nginx:1.25", "IfNotPresent"),
            ("localhost:5000/nginx", "Always"),
            ("example.com:5000/a/b:latest", "Always"),
            ("example.com/a/b_c:v1", "IfNotPresent"),
            (&digest, "IfNotPresent"),
            (&both, "Always"),
            ("", "IfNotPresent"),
            ("NGINX", "IfNotPresent"),
            ("a b", "IfNotPresent"),
            ("nginx:", "IfNotPresent"),
            ("a//b", "IfNotPresent"),
        ];
        for (image, policy) in rows {
            assert_eq!(pull_policy(image), policy, "{image}");
        }
    }
}
