//! What one key has of another: the part of a parent's limits that a child key was given.

use super::cost::Measure;
use super::key::Usage;
use super::limits::{Counting, Limits};

/// A part of a key's limits: so much of each measure. Sums saturate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Share {
    /// Activations.
    pub activations: u64,
    /// Attempts, where answers alone use up activations.
    pub attempts: u64,
    /// Input and output tokens together.
    pub tokens: u64,
    /// Input tokens.
    pub input_tokens: u64,
    /// Output tokens.
    pub output_tokens: u64,
    /// Money, in picodollars.
    pub spend: u64,
}

impl Share {
    /// What a key with the limits `own` takes of one that is limited by `above`: everything that
    /// it may use of what that one is limited in.
    #[must_use]
    pub fn of_limits(own: &Limits, above: &Limits) -> Self {
        let activations = above.activations.and(own.activations).unwrap_or_default();
        let attempts = match above.counting {
            Counting::Sent => 0,
            Counting::Answered => above.activations.and(own.attempts()).unwrap_or_default(),
        };
        let cap = |measure| above.caps.on(measure).and(own.caps.on(measure)).unwrap_or_default();
        Self {
            activations,
            attempts,
            tokens: cap(Measure::Tokens),
            input_tokens: cap(Measure::InputTokens),
            output_tokens: cap(Measure::OutputTokens),
            spend: cap(Measure::Spend),
        }
    }

    /// Everything that a key has used, holds and has lent.
    #[must_use]
    pub fn taken(usage: &Usage) -> Self {
        let sum =
            |measure: Measure| measure.of(&usage.cost).saturating_add(usage.set_aside(measure));
        Self {
            activations: usage.used.saturating_add(usage.activations_set_aside()),
            attempts: usage.attempts.saturating_add(usage.held).saturating_add(usage.lent.attempts),
            tokens: sum(Measure::Tokens),
            input_tokens: sum(Measure::InputTokens),
            output_tokens: sum(Measure::OutputTokens),
            spend: sum(Measure::Spend),
        }
    }

    /// Its part of one measure.
    #[must_use]
    pub const fn of(&self, measure: Measure) -> u64 {
        match measure {
            Measure::Tokens => self.tokens,
            Measure::InputTokens => self.input_tokens,
            Measure::OutputTokens => self.output_tokens,
            Measure::Spend => self.spend,
        }
    }

    /// The sum of both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        self.with(other, u64::saturating_add)
    }

    /// The difference, in each part at least nothing.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        self.with(other, u64::saturating_sub)
    }

    /// In each part the smaller.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        self.with(other, Ord::min)
    }

    /// So many times the share.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        self.with(self, |part, _| part.saturating_mul(count))
    }

    fn with(self, other: Self, both: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            activations: both(self.activations, other.activations),
            attempts: both(self.attempts, other.attempts),
            tokens: both(self.tokens, other.tokens),
            input_tokens: both(self.input_tokens, other.input_tokens),
            output_tokens: both(self.output_tokens, other.output_tokens),
            spend: both(self.spend, other.spend),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cost::{Caps, Cost};
    use crate::domain::money::Picodollars;

    #[test]
    fn a_share_is_of_what_the_one_above_is_limited_in() {
        let caps = Caps { tokens: Some(100), spend: Some(Picodollars(7)), ..Caps::default() };
        let own = Limits {
            activations: Some(5),
            caps,
            counting: Counting::Answered,
            ..Limits::default()
        };
        assert_eq!(Share::of_limits(&own, &Limits::default()), Share::default());
        let above = Limits {
            activations: Some(50),
            caps: Caps { tokens: Some(1_000), ..Caps::default() },
            ..Limits::default()
        };
        let share = Share { activations: 5, tokens: 100, ..Share::default() };
        assert_eq!(Share::of_limits(&own, &above), share);
        let above = Limits { counting: Counting::Answered, ..above };
        assert_eq!(Share::of_limits(&own, &above), Share { attempts: 20, ..share });
    }

    #[test]
    fn what_is_taken_is_used_held_and_lent() {
        let cost = Cost { input: 3, output: 4, spend: Picodollars(5) };
        let lent = Share { activations: 10, attempts: 40, tokens: 20, ..Share::default() };
        let usage = Usage {
            used: 1,
            held: 2,
            attempts: 3,
            cost,
            cost_held: cost,
            lent,
            ..Usage::default()
        };
        let taken = Share {
            activations: 13,
            attempts: 45,
            tokens: 34,
            input_tokens: 6,
            output_tokens: 8,
            spend: 10,
        };
        assert_eq!(Share::taken(&usage), taken);
    }
}
