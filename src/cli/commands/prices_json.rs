//! Prices as JSON.

use serde::Serialize;

use crate::domain::money::Picodollars;
use crate::provider::price::PRICES_DATE;

use super::super::figures_json::MoneyJson;
use super::prices::Found;

/// A million, the tokens that prices are shown for.
const MILLION: u64 = 1_000_000;

#[derive(Debug, Serialize)]
pub(super) struct PriceJson<'a> {
    provider: &'a str,
    model: &'a str,
    /// The file; none of a price that came with till.
    file: Option<String>,
    /// The month of the list prices; none of a price in a file.
    date: Option<&'static str>,
    usable: bool,
    /// Why it is of no use for a limit.
    why: Option<String>,
    max_input: Option<u64>,
    max_output: Option<u64>,
    rates: Vec<RateJson>,
    multipliers: Vec<MultiplierJson>,
    fee: Option<MoneyJson>,
    search: Option<MoneyJson>,
    session: Option<MoneyJson>,
}

#[derive(Debug, Serialize)]
struct RateJson {
    tokens: &'static str,
    tier: &'static str,
    input_above: u64,
    per_million: MoneyJson,
}

#[derive(Debug, Serialize)]
struct MultiplierJson {
    of: &'static str,
    times: String,
}

/// A row as JSON.
pub(super) fn json<'a>(row: &Found<'a>) -> PriceJson<'a> {
    let price = row.price;
    let usable = price.usable();
    let fee = Some(price.fee()).filter(|fee| fee.0 > 0);
    PriceJson {
        provider: row.provider,
        model: row.model,
        file: row.source.map(|path| path.display().to_string()),
        date: row.source.is_none().then_some(PRICES_DATE),
        usable: usable.is_ok(),
        why: usable.err().map(|why| why.to_string()),
        max_input: price.max_input,
        max_output: price.max_output,
        rates: price
            .rates()
            .map(|rate| RateJson {
                tokens: rate.kind.name(),
                tier: rate.tier.name(),
                input_above: rate.above,
                per_million: rate.each.times(MILLION).into(),
            })
            .collect(),
        multipliers: price.multipliers().map(|(of, times)| MultiplierJson { of, times }).collect(),
        fee: fee.map(MoneyJson::from),
        search: price.search().map(MoneyJson::from),
        session: price.session().map(MoneyJson::from),
    }
}

/// What a million tokens cost, at so much each: `$2.50`.
pub(super) fn per_million(each: Picodollars) -> String {
    each.times(MILLION).to_string()
}

/// Dollars as a decimal number.
pub(super) fn plain(amount: Picodollars) -> String {
    amount.to_string().trim_start_matches('$').to_owned()
}
