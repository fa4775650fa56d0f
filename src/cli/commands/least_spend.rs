//! What the cheapest request of a key can cost: with less than it left, a limit on money is used up.

use crate::domain::limits::Limits;
use crate::domain::money::Picodollars;
use crate::domain::pattern::Pattern;
use crate::provider::Provider;

use super::super::context::Context;
use super::super::failure::Failure;
use super::prices_files::Prices;

/// The cheapest call of the models that a key may use; a picodollar where the key is not limited in
/// money.
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
        return Ok(Picodollars(1));
    }
    let prices = Prices::read(context, None)?;
    let (least, unpriced) = prices.table().least_spend(models, providers);
    for provider in unpriced {
        let name = &provider.name;
        context.terminal.warn(&format!(
            "no model of `{name}` that the key may use has a price, and those without one are \
             refused; set one with `till prices set {name} MODEL --input USD --output USD \
             --max-output N`"
        ));
    }
    Ok(least)
}
