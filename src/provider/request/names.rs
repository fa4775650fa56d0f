//! Names of fields in another mix of upper and lower case, which some servers take for the same.

use super::refusal::Refusal;
use crate::provider::json::Node;

/// Fields that a bound is read from, at the top of a body.
const DECIDING: [&str; 27] = [
    "background",
    "best_of",
    "cachedContent",
    "cached_content",
    "contents",
    "conversation",
    "generationConfig",
    "generation_config",
    "input",
    "max_completion_tokens",
    "max_output_tokens",
    "max_tokens",
    "max_tool_calls",
    "messages",
    "model",
    "models",
    "n",
    "plugins",
    "previous_response_id",
    "prompt",
    "provider",
    "service_tier",
    "stream",
    "stream_options",
    "thinking",
    "tools",
    "web_search_options",
];

/// Refuses a field whose name differs only in case from one that a bound is read from.
pub(super) fn check(root: &Node<'_>) -> Result<(), Refusal> {
    for member in root.members() {
        let name = &*member.name;
        let alike = |known: &&&str| known.eq_ignore_ascii_case(name);
        match DECIDING.iter().find(alike) {
            Some(known) if !DECIDING.contains(&name) => {
                return Err(Refusal::bad(format!(
                    "servers may take the field `{name}` for `{known}` or not: write `{known}`"
                )));
            }
            _ => {}
        }
    }
    Ok(())
}
