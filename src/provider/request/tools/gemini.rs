//! The tools of Gemini.

use super::upstream;
use crate::provider::request::case::Case;

/// Members of a tool that run at the client's.
const OWN: [&str; 4] =
    ["functionDeclarations", "function_declarations", "computerUse", "computer_use"];

/// Everything but functions and the use of a computer runs at Google's: search, maps, code, files.
pub(super) fn read(case: &mut Case<'_>) {
    let root = case.root;
    let Some(tools) = root.get("tools") else { return };
    // One object counts as a list of one, as in all JSON of protobuf's.
    for tool in tools.items().iter().chain([tools]) {
        for member in tool.members() {
            if !OWN.contains(&&*member.name) && !member.node.is_null() {
                upstream(case, &member.name);
            }
        }
    }
}
