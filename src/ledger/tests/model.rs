//! What a key must be after anything that can happen to it, in a few lines.

use crate::domain::ids::KeySeq;
use crate::domain::limits::{Counting, Limits};
use crate::domain::settlement::Outcome;
use crate::domain::time::Timestamp;

/// What a key must be.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) seq: KeySeq,
    pub(super) limits: Limits,
    pub(super) limit: u64,
    pub(super) greatest_limit: u64,
    pub(super) used: u64,
    pub(super) held: u64,
    pub(super) attempts: u64,
    pub(super) dead: bool,
    pub(super) killed: bool,
}

impl Key {
    /// As it is minted.
    pub(super) fn new(seq: KeySeq, limits: Limits) -> Self {
        let limit = limits.activations.unwrap();
        Self {
            seq,
            limits,
            limit,
            greatest_limit: limit,
            used: 0,
            held: 0,
            attempts: 0,
            dead: false,
            killed: false,
        }
    }

    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.dead || self.killed || self.limits.expires_at.is_some_and(|end| end <= now)
    }

    pub(super) fn is_by_answers(&self) -> bool {
        self.limits.counting == Counting::Answered
    }

    pub(super) fn admits(&self, now: Timestamp) -> bool {
        let at_once = self.limits.concurrency.map_or(u64::MAX, |limit| limit.get().into());
        !self.is_over(now)
            && self.used + self.held < self.limit
            && self.held < at_once
            && !(self.is_by_answers() && self.attempts + self.held >= 4 * self.limit)
    }

    pub(super) fn settle(&mut self, outcome: Outcome) {
        self.held -= 1;
        self.attempts += u64::from(outcome != Outcome::NotSent);
        self.used += u64::from(match outcome {
            Outcome::NotSent => false,
            Outcome::Answered(429 | 500) | Outcome::Unanswered => !self.is_by_answers(),
            _ => true,
        });
        self.dead |= self.used >= self.limit
            || (self.is_by_answers() && self.held == 0 && self.attempts >= 4 * self.limit);
    }

    pub(super) fn takes_limit(&self, to: u64, now: Timestamp) -> bool {
        let tried = self.is_by_answers() && self.attempts + self.held >= 4 * to;
        !self.is_over(now) && (to == self.limit || (to > self.used + self.held && !tried))
    }
}
