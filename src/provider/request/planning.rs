//! From a request to its plan, step by step.

use std::sync::Arc;

use percent_encoding::percent_decode_str;

use super::api_of::api_of;
use super::case::Case;
use super::tariff::Rates;
use super::{
    Inquiry, Plan, Refusal, Tariff, choices, context, input, models, names, output, pricing,
    router, stream, tools, upload, visible,
};
use crate::domain::demand::Demand;
use crate::domain::endpoint::EndpointClass;
use crate::domain::money::Picodollars;
use crate::provider::json::{Edits, Node, Value};

/// Reads a request and says what it can cost at the most.
///
/// # Errors
/// Where it is malformed, where its price is not known and money is limited, and where nothing
/// bounds it, unless the key admits that.
pub fn plan(inquiry: &Inquiry<'_>) -> Result<Plan, Refusal> {
    let provider = inquiry.provider;
    if provider.custom || !provider.meter {
        return Err(Refusal::unmetered(format!(
            "till has no meter for `{}`, and the key, or its master, is limited in tokens or \
             money: limit it in activations or time instead",
            provider.name
        )));
    }
    let api = match provider.classify(inquiry.method, inquiry.path) {
        EndpointClass::Free => return Ok(free(inquiry)),
        _ => api_of(provider, inquiry.path),
    };
    let Some(api) = api.filter(|_| inquiry.method == "POST") else {
        return Err(Refusal::unmetered(format!(
            "till has no meter for `{} {}` of `{}`, and the key, or its master, is limited in \
             tokens or money: limit it in activations or time instead",
            inquiry.method, inquiry.path, provider.name
        )));
    };
    if inquiry.query.is_some_and(hides_usage) {
        return Err(Refusal::bad(
            "`fields` in the query can hide the usage from the meter: leave it out",
        ));
    }
    let content_type = inquiry.content_type.unwrap_or("application/json");
    if upload::is_multipart(content_type) {
        return upload::plan(inquiry, api);
    }
    if !is_json(content_type) {
        return Err(Refusal::bad("a limit must read the body, which has to be JSON in UTF-8"));
    }
    let root = Node::parse(inquiry.body).map_err(|fault| {
        Refusal::bad(format!("a limit must read the body, and cannot: {fault}"))
    })?;
    if !matches!(root.value, Value::Object(_)) {
        return Err(Refusal::bad("a limit must read the body, which has to be a JSON object"));
    }
    names::check(&root)?;
    never(&root)?;
    let models = models::read(inquiry, api, &root)?;
    bound(Case::new(inquiry, api, &root, models))
}

/// A request that costs nothing.
fn free(inquiry: &Inquiry<'_>) -> Plan {
    Plan {
        demand: Demand::FREE,
        api: None,
        models: Vec::new(),
        hide_usage: false,
        edits: Edits::default(),
        limits: Vec::new(),
        tariff: tariff(inquiry, Rates::None, Picodollars(0)),
        shows_all: true,
    }
}

fn tariff(inquiry: &Inquiry<'_>, rates: Rates, fee: Picodollars) -> Tariff {
    let provider = &inquiry.provider.name;
    Tariff {
        provider: provider.clone().into_owned(),
        prices: Arc::clone(inquiry.prices),
        rates,
        fee,
        reported: matches!(&**provider, "openrouter" | "perplexity"),
    }
}

/// Whether a body of this type is read as JSON in UTF-8.
fn is_json(content_type: &str) -> bool {
    let lower = content_type.to_ascii_lowercase();
    let (kind, parameters) = lower.split_once(';').unwrap_or((&lower, ""));
    let kind = kind.trim();
    let charset = parameters.split(';').find_map(|one| one.trim().strip_prefix("charset="));
    let utf8 = charset.is_none_or(|name| matches!(name.trim_matches('"'), "utf-8" | "utf8"));
    let json = matches!(kind, "" | "application/json" | "text/json" | "text/plain");
    (json || kind.ends_with("+json")) && utf8
}

/// Whether a query picks parts of the answer, as Google's APIs let it.
fn hides_usage(query: &str) -> bool {
    query.split('&').any(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        let name = percent_decode_str(name).decode_utf8_lossy();
        name.trim_start_matches('$').eq_ignore_ascii_case("fields")
    })
}

/// Refuses what is answered before its usage is known.
fn never(root: &Node<'_>) -> Result<(), Refusal> {
    for name in ["background", "deferred"] {
        let off = |node: &Node<'_>| node.is_null() || node.flag() == Some(false);
        if root.get(name).is_some_and(|node| !off(node)) {
            return Err(Refusal::unmetered(format!(
                "`{name}` has the answer come before its usage is known: leave it out"
            )));
        }
    }
    Ok(())
}

/// Everything that bounds the request, and its price.
fn bound(mut case: Case<'_>) -> Result<Plan, Refusal> {
    models::check(&mut case);
    tools::read(&mut case)?;
    router::check(&mut case);
    let shown = input::read(case.api, case.root);
    let input = context::most_input(&mut case, &shown);
    let at = pricing::circumstances(&mut case, &shown, input);
    let choices = choices::read(&case)?;
    let asked = output::read(&mut case, choices, at.output_media)?;
    let (rates, input_rate, output_rate) = pricing::rates(&mut case, &at, &shown)?;
    let bounded = case.is_bounded()?;
    let mut edits = if bounded { case.edits.clone() } else { Edits::default() };
    let hide_usage = stream::ask(&case, &mut edits)?;
    router::edit(&case, &mut edits)?;
    let fee = match &rates {
        Rates::Row(price, _) => price.fee(),
        Rates::None | Rates::Flat(..) => Picodollars(0),
    };
    let demand = Demand {
        input,
        input_spend: input_rate.times(input).plus(fee).plus(case.tool_fees),
        output: asked.output,
        least_output: asked.least.min(asked.output),
        multiplicity: asked.choices.saturating_mul(case.runs).max(1),
        output_rate,
        bounded,
        priced: !matches!(rates, Rates::None),
    };
    Ok(Plan {
        demand,
        api: Some(case.api),
        hide_usage,
        shows_all: visible::shows_all(&case, asked.output),
        tariff: tariff(case.inquiry, rates, fee.plus(case.session_fee)),
        edits,
        limits: if bounded { asked.limits } else { Vec::new() },
        models: case.models,
    })
}
