//! How many answers a request asks for at once.

use super::case::Case;
use super::number::count;
use super::refusal::Refusal;
use crate::provider::api::Api;
use crate::provider::json::{Node, Value};

/// How often the output limit counts, apart from runs: at least 1.
pub(super) fn read(case: &Case<'_>) -> Result<u64, Refusal> {
    let protobuf = case.api == Api::Gemini;
    let mut most = 1;
    for name in ["n", "best_of", "num_generations"] {
        if let Some(node) = case.root.get(name) {
            most = count(node, name, false)?.unwrap_or(1).max(most);
        }
    }
    let configs = ["generationConfig", "generation_config"];
    for config in configs.iter().filter_map(|name| case.root.get(name)).filter(|_| protobuf) {
        for name in ["candidateCount", "candidate_count"] {
            if let Some(node) = config.get(name) {
                most = count(node, name, true)?.unwrap_or(1).max(most);
            }
        }
    }
    let prompts = match case.api {
        Api::Completions => case.root.get("prompt").map_or(1, prompts),
        _ => 1,
    };
    Ok(most.saturating_mul(prompts))
}

/// The prompts of a completion: a list of token numbers is one, any other list several.
fn prompts(prompt: &Node<'_>) -> u64 {
    let items = prompt.items();
    let one = items.iter().all(|item| matches!(item.value, Value::Number(_)));
    if one { 1 } else { u64::try_from(items.len()).unwrap_or(u64::MAX) }
}
