//! What becomes of an alert that was tried: delivered, tried again later, or given up.

use super::time::{Span, Timestamp};

/// How long after the first failure it is tried again; twice as long after each further one.
pub const FIRST_PAUSE: Span = Span::seconds(10);
/// The same where the receiver says that it will never take it.
pub const FIRST_PAUSE_OF_REFUSED: Span = Span::minutes(5);
/// The longest pause.
pub const LONGEST_PAUSE: Span = Span::minutes(60);
/// How long after it happened an alert is given up.
pub const GIVEN_UP_AFTER: Span = Span::minutes(24 * 60);
/// Alerts that may wait for one target; beyond it the oldest go.
pub const MAX_WAITING: usize = 256;

/// What came of one try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The target has it.
    Delivered,
    /// It does not.
    Failed(Failure),
}

/// Why a target did not take an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// In words, without the address.
    pub why: String,
    /// Whether the receiver says that it will never take it: a status 4xx but 408 and 429.
    pub refused: bool,
    /// How long it asks to be left alone.
    pub retry_after: Option<Span>,
}

impl Failure {
    /// One that may pass.
    #[must_use]
    pub fn passing(why: impl Into<String>) -> Self {
        Self { why: why.into(), refused: false, retry_after: None }
    }
}

/// How long to wait after so many failures in a row, `jitter` being any number: 75 to 125 % of the
/// pause, and never beyond [`LONGEST_PAUSE`].
#[must_use]
pub fn pause(failures: u64, failure: &Failure, jitter: u64) -> Span {
    let first = if failure.refused { FIRST_PAUSE_OF_REFUSED } else { FIRST_PAUSE };
    let doublings = u32::try_from(failures.saturating_sub(1).min(20)).unwrap_or(20);
    let whole = first.0.saturating_mul(2u64.saturating_pow(doublings)).min(LONGEST_PAUSE.0);
    let percent = jitter.checked_rem(51).unwrap_or_default().saturating_add(75);
    let pause = whole.saturating_mul(percent).checked_div(100).unwrap_or(whole);
    let asked = failure.retry_after.map_or(0, |span| span.0);
    Span(pause.max(asked).min(LONGEST_PAUSE.0))
}

/// Whether it is time for the next try. One that lies further ahead than any pause was set by a
/// clock that has been set back since.
#[must_use]
pub fn is_due(next_at: Timestamp, now: Timestamp) -> bool {
    next_at <= now || next_at > now.after(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pauses_double_up_to_an_hour() {
        let passing = Failure::passing("it is down");
        let middle = |failures| pause(failures, &passing, 25).0 / 1_000;
        assert_eq!([1, 2, 3, 4].map(middle), [10, 20, 40, 80]);
        assert_eq!([9, 10, u64::MAX].map(middle), [2_560, 3_600, 3_600]);
        let refused = Failure { refused: true, ..passing.clone() };
        assert_eq!(pause(1, &refused, 25), Span::minutes(5));
        let asked = |span| pause(1, &Failure { retry_after: Some(span), ..passing.clone() }, 25);
        assert_eq!(asked(Span::minutes(7)), Span::minutes(7));
        assert_eq!(asked(Span::minutes(700)), LONGEST_PAUSE);
        assert_eq!(asked(Span(0)), Span::seconds(10));
    }

    #[test]
    fn a_clock_that_was_set_back_delays_nothing_for_long() {
        let now = Timestamp(1_000_000_000);
        assert!(is_due(now, now) && !is_due(now.after(Span::minutes(60)), now));
        assert!(is_due(now.after(Span::minutes(61)), now));
    }

    proptest! {
        #[test]
        fn jitter_stays_within_a_quarter(failures: u64, jitter: u64) {
            let passing = Failure::passing("it is down");
            let (middle, found) = (pause(failures, &passing, 25).0, pause(failures, &passing, jitter).0);
            prop_assert!(found.saturating_mul(4) >= middle.saturating_mul(3));
            prop_assert!(found.saturating_mul(4) <= middle.saturating_mul(5));
            prop_assert!(found <= LONGEST_PAUSE.0);
        }
    }
}
