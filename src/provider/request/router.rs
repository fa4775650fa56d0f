//! `OpenRouter`: a price cap instead of a price.

use super::case::Case;
use super::input::Input;
use super::refusal::Refusal;
use super::service;
use crate::domain::limits::MaxPrice;
use crate::domain::money::Picodollars;
use crate::provider::api::Api;
use crate::provider::json::{Edits, Node, Value};
use crate::provider::price::{CacheWrite, Media};

/// The provider that this is about.
const NAME: &str = "openrouter";
/// From so many input tokens on some models have dearer prices: the cap is on the base price.
const LONG: u64 = 128_000;
/// A million tokens, which `OpenRouter` caps prices by.
const MILLION: u64 = 1_000_000;
/// The digits after the point that a picodollar is.
const PLACES: usize = 12;

/// Notes what a price cap does not cover.
pub(super) fn check(case: &mut Case<'_>, shown: &Input) {
    if case.provider() != NAME {
        return;
    }
    if service::output_media(case) != Media::default() {
        case.unbound("no price cap covers output that is no text", "leave `modalities` out");
    }
    if case.inquiry.spend && shown.written > LONG {
        let why = "the input may be so long that models cost more than their price cap says";
        case.unbound(why, "shorten it");
    }
}

/// Has the answer tell its cost, and puts the key's cap into the body.
pub(super) fn edit(case: &Case<'_>, edits: &mut Edits) -> Result<(), Refusal> {
    if case.provider() != NAME {
        return Ok(());
    }
    if matches!(case.api, Api::Chat | Api::Completions) {
        edits.set(case.root, "usage", r#"{"include":true}"#);
    }
    match case.inquiry.max_price {
        Some(price) => cap(case.root, price, edits),
        None => Ok(()),
    }
}

/// Puts the cap into the body, or lowers the one that is there.
fn cap(root: &Node<'_>, cap: MaxPrice, edits: &mut Edits) -> Result<(), Refusal> {
    let rows = [("prompt", cap.prompt), ("completion", cap.completion)];
    let all = rows.map(|(name, price)| format!("\"{name}\":{}", per_million(price)));
    // What is charged for each call is not in the bound: no model that has such a price.
    let whole = format!("{{{},\"request\":0}}", all.join(","));
    let provider = root.get("provider").filter(|node| !node.is_null());
    let Some(provider) = provider else {
        edits.set(root, "provider", format!("{{\"max_price\":{whole}}}"));
        return Ok(());
    };
    if !matches!(provider.value, Value::Object(_)) {
        return Err(Refusal::bad("`provider` must be an object"));
    }
    let own = provider.get("max_price").filter(|node| !node.is_null());
    let Some(own) = own else {
        edits.set(provider, "max_price", whole);
        return Ok(());
    };
    if !matches!(own.value, Value::Object(_)) {
        return Err(Refusal::bad("`provider.max_price` must be an object"));
    }
    for (name, price) in rows.into_iter().chain([("request", Picodollars(0))]) {
        let most = price.times(MILLION);
        if own.get(name).and_then(amount).is_none_or(|own| own > most) {
            edits.set(own, name, per_million(price));
        }
    }
    Ok(())
}

/// What one input and one output token can cost under the cap.
pub(super) fn rates(cap: MaxPrice, input: &Input) -> (Picodollars, Picodollars) {
    // Writing to a cache costs up to twice the price of input.
    let writing = if input.cache_write == CacheWrite::Never { 1 } else { 2 };
    (cap.prompt.times(writing), cap.completion)
}

/// A number of dollars, which may be written as text.
fn amount(node: &Node<'_>) -> Option<Picodollars> {
    Picodollars::from_decimal(node.number().or(node.text())?)
}

/// The price of a token by the million, in dollars, as a JSON number.
fn per_million(price: Picodollars) -> String {
    let digits = format!("{:0>width$}", price.times(MILLION).0, width = PLACES.saturating_add(1));
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(PLACES));
    match fraction.trim_end_matches('0') {
        "" => whole.to_owned(),
        fraction => format!("{whole}.{fraction}"),
    }
}
