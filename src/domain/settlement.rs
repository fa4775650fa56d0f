//! What becomes of a hold when its request has ended.

use super::key::{EndCause, KeyRecord, Usage};
use super::limits::Counting;
use super::time::Timestamp;

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

/// Settles one hold of a key, and returns the row as it is after.
///
/// What is not known to have stayed here is charged: a crash never gives an activation back.
#[must_use]
pub fn settle(key: &KeyRecord, usage: &Usage, outcome: Outcome, now: Timestamp) -> Usage {
    let mut next = *usage;
    next.held = next.held.saturating_sub(1);
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

/// The row, ended where its activations or attempts are used up and nothing is in flight.
#[must_use]
pub fn end_if_used_up(key: &KeyRecord, usage: Usage, now: Timestamp) -> Usage {
    let used_up = key.limits.activations.is_some_and(|limit| usage.used >= limit)
        || (key.limits.counting == Counting::Answered
            && usage.held == 0
            && key.limits.attempts().is_some_and(|cap| usage.attempts >= cap));
    if used_up { usage.end(EndCause::Activations, now) } else { usage }
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
