//! The most that a token can cost.

use super::multiplier::Multiplier;
use super::{CacheWrite, Circumstances, Kind, Mode, Price, Region, Tier};
use crate::domain::money::Picodollars;

impl Price {
    /// The most that one input token of a request can cost in these circumstances, in any of the
    /// tiers and context lengths that it can reach, cached or not.
    #[must_use]
    pub fn worst_input(&self, at: &Circumstances) -> Picodollars {
        self.worst(at, &self.input_kinds(at))
    }

    /// The most that one output token of a request can cost in these circumstances.
    #[must_use]
    pub fn worst_output(&self, at: &Circumstances) -> Picodollars {
        self.worst(at, &self.output_kinds(at))
    }

    fn worst(&self, at: &Circumstances, kinds: &[Kind]) -> Picodollars {
        let thresholds = || self.rates.thresholds().filter(|from| *from <= at.input);
        let rates = self
            .tiers(at)
            .into_iter()
            .flat_map(|tier| thresholds().map(move |from| self.dearest(kinds, tier, from)));
        let worst = rates.max().unwrap_or_default();
        self.multiplier(at).of(u128::from(worst.0))
    }

    /// The dearest of these kinds.
    pub(super) fn dearest(&self, kinds: &[Kind], tier: Tier, above: u64) -> Picodollars {
        let rates = kinds.iter().map(|kind| self.rates.rate(*kind, tier, above));
        rates.max().unwrap_or_default()
    }

    /// The service tiers that can be reached. Where none of those has a price, all that have one:
    /// [`Price::usable_in`] says so.
    pub(super) fn tiers(&self, at: &Circumstances) -> Vec<Tier> {
        let priced = |tier: &Tier| self.priced_in(*tier);
        let reached: Vec<_> = at.tiers.iter().filter(priced).collect();
        if !reached.is_empty() {
            return reached;
        }
        Tier::ALL.into_iter().map(|(tier, _)| tier).filter(priced).collect()
    }

    /// The largest factor that can be reached.
    pub(super) fn multiplier(&self, at: &Circumstances) -> Multiplier {
        let region = match at.region {
            Region::Global => None,
            Region::Us => self.us,
            Region::Eu => self.eu,
        };
        let fast = self.fast.filter(|_| at.fast);
        let most =
            |factor: Option<Multiplier>| factor.unwrap_or(Multiplier::ONE).max(Multiplier::ONE);
        most(region).and(most(fast))
    }

    /// The kinds of input token that can be reached.
    pub(super) fn input_kinds(&self, at: &Circumstances) -> Vec<Kind> {
        let mut kinds = vec![Kind::Input, Kind::CacheRead];
        if self.writes_by_itself || at.cache_write >= CacheWrite::Minutes {
            kinds.push(Kind::CacheWrite);
        }
        if at.cache_write == CacheWrite::Hour {
            kinds.push(Kind::CacheWriteHour);
        }
        if at.input_media.audio || self.mode == Mode::Transcription {
            kinds.extend([Kind::InputAudio, Kind::CacheReadAudio]);
        }
        if at.input_media.image {
            kinds.extend([Kind::InputImage, Kind::CacheReadImage, Kind::InputVideo]);
        }
        kinds
    }

    /// The kinds of output token that can be reached.
    pub(super) fn output_kinds(&self, at: &Circumstances) -> Vec<Kind> {
        let mut kinds = vec![Kind::Output, Kind::Reasoning];
        if at.output_media.audio || self.mode == Mode::Speech {
            kinds.push(Kind::OutputAudio);
        }
        if at.output_media.image || self.mode == Mode::Image {
            kinds.extend([Kind::OutputImage, Kind::OutputVideo]);
        }
        kinds
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::price::{PriceTable, Tiers};

    fn price(provider: &str, model: &str) -> &'static Price {
        PriceTable::builtin().find(provider, model).unwrap().price
    }

    #[test]
    fn the_worst_is_the_dearest_that_can_be_reached() {
        let haiku = price("anthropic", "claude-haiku-5-5");
        let us = Circumstances { region: Region::Us, ..Circumstances::PLAIN };
        let long = Circumstances { input: 100_000, ..Circumstances::PLAIN };
        let hour = Circumstances { cache_write: CacheWrite::Hour, ..long };
        assert_eq!(haiku.worst_input(&hour), Picodollars(1_000_000));
        assert_eq!(haiku.worst_input(&long), Picodollars(500_000));
        assert!(haiku.worst_input(&Circumstances { input: 99_999, ..long }) < Picodollars(500_000));
        let opus = price("anthropic", "claude-opus-5");
        let plain = opus.worst_output(&Circumstances::PLAIN).0;
        assert_eq!(opus.worst_output(&us).0, plain * 11 / 10);
        assert_eq!(opus.worst_output(&Circumstances { fast: true, ..us }).0, plain * 22 / 10);
        let five = price("openai", "gpt-5");
        let auto =
            Circumstances { tiers: Tiers::STANDARD.and(Tier::Priority), ..Circumstances::PLAIN };
        let flex = Circumstances { tiers: Tiers::only(Tier::Flex), ..Circumstances::PLAIN };
        assert_eq!(five.worst_input(&Circumstances::PLAIN), Picodollars(1_250_000));
        assert_eq!(five.worst_input(&auto), Picodollars(2_500_000));
        assert_eq!(five.worst_input(&flex), Picodollars(625_000));
        assert_eq!(price("perplexity", "sonar-pro").fee(), Picodollars(14_000_000_000));
        assert_eq!(price("openai", "gpt-5").search(), Some(Picodollars(10_000_000_000)));
        assert_eq!(price("openai", "gpt-5-search-api").search(), None);
        assert_eq!(price("openai", "container").session(), Some(Picodollars(30_000_000_000)));
        assert_eq!(
            price("deepseek", "deepseek-v4-pro").worst_input(&Circumstances::PLAIN),
            Picodollars(1_320_000)
        );
        assert_eq!(five.least(), Picodollars(625_000 + 5_000_000));
    }
}
