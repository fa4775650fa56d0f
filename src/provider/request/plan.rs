//! What is to be done with a request, and with its answer.

use bytes::Bytes;

use super::Tariff;
use super::limit::Limit;
use crate::domain::demand::Demand;
use crate::provider::api::Api;
use crate::provider::json::Edits;

/// A request's upper bound, its changes, and the price of its answer.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it costs at the most.
    pub demand: Demand,
    /// The API of its answer; none where the endpoint is free and nothing is metered.
    pub api: Option<Api>,
    /// The models that it names.
    pub models: Vec<String>,
    /// Whether the stream's chunk with the usage was not asked for by the client.
    pub hide_usage: bool,
    pub(super) edits: Edits,
    pub(super) limits: Vec<Limit>,
    pub(super) tariff: Tariff,
    pub(super) shows_all: bool,
}

impl Plan {
    /// The body with the granted output limit in it, for each choice; the original bytes where
    /// nothing has to change.
    #[must_use]
    pub fn body(&self, original: Bytes, granted: u64) -> Bytes {
        let mut edits = self.edits.clone();
        for limit in &self.limits {
            limit.lower(&mut edits, granted, self.demand.output);
        }
        if edits.is_empty() { original } else { edits.apply(&original).into() }
    }

    /// What the `till-clamped` header says where the output was brought down:
    /// `max_tokens=1234`.
    #[must_use]
    pub fn clamped(&self, granted: u64) -> Option<String> {
        let lowered = |limit: &&Limit| limit.is_lowered(granted, self.demand.output);
        let limit = self.limits.iter().find(lowered)?;
        Some(format!("{}={granted}", limit.name()))
    }

    /// What its answer is charged.
    #[must_use]
    pub const fn tariff(&self) -> &Tariff {
        &self.tariff
    }

    /// Whether the answer shows every output token that is billed: then one that was cut off is
    /// charged what was seen of it.
    #[must_use]
    pub const fn shows_all(&self) -> bool {
        self.shows_all
    }
}
