//! What an answer says that it used.

use crate::domain::cost::Cost;
use crate::domain::money::Picodollars;

/// The usage that was read from one answer.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Reading {
    /// Runs of a model, each billed by itself: usually one.
    pub passes: Vec<Pass>,
    /// Web searches that are billed by their number.
    pub searches: u64,
    /// What the provider itself says that it costs.
    pub cost: Option<Picodollars>,
    /// The service tier that the provider says it ran in.
    pub tier: Option<String>,
    /// The region that the provider says it ran in (Anthropic's `inference_geo`).
    pub region: Option<String>,
    /// The speed that the provider says it ran at (Anthropic's `speed`).
    pub speed: Option<String>,
}

/// One run of a model.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Pass {
    /// The model, where the answer names it.
    pub model: Option<String>,
    /// What it used.
    pub tokens: Tokens,
}

/// Tokens by what they cost. Sums saturate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Tokens {
    /// Every input token, those read from and written to a cache included.
    pub input: u64,
    /// Of those, the ones that were read from a cache.
    pub cache_read: u64,
    /// Of those, the ones that were written to a cache, however long it lasts.
    pub cache_write: u64,
    /// Of the written ones, those in a cache that lasts an hour.
    pub cache_write_hour: u64,
    /// Of the input, audio.
    pub input_audio: u64,
    /// Of the input, images and video.
    pub input_image: u64,
    /// Of the input, what the answer tells apart but does not name.
    pub input_unnamed: u64,
    /// Every output token that is billed, reasoning included.
    pub output: u64,
    /// Of those, reasoning.
    pub reasoning: u64,
    /// Of the output, audio.
    pub output_audio: u64,
    /// Of the output, images and video.
    pub output_image: u64,
    /// Of the output, what the answer tells apart but does not name.
    pub output_unnamed: u64,
}

impl Reading {
    /// The tokens of all passes; money is left out.
    #[must_use]
    pub fn tokens(&self) -> Cost {
        self.passes.iter().fold(Cost::default(), |sum, pass| {
            let Tokens { input, output, .. } = pass.tokens;
            sum.plus(Cost { input, output, spend: Picodollars(0) })
        })
    }
}
