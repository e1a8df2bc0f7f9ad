//! Versions, with the answers of `k8s.io/apiserver` 1.36.2.

use super::Semver;

#[track_caller]
fn reads(text: &str, normalize: bool, expected: &str) {
    use crate::value::Opaque;
    let read = if normalize {
        Semver::parse_normalized(text)
    } else {
        Semver::parse(text)
    };
    let found = read.map_or_else(|why| why, |version| version.to_text());
    assert_eq!(found, expected, "{text}");
}

#[test]
fn versions_are_read_or_refused() {
    for (text, expected) in [
        ("1.2.3", "1.2.3"),
        ("1.2.3-alpha.1+b.2", "1.2.3-alpha.1+b.2"),
        ("1.2.3-0a", "1.2.3-0a"),
        ("1.2.3--", "1.2.3--"),
        (
            "1.2.3.4",
            r#"Invalid character(s) found in patch number "3.4""#,
        ),
        ("", "Version string empty"),
        ("1.2", "No Major.Minor.Patch elements found"),
        (
            "01.2.3",
            r#"Major number must not contain leading zeroes "01""#,
        ),
        (
            "1.2.03",
            r#"Patch number must not contain leading zeroes "03""#,
        ),
        ("1.b.3", r#"Invalid character(s) found in minor number "b""#),
        ("1..3", r#"strconv.ParseUint: parsing "": invalid syntax"#),
        ("1.2.3-", "Prerelease is empty"),
        ("1.2.3-a..b", "Prerelease is empty"),
        (
            "1.2.3-01",
            r#"Numeric PreRelease version must not contain leading zeroes "01""#,
        ),
        (
            "1.2.3-a_b",
            r#"Invalid character(s) found in prerelease "a_b""#,
        ),
        ("1.2.3+", "Build meta data is empty"),
        (
            "1.2.3+a+b",
            r#"Invalid character(s) found in build meta data "a+b""#,
        ),
        (
            "99999999999999999999.2.3",
            r#"strconv.ParseUint: parsing "99999999999999999999": value out of range"#,
        ),
    ] {
        reads(text, false, expected);
    }
}

#[test]
fn versions_are_normalized() {
    for (text, expected) in [
        ("v1.0", "1.0.0"),
        ("01.01.01", "1.1.1"),
        ("1", "1.0.0"),
        ("v1.00.00-a", "1.0.0-a"),
        ("v", r#"strconv.ParseUint: parsing "": invalid syntax"#),
        (
            "1.0-rc",
            "short version cannot contain PreRelease/Build meta data",
        ),
        (
            "1.2.3 ",
            r#"Invalid character(s) found in patch number "3 ""#,
        ),
    ] {
        reads(text, true, expected);
    }
}

#[test]
fn prereleases_stand_before_releases() {
    for (left, right, expected) in [
        ("1.2.3", "1.2.3+x", 0),
        ("1.2.3-a", "1.2.3", -1),
        ("1.2.3-a", "1.2.3-a.1", -1),
        ("1.2.3-1", "1.2.3-a", -1),
        ("1.2.3-2", "1.2.3-10", -1),
        ("1.10.0", "1.9.0", 1),
    ] {
        let (a, b) = (Semver::parse(left).unwrap(), Semver::parse(right).unwrap());
        assert_eq!(a.compare(&b) as i64, expected, "{left} {right}");
    }
}
