//! The rates of one model: what a token of each kind costs in each service tier and context length.

use super::Tier;
use crate::domain::money::Picodollars;

/// A kind of token that has a price of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is a field of the price file, named in `Kind::ALL`")]
pub enum Kind {
    Input,
    CacheRead,
    CacheWrite,
    CacheWriteHour,
    InputAudio,
    CacheReadAudio,
    InputImage,
    CacheReadImage,
    InputVideo,
    Output,
    Reasoning,
    OutputAudio,
    OutputImage,
    OutputVideo,
}

/// One published rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The kind of token.
    pub kind: Kind,
    /// The service tier.
    pub tier: Tier,
    /// It holds for calls with this many input tokens or more.
    pub above: u64,
    /// What a token costs.
    pub each: Picodollars,
}

/// The published rates of one model, at most one for each kind, tier and threshold.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Rates(Vec<Rate>);

impl Rates {
    /// Puts one more rate in. Of two for the same, the dearer holds.
    pub(super) fn add(&mut self, rate: Rate) {
        // Where writing to a cache is said to cost nothing, it costs nothing on top.
        if rate.kind == Kind::CacheWrite && rate.each == Picodollars(0) {
            return;
        }
        let key = (rate.kind, rate.tier, rate.above);
        match self.0.iter_mut().find(|known| (known.kind, known.tier, known.above) == key) {
            Some(known) => known.each = known.each.max(rate.each),
            None => self.0.push(rate),
        }
    }

    /// Every rate, in the order of the file.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Rate> {
        self.0.iter()
    }

    /// The rate that is published for exactly this.
    pub(super) fn published(&self, kind: Kind, tier: Tier, above: u64) -> Option<Picodollars> {
        let same = |rate: &&Rate| (rate.kind, rate.tier, rate.above) == (kind, tier, above);
        self.0.iter().find(same).map(|rate| rate.each)
    }

    /// Whether both directions have a price in this tier; where nothing comes out, the input.
    pub(super) fn priced_in(&self, tier: Tier, output: bool) -> bool {
        self.published(Kind::Input, tier, 0).is_some()
            && (!output || self.0.iter().any(|rate| rate.kind.is_output() && rate.tier == tier))
    }

    /// Whether no token costs anything.
    pub(super) fn all_zero(&self) -> bool {
        self.0.iter().all(|rate| rate.each == Picodollars(0))
    }

    /// The rate of this kind. Where none is published for exactly this it is the dearest of what
    /// is published nearby: for a shorter context, for the standard tier, for what it is a kind of.
    pub(super) fn rate(&self, kind: Kind, tier: Tier, above: u64) -> Picodollars {
        if let Some(each) = self.published(kind, tier, above) {
            return each;
        }
        let shorter = self.thresholds().filter(|threshold| *threshold < above).max();
        let shorter = shorter.map(|threshold| self.rate(kind, tier, threshold));
        let standard = self.published(kind, Tier::Standard, above);
        let whole = kind.kind_of().map(|whole| self.rate(whole, tier, above));
        // Models that give images or audio alone have no price for text.
        let parts = self.0.iter().filter(|rate| {
            kind == Kind::Output
                && rate.kind.is_output()
                && (rate.tier, rate.above) == (tier, above)
        });
        let nearby = shorter.into_iter().chain(standard).chain(whole);
        nearby.chain(parts.map(|rate| rate.each)).max().unwrap_or_default()
    }

    /// The numbers of input tokens above which other rates hold, 0 among them; some come twice.
    pub(super) fn thresholds(&self) -> impl Iterator<Item = u64> {
        self.0.iter().map(|rate| rate.above).chain([0])
    }
}

impl Kind {
    /// Every field of the price file that has a rate, and the kind of token that it is for.
    pub const ALL: [(Self, &'static str); 15] = [
        (Self::Input, "input_cost_per_token"),
        (Self::CacheRead, "cache_read_input_token_cost"),
        (Self::CacheRead, "input_cost_per_token_cache_hit"),
        (Self::CacheWrite, "cache_creation_input_token_cost"),
        (Self::CacheWriteHour, "cache_creation_input_token_cost_above_1hr"),
        (Self::InputAudio, "input_cost_per_audio_token"),
        (Self::CacheReadAudio, "cache_read_input_audio_token_cost"),
        (Self::InputImage, "input_cost_per_image_token"),
        (Self::CacheReadImage, "cache_read_input_image_token_cost"),
        (Self::InputVideo, "input_cost_per_video_token"),
        (Self::Output, "output_cost_per_token"),
        (Self::Reasoning, "output_cost_per_reasoning_token"),
        (Self::OutputAudio, "output_cost_per_audio_token"),
        (Self::OutputImage, "output_cost_per_image_token"),
        (Self::OutputVideo, "output_cost_per_video_token"),
    ];

    /// The kind in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::CacheRead => "cache read",
            Self::CacheWrite => "cache write",
            Self::CacheWriteHour => "cache write, 1 hour",
            Self::InputAudio => "audio input",
            Self::CacheReadAudio => "audio cache read",
            Self::InputImage => "image input",
            Self::CacheReadImage => "image cache read",
            Self::InputVideo => "video input",
            Self::Output => "output",
            Self::Reasoning => "reasoning",
            Self::OutputAudio => "audio output",
            Self::OutputImage => "image output",
            Self::OutputVideo => "video output",
        }
    }

    /// The kind whose price it has where it has none of its own.
    const fn kind_of(self) -> Option<Self> {
        match self {
            Self::Input | Self::Output => None,
            Self::CacheRead | Self::CacheWrite | Self::InputAudio | Self::InputImage => {
                Some(Self::Input)
            }
            Self::CacheWriteHour => Some(Self::CacheWrite),
            Self::CacheReadAudio => Some(Self::InputAudio),
            Self::CacheReadImage | Self::InputVideo => Some(Self::InputImage),
            Self::Reasoning | Self::OutputAudio | Self::OutputImage => Some(Self::Output),
            Self::OutputVideo => Some(Self::OutputImage),
        }
    }

    const fn is_output(self) -> bool {
        matches!(
            self,
            Self::Output
                | Self::Reasoning
                | Self::OutputAudio
                | Self::OutputImage
                | Self::OutputVideo
        )
    }
}
