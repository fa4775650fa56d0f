//! What was used in an hour: the sums of the events, so that nobody has to add them up.

use super::cost::Cost;
use super::histogram::Histogram;
use super::ids::{KeySeq, MasterId};
use super::settlement::{Charge, Class, Outcome};
use super::time::Timestamp;

/// Milliseconds in an hour.
const HOUR: u64 = 3_600_000;

/// What a rollup is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RollupKey {
    /// The hour: counted from the epoch.
    pub hour: u64,
    /// The proxy key.
    pub key: KeySeq,
    /// The master key that its requests went out with.
    pub master: MasterId,
    /// The model that they named; empty where nobody looked, or there was none.
    pub model: String,
}

/// What a request was, beside what it cost: known once it has ended.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Facts {
    /// The model that it named; empty where nobody looked.
    pub model: String,
    /// Input tokens that the provider read from its cache.
    pub cached: u64,
    /// From its admission to the end of its answer, in milliseconds.
    pub latency: u64,
    /// From its admission to the first byte of its answer, in milliseconds; none where none came.
    pub first_byte: Option<u64>,
}

/// The sums of an hour. They saturate.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Rollup {
    /// Requests that were sent.
    pub sent: u64,
    /// Of those, the ones that used up an activation.
    pub activations: u64,
    /// Of those, the ones that the upstream answered with success.
    pub answered: u64,
    /// Those that it answered with 429.
    pub limited: u64,
    /// Those that it refused otherwise: 4xx.
    pub refused: u64,
    /// Those that it answered with 5xx, or not at all.
    pub failed: u64,
    /// Those whose cost is an upper bound, and not what the provider said.
    pub estimated: u64,
    /// Tokens and money.
    pub cost: Cost,
    /// Input tokens that were read from a cache.
    pub cached: u64,
    /// How long answers took.
    pub latency: Histogram,
    /// How long it took until they began.
    pub first_byte: Histogram,
}

impl RollupKey {
    /// The hour that a point in time lies in.
    #[must_use]
    pub fn hour_of(at: Timestamp) -> u64 {
        at.0.checked_div(HOUR).unwrap_or_default()
    }

    /// When an hour began.
    #[must_use]
    pub const fn start(hour: u64) -> Timestamp {
        Timestamp(hour.saturating_mul(HOUR))
    }
}

impl Rollup {
    /// Counts a request that has ended. One that was not sent counts nowhere.
    pub fn count(&mut self, outcome: Outcome, activation: bool, charge: &Charge, facts: &Facts) {
        let one = |count: &mut u64| *count = count.saturating_add(1);
        match Class::of(outcome) {
            Class::NotSent => return,
            Class::Answered => one(&mut self.answered),
            Class::Limited => one(&mut self.limited),
            Class::Refused => one(&mut self.refused),
            Class::Failed => one(&mut self.failed),
        }
        one(&mut self.sent);
        if activation {
            one(&mut self.activations);
        }
        if charge.estimated {
            one(&mut self.estimated);
        }
        self.cost = self.cost.plus(charge.cost);
        self.cached = self.cached.saturating_add(facts.cached);
        if let Some(first_byte) = facts.first_byte {
            self.latency.count(facts.latency);
            self.first_byte.count(first_byte);
        }
    }

    /// Adds another one to it.
    pub fn merge(&mut self, other: &Self) {
        let add = |sum: &mut u64, more: u64| *sum = sum.saturating_add(more);
        add(&mut self.sent, other.sent);
        add(&mut self.activations, other.activations);
        add(&mut self.answered, other.answered);
        add(&mut self.limited, other.limited);
        add(&mut self.refused, other.refused);
        add(&mut self.failed, other.failed);
        add(&mut self.estimated, other.estimated);
        add(&mut self.cached, other.cached);
        self.cost = self.cost.plus(other.cost);
        self.latency.merge(&other.latency);
        self.first_byte.merge(&other.first_byte);
    }
}
