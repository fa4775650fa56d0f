//! What the cheapest request of a key can cost: with less than it left, a limit on money is used up.

use crate::domain::money::Picodollars;
use crate::domain::pattern::Pattern;
use crate::provider::Provider;
use crate::provider::reach::is_router;

use super::PriceTable;

/// The least that is ever charged.
const GRAIN: Picodollars = Picodollars(1);

impl PriceTable {
    /// The cheapest call of the models that a key may use; a picodollar where a model without a
    /// known price may be among them. With it, the providers of which no such model has a price:
    /// a key that is limited in money can reach nothing of them.
    #[must_use]
    pub fn least_spend<'p>(
        &self,
        models: &[Pattern],
        providers: &'p [Provider],
    ) -> (Picodollars, Vec<&'p Provider>) {
        let allowed =
            |model: &str| models.is_empty() || models.iter().any(|known| known.matches(model));
        let mut unpriced = Vec::new();
        let mut least: Option<Picodollars> = None;
        for provider in providers {
            let rows = self.rows().filter(|(of, model, _)| *of == provider.name && allowed(model));
            let usable = rows.filter(|(.., price)| price.usable().is_ok());
            let cheapest = usable.map(|(.., price)| price.least()).min();
            if cheapest.is_none() && provider.meter && !is_router(provider) {
                unpriced.push(provider);
            }
            let cheapest = cheapest.unwrap_or(GRAIN).max(GRAIN);
            least = Some(least.map_or(cheapest, |least| least.min(cheapest)));
        }
        (least.unwrap_or(GRAIN), unpriced)
    }
}
