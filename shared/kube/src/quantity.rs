//! Quantities (`100Mi`, `0.5`, `1e3`) in the form in which the API server gives them back.

/// The error of a text that is no quantity at all.
pub(crate) const FORM_ERROR: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const SUFFIX_ERROR: &str = "unable to parse quantity's suffix";
const NUMBER_ERROR: &str = "unable to parse numeric part of quantity";

/// How a quantity is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// `12M`
    DecimalSi,
    /// `12Mi`
    BinarySi,
    /// `12e6`
    DecimalExponent,
}

/// A number with its way of being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// The value is `mantissa * 10^scale`.
    mantissa: i128,
    scale: i32,
    format: Format,
    /// The text it was read from, where that is taken for canonical.
    written: Option<String>,
}

/// The smallest scale that is kept: nano.
const NANO: i32 = -9;
/// The scale that resource lists are rounded up to.
const MILLI: i32 = -3;

fn suffix(text: &str) -> Option<(u32, i32, Format)> {
    Some(match text {
        "n" => (10, -9, Format::DecimalSi),
        "u" => (10, -6, Format::DecimalSi),
        "m" => (10, -3, Format::DecimalSi),
        "" => (10, 0, Format::DecimalSi),
        "k" => (10, 3, Format::DecimalSi),
        "M" => (10, 6, Format::DecimalSi),
        "G" => (10, 9, Format::DecimalSi),
        "T" => (10, 12, Format::DecimalSi),
        "P" => (10, 15, Format::DecimalSi),
        "E" => (10, 18, Format::DecimalSi),
        "Ki" => (2, 10, Format::BinarySi),
        "Mi" => (2, 20, Format::BinarySi),
        "Gi" => (2, 30, Format::BinarySi),
        "Ti" => (2, 40, Format::BinarySi),
        "Pi" => (2, 50, Format::BinarySi),
        "Ei" => (2, 60, Format::BinarySi),
        _ => {
            let exponent = text.strip_prefix(['e', 'E'])?;
            (10, exponent.parse().ok()?, Format::DecimalExponent)
        }
    })
}

fn decimal_suffix(exponent: i32) -> &'static str {
    match exponent {
        -9 => "n",
        -6 => "u",
        -3 => "m",
        3 => "k",
        6 => "M",
        9 => "G",
        12 => "T",
        15 => "P",
        18 => "E",
        _ => "",
    }
}

/// A count of digits, as a signed number.
fn count(digits: &str) -> i32 {
    i32::try_from(digits.len()).unwrap_or(i32::MAX)
}

