//! Names of policies and labels.

use crate::names::Claim;
use crate::{Names, label_name, policy_name};

/// The names of Kyverno's own policies and rules, as issue and architecture give them.
#[test]
fn a_shared_run_of_words_is_written_once() {
    for (policy, rule, expected) in [
        ("disallow-selinux", "selinux-type", "disallow-selinux-type"),
        (
            "restrict-volume-types",
            "restricted-volumes",
            "restrict-volume-types-restricted-volumes",
        ),
        ("disallow-host-path", "host-path", "disallow-host-path"),
        (
            "disallow-host-ports",
            "host-ports-none",
            "disallow-host-ports-none",
        ),
        (
            "disallow-host-ports-range",
            "host-port-range",
            "disallow-host-ports-range-host-port-range",
        ),
        (
            "require-run-as-non-root-user",
            "run-as-non-root-user",
            "require-run-as-non-root-user",
        ),
        (
            "require-run-as-nonroot",
            "run-as-non-root",
            "require-run-as-nonroot-run-as-non-root",
        ),
        // The longest run counts, not the first.
        ("x-a-a", "a-a-b", "x-a-a-b"),
        ("same", "same", "same"),
        // Words, not letters.
        ("check-path", "paths", "check-path-paths"),
    ] {
        assert_eq!(policy_name(policy, rule), expected, "{policy} {rule}");
    }
}

#[test]
fn names_are_legal() {
    for (policy, rule, expected) in [
        ("check", "Host Path!", "check-host-path"),
        ("check", "a_b", "check-a-b"),
        ("check", "größe", "check-gr--e"),
        ("v1.2", "-x-", "v1.2--x"),
        ("a.", ".b", "a.b"),
        ("-", "!", "policy"),
    ] {
        let name = policy_name(policy, rule);
        // `-.-` is cut to `.`, as neither side of a dot may be a hyphen.
        assert!(is_dns_subdomain(&name), "{name}");
        if !expected.contains('.') {
            assert_eq!(name, expected);
        }
    }
}

fn is_dns_subdomain(name: &str) -> bool {
    name.len() <= 253
        && name.split('.').all(|part| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
                && !part.starts_with('-')
                && !part.ends_with('-')
        })
}

#[test]
fn long_names_are_cut_and_stay_apart() {
    let long = "word-".repeat(60) + "end";
    let one = policy_name(&long, "one");
    let two = policy_name(&long, "two");
    assert!(is_dns_subdomain(&one) && is_dns_subdomain(&two));
    assert_ne!(one, two);
}

#[test]
fn labels_hold_63_characters() {
    let fits = "a".repeat(63);
    assert_eq!(label_name(&fits), fits);
    let head = "disallow-capabilities-strict-adding-capabilities-in-every-container";
    let (one, two) = (format!("{head}-one"), format!("{head}-two"));
    for name in [&one, &two] {
        let label = label_name(name);
        assert!(label.len() <= 63, "{label}");
        assert!(
            label.starts_with("disallow-capabilities-strict-"),
            "{label}"
        );
        // The same each time, and on each machine: labels outlive versions.
        assert_eq!(label, label_name(name));
    }
    assert_ne!(label_name(&one), label_name(&two));
}

#[test]
fn two_sources_never_share_a_name() {
    let mut names = Names::new();
    let wished = policy_name("x-a", "b");
    assert_eq!(wished, policy_name("x", "a-b"));
    assert_eq!(names.claim(&wished, "one"), Claim::Free(wished.clone()));
    let Claim::Changed { name, taken_by } = names.claim(&wished, "two") else {
        panic!("the name is taken");
    };
    assert_eq!(taken_by, "one");
    assert_ne!(name, wished);
    assert!(is_dns_subdomain(&name));
    assert_eq!(names.claim(&wished, "one"), Claim::Again);
}
