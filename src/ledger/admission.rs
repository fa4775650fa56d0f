//! An admitted request, from its admission to its settlement.

use std::sync::Arc;

use crate::domain::cost::Cost;
use crate::domain::ids::HoldId;
use crate::domain::key::{KeyRecord, Usage};
use crate::domain::settlement::{Charge, Outcome};

use super::desk::Desk;
use super::op::{Admitted, Settle};

/// One admitted request. Dropped, it settles itself, exactly once.
#[derive(Debug)]
pub struct Admission {
    hold: HoldId,
    admitted: Admitted,
    outcome: Outcome,
    read: Option<Charge>,
    desk: Arc<Desk>,
}

impl Admission {
    pub(super) fn new(hold: HoldId, admitted: Admitted, desk: Arc<Desk>) -> Self {
        Self { hold, admitted, outcome: Outcome::NotSent, read: None, desk }
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
    }

    /// The answer was read as costing this. Until it is, the whole hold is charged.
    pub fn read(&mut self, charge: Charge) {
        self.read = Some(charge);
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        let settle = Settle { hold: self.hold, outcome: self.outcome, read: self.read };
        self.desk.settle(settle);
    }
}
