//! JSON that is read with its places: what is taken is JSON, and lies where it is said to lie. The
//! models that a body names, and checkpoints, are what any reader of JSON finds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;
use till::domain::ids::StoreId;
use till::domain::scope::Models;
use till::provider::json::{Node, Value};
use till::proxy::fuzzing::models;
use till::report::log::Checkpoint;

const STORE: StoreId = StoreId([7; 16]);

fuzz_target!(|document: &[u8]| {
    // What is read past may be a number that nobody can have.
    if let (Ok(Models::Named(names)), Ok(body)) =
        (models(document), serde_json::from_slice(document))
    {
        named(&names, &body);
    }
    if let Some(read) =
        str::from_utf8(document).ok().and_then(|it| Checkpoint::parse(it, STORE).ok())
    {
        let written = serde_json::to_string(&read).expect("it is written");
        assert_eq!(Checkpoint::parse(&written, STORE).ok(), Some(read));
    }
    let Ok(root) = Node::parse(document) else { return };
    check(&root, document);
});

/// The fallbacks, and the model last.
fn named(names: &[String], body: &serde_json::Value) {
    let (model, fallbacks) = names.split_last().expect("one at least");
    assert_eq!(body["model"].as_str(), Some(&**model));
    let listed = body["models"].as_array().map(|list| list.iter().map(|it| it.as_str()).collect());
    let listed: Vec<Option<&str>> = listed.unwrap_or_default();
    assert_eq!(listed, fallbacks.iter().map(|it| Some(&**it)).collect::<Vec<_>>());
}

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
