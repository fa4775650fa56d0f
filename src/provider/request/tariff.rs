//! What an answer is charged.

use std::sync::Arc;

use super::Inquiry;
use crate::domain::cost::Cost;
use crate::domain::money::Picodollars;
use crate::provider::meter::{Pass, Reading};
use crate::provider::price::{Circumstances, Price, PriceTable, Said};

/// Prices what an answer says that it used.
#[derive(Clone, Debug)]
pub struct Tariff {
    pub(super) provider: String,
    pub(super) prices: Arc<PriceTable>,
    pub(super) rates: Rates,
    /// For the call itself, whatever it used.
    pub(super) fee: Picodollars,
    /// For each web search that the answer counts.
    pub(super) search: Picodollars,
    /// Whether the provider's own figure counts, where it gives one.
    pub(super) reported: bool,
}

/// What tokens are priced by.
#[derive(Clone, Debug)]
pub(super) enum Rates {
    /// Nothing: tokens alone are counted.
    None,
    /// The most that was allowed for each input and each output token.
    Flat(Picodollars, Picodollars),
    /// The model's row.
    Row(Box<Price>, Circumstances),
}

impl Tariff {
    /// What answers of this request's provider are charged by these rates, without fees.
    pub(super) fn new(inquiry: &Inquiry<'_>, rates: Rates) -> Self {
        let provider = &inquiry.provider.name;
        Self {
            provider: provider.clone().into_owned(),
            prices: Arc::clone(inquiry.prices),
            rates,
            fee: Picodollars(0),
            search: Picodollars(0),
            reported: matches!(&**provider, "openrouter" | "perplexity" | "xai"),
        }
    }

    /// What this answer is charged: tokens of all passes, and money.
    ///
    /// Where the provider's own figure counts and is there, that is the money; else every pass is
    /// charged by the row of the model that it names, or by the row of the model asked for.
    #[must_use]
    pub fn cost(&self, reading: &Reading) -> Cost {
        let reported = reading.cost.filter(|_| self.reported);
        let spend = reported.unwrap_or_else(|| self.computed(reading));
        Cost { spend, ..reading.tokens() }
    }

    fn computed(&self, reading: &Reading) -> Picodollars {
        let passes: Picodollars = reading.passes.iter().map(|pass| self.pass(pass, reading)).sum();
        passes.plus(self.search.times(reading.searches)).plus(self.fee)
    }

    fn pass(&self, pass: &Pass, reading: &Reading) -> Picodollars {
        match &self.rates {
            Rates::None => Picodollars(0),
            Rates::Flat(input, output) => {
                input.times(pass.tokens.input).plus(output.times(pass.tokens.output))
            }
            Rates::Row(price, at) => {
                let said = Said {
                    tier: reading.tier.as_deref(),
                    region: reading.region.as_deref(),
                    speed: reading.speed.as_deref(),
                };
                let named = pass.model.as_deref();
                let own = named.and_then(|model| self.prices.find(&self.provider, model));
                let usable = own.map(|own| own.price).filter(|price| price.usable().is_ok());
                usable.unwrap_or(price).charge(&pass.tokens, at, &said)
            }
        }
    }
}
