//! What an answer's usage costs.

use super::multiplier::Multiplier;
use super::{Circumstances, Kind, Price, Region, Said, Tier};
use crate::domain::money::Picodollars;
use crate::provider::meter::Tokens;

impl Price {
    /// What these tokens of one run of the model cost, without the fees of calls and searches.
    ///
    /// Never more than their number at the worst rates of these circumstances, as long as there is
    /// no more input than they have, no kind of token that they do not have, and the tier that the
    /// answer names is one of theirs. What the answer says beyond that costs what it costs.
    #[must_use]
    pub fn charge(&self, tokens: &Tokens, at: &Circumstances, said: &Said<'_>) -> Picodollars {
        // A long context begins behind its threshold with some providers, with others at it.
        let above = self.rates.thresholds().filter(|from| *from <= tokens.input).max();
        let counter = Counter { price: self, at, above: above.unwrap_or_default() };
        let reached = self.tiers(at).into_iter().map(|tier| counter.amount(tier, tokens));
        let dearest = reached.max().unwrap_or_default();
        let named = said.tier.and_then(Tier::named).filter(|tier| self.priced_in(*tier));
        let amount = named.map_or(dearest, |tier| counter.amount(tier, tokens));
        self.multiplier_said(at, said).of(amount)
    }

    /// The factor, by what the answer says: at most the one that can be reached.
    fn multiplier_said(&self, at: &Circumstances, said: &Said<'_>) -> Multiplier {
        // `not_available`: models that run in one place alone, at the list price.
        let elsewhere = matches!(said.region, Some("global" | "not_available"));
        let region = if elsewhere { Region::Global } else { at.region };
        let fast = at.fast && said.speed != Some("standard");
        self.multiplier(&Circumstances { region, fast, ..*at })
    }
}

/// Counts what tokens cost at one context length.
struct Counter<'a> {
    price: &'a Price,
    at: &'a Circumstances,
    above: u64,
}

/// Tokens of one medium that were neither read from a cache nor written to one.
#[derive(Clone, Copy)]
struct Fresh {
    count: u64,
    each: u64,
    /// What one costs when it is read from a cache.
    cached: u64,
}

impl Counter<'_> {
    fn amount(&self, tier: Tier, tokens: &Tokens) -> u128 {
        self.input(tier, tokens).saturating_add(self.output(tier, tokens))
    }

    fn input(&self, tier: Tier, tokens: &Tokens) -> u128 {
        let rate = |kind| self.rate(kind, tier);
        let audio = tokens.input_audio.min(tokens.input);
        let image = tokens.input_image.min(tokens.input.saturating_sub(audio));
        let named = audio.saturating_add(image);
        let unnamed = tokens.input_unnamed.min(tokens.input.saturating_sub(named));
        let text = tokens.input.saturating_sub(named).saturating_sub(unnamed);
        let fresh = |count, each, cached| Fresh { count, each: rate(each), cached: rate(cached) };
        let text = fresh(text, Kind::Input, Kind::CacheRead);
        // Answers do not always tell video from images.
        let image = Fresh {
            count: image,
            each: rate(Kind::InputImage).max(rate(Kind::InputVideo)),
            cached: rate(Kind::CacheReadImage),
        };
        let audio = fresh(audio, Kind::InputAudio, Kind::CacheReadAudio);
        let reached = self.price.input_kinds(self.at);
        let dearest = self.price.dearest(&reached, tier, self.above).0;
        let unnamed = Fresh { count: unnamed, each: dearest, cached: dearest };
        let mut media = [text, image, audio, unnamed];
        let hour = tokens.cache_write_hour.min(tokens.cache_write);
        let minutes = tokens.cache_write.saturating_sub(hour);
        let mut sum = 0u128;
        for (count, each) in [(hour, rate(Kind::CacheWriteHour)), (minutes, rate(Kind::CacheWrite))]
        {
            sum = sum.saturating_add(take(&mut media, count, |_| each));
        }
        // What was cached is not told apart by medium: it is that which saves the least.
        media.sort_by_key(|medium| medium.each.saturating_sub(medium.cached));
        sum = sum.saturating_add(take(&mut media, tokens.cache_read, |medium| medium.cached));
        sum.saturating_add(take(&mut media, tokens.input, |medium| medium.each))
    }

    fn output(&self, tier: Tier, tokens: &Tokens) -> u128 {
        let kinds = self.price.output_kinds(self.at);
        let mut left = tokens.output;
        let mut sum = 0u128;
        let image = self.rate(Kind::OutputImage, tier).max(self.rate(Kind::OutputVideo, tier));
        let audio = self.rate(Kind::OutputAudio, tier);
        for (count, each) in [
            (tokens.output_image, image),
            (tokens.output_audio, audio),
            (tokens.output_unnamed, self.price.dearest(&kinds, tier, self.above).0),
            (tokens.reasoning, self.rate(Kind::Reasoning, tier)),
            (tokens.output, self.rate(Kind::Output, tier)),
        ] {
            let count = count.min(left);
            left = left.saturating_sub(count);
            sum = sum.saturating_add(cost(count, each));
        }
        sum
    }

    fn rate(&self, kind: Kind, tier: Tier) -> u64 {
        self.price.rates.rate(kind, tier, self.above).0
    }
}

