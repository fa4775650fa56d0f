//! Factors on a price.

use std::fmt;

use crate::domain::money::Picodollars;

/// One, in the units of a multiplier.
const ONE: u64 = 1_000_000_000_000;

/// A factor, exact to twelve decimals and rounded up beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Multiplier(u64);

impl Multiplier {
    /// The factor that changes nothing.
    pub(super) const ONE: Self = Self(ONE);

    /// The factor of a decimal number; none where it is none, or negative.
    pub(super) fn from_decimal(text: &str) -> Option<Self> {
        // A factor has as many decimals as a dollar has picodollars.
        Picodollars::from_decimal(text).map(|factor| Self(factor.0))
    }

    /// Both factors in one.
    pub(super) fn and(self, other: Self) -> Self {
        Self(self.of(u128::from(other.0)).0)
    }

    /// So many times an amount of picodollars, rounded up; the largest amount where it would
    /// overflow.
    pub(super) fn of(self, amount: u128) -> Picodollars {
        let exact = amount.checked_mul(u128::from(self.0));
        let whole = exact.map(|exact| exact.div_ceil(u128::from(ONE)));
        Picodollars(whole.and_then(|whole| u64::try_from(whole).ok()).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Multiplier {
    /// The decimal number: `1.1`, `2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.0 / ONE;
        let fraction = format!("{:012}", self.0 % ONE);
        match fraction.trim_end_matches('0') {
            "" => write!(f, "{whole}"),
            fraction => write!(f, "{whole}.{fraction}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_are_exact_and_products_are_rounded_up() {
        let us = Multiplier::from_decimal("1.1").unwrap();
        let fast = Multiplier::from_decimal("2.0").unwrap();
        assert_eq!(us.and(fast), Multiplier::from_decimal("2.2").unwrap());
        assert_eq!((us.to_string(), fast.to_string()), ("1.1".to_owned(), "2".to_owned()));
        assert_eq!(us.of(10), Picodollars(11));
        assert_eq!(us.of(1), Picodollars(2));
        assert_eq!(Multiplier::ONE.of(7), Picodollars(7));
        assert_eq!(us.of(u128::MAX), Picodollars(u64::MAX));
        assert_eq!(Multiplier::from_decimal("-1"), None);
    }
}
