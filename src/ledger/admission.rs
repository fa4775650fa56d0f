//! An admitted request, from its admission to its settlement.

use std::sync::Arc;

use tokio::time::Instant;

use crate::domain::cost::Cost;
use crate::domain::ids::{HoldId, MasterId};
use crate::domain::key::{KeyRecord, Usage};
use crate::domain::rollup::Facts;
use crate::domain::settlement::{Charge, Outcome, charge, counts};
use crate::metrics::Ended;

use super::desk::Desk;
use super::op::{Admitted, Settle};

/// Characters of a model's name that are kept at the most.
const MODEL_LEN: usize = 128;

/// One admitted request. Dropped, it settles itself, exactly once.
#[derive(Debug)]
pub struct Admission {
    hold: HoldId,
    master: MasterId,
    admitted: Admitted,
    outcome: Outcome,
    read: Option<Charge>,
    facts: Facts,
    admitted_at: Instant,
    sent_at: Option<Instant>,
    desk: Arc<Desk>,
}

impl Admission {
    pub(super) fn new(hold: HoldId, master: MasterId, admitted: Admitted, desk: Arc<Desk>) -> Self {
        desk.counting.began();
        Self {
            hold,
            master,
            admitted,
            outcome: Outcome::NotSent,
            read: None,
            facts: Facts::default(),
            admitted_at: Instant::now(),
            sent_at: None,
            desk,
        }
    }

    /// The key, as it was when it was admitted.
    #[must_use]
    pub fn record(&self) -> &KeyRecord {
        &self.admitted.record
    }

    /// The key's figures, this request included.
    #[must_use]
    pub fn usage(&self) -> &Usage {
        &self.admitted.usage
    }

    /// What the request holds: the most that it may cost.
    #[must_use]
    pub fn held(&self) -> Cost {
        self.admitted.cost
    }

    /// The output tokens that each of its choices may have.
    #[must_use]
    pub fn output(&self) -> u64 {
        self.admitted.output
    }

    /// From here on, something of the request may have reached the upstream.
    pub fn sent(&mut self) {
        self.outcome = Outcome::Unanswered;
        self.sent_at.get_or_insert_with(Instant::now);
    }

    /// Whether something of the request may have reached the upstream.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        self.outcome != Outcome::NotSent
    }

    /// Nothing of the request reached the upstream after all: there was no connection.
    pub fn not_sent(&mut self) {
        self.outcome = Outcome::NotSent;
    }

    /// The upstream answered with this status.
    pub fn answered(&mut self, status: u16) {
        self.outcome = Outcome::Answered(status);
        if self.facts.first_byte.is_none() {
            self.facts.first_byte = Some(millis_since(self.admitted_at));
            if let Some(sent_at) = self.sent_at {
                self.desk.counting.first_byte(self.provider(), sent_at.elapsed());
            }
        }
    }

    /// The answer was read as costing this. Until it is, the whole hold is charged.
    pub fn read(&mut self, charge: Charge) {
        self.read = Some(charge);
    }

    /// The request named this model.
    pub fn model(&mut self, model: &str) {
        // It becomes part of a row key, and of what people are shown.
        let shown = model.chars().filter(|c| !c.is_control()).take(MODEL_LEN);
        self.facts.model = shown.collect();
    }

    /// So many input tokens were read from the provider's cache.
    pub fn cached(&mut self, tokens: u64) {
        self.facts.cached = tokens;
    }

    /// The name of the provider that the request is for.
    fn provider(&self) -> &str {
        let masters = &self.admitted.record.masters;
        masters.iter().find(|(id, _)| *id == self.master).map_or("unknown", |(_, name)| name)
    }

    /// Counts it, as its settlement will.
    fn count(&self) {
        let record = &self.admitted.record;
        let is_answered = matches!(self.outcome, Outcome::Answered(_));
        let took = self.sent_at.filter(|_| is_answered).map(|sent_at| sent_at.elapsed());
        let ended = Ended {
            key: record.id,
            provider: self.provider(),
            model: &self.facts.model,
            outcome: self.outcome,
            activation: counts(record.limits.counting, self.outcome),
            cost: charge(self.held(), self.outcome, self.read).cost,
            cached: self.facts.cached,
        };
        self.desk.counting.ended(&ended, took);
    }
}

fn millis_since(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.count();
        let mut facts = std::mem::take(&mut self.facts);
        facts.latency = millis_since(self.admitted_at);
        let settle = Settle { hold: self.hold, outcome: self.outcome, read: self.read, facts };
        self.desk.settle(settle);
    }
}