impl Quantity {
    /// Reads a quantity.
    ///
    /// # Errors
    ///
    /// The API server's text of what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Err(FORM_ERROR);
        }
        let negative = text.starts_with('-');
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let rest = unsigned.trim_start_matches('0');
        let digits = |text: &str| {
            text.find(|character: char| !character.is_ascii_digit())
                .unwrap_or(text.len())
        };
        let (whole, rest) = rest.split_at(digits(rest));
        let (fraction, rest) = match rest.strip_prefix('.') {
            Some(rest) => rest.split_at(digits(rest)),
            None => ("", rest),
        };
        let letters = rest
            .find(|character| !"eEinumkKMGTP".contains(character))
            .unwrap_or(rest.len());
        let (_, tail) = rest.split_at(letters);
        let tail = tail.strip_prefix(['-', '+']).unwrap_or(tail);
        if digits(tail) != tail.len() {
            return Err(FORM_ERROR);
        }
        let (base, exponent, format) = suffix(rest).ok_or(SUFFIX_ERROR)?;
        let whole = if whole.is_empty() { "0" } else { whole };
        let shifted = format!("{whole}{fraction}");
        let value: i128 = shifted.parse().map_err(|_| NUMBER_ERROR)?;
        let factor = match base {
            2 => 1i128.checked_shl(exponent.unsigned_abs()).unwrap_or(1),
            _ => 1,
        };
        let scale = if base == 10 { exponent } else { 0 } - count(fraction);
        let canonical = match format {
            Format::BinarySi => {
                // 1Mi has about 6 digits
                let precision = 15 - count(whole) - exponent * 3 / 10 - 1;
                fraction.is_empty() && precision >= 0 && value & 7 != 0
            }
            Format::DecimalSi | Format::DecimalExponent => {
                18 - count(whole) - count(fraction) >= 0
                    && scale >= NANO
                    && scale % 3 == 0
                    && !shifted.ends_with("000")
                    && !shifted.starts_with('0')
            }
        };
        let mantissa = value.checked_mul(factor).ok_or(NUMBER_ERROR)?;
        let mut quantity = Self {
            mantissa: if negative { -mantissa } else { mantissa },
            scale,
            format,
            written: (canonical || text == "0").then(|| text.to_owned()),
        };
        quantity.round_up(NANO);
        let most = i128::from(i64::MAX);
        if format == Format::BinarySi {
            let cap = quantity.at_scale(0).0;
            if cap.abs() > most {
                quantity.mantissa = most * cap.signum();
                quantity.scale = 0;
            }
        }
        Ok(quantity)
    }

    /// The mantissa at a higher scale, rounded away from zero, and whether that was exact.
    fn at_scale(&self, scale: i32) -> (i128, bool) {
        let mut mantissa = self.mantissa;
        let mut exact = true;
        for _ in self.scale.max(scale - 60)..scale {
            exact &= mantissa % 10 == 0;
            mantissa = mantissa / 10
                + if mantissa % 10 == 0 {
                    0
                } else {
                    mantissa.signum()
                };
        }
        for _ in scale..self.scale.min(scale + 60) {
            mantissa = mantissa.saturating_mul(10);
        }
        (mantissa, exact)
    }

    fn round_up(&mut self, scale: i32) {
        if self.scale < scale {
            self.mantissa = self.at_scale(scale).0;
            self.scale = scale;
            self.written = None;
        }
    }

    /// The same rounded up to thousandths, as the values of resource lists are.
    #[must_use]
    pub fn rounded_to_milli(mut self) -> Self {
        self.round_up(MILLI);
        self
    }

    /// Whether it is above zero.
    #[must_use]
    pub const fn is_positive(&self) -> bool {
        self.mantissa > 0
    }

    /// The value in nano, by which two quantities are compared and added.
    #[must_use]
    pub fn nano(&self) -> i128 {
        self.at_scale(NANO).0
    }

    /// A quantity of a value in nano, written as this one is.
    #[must_use]
    pub const fn with_nano(&self, nano: i128) -> Self {
        Self {
            mantissa: nano,
            scale: NANO,
            format: self.format,
            written: None,
        }
    }

    /// The canonical text.
    #[must_use]
    pub fn canonical(&self) -> String {
        if let Some(written) = &self.written {
            return written.clone();
        }
        if self.mantissa == 0 {
            return "0".to_owned();
        }
        let (whole, exact) = self.at_scale(0);
        if self.format == Format::BinarySi && exact && whole.abs() >= 1024 {
            let mut mantissa = whole;
            let mut power = 0usize;
            while mantissa % 1024 == 0 && power < 6 {
                mantissa /= 1024;
                power += 1;
            }
            let suffix = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
            return format!("{mantissa}{}", suffix.get(power).unwrap_or(&""));
        }
        let (mut mantissa, mut exponent) = (self.mantissa, self.scale);
        while mantissa % 10 == 0 {
            mantissa /= 10;
            exponent += 1;
        }
        while exponent % 3 != 0 {
            mantissa = mantissa.saturating_mul(10);
            exponent -= 1;
        }
        match self.format {
            Format::DecimalExponent if exponent == 0 => mantissa.to_string(),
            Format::DecimalExponent => format!("{mantissa}e{exponent}"),
            _ => format!("{mantissa}{}", decimal_suffix(exponent)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FORM_ERROR, Quantity, SUFFIX_ERROR};

    #[test]
    fn canonical_texts() {
        // asked of k8s.io/apimachinery 0.36 resource.ParseQuantity
        let rows = [
            ("0", "0"),
            ("0Mi", "0"),
            ("1000m", "1"),
            ("1500m", "1500m"),
            ("0.5", "500m"),
            ("1.500", "1.500"),
            ("1.5Gi", "1536Mi"),
            ("1024Mi", "1Gi"),
            ("100Mi", "100Mi"),
            ("1000", "1k"),
            ("1e3", "1e3"),
            ("1000e3", "1e6"),
            ("0.1m", "100u"),
            ("1Ki", "1Ki"),
            ("512", "512"),
            ("-2.5k", "-2500"),
            ("+", "0"),
            ("m", "0"),
            ("1.", "1."),
            (".5", "500m"),
            ("+5", "+5"),
            ("007", "007"),
            ("7Ei", "7Ei"),
            ("8Ei", "9223372036854775807"),
            ("9.5Ei", "9223372036854775807"),
            ("1E", "1E"),
            ("1e21", "1e21"),
            ("1.0001m", "1000100n"),
            ("123456789012345678901", "123456789012345678901"),
            ("0.0000000001", "1n"),
            ("1.5Ki", "1536"),
            ("0.1Ki", "102400m"),
            ("1e-3", "1e-3"),
        ];
        for (text, expected) in rows {
            assert_eq!(
                Quantity::parse(text).unwrap().canonical(),
                expected,
                "{text}"
            );
        }
        for (text, expected) in [("5n", "1m"), ("1.0001m", "2m"), ("1.1", "1100m")] {
            let rounded = Quantity::parse(text).unwrap().rounded_to_milli();
            assert_eq!(rounded.canonical(), expected, "{text}");
        }
        for (text, error) in [
            ("1e", SUFFIX_ERROR),
            ("", FORM_ERROR),
            ("x", FORM_ERROR),
            ("1q", FORM_ERROR),
            ("1KMi", SUFFIX_ERROR),
        ] {
            assert_eq!(Quantity::parse(text), Err(error), "{text}");
        }
    }
}
