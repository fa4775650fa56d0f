//! An admitted request, from its admission to its settlement.

use std::sync::Arc;

use tokio::time::Instant;

use crate::domain::cost::Cost;
use crate::domain::ids::HoldId;
use crate::domain::key::{KeyRecord, Usage};
use crate::domain::rollup::Facts;
use crate::domain::settlement::{Charge, Outcome};

use super::desk::Desk;
use super::op::{Admitted, Settle};

/// Characters of a model's name that are kept at the most.
const MODEL_LEN: usize = 128;

/// One admitted request. Dropped, it settles itself, exactly once.
#[derive(Debug)]
pub struct Admission {
    hold: HoldId,
    admitted: Admitted,
    outcome: Outcome,
    read: Option<Charge>,
    facts: Facts,
    admitted_at: Instant,
    desk: Arc<Desk>,
}

impl Admission {
    pub(super) fn new(hold: HoldId, admitted: Admitted, desk: Arc<Desk>) -> Self {
        let (outcome, facts) = (Outcome::NotSent, Facts::default());
        Self { hold, admitted, outcome, read: None, facts, admitted_at: Instant::now(), desk }
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
        self.facts.first_byte.get_or_insert(millis_since(self.admitted_at));
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
}

fn millis_since(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut facts = std::mem::take(&mut self.facts);
        facts.latency = millis_since(self.admitted_at);
        let settle = Settle { hold: self.hold, outcome: self.outcome, read: self.read, facts };
        self.desk.settle(settle);
    }
}
