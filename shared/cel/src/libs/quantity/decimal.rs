//! Decimal numbers of any length, as far as quantities need them.

use std::cmp::Ordering;

/// The most digits a number may have; Kubernetes' own numbers grow until memory ends.
pub(super) const MAX_DIGITS: usize = 100_000;

/// `digits * 10^exponent`, signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    /// Below zero; never set for zero.
    pub negative: bool,
    /// Digits 0 to 9, the first not 0; none is zero.
    digits: Vec<u8>,
    /// The power of ten.
    pub exponent: i32,
}

impl Decimal {
    /// A number from its digits, most significant first.
    pub(super) fn new(negative: bool, digits: impl IntoIterator<Item = u8>, exponent: i32) -> Self {
        let digits: Vec<u8> = digits.into_iter().skip_while(|digit| *digit == 0).collect();
        Self {
            negative: negative && !digits.is_empty(),
            digits,
            exponent,
        }
    }

    /// `value * 10^exponent`
    pub(super) fn from_int(value: i64, exponent: i32) -> Self {
        let digits = value.unsigned_abs().to_string();
        Self::new(
            value < 0,
            digits.bytes().map(|digit| digit - b'0'),
            exponent,
        )
    }

    pub(super) const fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// -1, 0 or 1.
    pub(super) const fn sign(&self) -> i64 {
        match (self.is_zero(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.digits.len()
    }

    /// The digits as text, with a sign.
    pub(super) fn digits_text(&self) -> String {
        if self.is_zero() {
            return "0".to_owned();
        }
        let sign = self.negative.then_some('-');
        let digits = self.digits.iter().map(|digit| char::from(b'0' + digit));
        sign.into_iter().chain(digits).collect()
    }

    /// The power of ten just above the number, by which numbers of different lengths compare.
    fn magnitude(&self) -> i64 {
        i64::from(self.exponent) + self.digits.len() as i64
    }

    fn compare_sizes(&self, other: &Self) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (true, true) => return Ordering::Equal,
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            (false, false) => {}
        }
        self.magnitude().cmp(&other.magnitude()).then_with(|| {
            let len = self.digits.len().max(other.digits.len());
            let padded = |digits: &[u8], at: usize| digits.get(at).copied().unwrap_or(0);
            (0..len)
                .map(|at| padded(&self.digits, at).cmp(&padded(&other.digits, at)))
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        })
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.compare_sizes(other),
            (true, true) => other.compare_sizes(self),
        }
    }

    /// The same number with the digits down to a lower exponent; `None` where they are too many.
    fn lowered(&self, exponent: i32) -> Option<Self> {
        let zeros = usize::try_from(i64::from(self.exponent) - i64::from(exponent)).ok()?;
        if self.is_zero() {
            return Some(Self::new(false, [], exponent));
        }
        if self.digits.len().saturating_add(zeros) > MAX_DIGITS {
            return None;
        }
        let digits = self.digits.iter().copied();
        let zeros = std::iter::repeat_n(0, zeros);
        Some(Self::new(self.negative, digits.chain(zeros), exponent))
    }

    /// The sum, at the lower of the two exponents; `None` where it has too many digits.
    pub(super) fn add(&self, other: &Self) -> Option<Self> {
        let exponent = self.exponent.min(other.exponent);
        let (left, right) = (self.lowered(exponent)?, other.lowered(exponent)?);
        if left.negative == right.negative {
            let digits = add_digits(&left.digits, &right.digits);
            return Some(Self::new(left.negative || right.negative, digits, exponent));
        }
        let (larger, smaller) = if left.compare_sizes(&right).is_lt() {
            (right, left)
        } else {
            (left, right)
        };
        let digits = subtract_digits(&larger.digits, &smaller.digits);
        Some(Self::new(larger.negative, digits, exponent))
    }

    pub(super) fn negated(mut self) -> Self {
        self.negative = !self.negative && !self.is_zero();
        self
    }

    /// The number times a factor.
    pub(super) fn times(&self, factor: u64) -> Self {
        let mut digits = Vec::with_capacity(self.digits.len() + 20);
        let mut carry = 0u128;
        for digit in self.digits.iter().rev() {
            carry += u128::from(*digit) * u128::from(factor);
            digits.push((carry % 10) as u8);
            carry /= 10;
        }
        while carry > 0 {
            digits.push((carry % 10) as u8);
            carry /= 10;
        }
        Self::new(self.negative, digits.into_iter().rev(), self.exponent)
    }

    /// The number with the given exponent, rounded away from zero; whether it was exact. `None`
    /// where it has too many digits.
    pub(super) fn rounded(&self, exponent: i32) -> Option<(Self, bool)> {
        if self.exponent >= exponent {
            return Some((self.lowered(exponent)?, true));
        }
        let dropped = i64::from(exponent) - i64::from(self.exponent);
        let kept = self.digits.len().saturating_sub(dropped as usize);
        let (kept, rest) = self.digits.split_at_checked(kept)?;
        let exact = rest.iter().all(|digit| *digit == 0);
        let digits = if exact {
            kept.to_vec()
        } else {
            add_digits(kept, &[1])
        };
        Some((Self::new(self.negative, digits, exponent), exact))
    }

    /// The number without factors of ten in its digits.
    pub(super) fn reduced(mut self) -> Self {
        while self.digits.last() == Some(&0) {
            self.digits.pop();
            self.exponent = self.exponent.saturating_add(1);
        }
        self
    }

    /// One digit more, and one power of ten less.
    pub(super) fn widened(mut self) -> Self {
        if !self.is_zero() {
            self.digits.push(0);
        }
        self.exponent = self.exponent.saturating_sub(1);
        self
    }

    /// The digits divided by 1024, where nothing remains.
    pub(super) fn divided_by_1024(&self) -> Option<Self> {
        let mut rest = 0u32;
        let mut digits = Vec::with_capacity(self.digits.len());
        for digit in &self.digits {
            rest = rest * 10 + u32::from(*digit);
            digits.push((rest / 1024) as u8);
            rest %= 1024;
        }
        (rest == 0 && !self.is_zero()).then(|| Self::new(self.negative, digits, self.exponent))
    }
}

fn add_digits(left: &[u8], right: &[u8]) -> Vec<u8> {
    let (mut left, mut right) = (left.iter().rev(), right.iter().rev());
    let mut digits = Vec::new();
    let mut carry = 0;
    loop {
        let (a, b) = (left.next(), right.next());
        if a.is_none() && b.is_none() && carry == 0 {
            break;
        }
        let sum = a.copied().unwrap_or(0) + b.copied().unwrap_or(0) + carry;
        digits.push(sum % 10);
        carry = sum / 10;
    }
    digits.reverse();
    digits
}

/// The digits of a difference that is not negative.
fn subtract_digits(larger: &[u8], smaller: &[u8]) -> Vec<u8> {
    let mut smaller = smaller.iter().rev();
    let mut borrow = 0;
    let mut digits: Vec<u8> = larger
        .iter()
        .rev()
        .map(|digit| {
            let taken = smaller.next().copied().unwrap_or(0) + borrow;
            borrow = u8::from(*digit < taken);
            digit + 10 * borrow - taken
        })
        .collect();
    digits.reverse();
    digits
}
