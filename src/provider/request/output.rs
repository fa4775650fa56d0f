//! How much output a request asks for.

use super::case::Case;
use super::limit::Limit;
use super::made;
use super::number::count;
use super::refusal::Refusal;
use super::upload::SOFT_OUTPUT;
use crate::provider::api::Api;
use crate::provider::json::{Node, Value};
use crate::provider::price::Circumstances;

/// What `OpenAI`'s completions give where no limit is set.
const COMPLETION_DEFAULT: u64 = 16;
/// What an `OpenRouter` request is given where it sets no limit: the model's own is not known.
const ROUTER_DEFAULT: u64 = 16_384;

/// The output that a request asks for.
#[derive(Debug)]
pub(super) struct Asked {
    /// The most tokens of one choice.
    pub(super) output: u64,
    /// The fewest that the API accepts; more than `output` where nothing brings that down.
    pub(super) least: u64,
    /// How many choices.
    pub(super) choices: u64,
    /// Whether the request or the API limits it, whatever the model can give.
    pub(super) limited: bool,
    /// Where that is limited.
    pub(super) limits: Vec<Limit>,
}

/// Reads what output a request asks for, in so many choices and in these circumstances.
pub(super) fn read(
    case: &mut Case<'_>,
    choices: u64,
    at: &Circumstances,
) -> Result<Asked, Refusal> {
    let fixed =
        |output| Asked { output, least: u64::MAX, choices, limited: false, limits: Vec::new() };
    let own = case.price.and_then(|price| price.max_output);
    match case.api {
        Api::Embeddings | Api::GeminiEmbeddings | Api::CohereEmbeddings => return Ok(fixed(0)),
        Api::Images => return Ok(fixed(made::images(case)?)),
        Api::Transcription => return Ok(fixed(own.unwrap_or(SOFT_OUTPUT))),
        _ => {}
    }
    let mut limits = if case.api == Api::Gemini { gemini(case.root)? } else { flat(case)? };
    let largest = limits.iter().filter_map(|limit| limit.sent).max();
    // A limit on tokens does not stop an image.
    if at.output_media.image {
        let output = known(case, own);
        return Ok(fixed(output.max(largest.unwrap_or_default())));
    }
    let default = match (case.provider(), case.api) {
        ("openrouter", _) => Some(ROUTER_DEFAULT),
        ("openai", Api::Completions) => Some(COMPLETION_DEFAULT),
        _ => None,
    };
    let limited = largest.or(default);
    let output = match limited {
        Some(output) => output,
        None => known(case, own),
    };
    // Where a field that the API may not know is all that stands there, the one that it knows is
    // put in beside it; and where none does, so that no more comes than the price table knows of.
    let always = limited.is_some() || is_room(case, at.input, output);
    for limit in &mut limits {
        limit.always = always;
    }
    let least = least(case, output)?;
    Ok(Asked { output, least, choices, limited: limited.is_some(), limits })
}

/// Whether the model's maximum can be asked for. Where input and output share one context, APIs
/// refuse what may not fit; and completions give little where they are not asked for more.
fn is_room(case: &Case<'_>, input: u64, output: u64) -> bool {
    let context = case.price.and_then(|price| price.max_input);
    let fits = context.is_some_and(|context| input.saturating_add(output) <= context);
    fits && case.api != Api::Completions && !case.inquiry.soft
}

/// The model's own maximum, where it is known.
fn known(case: &mut Case<'_>, own: Option<u64>) -> u64 {
    own.unwrap_or_else(|| {
        let (provider, model) = (case.provider(), case.model());
        let why = format!("nothing bounds the output of `{model}` of `{provider}`");
        let instead = format!(
            "set its output limit in the request, add the model with `till prices set {provider} \
             {model} --input … --output … --max-output …`"
        );
        case.unbound(why, &instead);
        SOFT_OUTPUT
    })
}

