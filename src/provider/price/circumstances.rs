//! What of a request, and of its answer, decides its price.

/// What of a request decides the price of its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// The most input tokens: decides which long-context prices can be reached.
    pub input: u64,
    /// The service tiers that it can run in, where the model has a price for them.
    pub tiers: Tiers,
    /// Which caches it can write to.
    pub cache_write: CacheWrite,
    /// What its input can hold beside text.
    pub input_media: Media,
    /// What its output can hold beside text.
    pub output_media: Media,
    /// Where it can be processed.
    pub region: Region,
    /// Whether it asks for the fast mode (Anthropic's `speed`).
    pub fast: bool,
}

/// A service tier that a price may be for. Batches are no tier: no request reaches them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// The list price.
    Standard,
    /// Slower and cheaper.
    Flex,
    /// Faster and dearer.
    Priority,
    /// Faster and dearer still.
    Ultrafast,
    /// `OpenAI`'s decisions, whose output is free.
    Decisions,
}

impl Tier {
    /// Every tier: itself, and the end of the names of its fields in the price file.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Standard, ""),
        (Self::Flex, "flex"),
        (Self::Priority, "priority"),
        (Self::Ultrafast, "ultrafast"),
        (Self::Decisions, "decisions"),
    ];

    /// The tier in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Flex => "flex",
            Self::Priority => "priority",
            Self::Ultrafast => "ultrafast",
            Self::Decisions => "decisions",
        }
    }

    /// The tier that a request's or an answer's `service_tier` names, or Gemini's `trafficType`;
    /// none where it names none, as `auto` does, or an unknown one.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "default" | "standard" | "standard_only" | "on_demand" => Some(Self::Standard),
            "flex" | "on_demand_flex" => Some(Self::Flex),
            "priority" | "on_demand_priority" => Some(Self::Priority),
            "ultrafast" => Some(Self::Ultrafast),
            "decisions" => Some(Self::Decisions),
            _ => None,
        }
    }
}

/// A set of service tiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tiers([bool; 5]);

impl Tiers {
    /// The standard tier alone.
    pub const STANDARD: Self = Self([true, false, false, false, false]);

    /// This one alone.
    #[must_use]
    pub fn only(tier: Tier) -> Self {
        Self(Tier::ALL.map(|(known, _)| known == tier))
    }

    /// These, and this one.
    #[must_use]
    pub fn and(self, tier: Tier) -> Self {
        let mut both = self.0;
        for (place, (known, _)) in both.iter_mut().zip(Tier::ALL) {
            *place |= known == tier;
        }
        Self(both)
    }

    /// The tiers in it.
    pub fn iter(self) -> impl Iterator<Item = Tier> {
        Tier::ALL.into_iter().zip(self.0).filter(|(_, there)| *there).map(|((tier, _), _)| tier)
    }
}

/// The caches that a request can write to because it asks for it. Where a provider caches by
/// itself, as all but Anthropic do, writing can be reached whatever stands here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CacheWrite {
    /// None.
    Never,
    /// One that lasts minutes.
    Minutes,
    /// One that lasts an hour, and one that lasts minutes.
    Hour,
}

/// What can stand beside text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Media {
    /// Audio.
    pub audio: bool,
    /// Images and video.
    pub image: bool,
}

/// Where a request can be processed, for the price: the region that it may be charged for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Region {
    /// Anywhere: no region costs more.
    Global,
    /// In the United States: Anthropic unless the request says `inference_geo: "global"`, and
    /// `OpenAI` at `us.api.openai.com`.
    Us,
    /// In Europe: `OpenAI` at `eu.api.openai.com`.
    Eu,
}

/// What an answer says about how it was processed. What it does not say is charged at the dearest
/// that the request could reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Said<'a> {
    /// The service tier.
    pub tier: Option<&'a str>,
    /// The region (Anthropic's `inference_geo`).
    pub region: Option<&'a str>,
    /// The speed (Anthropic's `speed`).
    pub speed: Option<&'a str>,
}

#[cfg(test)]
impl Circumstances {
    /// A short request for text that asks for nothing in particular.
    pub(super) const PLAIN: Self = Self {
        input: 1_000,
        tiers: Tiers::STANDARD,
        cache_write: CacheWrite::Never,
        input_media: Media { audio: false, image: false },
        output_media: Media { audio: false, image: false },
        region: Region::Global,
        fast: false,
    };
}
