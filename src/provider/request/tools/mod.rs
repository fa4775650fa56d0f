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
pub(super) fn preface(api: Api, root: &Node<'_>) -> u64 {
    let functions = root.get("functions").map(Node::items).unwrap_or_default();
    let tools: Vec<_> = lists(api, root).flat_map(Node::items).collect();
    let typed = |tool: &Node<'_>| {
        let kind = tool.get("type").and_then(Node::text);
        !matches!(kind, None | Some("function" | "custom"))
    };
    if tools.is_empty() && functions.is_empty() {
        0
    } else if tools.into_iter().any(typed) {
        TYPED
    } else {
        FUNCTIONS
    }
}

/// The lists of tools: the request's, and those that items of `OpenAI`'s responses bring.
fn lists<'a>(api: Api, root: &'a Node<'a>) -> impl Iterator<Item = &'a Node<'a>> {
    let items = root.get("input").filter(|_| api == Api::Responses).map(Node::items);
    let bearers = [root].into_iter().chain(items.unwrap_or_default());
    bearers.filter_map(|bearer| bearer.get("tools"))
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
    let off = root.at(&["search_parameters", "mode"]).and_then(Node::text) == Some("off");
    if given(root, "search_parameters") && !off {
        let why = "`search_parameters` makes the model search, and nothing bounds what it reads";
        case.unbound(why, "set its `mode` to `off`");
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
