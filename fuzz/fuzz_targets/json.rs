//! JSON that is read with its places: what is taken is JSON, and lies where it is said to lie.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;
use till::provider::json::{Node, Value};

fuzz_target!(|document: &[u8]| {
    let Ok(root) = Node::parse(document) else { return };
    check(&root, document);
});

/// Each node's bytes are that node, and its members lie within it.
fn check(node: &Node<'_>, document: &[u8]) {
    let bytes = &document[node.span.clone()];
    serde_json::from_slice::<IgnoredAny>(bytes).expect("what is taken is JSON");
    // A number of any size is taken, and read by nobody but who can.
    if let Ok(read) = serde_json::from_slice::<serde_json::Value>(bytes) {
        match &node.value {
            Value::Object(members) => assert!(members.len() >= read.as_object().unwrap().len()),
            Value::List(items) => assert_eq!(read.as_array().unwrap().len(), items.len()),
            _ => assert_eq!(node.text(), read.as_str()),
        }
    }
    for child in node.members().iter().map(|member| &member.node).chain(node.items()) {
        assert!(node.span.start < child.span.start && child.span.end < node.span.end);
        check(child, document);
    }
}
