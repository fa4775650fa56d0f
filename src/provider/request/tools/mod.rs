//! Tools that run upstream: what they read and cost, where that has a bound.
//!
//! A tool that is not known to run at the client's is taken to run upstream.

mod gemini;
mod messages;
mod responses;

use super::case::Case;
use super::refusal::Refusal;
use crate::provider::api::Api;
use crate::provider::json::{Node, Value};

/// Tokens of the prompt that providers write for function tools.
const FUNCTIONS: u64 = 1_024;
/// The same for tools that the provider knows by their type: their descriptions are its own.
const TYPED: u64 = 4_096;

/// Reads the tools of a request: runs, fees and limits go into the case.
pub(super) fn read(case: &mut Case<'_>) -> Result<(), Refusal> {
    match case.api {
        Api::Responses => responses::read(case),
        Api::Messages => messages::read(case),
        Api::Gemini => {
            gemini::read(case);
            Ok(())
        }
        _ => {
            chat(case);
            Ok(())
        }
    }
}

/// The most tokens that the provider itself writes about the tools.
pub(super) fn preface(root: &Node<'_>) -> u64 {
    let tools = root.get("tools").map(Node::items).unwrap_or_default();
    let functions = root.get("functions").map(Node::items).unwrap_or_default();
    let typed = |tool: &Node<'_>| {
        let kind = tool.get("type").and_then(Node::text);
        !matches!(kind, None | Some("function" | "custom"))
    };
    match tools {
        [] if functions.is_empty() => 0,
        tools if tools.iter().any(typed) => TYPED,
        _ => FUNCTIONS,
    }
}

/// Chat: functions, and nothing else.
fn chat(case: &mut Case<'_>) {
    let root = case.root;
    for tool in root.get("tools").map(Node::items).unwrap_or_default() {
        match tool.get("type").filter(|kind| !kind.is_null()).map(Node::text) {
            None | Some(Some("function" | "custom")) => {}
            Some(kind) => upstream(case, kind.unwrap_or("?")),
        }
    }
    let search = case.provider() == "perplexity" && plain_search(root);
    if given(root, "web_search_options") && !search {
        let why = "`web_search_options` makes the model search, and nothing bounds what it reads";
        case.unbound(why, "leave it out");
    }
    if given(root, "prediction") {
        let why = "`prediction` bills rejected tokens, which no output limit holds down";
        case.unbound(why, "leave it out");
    }
    let off = root.at(&["search_parameters", "mode"]).and_then(Node::text) == Some("off");
    if given(root, "search_parameters") && !off {
        let why = "`search_parameters` makes the model search, and nothing bounds what it reads";
        case.unbound(why, "set its `mode` to `off`");
    }
    for name in ["connectors", "compound_custom", "mcp_servers"] {
        if given(root, name) {
            case.unbound(format!("`{name}` names tools that run upstream"), "leave it out");
        }
    }
}

/// Whether Perplexity's search options keep to the search that every call pays for.
fn plain_search(root: &Node<'_>) -> bool {
    let kind = root.at(&["web_search_options", "search_type"]).filter(|kind| !kind.is_null());
    kind.is_none_or(|kind| kind.text() == Some("fast"))
}

/// Notes a tool that runs upstream without a bound.
fn upstream(case: &mut Case<'_>, kind: &str) {
    let why = format!("the tool `{kind}` runs upstream, and nothing bounds what it reads or costs");
    case.unbound(why, "leave it out");
}

/// Whether a member is there and says something.
fn given(root: &Node<'_>, name: &str) -> bool {
    root.get(name).is_some_and(|node| match &node.value {
        Value::Null => false,
        Value::List(items) => !items.is_empty(),
        _ => true,
    })
}
