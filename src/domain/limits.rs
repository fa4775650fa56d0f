//! The limits of a key.

use std::num::NonZeroU32;

use super::cost::Caps;
use super::money::Picodollars;
use super::pause::OnSpike;
use super::rate::Rate;
use super::time::{Span, Timestamp};

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
    /// Tokens and money.
    pub caps: Caps,
    /// What the cheapest request of the key can cost: with less than it left, and nothing held,
    /// the key is at its end.
    pub least_spend: Picodollars,
    /// Whether requests without a bound are admitted.
    pub overshoot: Overshoot,
    /// What becomes of a request whose client has gone.
    pub on_cancel: OnCancel,
    /// What becomes of the key when something unusual is seen of it.
    pub on_spike: OnSpike,
    /// The dearest model that a router may choose, where the provider is one.
    pub max_price: Option<MaxPrice>,
    /// How long a request waits for a limit that is used up to be raised; the key does not end
    /// before. Nothing for most keys.
    pub patience: Span,
}

/// Whether a key's caps on tokens and money can be overrun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Overshoot {
    /// Never: a request is brought down to what the key can pay, or refused.
    #[default]
    Never,
    /// By the requests that are in flight when a cap is reached: what is left is not held against
    /// them, and what has no bound is admitted.
    LastCall,
}

/// What becomes of a metered request whose client has gone before the end of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OnCancel {
    /// The upstream is told at once, and an upper bound of what it may bill is charged.
    #[default]
    Stop,
    /// The answer is read to its end, and charged exactly.
    Drain,
}

/// Prices of one token that a router must stay below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxPrice {
    /// Of input.
    pub prompt: Picodollars,
    /// Of output.
    pub completion: Picodollars,
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
        self.activations.is_some() || self.expires_at.is_some() || self.caps.any()
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
