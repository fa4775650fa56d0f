//! Making a stream say what it used.

use super::case::Case;
use super::refusal::Refusal;
use crate::provider::api::Api;
use crate::provider::json::{Edits, Node, Value};

/// Whose streams say nothing of usage unless they are asked to. The others say it by themselves,
/// and some refuse to be asked.
const SILENT: [&str; 6] = ["openai", "openrouter", "deepseek", "xai", "google", "anthropic"];

/// Asks for the usage where the stream would not tell it. Whether the client did not want it: then
/// it must not see it.
pub(super) fn ask(case: &Case<'_>, edits: &mut Edits) -> Result<bool, Refusal> {
    let streamed = match case.root.get("stream").filter(|node| !node.is_null()) {
        Some(node) => node.flag().ok_or_else(|| Refusal::bad("`stream` must be true or false"))?,
        None => false,
    };
    let chat = matches!(case.api, Api::Chat | Api::Completions);
    if !streamed || !chat || !SILENT.contains(&case.provider()) {
        return Ok(false);
    }
    let options = case.root.get("stream_options").filter(|node| !node.is_null());
    let asked = options.and_then(|options| options.get("include_usage")).and_then(Node::flag);
    match options {
        _ if asked == Some(true) => return Ok(false),
        Some(options) if matches!(options.value, Value::Object(_)) => {
            edits.set(options, "include_usage", "true");
        }
        Some(_) => return Err(Refusal::bad("`stream_options` must be an object")),
        None => edits.set(case.root, "stream_options", r#"{"include_usage":true}"#),
    }
    Ok(true)
}
