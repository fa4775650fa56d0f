//! What a part of the input is.

use crate::provider::api::Api;
use crate::provider::json::Node;

/// What an object of the input stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// What is written in it.
    Written,
    /// An image, given or pointed at.
    Image,
    /// Audio that is given.
    Audio,
    /// Something whose size the request does not show.
    Unseen,
}

/// Items of `OpenAI`'s responses that were made by the client, or whose text is in the request.
const OWN_CALLS: [&str; 7] = [
    "function_call",
    "custom_tool_call",
    "local_shell_call",
    "shell_call",
    "apply_patch_call",
    "computer_call",
    "tool_search_call",
];

/// What this object stands for.
pub(super) fn part(api: Api, object: &Node<'_>) -> Part {
    if api == Api::Gemini || api == Api::GeminiEmbeddings {
        return gemini(object);
    }
    let Some(kind) = object.get("type").and_then(Node::text) else {
        return if object.get("file_id").is_some() { Part::Unseen } else { Part::Written };
    };
    match kind {
        "image_url" | "input_image" | "image" | "computer_screenshot" => image(object),
        "image_generation_call" if api == Api::Responses => Part::Image,
        "input_audio" | "audio" => audio(object, kind),
        "document" if matches!(api, Api::Cohere | Api::CohereEmbeddings) => Part::Written,
        "document" => match object.at(&["source", "type"]).and_then(Node::text) {
            Some("text" | "content") => Part::Written,
            _ => Part::Unseen,
        },
        "file" | "input_file" | "document_url" | "container_upload" | "audio_url" | "video_url"
        | "input_video" | "video" | "item_reference" | "compaction" => Part::Unseen,
        "reasoning" if api == Api::Responses => {
            match object.get("encrypted_content").and_then(Node::text) {
                Some(_) => Part::Written,
                None => Part::Unseen,
            }
        }
        _ if api == Api::Responses && !OWN_CALLS.contains(&kind) && kind.ends_with("_call") => {
            Part::Unseen
        }
        _ if object.get("file_id").is_some() => Part::Unseen,
        _ => Part::Written,
    }
}

fn gemini(object: &Node<'_>) -> Part {
    if object.get_any(&["fileData", "file_data"]).is_some() {
        return Part::Unseen;
    }
    let Some(data) = object.get_any(&["inlineData", "inline_data"]) else { return Part::Written };
    let mime = data.get_any(&["mimeType", "mime_type"]).and_then(Node::text).unwrap_or_default();
    match mime.split('/').next() {
        Some("image") => Part::Image,
        Some("audio") => Part::Audio,
        Some("text") => Part::Written,
        _ => Part::Unseen,
    }
}

/// An image, unless its data says that it is something else.
fn image(object: &Node<'_>) -> Part {
    // A message that calls itself an image is read by its parts all the same.
    if object.get("role").is_some() || object.get("content").is_some() {
        return Part::Written;
    }
    let data = |text: &str| text.starts_with("data:") && !text.starts_with("data:image/");
    let place = object.get("image_url");
    let text = place.and_then(|node| node.text().or(node.get("url").and_then(Node::text)));
    if text.is_some_and(data) { Part::Unseen } else { Part::Image }
}

/// Audio, unless it lies elsewhere.
fn audio(object: &Node<'_>, kind: &str) -> Part {
    let place = object.get(kind).unwrap_or(object);
    let text = place.text().or_else(|| place.get("data").and_then(Node::text));
    let given = text.is_some_and(|text| !text.contains("://"));
    if given { Part::Audio } else { Part::Unseen }
}
