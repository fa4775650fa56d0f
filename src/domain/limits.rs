//! The limits of a key.

use std::num::NonZeroU32;

use super::rate::Rate;
use super::time::Timestamp;

/// The most activations that a key can have: enough for any use, and far from overflowing.
pub const MAX_ACTIVATIONS: u64 = 1_000_000_000_000;

/// How many attempts a key with [`Counting::Answered`] has for each activation.
pub const ATTEMPTS_PER_ACTIVATION: u64 = 4;

/// What a key may use up. `None` means that it is not limited in that.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Limits {
    /// Requests, 1 to [`MAX_ACTIVATIONS`].
    pub activations: Option<u64>,
    /// The end of its time.
    pub expires_at: Option<Timestamp>,
    /// Requests in a time.
    pub rate: Option<Rate>,
    /// Requests at once.
    pub concurrency: Option<NonZeroU32>,
    /// What uses up an activation.
    pub counting: Counting,
}

/// What uses up an activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Counting {
    /// Every request that was sent, whatever the upstream answered.
    #[default]
    Sent,
    /// Not what the upstream answered with 429, 5xx, or not at all. Attempts are capped at
    /// [`ATTEMPTS_PER_ACTIVATION`] times the activations.
    Answered,
}

impl Limits {
    /// Whether something brings the key to an end by itself.
    #[must_use]
    pub fn are_bounded(&self) -> bool {
        self.activations.is_some() || self.expires_at.is_some()
    }

    /// The most requests that may be sent; none where nothing caps them.
    #[must_use]
    pub fn attempts(&self) -> Option<u64> {
        let factor = match self.counting {
            Counting::Sent => 1,
            Counting::Answered => ATTEMPTS_PER_ACTIVATION,
        };
        self.activations.map(|limit| limit.saturating_mul(factor))
    }
}
