//! The tools of Anthropic's messages.

use super::{given, upstream};
use crate::provider::json::Node;
use crate::provider::price::Price;
use crate::provider::request::case::Case;
use crate::provider::request::number::count;
use crate::provider::request::refusal::Refusal;

/// Tools that run at the client's, or read only what is in the request, by how their types begin.
const OWN: [&str; 6] = ["custom", "bash_", "text_editor_", "computer_", "memory_", "tool_search_"];

pub(super) fn read(case: &mut Case<'_>) -> Result<(), Refusal> {
    let root = case.root;
    for tool in root.get("tools").map(Node::items).unwrap_or_default() {
        let Some(kind) = tool.get("type").filter(|kind| !kind.is_null()) else { continue };
        let kind = kind.text().unwrap_or("?");
        if kind.starts_with("web_") && case.provider() == "anthropic" && is_direct(tool, kind) {
            web(case, tool, kind)?;
        } else if !OWN.iter().any(|own| kind.starts_with(own)) {
            upstream(case, kind);
        }
    }
    for name in ["mcp_servers", "container"] {
        if given(root, name) {
            case.unbound(format!("`{name}` runs tools upstream"), "leave it out");
        }
    }
    let edits = root.at(&["context_management", "edits"]).map(Node::items).unwrap_or_default();
    let kinds = edits.iter().filter_map(|edit| edit.get("type").and_then(Node::text));
    if kinds.into_iter().any(|kind| kind.starts_with("compact")) {
        case.unbound("compaction runs the model once more, unseen", "leave it out");
    }
    Ok(())
}

/// Whether a web tool is called by the model alone: later versions are also called by code that
/// the model runs upstream, as often as it likes.
fn is_direct(tool: &Node<'_>, kind: &str) -> bool {
    let callers = tool.get("allowed_callers").map(Node::items).unwrap_or_default();
    let direct = |callers: &[Node<'_>]| callers.iter().all(|node| node.text() == Some("direct"));
    match kind {
        "web_search_20250305" | "web_fetch_20250910" => direct(callers),
        _ => {
            let web = kind.starts_with("web_search_") || kind.starts_with("web_fetch_");
            web && !callers.is_empty() && direct(callers)
        }
    }
}

/// A search or a fetch: each use is one more run of the model, over what was found.
fn web(case: &mut Case<'_>, tool: &Node<'_>, kind: &str) -> Result<(), Refusal> {
    let uses = match tool.get("max_uses") {
        Some(node) => count(node, "max_uses", false)?,
        None => None,
    };
    if uses.is_none() {
        case.edits.set(tool, "max_uses", "1");
    }
    let uses = uses.unwrap_or(1);
    case.runs = case.runs.saturating_add(uses);
    if !kind.starts_with("web_search_") {
        return Ok(());
    }
    match case.price.and_then(Price::search) {
        Some(fee) => case.tool_fees = case.tool_fees.plus(fee.times(uses)),
        None if case.inquiry.spend => {
            case.unbound("the model has no price for a web search", "leave the tool out");
        }
        None => {}
    }
    Ok(())
}
