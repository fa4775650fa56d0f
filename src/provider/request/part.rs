//! What a part of the input is.

use crate::provider::api::Api;
use crate::provider::json::{Node, Value};

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

/// Kinds of messages, items and parts whose text is all in the request.
const WRITTEN: [&str; 52] = [
    "additional_tools",
    "apply_patch_call",
    "apply_patch_call_output",
    "bash_code_execution_result",
    "bash_code_execution_tool_result",
    "bash_code_execution_tool_result_error",
    "code_execution_output",
    "code_execution_result",
    "code_execution_tool_result",
    "code_execution_tool_result_error",
    "computer_call",
    "computer_call_output",
    "custom_tool_call",
    "custom_tool_call_output",
    "function",
    "function_call",
    "function_call_output",
    "input_text",
    "local_shell_call",
    "local_shell_call_output",
    "mcp_approval_request",
    "mcp_approval_response",
    "mcp_list_tools",
    "mcp_tool_result",
    "mcp_tool_use",
    "message",
    "output_text",
    "reasoning_text",
    "redacted_thinking",
    "reference",
    "refusal",
    "search_result",
    "server_tool_use",
    "shell_call",
    "shell_call_output",
    "summary_text",
    "text",
    "text_editor_code_execution_tool_result",
    "thinking",
    "tool_reference",
    "tool_result",
    "tool_search_call",
    "tool_search_output",
    "tool_search_tool_result",
    "tool_search_tool_result_error",
    "tool_search_tool_search_result",
    "tool_use",
    "web_fetch_result",
    "web_fetch_tool_result",
    "web_search_result",
    "web_search_tool_result",
    "web_search_tool_result_error",
];
/// Members of Gemini's parts whose text is all in the request.
const GEMINI_WRITTEN: [&str; 18] = [
    "codeExecutionResult",
    "code_execution_result",
    "executableCode",
    "executable_code",
    "functionCall",
    "functionResponse",
    "function_call",
    "function_response",
    "inlineData",
    "inline_data",
    "mediaResolution",
    "media_resolution",
    "partMetadata",
    "part_metadata",
    "toolCall",
    "tool_call",
    "videoMetadata",
    "video_metadata",
];

/// What this object stands for. One that is listed stands where messages, items and parts do: what
/// is not known there may be anything.
pub(super) fn part(api: Api, object: &Node<'_>, listed: bool) -> Part {
    if api == Api::Gemini || api == Api::GeminiEmbeddings {
        return gemini(object, listed);
    }
    // What the model said, by the number that it has upstream.
    if given(object.at(&["audio", "id"])) {
        return Part::Unseen;
    }
    let kind = object.get("type").filter(|kind| !kind.is_null());
    let Some(kind) = kind else { return untyped(api, object, listed) };
    let Some(kind) = kind.text() else {
        return if listed { Part::Unseen } else { Part::Written };
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
        _ if given(object.get("file_id")) => Part::Unseen,
        _ if listed && !WRITTEN.contains(&kind) => Part::Unseen,
        _ => Part::Written,
    }
}

/// An object that does not say what it is.
fn untyped(api: Api, object: &Node<'_>, listed: bool) -> Part {
    let refers = |name: &str| {
        name.ends_with("_url")
            || matches!(
                name,
                "audio" | "file" | "file_id" | "image" | "input_audio" | "url" | "video"
            )
    };
    let has = |name: &str| given(object.get(name));
    // `OpenAI` takes an item of nothing but its number for a reference to it.
    let bare = api == Api::Responses && has("id") && !has("role") && !has("content");
    let elsewhere =
        object.members().iter().any(|member| refers(&member.name) && !member.node.is_null());
    let unseen = has("file_id") || listed && (bare || elsewhere);
    if unseen { Part::Unseen } else { Part::Written }
}

fn gemini(object: &Node<'_>, listed: bool) -> Part {
    if object.get_any(&["fileData", "file_data"]).is_some() {
        return Part::Unseen;
    }
    let known = |name: &str| matches!(name, "parts" | "role") || GEMINI_WRITTEN.contains(&name);
    let holds = |node: &Node<'_>| matches!(node.value, Value::Object(_) | Value::List(_));
    if listed && object.members().iter().any(|one| holds(&one.node) && !known(&one.name)) {
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

fn given(node: Option<&Node<'_>>) -> bool {
    node.is_some_and(|node| !node.is_null())
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
