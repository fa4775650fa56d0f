//! The price of one model.

use super::multiplier::Multiplier;
use super::rates::{Kind, Rate, Rates};
use super::{Circumstances, Tier};
use crate::domain::money::Picodollars;

/// The price of one model, as its provider publishes it. Where it depends on the hour
/// (`off_peak_pricing`), this is the dear one, always; free quotas count for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// What the model does.
    pub mode: Mode,
    /// The most input tokens that it takes.
    pub max_input: Option<u64>,
    /// The most output tokens that it gives.
    pub max_output: Option<u64>,
    /// What tokens cost.
    pub(super) rates: Rates,
    /// What each call costs, beside its tokens.
    pub(super) fee: Picodollars,
    /// What each web search costs that a request asks for.
    pub(super) search: Option<Picodollars>,
    /// What the web search costs that the model makes in every call, which is in the fee.
    pub(super) each_call: Option<Picodollars>,
    /// What each session of a code interpreter costs.
    pub(super) session: Option<Picodollars>,
    /// Whether writing to a cache is charged without having been asked for.
    pub(super) writes_by_itself: bool,
    /// Whether images in the input have a price each, and none by the token.
    pub(super) by_the_image: bool,
    /// Whether something is charged that nothing in a request limits.
    pub(super) unbounded: bool,
    /// Times this, where it is processed in the United States.
    pub(super) us: Option<Multiplier>,
    /// Times this, where it is processed in Europe.
    pub(super) eu: Option<Multiplier>,
    /// Times this, in the fast mode.
    pub(super) fast: Option<Multiplier>,
}

/// What a model does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// It gives text for text: chat, responses, completions; also where the file does not say.
    Text,
    /// It gives vectors: no output tokens.
    Embedding,
    /// Speech to text.
    Transcription,
    /// Text to speech.
    Speech,
    /// Images.
    Image,
    /// Anything else: video, reranking, realtime.
    Other,
}

/// Why a price is of no use for a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// There is none by the token.
    #[error("it has no price by the token")]
    Unpriced,
    /// Every rate is zero.
    #[error("all its rates are zero")]
    Zero,
    /// It does not say how many output tokens there can be.
    #[error("it has no `max_output_tokens`, so that a call has no bound")]
    NoMaximum,
    /// Something is charged that nothing in a request limits.
    #[error("it searches as often as it likes, which nothing in a request limits")]
    Unbounded,
    /// The service tier that was asked for has no price.
    #[error("it has no price in the service tier that was asked for")]
    Tier,
    /// The fast mode was asked for and has no price.
    #[error("it has no price for the fast mode")]
    Fast,
    /// The input holds images, which have a price each and not by the token.
    #[error("its price of images is not by the token")]
    Images,
}

impl Price {
    /// Whether the price is of use for a limit at all.
    ///
    /// # Errors
    /// Why it is not.
    pub fn usable(&self) -> Result<(), Unusable> {
        self.usable_if(false)
    }

    fn usable_if(&self, limited: bool) -> Result<(), Unusable> {
        if !self.priced_in(Tier::Standard) {
            Err(Unusable::Unpriced)
        } else if self.rates.all_zero() {
            Err(Unusable::Zero)
        } else if !limited && self.max_output.is_none() && self.mode == Mode::Text {
            Err(Unusable::NoMaximum)
        } else if self.unbounded {
            Err(Unusable::Unbounded)
        } else {
            Ok(())
        }
    }

    /// Whether it is of use in these circumstances: for the tier, the speed and the media in them,
    /// and for a request that may limit its output itself.
    ///
    /// # Errors
    /// Why it is not: as [`Price::usable`], and beyond.
    pub fn usable_in(&self, at: &Circumstances, limited: bool) -> Result<(), Unusable> {
        self.usable_if(limited)?;
        if !at.tiers.iter().any(|tier| self.priced_in(tier)) {
            Err(Unusable::Tier)
        } else if at.fast && self.fast.is_none() {
            Err(Unusable::Fast)
        } else if at.input_media.image && self.by_the_image {
            Err(Unusable::Images)
        } else {
            Ok(())
        }
    }

