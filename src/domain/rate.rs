//! Rates: so many requests in so much time, decided by GCRA.
//!
//! The generic cell rate algorithm (ITU-T I.371) keeps one number, the theoretical arrival time,
//! and allows a burst of a whole period's count. Time is in microseconds here, so that a rate of
//! thousands a second keeps its exactness.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use super::time::{Span, Timestamp};

/// At most `count` requests in any `per`, as a burst or spread out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Requests.
    pub count: NonZeroU32,
    /// In this time.
    pub per: Period,
}

/// The time that a rate counts over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// `/s`
    Second,
    /// `/m`
    Minute,
    /// `/h`
    Hour,
    /// `/d`
    Day,
}

impl Period {
    /// Every period, with the letter it is written with.
    pub const ALL: [(Self, &'static str); 4] =
        [(Self::Second, "s"), (Self::Minute, "m"), (Self::Hour, "h"), (Self::Day, "d")];

    /// Its length in microseconds.
    #[must_use]
    pub const fn micros(self) -> u64 {
        match self {
            Self::Second => 1_000_000,
            Self::Minute => 60_000_000,
            Self::Hour => 3_600_000_000,
            Self::Day => 86_400_000_000,
        }
    }
}

impl Period {
    /// When the period began that `now` lies in: they lie one after the other from the epoch on.
    #[must_use]
    pub fn start(self, now: Timestamp) -> Timestamp {
        let length = (self.micros() / 1_000).max(1);
        Timestamp(now.0.saturating_sub(now.0.checked_rem(length).unwrap_or_default()))
    }

    /// The letter that it is written with.
    #[must_use]
    pub fn letter(self) -> &'static str {
        Self::ALL.iter().find(|(period, _)| *period == self).map_or("?", |(_, letter)| letter)
    }
}

/// When the next request would be on time, in microseconds since the epoch (GCRA's TAT).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct ArrivalTime(pub u64);

impl Rate {
    /// Admits a request at `now`, or says how long to wait.
    ///
    /// # Errors
    /// The wait, rounded up to milliseconds, where the rate is reached.
    pub fn admit(self, last: ArrivalTime, now: Timestamp) -> Result<ArrivalTime, Span> {
        let now = now.0.saturating_mul(1_000);
        let period = self.per.micros();
        let step = period.checked_div(u64::from(self.count.get())).unwrap_or(period).max(1);
        let tolerance = period.saturating_sub(step);
        // A clock that went back must not lock the key out for longer than one period.
        let arrival = last.0.min(now.saturating_add(period)).max(now);
        let early = arrival.saturating_sub(now);
        if early > tolerance {
            let wait = early.saturating_sub(tolerance).div_ceil(1_000);
            return Err(Span(wait));
        }
        Ok(ArrivalTime(arrival.saturating_add(step)))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.count, self.per.letter())
    }
}

impl FromStr for Rate {
    type Err = NotARate;

    /// Reads `60/m`.
    fn from_str(text: &str) -> Result<Self, NotARate> {
        let (count, letter) = text.split_once('/').ok_or(NotARate)?;
        let (per, _) =
            Period::ALL.into_iter().find(|(_, known)| *known == letter).ok_or(NotARate)?;
        if !count.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotARate);
        }
        Ok(Self { count: count.parse().map_err(|_| NotARate)?, per })
    }
}

/// The text is no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotARate;

impl fmt::Display for NotARate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("write it as in 5/s, 60/m, 1000/h or 5000/d, from 1 to 4294967295")
    }
}

impl std::error::Error for NotARate {}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "small numbers of a test")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_burst_then_one_by_one() {
        let rate: Rate = "3/m".parse().unwrap();
        let mut arrival = ArrivalTime::default();
        for _ in 0..3 {
            arrival = rate.admit(arrival, Timestamp(1_000_000)).unwrap();
        }
        assert_eq!(rate.admit(arrival, Timestamp(1_000_000)), Err(Span(20_000)));
        assert!(rate.admit(arrival, Timestamp(1_019_999)).is_err());
        assert!(rate.admit(arrival, Timestamp(1_020_000)).is_ok());
    }

    #[test]
    fn what_is_no_rate() {
        for text in ["", "60", "0/m", "-1/m", "60/w", "+6/m", "1.5/s", "99999999999/s"] {
            assert_eq!(text.parse::<Rate>(), Err(NotARate), "{text}");
        }
    }

    proptest! {
        /// However the requests come, no window of one period admits more than twice the count
        /// (a burst at its start and the refill within it), and the long run keeps the rate.
        #[test]
        fn the_rate_is_kept(count in 1_u32..50, gaps in prop::collection::vec(0_u64..3_000, 1..300)) {
            let rate = Rate { count: NonZeroU32::new(count).unwrap(), per: Period::Second };
            let (mut now, mut arrival, mut admitted) = (1_000_000_u64, ArrivalTime::default(), 0_u64);
            for gap in &gaps {
                now += gap;
                if let Ok(next) = rate.admit(arrival, Timestamp(now)) {
                    arrival = next;
                    admitted += 1;
                }
            }
            let elapsed: u64 = gaps.iter().sum();
            let step = 1_000_000 / u64::from(count);
            prop_assert!(admitted <= u64::from(count) + elapsed * 1_000 / step + 1);
        }
    }
}
