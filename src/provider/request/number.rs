//! Whole numbers of a body.

use super::refusal::Refusal;
use crate::provider::json::Node;

/// The whole number that this field is; none where it is null. JSON that is protobuf's may write
/// numbers as text.
pub(super) fn count(node: &Node<'_>, name: &str, protobuf: bool) -> Result<Option<u64>, Refusal> {
    if node.is_null() {
        return Ok(None);
    }
    let text = node.text().filter(|_| protobuf).and_then(|text| text.parse().ok());
    match node.count().or(text) {
        Some(number) => Ok(Some(number)),
        None => Err(Refusal::bad(format!("`{name}` must be a whole number from 0 up"))),
    }
}