/// Takes so many tokens away, from the first medium first, and says what they cost.
fn take(media: &mut [Fresh], count: u64, each: impl Fn(&Fresh) -> u64) -> u128 {
    let mut left = count;
    let mut sum = 0u128;
    for medium in media {
        let taken = left.min(medium.count);
        sum = sum.saturating_add(cost(taken, each(medium)));
        medium.count = medium.count.saturating_sub(taken);
        left = left.saturating_sub(taken);
    }
    sum
}

fn cost(count: u64, each: u64) -> u128 {
    u128::from(count).saturating_mul(u128::from(each))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::price::{CacheWrite, Media, PriceTable, Tiers};
    use proptest::prelude::*;

    fn price(provider: &str, model: &str) -> &'static Price {
        PriceTable::builtin().find(provider, model).unwrap().price
    }

    #[test]
    fn usage_is_charged_by_its_kinds_and_by_what_the_answer_says() {
        let opus = price("anthropic", "claude-opus-5");
        let each = |kind| opus.rates.rate(kind, Tier::Standard, 0).0;
        let at = Circumstances {
            input: 10_000,
            cache_write: CacheWrite::Hour,
            region: Region::Us,
            fast: true,
            ..Circumstances::PLAIN
        };
        let tokens = Tokens {
            input: 10_000,
            cache_read: 4_000,
            cache_write: 3_000,
            cache_write_hour: 1_000,
            output: 500,
            reasoning: 100,
            ..Tokens::default()
        };
        let list = 3_000 * each(Kind::Input)
            + 4_000 * each(Kind::CacheRead)
            + 2_000 * each(Kind::CacheWrite)
            + 1_000 * each(Kind::CacheWriteHour)
            + 500 * each(Kind::Output);
        let charge = |said: Said<'_>| opus.charge(&tokens, &at, &said).0;
        assert_eq!(charge(Said::default()), list * 22 / 10);
        let global = Said { region: Some("global"), ..Said::default() };
        assert_eq!(charge(global), list * 2);
        assert_eq!(charge(Said { speed: Some("standard"), ..global }), list);
        assert_eq!(charge(Said { tier: Some("priority"), ..global }), list * 2);
        let five = price("openai", "gpt-5");
        let auto =
            Circumstances { tiers: Tiers::STANDARD.and(Tier::Priority), ..Circumstances::PLAIN };
        let tokens = Tokens { input: 1_000, ..Tokens::default() };
        let charge = |tier| five.charge(&tokens, &auto, &Said { tier, ..Said::default() }).0;
        assert_eq!(charge(Some("default")), 1_250_000_000);
        assert_eq!(charge(Some("priority")), 2_500_000_000);
        assert_eq!(charge(Some("flex")), 625_000_000);
        let written = Tokens { input: 1_000, cache_write: 1_000, ..Tokens::default() };
        let unasked = opus.charge(&written, &Circumstances::PLAIN, &Said::default()).0;
        assert_eq!(unasked, 1_000 * each(Kind::CacheWrite), "though nobody asked for a cache");
        assert_eq!(charge(Some("scale")), 2_500_000_000);
        assert_eq!(charge(None), 2_500_000_000);
    }

    #[test]
    fn media_without_a_name_cost_what_the_dearest_costs_that_there_can_be() {
        let flash = price("google", "gemini-2.5-flash-image");
        let each = |kind| flash.rates.rate(kind, Tier::Standard, 0).0;
        let media = Media { audio: true, image: true };
        let at = Circumstances { input_media: media, output_media: media, ..Circumstances::PLAIN };
        let tokens = Tokens {
            input: 10,
            input_unnamed: 4,
            output: 100,
            output_unnamed: 90,
            ..Tokens::default()
        };
        let charge = |at| flash.charge(&tokens, at, &Said::default()).0;
        let input = each(Kind::Input).max(each(Kind::InputAudio)).max(each(Kind::InputImage));
        let output = 90 * each(Kind::OutputImage) + 10 * each(Kind::Output);
        assert!(each(Kind::OutputImage) > each(Kind::Output));
        assert_eq!(charge(&at), 6 * each(Kind::Input) + 4 * input + output);
        assert_eq!(charge(&Circumstances::PLAIN), 10 * each(Kind::Input) + output);
    }

    #[test]
    fn a_long_context_begins_at_its_threshold() {
        let haiku = price("anthropic", "claude-haiku-5-5");
        let charge = |input| {
            let tokens = Tokens { input, ..Tokens::default() };
            haiku.charge(
                &tokens,
                &Circumstances { input, ..Circumstances::PLAIN },
                &Said::default(),
            )
        };
        assert_eq!(charge(100_000), Picodollars(100_000 * 500_000));
        assert_eq!(charge(99_999), Picodollars(99_999 * 100_000));
    }

    fn media() -> impl Strategy<Value = Media> {
        any::<(bool, bool)>().prop_map(|(audio, image)| Media { audio, image })
    }

    prop_compose! {
        fn circumstances()(
            input in 0..2_000_000u64,
            tiers in prop::collection::vec(0..Tier::ALL.len(), 1..4),
            cache_write in prop::sample::select(&[
                CacheWrite::Never, CacheWrite::Minutes, CacheWrite::Hour,
            ][..]),
            region in prop::sample::select(&[Region::Global, Region::Us, Region::Eu][..]),
            input_media in media(), output_media in media(), fast in any::<bool>(),
        ) -> Circumstances {
            let all = tiers.into_iter().map(|place| Tier::ALL[place].0);
            let tiers = all.map(Tiers::only).reduce(|all, tier| {
                tier.iter().fold(all, Tiers::and)
            });
            Circumstances {
                input, tiers: tiers.unwrap(), cache_write, input_media, output_media, region, fast,
            }
        }
    }

    prop_compose! {
        /// Tokens as an answer may have them, parts that are larger than the whole among them.
        fn tokens()(
            part in prop::array::uniform9(0..200_000u64), share in 0..=100u64,
            unnamed in any::<(u16, u16)>(),
        ) -> Tokens {
            let [cache_read, cache_write, hour, audio, image, output, reasoning, out_audio, out_image]
                = part;
            Tokens {
                input: share,
                cache_read,
                cache_write,
                cache_write_hour: hour,
                input_audio: audio,
                input_image: image,
                input_unnamed: unnamed.0.into(),
                output,
                reasoning,
                output_audio: out_audio,
                output_image: out_image,
                output_unnamed: unnamed.1.into(),
            }
        }
    }

    /// The same without the kinds that these circumstances do not have.
    fn within(tokens: &Tokens, at: &Circumstances) -> Tokens {
        let keep = |count: u64, there: bool| if there { count } else { 0 };
        Tokens {
            cache_write: keep(tokens.cache_write, at.cache_write != CacheWrite::Never),
            cache_write_hour: keep(tokens.cache_write_hour, at.cache_write == CacheWrite::Hour),
            input_audio: keep(tokens.input_audio, at.input_media.audio),
            input_image: keep(tokens.input_image, at.input_media.image),
            output_audio: keep(tokens.output_audio, at.output_media.audio),
            output_image: keep(tokens.output_image, at.output_media.image),
            ..*tokens
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn a_charge_is_never_more_than_the_worst(
            at in circumstances(), tokens in tokens(),
            tier in prop::option::of(prop::sample::select(
                &["default", "priority", "flex", "ultrafast", "auto"][..],
            )),
            region in prop::option::of(prop::sample::select(&["us", "global", "x"][..])),
            speed in prop::option::of(prop::sample::select(&["fast", "standard"][..])),
        ) {
            let input = at.input.saturating_mul(tokens.input).div_ceil(100);
            let tokens = within(&Tokens { input, ..tokens }, &at);
            let reached = |name: &&str| {
                Tier::named(name).is_none_or(|tier| at.tiers.iter().any(|one| one == tier))
            };
            let said = Said { tier: tier.filter(reached), region, speed };
            for (provider, model, price) in PriceTable::builtin().rows() {
                let worst = price
                    .worst_input(&at)
                    .times(tokens.input)
                    .plus(price.worst_output(&at).times(tokens.output));
                let charge = price.charge(&tokens, &at, &said);
                prop_assert!(charge <= worst, "{} {}: {:?}", provider, model, (charge, worst));
            }
        }
    }
}
