//! Points and lengths of time, in whole milliseconds.

use std::fmt;
use std::str::FromStr;

/// A point in time: milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// The point `span` later; the end of time where it would overflow.
    #[must_use]
    pub fn after(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// The point as RFC 3339 writes it, in UTC and whole seconds.
    ///
    /// Points beyond the year 9999, which no limit reaches, are written as its end.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        let seconds = i64::try_from(self.0 / 1_000).unwrap_or(i64::MAX);
        let point = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
        point.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// How long ago `earlier` was; nothing where it is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

/// A length of time in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(pub u64);

/// The units that a span is written in, with their milliseconds, largest first.
const UNITS: [(&str, u64); 6] = [
    ("w", 604_800_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

impl Span {
    /// A span of whole seconds.
    #[must_use]
    pub const fn seconds(count: u64) -> Self {
        Self(count.saturating_mul(1_000))
    }

    /// A span of whole minutes.
    #[must_use]
    pub const fn minutes(count: u64) -> Self {
        Self(count.saturating_mul(60_000))
    }

    /// The same for the standard library.
    #[must_use]
    pub const fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_millis(self.0)
    }

    /// The largest unit alone, as in `3h`: what a table has room for.
    #[must_use]
    pub fn rounded(self) -> String {
        let unit = UNITS.iter().find(|(_, size)| self.0 >= *size);
        match unit {
            Some((name, size)) => {
                format!("{}{name}", self.0.checked_div(*size).unwrap_or_default())
            }
            None => "0s".to_owned(),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0;
        for (name, size) in UNITS {
            let count = rest.checked_div(size).unwrap_or_default();
            rest = rest.checked_rem(size).unwrap_or_default();
            if count > 0 {
                write!(f, "{count}{name}")?;
            }
        }
        Ok(())
    }
}

impl FromStr for Span {
    type Err = NotASpan;

    /// Reads `90s`, `2h`, `1h30m`, `7d`: whole numbers, each with a unit of w, d, h, m, s, ms.
    fn from_str(text: &str) -> Result<Self, NotASpan> {
        let mut total: u64 = 0;
        let mut rest = text;
        if rest.is_empty() {
            return Err(NotASpan::Malformed);
        }
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or(NotASpan::NoUnit)?;
            let (number, tail) = rest.split_at(digits);
            let unit_len = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(unit_len);
            let (_, size) =
                UNITS.iter().find(|(name, _)| *name == unit).ok_or(NotASpan::Malformed)?;
            if number.is_empty() {
                return Err(NotASpan::Malformed);
            }
            let number: u64 = number.parse().map_err(|_| NotASpan::TooLong)?;
            total = number
                .checked_mul(*size)
                .and_then(|part| total.checked_add(part))
                .ok_or(NotASpan::TooLong)?;
            rest = tail;
        }
        Ok(Self(total))
    }
}

/// Why a text is no span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotASpan {
    /// Not numbers with units.
    Malformed,
    /// A number with no unit after it.
    NoUnit,
    /// More milliseconds than 64 bits hold.
    TooLong,
}

impl fmt::Display for NotASpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "write it as in 90s, 30m, 2h, 1h30m or 7d",
            Self::NoUnit => "a unit is missing; write it as in 90s, 30m, 2h or 7d",
            Self::TooLong => "it is too long",
        })
    }
}

impl std::error::Error for NotASpan {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spans_are_read_as_they_are_written() {
        assert_eq!("1h30m".parse(), Ok(Span(5_400_000)));
        assert_eq!("500ms".parse(), Ok(Span(500)));
        assert_eq!("90".parse::<Span>(), Err(NotASpan::NoUnit));
        assert_eq!("h".parse::<Span>(), Err(NotASpan::Malformed));
        assert_eq!("-2h".parse::<Span>(), Err(NotASpan::Malformed));
        assert_eq!("99999999999999w".parse::<Span>(), Err(NotASpan::TooLong));
        assert_eq!(Span(5_430_000).rounded(), "1h");
        assert_eq!(Timestamp(1_700_000_000_999).to_rfc3339(), "2023-11-14T22:13:20Z");
    }

    proptest! {
        #[test]
        fn a_span_survives_its_text(ms in any::<u64>()) {
            prop_assert_eq!(Span(ms).to_string().parse(), Ok(Span(ms)));
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = text.parse::<Span>();
        }
    }
}
