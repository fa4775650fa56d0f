//! The tools of `OpenAI`'s responses.

use super::{given, lists, upstream};
use crate::domain::money::Picodollars;
use crate::provider::json::{Node, Value};
use crate::provider::request::case::Case;
use crate::provider::request::number::count;
use crate::provider::request::refusal::Refusal;

/// Tools that run at the client's.
const OWN: [&str; 7] = [
    "function",
    "custom",
    "local_shell",
    "apply_patch",
    "computer",
    "computer_use_preview",
    "computer-preview",
];

/// What a tool that runs upstream, and has a bound, costs.
enum Fee {
    /// For each call; none where its price is not known.
    Call(Option<Picodollars>),
    /// Once; none where its price is not known.
    Session(Option<Picodollars>),
}

pub(super) fn read(case: &mut Case<'_>) -> Result<(), Refusal> {
    let root = case.root;
    let mut fees = Vec::new();
    for tools in lists(case.api, root) {
        list(case, Some(tools), &mut fees);
    }
    for item in root.get("input").map(Node::items).unwrap_or_default() {
        if let Some(kind @ ("compaction_trigger" | "context_compaction")) =
            item.get("type").and_then(Node::text)
        {
            let why = format!("the item `{kind}` runs the model once more, unseen");
            case.unbound(why, "leave it out");
        }
    }
    if given(root, "context_management") {
        case.unbound("`context_management` runs the model once more, unseen", "leave it out");
    }
    if fees.is_empty() {
        return Ok(());
    }
    let calls = match root.get("max_tool_calls") {
        Some(node) => count(node, "max_tool_calls", false)?,
        None => None,
    };
    if calls.is_none() {
        case.edits.set(root, "max_tool_calls", "1");
    }
    let calls = calls.unwrap_or(1);
    case.runs = case.runs.saturating_add(calls);
    case.reads_upstream = true;
    let mut dearest = Picodollars(0);
    for fee in fees {
        match fee {
            Fee::Call(Some(fee)) => dearest = dearest.max(fee),
            Fee::Session(Some(fee)) => case.session_fee = case.session_fee.plus(fee),
            Fee::Call(None) | Fee::Session(None) if case.inquiry.spend => {
                case.unbound("a tool that runs upstream has no known price", "leave it out");
            }
            Fee::Call(None) | Fee::Session(None) => {}
        }
    }
    case.tool_fees = case.tool_fees.plus(dearest.times(calls)).plus(case.session_fee);
    Ok(())
}

/// Reads a list of tools, and those of namespaces in it.
fn list(case: &mut Case<'_>, tools: Option<&Node<'_>>, fees: &mut Vec<Fee>) {
    for tool in tools.map(Node::items).unwrap_or_default() {
        let kind = tool.get("type").and_then(Node::text).unwrap_or("?");
        let openai = case.provider() == "openai";
        match kind {
            kind if OWN.contains(&kind) => {}
            "namespace" => list(case, tool.get("tools"), fees),
            "tool_search" if tool.get("execution").and_then(Node::text) == Some("client") => {}
            kind if openai && kind.starts_with("web_search") => {
                fees.push(Fee::Call(case.search_price()));
            }
            "code_interpreter" if openai && is_smallest(tool) => {
                let row = case.inquiry.prices.find(case.provider(), "container");
                fees.push(Fee::Session(row.and_then(|row| row.price.session())));
            }
            "mcp" if openai => fees.push(Fee::Call(Some(Picodollars(0)))),
            kind => upstream(case, kind),
        }
    }
}

/// Whether a code interpreter makes a container of the smallest size, which is the one with a
/// price. One that is there already may be of any size.
fn is_smallest(tool: &Node<'_>) -> bool {
    let Some(container) = tool.get("container") else { return false };
    let memory = container.get("memory_limit").filter(|node| !node.is_null());
    matches!(container.value, Value::Object(_))
        && memory.is_none_or(|memory| memory.text() == Some("1g"))
}
