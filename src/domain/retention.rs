//! How much of the audit log is kept, and what is remembered of the rest.

use std::collections::BTreeMap;

use super::cost::Cost;
use super::event::{Event, EventKind};
use super::ids::{EventSeq, SlotId};
use super::time::{Span, Timestamp};

/// How many events are kept where nobody said otherwise.
pub const DEFAULT_EVENTS: u64 = 500_000;
/// The fewest that can be kept.
pub const MIN_EVENTS: u64 = 100;
/// The most that can be kept.
pub const MAX_EVENTS: u64 = 100_000_000;
/// The shortest time that events can be kept for.
pub const MIN_AGE: Span = Span::minutes(1);
/// How long after it was logged that a slot unlocked the store it is not logged again.
const UNLOCKS_APART: Span = Span::minutes(60);
/// Slots whose last unlock is remembered at the most.
const MAX_SLOTS: usize = 64;

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// So many events at the most.
    pub events: u64,
    /// None that is older, where that is said.
    pub age: Option<Span>,
}

impl Default for Retention {
    fn default() -> Self {
        Self { events: DEFAULT_EVENTS, age: None }
    }
}

/// What is known of the events that were dropped. Sums saturate.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Dropped {
    /// The number of the first one.
    pub first: EventSeq,
    /// When that was.
    pub first_at: Timestamp,
    /// The number of the last one.
    pub last: EventSeq,
    /// When that was.
    pub last_at: Timestamp,
    /// How many there were of each kind, by the kind's number on disk; 0 is one that could not be
    /// read.
    pub kinds: BTreeMap<u8, u64>,
    /// Requests that were charged or sent.
    pub settled: u64,
    /// What they cost.
    pub cost: Cost,
}

impl Dropped {
    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.kinds.values().fold(0, |sum: u64, count| sum.saturating_add(*count))
    }

    /// Takes in the next one; `event` is none where it cannot be read.
    pub fn take(&mut self, seq: EventSeq, event: Option<&Event>) {
        let at = event.map_or(self.last_at, |event| event.at);
        if self.kinds.is_empty() {
            (self.first, self.first_at) = (seq, at);
        }
        (self.last, self.last_at) = (seq, at);
        let number = event.map_or(0, |event| event.kind.number());
        let count = self.kinds.entry(number).or_default();
        *count = count.saturating_add(1);
        if let Some(event) = event.filter(|event| event.kind == EventKind::Settled) {
            let was_sent = event.facts.is_some();
            self.settled = self.settled.saturating_add(u64::from(was_sent));
            self.cost = self.cost.plus(event.charge.map(|charge| charge.cost).unwrap_or_default());
        }
    }
}

/// When the log last said of each slot that it unlocked the store.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Unlocks(pub Vec<(SlotId, Timestamp)>);

impl Unlocks {
    /// Whether an unlock with this slot is to be logged: the first in an hour is, and the first
    /// after a clock that went back.
    #[must_use]
    pub fn is_due(&self, slot: SlotId, now: Timestamp) -> bool {
        let last = self.0.iter().find(|(known, _)| *known == slot);
        last.is_none_or(|(_, at)| now < *at || now >= at.after(UNLOCKS_APART))
    }

    /// It was logged.
    pub fn logged(&mut self, slot: SlotId, now: Timestamp) {
        self.0.retain(|(known, _)| *known != slot);
        if self.0.len() >= MAX_SLOTS {
            self.0.remove(0);
        }
        self.0.push((slot, now));
    }
}
