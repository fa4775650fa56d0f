//! The members that a body may have at its top, by API.
//!
//! What is not listed here may cost anything: a scalar hardly can, all else has no bound.

mod known;

use known::{COMMON, GOOGLE, KNOWN};

use super::case::Case;
use crate::provider::api::Api;
use crate::provider::json::{Node, Value};

/// Members that bring in what nothing bounds, and how. They are so wherever they are not listed as
/// known.
const COSTLY: [(&str, &str); 13] = [
    ("compaction", "runs the model once more, unseen"),
    ("compound_custom", "names tools that run upstream"),
    ("connectors", "names tools that run upstream"),
    ("container", "runs tools upstream"),
    ("fallbacks", "names models whose prices are not known"),
    ("image_config", "asks for images, which no price cap covers"),
    ("mcp_servers", "runs tools upstream"),
    ("multi_agent", "runs the model as often as it likes"),
    ("plugins", "runs tools upstream"),
    ("prediction", "bills rejected tokens, which no output limit holds down"),
    ("preset", "brings models, prompts and tools that are kept upstream"),
    ("prompt", "brings a prompt, and tools with it, that are kept upstream"),
    ("thread", "brings a conversation, and tools with it, that are kept upstream"),
];

/// Notes members that nothing bounds.
pub(super) fn check(case: &mut Case<'_>) {
    let (api, root) = (case.api, case.root);
    unknown(case, root, |name| is_known(api, name));
    if let Some(extra) = root.get("extra_body") {
        unknown(case, extra, |name| name == "google");
        if let Some(google) = extra.get("google") {
            unknown(case, google, |name| GOOGLE.contains(&name));
        }
    }
}

/// Every name of the tables.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let known = KNOWN.iter().flat_map(|(_, names)| names.iter().copied());
    known.chain(COMMON).chain(COSTLY.map(|(name, _)| name))
}

fn unknown(case: &mut Case<'_>, object: &Node<'_>, is_known: impl Fn(&str) -> bool) {
    for member in object.members() {
        let name = &*member.name;
        if is_known(name) || is_off(name, &member.node) {
            continue;
        }
        let costly = COSTLY.iter().find(|(known, _)| *known == name);
        if let Some((_, how)) = costly {
            case.unbound(format!("`{name}` {how}"), "leave it out");
        } else if matches!(member.node.value, Value::Object(_) | Value::List(_)) {
            let why = format!("`{name}` is not known to till, and may cost what nothing bounds");
            case.unbound(why, "leave it out");
        }
    }
}

fn is_known(api: Api, name: &str) -> bool {
    let mut own = KNOWN.iter().filter(|(apis, _)| apis.contains(&api));
    COMMON.contains(&name) || own.any(|(_, names)| names.contains(&name))
}

/// Whether a member says nothing, or switches off what it is for.
fn is_off(name: &str, node: &Node<'_>) -> bool {
    match &node.value {
        Value::Null | Value::Bool(false) => true,
        Value::List(items) => items.is_empty(),
        _ => name == "multi_agent" && node.get("enabled").and_then(Node::flag) == Some(false),
    }
}
