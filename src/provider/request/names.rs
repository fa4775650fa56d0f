//! Names of fields in another mix of upper and lower case, which some servers take for the same.

use super::fields;
use super::refusal::Refusal;
use crate::provider::json::Node;

/// Fields that a bound is read from within a body.
const NESTED: [&str; 53] = [
    "audio",
    "budget_tokens",
    "cache_control",
    "cachedContent",
    "cached_content",
    "candidateCount",
    "candidate_count",
    "completion",
    "content",
    "data",
    "edits",
    "enabled",
    "encrypted_content",
    "file",
    "fileData",
    "file_data",
    "file_id",
    "functionCall",
    "functionResponse",
    "generationConfig",
    "google",
    "id",
    "image_url",
    "include_usage",
    "inlineData",
    "inline_data",
    "input",
    "input_audio",
    "maxOutputTokens",
    "max_output_tokens",
    "max_price",
    "max_tokens",
    "mimeType",
    "mime_type",
    "mode",
    "model",
    "output",
    "parts",
    "prompt",
    "request",
    "responseModalities",
    "response_modalities",
    "role",
    "search_type",
    "source",
    "text",
    "thinking",
    "tool_name",
    "tools",
    "ttl",
    "type",
    "url",
    "video_url",
];
/// Fields that decide about a tool. What stands deeper in one is its own.
const TOOL: [&str; 13] = [
    "allowed_callers",
    "computerUse",
    "computer_use",
    "container",
    "defer_loading",
    "execution",
    "functionDeclarations",
    "function_declarations",
    "max_uses",
    "memory_limit",
    "name",
    "tools",
    "type",
];

/// Refuses a field at the top of a body whose name differs only in case from a known one.
pub(super) fn check(root: &Node<'_>) -> Result<(), Refusal> {
    members(root, fields::names)
}

/// Refuses the same within a body, where names mean something to the API.
pub(super) fn nested(object: &Node<'_>) -> Result<(), Refusal> {
    members(object, || NESTED.into_iter())
}

/// Refuses the same in tools, and in those that stand within them.
pub(super) fn tools(list: &Node<'_>) -> Result<(), Refusal> {
    for tool in list.items().iter().chain([list]) {
        members(tool, || TOOL.into_iter())?;
        for inner in ["container", "tools"].iter().filter_map(|name| tool.get(name)) {
            tools(inner)?;
        }
    }
    Ok(())
}

fn members<I: Iterator<Item = &'static str>>(
    object: &Node<'_>,
    known: impl Fn() -> I,
) -> Result<(), Refusal> {
    for member in object.members() {
        let name = &*member.name;
        let alike = known().find(|known| is_alike(known, name));
        match alike {
            Some(alike) if known().all(|known| known != name) => {
                return Err(Refusal::bad(format!(
                    "servers may take the field `{name}` for `{alike}` or not: write `{alike}`"
                )));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether two names are the same, in whatever case. Two letters beyond ASCII fold into it
/// (Unicode's `CaseFolding.txt`).
#[must_use]
pub fn is_alike(known: &str, name: &str) -> bool {
    if name.is_ascii() {
        return known.eq_ignore_ascii_case(name);
    }
    let folded = name.replace('\u{17f}', "s").replace('\u{212a}', "k");
    known.eq_ignore_ascii_case(&folded)
}
