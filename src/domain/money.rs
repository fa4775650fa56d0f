//! Money, in whole picodollars.

use std::fmt;
use std::iter::Sum;
use std::str::FromStr;

/// Picodollars in a dollar.
const DOLLAR: u64 = 1_000_000_000_000;
/// The digits after the point that a picodollar is.
const PLACES: i64 = 12;

/// The most that a limit can be: a million dollars, far from overflowing.
pub const MAX_SPEND: Picodollars = Picodollars(1_000_000 * DOLLAR);

/// An amount of US dollars in picodollars, 1e-12 dollars. Sums saturate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Picodollars(pub u64);

impl Picodollars {
    /// The sum; the largest amount where it would overflow.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference; nothing where `other` is more.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// So many times the amount.
    #[must_use]
    pub const fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count))
    }

    /// The amount of a decimal number of dollars as JSON writes it (RFC 8259 §6), exponent
    /// included. What is less than a picodollar is rounded up, so that no price becomes nothing.
    ///
    /// None where the text is no number, is negative, or is more than fits.
    #[must_use]
    pub fn from_decimal(text: &str) -> Option<Self> {
        let (digits, exponent) = match text.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i64>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all = [whole, fraction].concat();
        if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let all = all.trim_start_matches('0');
        if all.is_empty() {
            return Some(Self(0));
        }
        // The value is `all` times ten to the `shift`, in picodollars.
        let places = i64::try_from(fraction.len()).ok()?;
        let shift = exponent.checked_sub(places)?.checked_add(PLACES)?;
        if shift >= 0 {
            let factor = 10u64.checked_pow(u32::try_from(shift).ok()?)?;
            return all.parse::<u64>().ok()?.checked_mul(factor).map(Self);
        }
        let cut = usize::try_from(shift.unsigned_abs()).ok()?;
        let (kept, dropped) = all.split_at(all.len().saturating_sub(cut));
        let amount = if kept.is_empty() { 0 } else { kept.parse::<u64>().ok()? };
        let more = u64::from(dropped.bytes().any(|digit| digit != b'0'));
        amount.checked_add(more).map(Self)
    }
}

impl Sum for Picodollars {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self(0), Self::plus)
    }
}

/// A text that is no limit of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotMoney {
    /// It is no plain number of dollars.
    #[error("write it in dollars, as in 5, 5.00 or 0.25")]
    Form,
    /// It is zero, or more than [`MAX_SPEND`].
    #[error("it must be more than 0 and at most 1000000 dollars")]
    Range,
    /// It is finer than a picodollar.
    #[error("it has more than 12 digits after the point")]
    Fine,
}

impl FromStr for Picodollars {
    type Err = NotMoney;

    /// Reads dollars: `5`, `5.00`, `$0.25`.
    fn from_str(text: &str) -> Result<Self, NotMoney> {
        let plain = text.strip_prefix('$').unwrap_or(text);
        let (whole, fraction) = plain.split_once('.').unwrap_or((plain, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(fraction) {
            return Err(NotMoney::Form);
        }
        if fraction.len() > 12 {
            return Err(NotMoney::Fine);
        }
        let amount = Self::from_decimal(plain).ok_or(NotMoney::Range)?;
        if amount.0 == 0 || amount > MAX_SPEND { Err(NotMoney::Range) } else { Ok(amount) }
    }
}

impl fmt::Display for Picodollars {
    /// Dollars with two digits after the point, or as many as it needs: `$5.00`, `$0.000123`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dollars = self.0 / DOLLAR;
        let fraction = format!("{:012}", self.0 % DOLLAR);
        let kept = fraction.trim_end_matches('0').len().max(2);
        f.pad(&format!("${dollars}.{}", fraction.get(..kept).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prices_are_read_without_a_float() {
        let cases = [
            ("2.8e-09", 2_800),
            ("1.25e-05", 12_500_000),
            ("1e-05", 10_000_000),
            ("0.0", 0),
            ("0", 0),
            ("3.75e-08", 37_500),
            ("8.33333333333e-05", 83_333_334),
            ("1e-13", 1),
            ("1e-40", 1),
            ("0.035", 35_000_000_000),
            ("5E+0", 5_000_000_000_000),
            ("100", 100_000_000_000_000),
        ];
        for (text, amount) in cases {
            assert_eq!(Picodollars::from_decimal(text), Some(Picodollars(amount)), "{text}");
        }
        for text in
            ["", ".", "-1", "1e", "x", "1e30", "99999999999999999999", "1e999999999999999999"]
        {
            assert_eq!(Picodollars::from_decimal(text), None, "{text}");
        }
    }

    #[test]
    fn limits_are_typed_in_dollars() {
        let read = |text: &str| text.parse::<Picodollars>();
        assert_eq!(read("5"), Ok(Picodollars(5 * DOLLAR)));
        assert_eq!(read("$0.25"), Ok(Picodollars(DOLLAR / 4)));
        assert_eq!(read("0"), Err(NotMoney::Range));
        assert_eq!(read("1000000.01"), Err(NotMoney::Range));
        assert_eq!(read("0.0000000000001"), Err(NotMoney::Fine));
        for text in ["", "5.", ".5", "-5", "5e1", "5,00", "five"] {
            assert_eq!(read(text), Err(NotMoney::Form), "{text}");
        }
        assert_eq!(Picodollars(5 * DOLLAR).to_string(), "$5.00");
        assert_eq!(Picodollars(123_456_789).to_string(), "$0.000123456789");
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_again(amount in 1..=MAX_SPEND.0) {
            let amount = Picodollars(amount);
            prop_assert_eq!(amount.to_string().parse(), Ok(amount));
        }

        #[test]
        fn no_text_panics(text in "\\PC*", number in "[0-9]{0,30}(\\.[0-9]{0,30})?(e-?[0-9]{1,4})?") {
            let _ = Picodollars::from_decimal(&text);
            let _ = Picodollars::from_decimal(&number);
        }
    }
}
