//! The tools of Anthropic's messages.

use super::upstream;
use crate::provider::json::Node;
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
    if searches_tools(root) {
        // What is found is shown to the model in one more run.
        case.runs = case.runs.saturating_add(1);
        case.reads_upstream = true;
    }
    let edits = root.at(&["context_management", "edits"]).map(Node::items).unwrap_or_default();
    let clears = |edit: &Node<'_>| {
        let kind = edit.get("type").and_then(Node::text);
        kind.is_some_and(|kind| kind.starts_with("clear_"))
    };
    if !edits.iter().all(clears) {
        let why = "`context_management` does more than clear, which may run the model once more";
        case.unbound(why, "leave such edits out");
    }
    Ok(())
}

/// Whether the model can search for tools that it is not shown at once.
fn searches_tools(root: &Node<'_>) -> bool {
    let tools = root.get("tools").map(Node::items).unwrap_or_default();
    let search = |tool: &Node<'_>| {
        let kind = tool.get("type").and_then(Node::text);
        kind.is_some_and(|kind| kind.starts_with("tool_search_"))
    };
    let deferred = |tool: &Node<'_>| {
        tool.get("defer_loading").is_some_and(|node| !node.is_null() && node.flag() != Some(false))
    };
    tools.iter().any(search) && tools.iter().any(deferred)
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
    case.reads_upstream = true;
    if !kind.starts_with("web_search_") {
        return Ok(());
    }
    match case.search_price() {
        Some(fee) => case.tool_fees = case.tool_fees.plus(fee.times(uses)),
        None if case.inquiry.spend => {
            case.unbound("a web search has no known price", "leave the tool out");
        }
        None => {}
    }
    Ok(())
}
