//! The most input tokens of a request, and what of it lies upstream, where it is not seen.

use super::case::Case;
use super::input::Input;
use super::{image, tools};
use crate::provider::api::Api;
use crate::provider::json::Node;

/// The most input tokens, of all runs. What is not seen fills the model's context at the most.
pub(super) fn most_input(case: &mut Case<'_>, shown: &Input) -> u64 {
    let written = shown.written.saturating_add(tools::preface(case.api, case.root));
    let image = image::most_tokens(case.provider(), case.model());
    let images = shown.images.saturating_mul(image.unwrap_or_default());
    let known = written.saturating_add(images);
    let unseen = if case.api == Api::Transcription {
        Some("audio")
    } else if let Some(field) = kept_upstream(case) {
        Some(field)
    } else if case.reads_upstream {
        Some("what its tools read upstream")
    } else if shown.unseen {
        Some("a file or a reference")
    } else if shown.images > 0 && image.is_none() {
        Some("an image")
    } else {
        None
    };
    if case.provider() == "xai" && (shown.unseen || kept_upstream(case).is_some()) {
        let why = "xAI searches files as often as it likes, and what lies upstream may be one";
        case.unbound(why, "leave files and references out");
    }
    // One context is filled once: each of several prompts or texts may fill it.
    let one =
        matches!(case.api, Api::Chat | Api::Responses | Api::Messages | Api::Gemini | Api::Cohere);
    match (unseen, case.price.and_then(|price| price.max_input).filter(|_| one)) {
        (None, Some(context)) => known.min(context),
        (None, None) => known,
        (Some(_), Some(context)) => context.saturating_mul(case.runs),
        (Some(part), None) => {
            let why = format!("nothing bounds the size of {part} in the request");
            case.unbound(why, "leave it out, or ask for a model whose context is known");
            known.saturating_mul(case.runs)
        }
    }
}

/// The field that names context kept upstream, if there is one.
fn kept_upstream(case: &Case<'_>) -> Option<&'static str> {
    let fields: &[&'static str] = match case.api {
        Api::Responses => &["previous_response_id", "conversation"],
        Api::Gemini => &["cachedContent", "cached_content"],
        Api::Cohere => &["conversation_id"],
        Api::Chat => &["cached_content", "cachedContent"],
        _ => &[],
    };
    let there = |node: &Node<'_>| !node.is_null();
    let google = case.root.at(&["extra_body", "google"]);
    let extra = google.filter(|_| case.api == Api::Chat);
    let of = |name: &&str| {
        case.root.get(name).is_some_and(there)
            || extra.and_then(|extra| extra.get(name)).is_some_and(there)
    };
    fields.iter().copied().find(|name| of(name))
}
