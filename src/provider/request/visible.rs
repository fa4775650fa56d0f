//! Models that show every token that they bill.

use super::case::Case;
use crate::provider::api::Api;
use crate::provider::json::Node;

/// Models that are known to show all, by provider. Everything else may think unseen.
const SHOWN: [(&str, &[&str]); 8] = [
    (
        "openai",
        &[
            "gpt-3.5*",
            "gpt-4",
            "gpt-4-*",
            "gpt-4o*",
            "gpt-4.1*",
            "chatgpt-4o*",
            "davinci*",
            "babbage*",
        ],
    ),
    (
        "anthropic",
        &[
            "claude-3*",
            "claude-haiku-4*",
            "claude-haiku-5-5*",
            "claude-opus-4*",
            "claude-sonnet-4*",
        ],
    ),
    ("google", &["gemini-1.5*", "gemini-2.0*", "gemma-3*"]),
    (
        "mistral",
        &["mistral-*", "open-mistral*", "ministral-*", "codestral-*", "devstral-*", "pixtral-*"],
    ),
    ("deepseek", &["deepseek-*"]),
    ("groq", &["llama*", "meta-llama/*", "gemma*"]),
    ("cohere", &["command-*"]),
    ("perplexity", &["sonar", "sonar-pro"]),
];

/// Whether an answer shows every output token that is billed.
pub(super) fn shows_all(case: &Case<'_>, output: u64) -> bool {
    if output == 0 {
        return true;
    }
    let (provider, model) = (case.provider(), case.model());
    let known = SHOWN.iter().any(|(name, models)| *name == provider && any(models, model));
    // Spoken answers and those of searches come with more than their text.
    let more =
        ["audio", "search", "realtime", "image", "tts"].iter().any(|part| model.contains(part));
    let hidden = case.root.get("best_of").is_some_and(|node| node.count() != Some(1));
    let predicted = case.root.get("prediction").is_some_and(|node| !node.is_null());
    let once = case.runs == 1 && !case.reads_upstream;
    known && !more && !hidden && !predicted && once && !thinks(case)
}

/// Whether the request asks for reasoning, which may be billed without being shown.
fn thinks(case: &Case<'_>) -> bool {
    let off = |node: &Node<'_>| {
        node.is_null() || node.get("type").and_then(Node::text) == Some("disabled")
    };
    let shown = case.provider() == "deepseek" && case.api == Api::Chat;
    ["thinking", "reasoning", "reasoning_effort"]
        .iter()
        .filter_map(|name| case.root.get(name))
        .any(|node| !off(node) && !shown)
}

/// Whether a name fits one of these patterns, which may end in a star.
pub(super) fn any(patterns: &[&str], name: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *pattern,
    })
}
