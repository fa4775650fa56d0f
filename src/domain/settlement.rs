//! What becomes of a hold when its request has ended.

use super::cost::{Cost, Measure};
use super::key::{EndCause, KeyRecord, Usage};
use super::limits::Counting;
use super::time::{Span, Timestamp};

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing of it reached the upstream.
    NotSent,
    /// It was sent, and the upstream answered with this status.
    Answered(u16),
    /// It was sent, and no answer came.
    Unanswered,
    /// Its process died; whether it was sent is not known.
    Abandoned,
}

/// What became of a request, as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Nothing of it reached the upstream.
    NotSent,
    /// The upstream answered with a status below 400.
    Answered,
    /// It answered with 429.
    Limited,
    /// It refused otherwise: 4xx.
    Refused,
    /// It answered with 5xx, or not at all.
    Failed,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 5] =
        [Self::Answered, Self::Limited, Self::Refused, Self::Failed, Self::NotSent];

    /// The class of an outcome.
    #[must_use]
    pub const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::NotSent => Self::NotSent,
            Outcome::Answered(..400) => Self::Answered,
            Outcome::Answered(429) => Self::Limited,
            Outcome::Answered(400..500) => Self::Refused,
            Outcome::Answered(500..) | Outcome::Unanswered | Outcome::Abandoned => Self::Failed,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Answered => "answered",
            Self::Limited => "limited",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// What a request costs, and how sure that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Charge {
    /// Tokens and money.
    pub cost: Cost,
    /// Whether it is an upper bound, and not what the provider said.
    pub estimated: bool,
}

/// What is charged for a request that held `held`, where its answer was read as `read`.
///
/// What is not known to cost less is charged whole. A refusal of the upstream costs nothing, or
/// what it says.
#[must_use]
pub fn charge(held: Cost, outcome: Outcome, read: Option<Charge>) -> Charge {
    match (outcome, read) {
        (Outcome::NotSent, _) | (Outcome::Answered(300..), None) => Charge::default(),
        (Outcome::Answered(_), Some(read)) => read,
        _ => Charge { cost: held, estimated: held != Cost::default() },
    }
}

/// Settles one hold of a key, and returns the row as it is after.
///
/// What is not known to have stayed here is charged: a crash never gives an activation back.
#[must_use]
pub fn settle(
    key: &KeyRecord,
    usage: &Usage,
    outcome: Outcome,
    (held, cost): (Cost, Cost),
    now: Timestamp,
) -> Usage {
    let mut next = *usage;
    next.held = next.held.saturating_sub(1);
    next.cost_held = next.cost_held.minus(held);
    next.cost = next.cost.plus(cost);
    if outcome != Outcome::NotSent {
        next.attempts = next.attempts.saturating_add(1);
        if matches!(outcome, Outcome::Answered(200..=399)) {
            next.answered = next.answered.saturating_add(1);
        }
        if counts(key.limits.counting, outcome) {
            next.used = next.used.saturating_add(1);
        }
    }
    end_if_used_up(key, next, now)
}

/// The row, ended where a limit of the key is used up: its activations, its attempts with nothing
/// in flight, or a cap of which so little is left that no request can be paid. What child keys have
/// is held: a key that gave everything away lives.
#[must_use]
pub fn end_if_used_up(key: &KeyRecord, usage: Usage, now: Timestamp) -> Usage {
    // Its limits may still be raised: whoever waits for that ends it.
    if key.limits.patience != Span(0) {
        return usage;
    }
    let used_up = key.limits.activations.is_some_and(|limit| usage.used >= limit)
        || (key.limits.counting == Counting::Answered
            && usage.held == 0
            && usage.lent.attempts == 0
            && key.limits.attempts().is_some_and(|cap| usage.attempts >= cap));
    if used_up {
        return usage.end(EndCause::Activations, now);
    }
    match spent_cap(key, &usage) {
        Some(cause) => usage.end(cause, now),
        None => usage,
    }
}

/// The end that a cap on tokens or money has brought.
fn spent_cap(key: &KeyRecord, usage: &Usage) -> Option<EndCause> {
    let spent = usage.gauges(&key.limits).find(|gauge| {
        let least = match gauge.measure {
            Measure::Tokens => 2,
            Measure::Spend => key.limits.least_spend.0.max(1),
            _ => 1,
        };
        let nothing_held = usage.held == 0 && usage.lent.of(gauge.measure) == 0;
        gauge.unused() == 0 || (nothing_held && gauge.unused() < least)
    });
    spent.map(|gauge| EndCause::of(gauge.measure))
}

/// Whether the outcome uses up an activation.
#[must_use]
pub fn counts(counting: Counting, outcome: Outcome) -> bool {
    match (outcome, counting) {
        (Outcome::NotSent, _) | (Outcome::Unanswered, Counting::Answered) => false,
        (Outcome::Abandoned, _) | (_, Counting::Sent) => true,
        (Outcome::Answered(status), Counting::Answered) => status != 429 && status < 500,
    }
}
