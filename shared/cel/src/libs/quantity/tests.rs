//! Quantities, with the answers of `k8s.io/apiserver` 1.36.2.

use super::amount::Amount;

#[track_caller]
fn prints(text: &str, expected: &str) {
    assert_eq!(Amount::parse(text).unwrap().text(), expected, "{text}");
}

#[test]
fn text_is_canonical() {
    for (text, expected) in [
        ("1.5Gi", "1536Mi"),
        ("1.5G", "1500M"),
        ("1500m", "1500m"),
        ("0.1", "100m"),
        (".5", "500m"),
        ("1.", "1."),
        (".", "0"),
        ("-", "0"),
        ("+", "0"),
        ("+1k", "+1k"),
        ("1e3", "1e3"),
        ("1E3", "1E3"),
        ("1E", "1E"),
        ("1e-3", "1e-3"),
        ("20e1", "200"),
        ("123e4", "1230e3"),
        ("00", "0"),
        ("0Ki", "0"),
        ("1000", "1k"),
        ("1024", "1024"),
        ("1024Ki", "1Mi"),
        ("1Pi", "1Pi"),
        ("1Ei", "1Ei"),
        ("8Ei", "9223372036854775807"),
        ("100Ei", "9223372036854775807"),
        ("0.0000000001", "1n"),
        ("-0.1n", "-1n"),
        ("1.23456789012345678901234", "1234567891n"),
        ("12345678901234567890", "12345678901234567890"),
        (
            "9999999999999999999999999999999999999G",
            "9999999999999999999999999999999999999G",
        ),
        ("0.5Ki", "512"),
        ("0.1Ki", "102400m"),
        ("1.1Ki", "1126400m"),
        ("0.0001Ki", "102400u"),
        ("1000000000000000000000", "1"),
        ("1E22", "10e21"),
        ("1.5e21", "1500e18"),
        ("-1536Mi", "-1536Mi"),
        ("100.5Mi", "102912Ki"),
        ("12345678901234567890.5", "12345678901234567890500m"),
        ("-12345678901234567890.5Ki", "-9223372036854775807"),
    ] {
        prints(text, expected);
    }
}

#[test]
fn wrong_texts_are_refused() {
    let format = "quantities must match the regular expression \
                  '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    let suffix = "unable to parse quantity's suffix";
    for (text, expected) in [
        ("", format),
        ("Three", format),
        ("1 ", format),
        ("1é", format),
        ("Mi", "0"),
        ("1K", suffix),
        ("1e", suffix),
        ("1ee3", suffix),
        ("1Kii", suffix),
        ("1M5", suffix),
    ] {
        let found = Amount::parse(text).map_or_else(str::to_owned, |amount| amount.text());
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn integers_fit_in_one_word() {
    for (text, expected) in [
        ("1e4294967297", Some(10)),
        ("1.5", None),
        ("1.0", None),
        ("1000m", None),
        ("1Pi", None),
        ("10Ti", Some(10 << 40)),
        ("100Ti", None),
        ("99999Gi", Some(99999 << 30)),
        ("100000Gi", None),
        ("9223372036854775807", None),
        ("123456789012345678", Some(123_456_789_012_345_678)),
        ("1e18", Some(1_000_000_000_000_000_000)),
        ("1e19", None),
    ] {
        assert_eq!(Amount::parse(text).unwrap().as_int(), expected, "{text}");
    }
}

#[test]
fn doubles_are_gos() {
    for (text, expected) in [
        ("0.1", 0.1),
        ("1.23456789", 1.234_567_890_000_000_1),
        ("1Pi", 1.125_899_906_842_624e15),
        (
            "9999999999999999999999999999999999999G",
            1.000_000_000_000_000_1e46,
        ),
        ("7e200", 7e200),
        ("1e400", f64::INFINITY),
    ] {
        let found = Amount::parse(text).unwrap().as_float();
        assert!(found == expected, "{text}: {found}");
    }
}

#[test]
fn sums_and_differences_print() {
    let quantity = |text| Amount::parse(text).unwrap();
    let add = |left, right: Amount| quantity(left).add(&right).unwrap().text();
    let sub = |left, right: Amount| quantity(left).sub(&right).unwrap().text();
    assert_eq!(add("1k", quantity("1Ki")), "2024");
    assert_eq!(add("1Ki", quantity("1k")), "2024");
    assert_eq!(add("0", quantity("1Ki")), "1Ki");
    assert_eq!(sub("1Gi", quantity("1Mi")), "1023Mi");
    assert_eq!(sub("1Gi", quantity("1Gi")), "0");
    assert_eq!(add("1k", Amount::integer(5)), "1005");
    assert_eq!(add("0", Amount::integer(5000)), "5e3");
    assert_eq!(add("1Pi", Amount::integer(1)), "1125899906842625");
    assert_eq!(add("1e18", quantity("9e18")), "10e18");
    assert_eq!(add("1n", quantity("1e18")), "1000000000000000000000000001n");
    assert_eq!(sub("1", Amount::integer(i64::MIN)), "-9223372036854775807");
    assert_eq!(sub("5", quantity("12Pi")), "-13510798882111483");
    assert_eq!(add("0.5", quantity("0.25")), "750m");
}

#[test]
fn order_does_not_depend_on_the_form() {
    for (left, right, expected) in [
        ("1", "1000m", 0),
        ("200M", "0.2G", 0),
        ("-1", "1Pi", -1),
        ("-2Pi", "-1Pi", -1),
        ("1e100", "1e99", 1),
        ("50Mi", "50M", 1),
    ] {
        let order = Amount::parse(left)
            .unwrap()
            .compare(&Amount::parse(right).unwrap());
        assert_eq!(order as i64, expected, "{left} {right}");
    }
}
