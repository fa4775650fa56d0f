//! Images that are made.

use super::case::Case;
use super::number::count;
use super::refusal::Refusal;
use super::upload::SOFT_OUTPUT;

/// Tokens of one image in the best quality and the largest size, and of one that is shown half
/// done (`OpenAI`'s guide for `gpt-image-1`).
const WHOLE: u64 = 6_240;
const PARTIAL: u64 = 100;

/// The most output tokens of one image.
pub(super) fn images(case: &mut Case<'_>) -> Result<u64, Refusal> {
    let model = case.model();
    let by_tokens = model.starts_with("gpt-image-") || model.starts_with("chatgpt-image");
    if case.provider() != "openai" || !by_tokens {
        return Err(Refusal::unmetered(format!(
            "`{model}` is billed by the image, which till does not meter: use a key without \
             limits on tokens and money"
        )));
    }
    let bounded = model.starts_with("gpt-image-1");
    let made = case.inquiry.path.trim_end_matches('/').ends_with("/generations");
    if !bounded || !made {
        let why = format!("how many tokens an image of `{model}` is has no known bound");
        case.unbound(why, "make it with `gpt-image-1`");
        return Ok(SOFT_OUTPUT);
    }
    let partial = match case.root.get("partial_images") {
        Some(node) => count(node, "partial_images", false)?.unwrap_or_default(),
        None => 0,
    };
    Ok(PARTIAL.saturating_mul(partial).saturating_add(WHOLE))
}