    /// Whether it has a price in this service tier.
    #[must_use]
    pub fn priced_in(&self, tier: Tier) -> bool {
        self.rates.priced_in(tier, self.mode != Mode::Embedding)
    }

    /// What one call costs beside its tokens: also the largest web search of the models that
    /// search once in every call.
    #[must_use]
    pub const fn fee(&self) -> Picodollars {
        self.fee
    }

    /// The most that one web search costs that a request asks for; none where it has no price.
    #[must_use]
    pub const fn search(&self) -> Option<Picodollars> {
        self.search
    }

    /// What one session of a code interpreter costs: in `OpenAI`'s row `container` alone.
    #[must_use]
    pub const fn session(&self) -> Option<Picodollars> {
        self.session
    }

    /// The cheapest call that there is: one input and one output token.
    #[must_use]
    pub fn least(&self) -> Picodollars {
        let tiers = || Tier::ALL.into_iter().map(|(tier, _)| tier).filter(|t| self.priced_in(*t));
        let cheapest = |kind| tiers().map(|tier| self.rates.rate(kind, tier, 0)).min();
        let both = [cheapest(Kind::Input), cheapest(Kind::Output), Some(self.fee)];
        both.into_iter().flatten().sum()
    }

    /// The rates that are published, without the multipliers of regions and speed.
    pub fn rates(&self) -> impl Iterator<Item = &Rate> {
        self.rates.iter()
    }

    /// The multipliers, by what they are for.
    pub fn multipliers(&self) -> impl Iterator<Item = (&'static str, String)> {
        let all = [("us", self.us), ("eu", self.eu), ("fast", self.fast)];
        all.into_iter().filter_map(|(name, factor)| Some((name, factor?.to_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::price::{Media, PriceTable, Tiers};

    fn price(provider: &str, model: &str) -> &'static Price {
        PriceTable::builtin().find(provider, model).unwrap().price
    }

    #[test]
    fn rows_without_a_bound_are_of_no_use() {
        let cases = [
            ("openai", "gpt-4o", Ok(())),
            ("openai", "gpt-image-1", Ok(())),
            ("openai", "text-embedding-3-small", Ok(())),
            ("openai", "container", Err(Unusable::Unpriced)),
            ("groq", "whisper-large-v3", Err(Unusable::Unpriced)),
            ("google", "gemma-3-27b-it", Err(Unusable::Zero)),
            ("google", "lyria-3.5", Err(Unusable::Zero)),
            ("perplexity", "sonar-deep-research", Err(Unusable::NoMaximum)),
            ("perplexity", "pplx-7b-online", Ok(())),
        ];
        for (provider, model, usable) in cases {
            assert_eq!(price(provider, model).usable(), usable, "{provider} {model}");
        }
        let sonar = price("perplexity", "sonar");
        assert_eq!(sonar.usable_in(&Circumstances::PLAIN, false), Err(Unusable::NoMaximum));
        assert_eq!(sonar.usable_in(&Circumstances::PLAIN, true), Ok(()));
        let flex = Circumstances { tiers: Tiers::only(Tier::Flex), ..Circumstances::PLAIN };
        assert_eq!(price("openai", "gpt-5").usable_in(&flex, false), Ok(()));
        assert_eq!(price("openai", "gpt-4o").usable_in(&flex, false), Err(Unusable::Tier));
        let priority = Circumstances { tiers: Tiers::only(Tier::Priority), ..Circumstances::PLAIN };
        assert_eq!(price("openai", "gpt-5-nano").usable_in(&priority, false), Err(Unusable::Tier));
        let fast = Circumstances { fast: true, ..Circumstances::PLAIN };
        assert_eq!(price("anthropic", "claude-opus-5").usable_in(&fast, false), Ok(()));
        assert_eq!(
            price("anthropic", "claude-sonnet-5").usable_in(&fast, false),
            Err(Unusable::Fast)
        );
        let image = Circumstances {
            input_media: Media { audio: false, image: true },
            ..Circumstances::PLAIN
        };
        let embed = price("cohere", "embed-english-v3.0");
        assert_eq!(embed.usable_in(&image, false), Err(Unusable::Images));
    }
}