/// The fewest output tokens that the API accepts, where so many are asked for. A budget beyond
/// those is for thinking between tools, and no floor.
fn least(case: &Case<'_>, output: u64) -> Result<u64, Refusal> {
    let thinking = case.root.get("thinking");
    let enabled = |node: &&Node<'_>| node.get("type").and_then(Node::text) == Some("enabled");
    let budget = match thinking.filter(enabled).and_then(|node| node.get("budget_tokens")) {
        Some(node) => count(node, "thinking.budget_tokens", false)?,
        None => None,
    };
    let budget = budget.filter(|budget| *budget < output);
    let reasoning = match case.root.at(&["reasoning", "max_tokens"]) {
        Some(node) => count(node, "reasoning.max_tokens", false)?,
        None => None,
    };
    let floor = if case.api == Api::Responses { 16 } else { 1 };
    let above = |budget: u64| budget.saturating_add(1);
    Ok(budget.max(reasoning).map_or(floor, above).max(floor))
}

/// The limits that stand at the top of the body.
fn flat(case: &Case<'_>) -> Result<Vec<Limit>, Refusal> {
    let names: &[&str] = match case.api {
        Api::Responses => &["max_output_tokens"],
        Api::Chat => &["max_completion_tokens", "max_tokens"],
        _ => &["max_tokens"],
    };
    // What each API was confirmed to take; the first is the one that is put in.
    let known: &[&str] = match (case.api, &*case.inquiry.provider.name) {
        (Api::Chat, "openai" | "groq" | "xai") => &["max_completion_tokens", "max_tokens"],
        (Api::Chat, "anthropic" | "fireworks" | "google" | "openrouter") => {
            &["max_tokens", "max_completion_tokens"]
        }
        (Api::Responses, _) => &["max_output_tokens"],
        _ => &["max_tokens"],
    };
    // Zero is no limit to some, and a true one where nothing is to be written at all.
    let zero = matches!(case.api, Api::Messages | Api::Completions);
    let mut limits = Vec::new();
    for name in names {
        let Some(node) = case.root.get(name) else { continue };
        let sent = count(node, name, false)?.filter(|sent| zero || *sent > 0);
        if sent.is_some() {
            limits.push(Limit { sent, ..Limit::missing(case.root, name) });
        }
    }
    let enforced = limits.iter().any(|limit| known.contains(&limit.name()));
    if !enforced && let Some(name) = known.first() {
        limits.push(Limit::missing(case.root, name));
    }
    Ok(limits)
}

/// The limits of `generationConfig`, in both spellings of both names.
fn gemini(root: &Node<'_>) -> Result<Vec<Limit>, Refusal> {
    let mut limits = Vec::new();
    let configs = ["generationConfig", "generation_config"];
    let names = ["maxOutputTokens", "max_output_tokens"];
    for (config, outer) in configs.iter().filter_map(|name| Some((root.get(name)?, name))) {
        if !matches!(config.value, Value::Null | Value::Object(_)) {
            return Err(Refusal::bad(format!("`{outer}` must be an object")));
        }
        for name in names {
            let Some(node) = config.get(name) else { continue };
            let sent = count(node, name, true)?.filter(|sent| *sent > 0);
            if sent.is_some() {
                limits.push(Limit { sent, ..Limit::missing(config, name) });
            }
        }
    }
    if !limits.is_empty() {
        return Ok(limits);
    }
    let there = configs.iter().filter_map(|name| root.get(name)).find(|node| !node.is_null());
    // A limit of null or zero is put in under the name that it has.
    let spelled = |node: &Node<'_>| names.into_iter().find(|name| node.get(name).is_some());
    let outer = || configs.into_iter().find(|name| root.get(name).is_some());
    limits.push(there.map_or_else(
        || Limit {
            within: Some(outer().unwrap_or("generationConfig")),
            ..Limit::missing(root, "maxOutputTokens")
        },
        |config| Limit::missing(config, spelled(config).unwrap_or("maxOutputTokens")),
    ));
    Ok(limits)
}
