//! Why a request is not forwarded.

use crate::domain::denial::Reason;

/// A request that is not forwarded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// The row of the denial table: `unmetered`, `unpriced_model` or `bad_request`.
    pub reason: Reason,
    /// What, why, and what to do: one sentence.
    pub message: String,
}

impl Refusal {
    /// Nothing bounds what it costs, or tells what it cost.
    pub(super) fn unmetered(message: impl Into<String>) -> Self {
        Self { reason: Reason::Unmetered, message: message.into() }
    }

    /// It is ambiguous or malformed.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self { reason: Reason::BadRequest, message: message.into() }
    }

    /// The model's price is not known.
    pub(super) fn unpriced(message: impl Into<String>) -> Self {
        Self { reason: Reason::UnpricedModel, message: message.into() }
    }
}
