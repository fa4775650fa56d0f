//! What the cheapest request of a key can cost: with less than it left, a limit on money is used up.

use crate::domain::limits::Limits;
use crate::domain::money::Picodollars;
use crate::domain::pattern::Pattern;
use crate::provider::Provider;

use super::super::context::Context;
use super::super::failure::Failure;
use super::key_reach::is_router;
use super::prices_files::Prices;

/// The least that is ever charged.
const GRAIN: Picodollars = Picodollars(1);

/// The cheapest call of the models that a key may use; a picodollar where a model without a known
/// price may be among them, or the key is not limited in money.
///
/// Says on stderr where no model that the key may use has a price: it could reach none.
///
/// # Errors
/// Where a price file cannot be read.
pub(super) fn least_spend(
    context: &Context,
    limits: &Limits,
    models: &[Pattern],
    providers: &[Provider],
) -> Result<Picodollars, Failure> {
    if limits.caps.spend.is_none() {
        return Ok(GRAIN);
    }
    let prices = Prices::read(context, None)?;
    let mut least: Option<Picodollars> = None;
    for provider in providers {
        let allowed =
            |model: &str| models.is_empty() || models.iter().any(|known| known.matches(model));
        let rows = prices.rows().filter(|row| row.provider == provider.name && allowed(row.model));
        let usable = rows.filter(|row| row.price.usable().is_ok());
        let cheapest = usable.map(|row| row.price.least()).min();
        if cheapest.is_none() && provider.meter && !is_router(provider) {
            let name = &provider.name;
            context.terminal.warn(&format!(
                "no model of `{name}` that the key may use has a price, and those without one are \
                 refused; set one with `till prices set {name} MODEL --input USD --output USD \
                 --max-output N`"
            ));
        }
        let cheapest = cheapest.unwrap_or(GRAIN).max(GRAIN);
        least = Some(least.map_or(cheapest, |least| least.min(cheapest)));
    }
    Ok(least.unwrap_or(GRAIN))
}
