//! The most tokens that one image is.

use super::visible::any;

/// `OpenAI`'s models whose images are scaled down to 1,536 patches or eight tiles.
const SMALL: [&str; 14] = [
    "gpt-4-*",
    "gpt-4o*",
    "gpt-4.1*",
    "gpt-4.5*",
    "chatgpt-4o*",
    "o1*",
    "o3*",
    "o4*",
    "gpt-5",
    "gpt-5-*",
    "gpt-5.1*",
    "gpt-5.2*",
    "gpt-5.3*",
    "computer-use*",
];

/// The most tokens that one image is to this model; none where that is not known.
pub(super) fn most_tokens(provider: &str, model: &str) -> Option<u64> {
    match provider {
        "anthropic" => Some(5_000),
        "google" => Some(8_000),
        "openai" if model.starts_with("gpt-4o-mini") => Some(50_000),
        "openai" if any(&SMALL, model) => Some(6_000),
        // 10,000 patches, the most of the original detail, times the dearest factor.
        "openai" => Some(30_000),
        _ => None,
    }
}
