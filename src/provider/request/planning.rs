//! From a request to its plan, step by step.

use super::api_of::api_of;
use super::case::Case;
use super::tariff::Rates;
use super::{
    Inquiry, Plan, Refusal, Tariff, choices, context, fields, input, models, names, output,
    pricing, query, router, stream, tools, upload, visible,
};
use crate::domain::demand::Demand;
use crate::domain::endpoint::EndpointClass;
use crate::provider::api::Api;
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
    if let Some(name) = inquiry.query.and_then(query::hides_usage) {
        return Err(Refusal::bad(format!(
            "`{name}` in the query can hide the usage from the meter: leave it out"
        )));
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
    never(api, &root)?;
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
        tariff: Tariff::new(inquiry, Rates::None),
        shows_all: true,
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

/// Refuses what is answered before its usage is known.
fn never(api: Api, root: &Node<'_>) -> Result<(), Refusal> {
    for name in ["background", "deferred"] {
        let off = |node: &Node<'_>| node.is_null() || node.flag() == Some(false);
        // That of an image is what stands behind it.
        if api != Api::Images && root.get(name).is_some_and(|node| !off(node)) {
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
    fields::check(&mut case);
    tools::read(&mut case)?;
    let shown = input::read(case.api, case.root)?;
    router::check(&mut case, &shown);
    let input = context::most_input(&mut case, &shown);
    let at = pricing::circumstances(&mut case, &shown, input);
    let choices = choices::read(&case)?;
    let asked = output::read(&mut case, choices, &at)?;
    let (rates, input_rate, output_rate) = pricing::rates(&mut case, &at, &shown, asked.limited)?;
    let bounded = case.is_bounded()? && !case.inquiry.watched;
    let mut edits = if bounded { case.edits.clone() } else { Edits::default() };
    let hide_usage = stream::ask(&case, &mut edits)?;
    router::edit(&case, &mut edits)?;
    let fee = pricing::fee(&case, &rates);
    let search = case.search_price().filter(|_| matches!(rates, Rates::Row(..)));
    // `OpenRouter` says itself what an answer cost, which is enough for a soft key.
    let told = case.inquiry.soft && case.provider() == "openrouter";
    let demand = Demand {
        input,
        input_spend: input_rate.times(input).plus(fee).plus(case.tool_fees),
        output: asked.output,
        least_output: asked.least.min(asked.output),
        multiplicity: asked.choices.saturating_mul(case.runs).max(1),
        output_rate,
        bounded,
        priced: told || !matches!(rates, Rates::None),
    };
    Ok(Plan {
        demand,
        api: Some(case.api),
        hide_usage,
        shows_all: visible::shows_all(&case, asked.output),
        tariff: Tariff {
            fee: fee.plus(case.session_fee),
            search: search.unwrap_or_default(),
            ..Tariff::new(case.inquiry, rates)
        },
        edits,
        limits: if bounded { asked.limits } else { Vec::new() },
        models: case.models,
    })
}
