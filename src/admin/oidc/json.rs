//! JSON objects in which no member stands twice.
//!
//! A reader that keeps the last of two members and one that keeps the first see two different
//! tokens (RFC 7519 §4, RFC 8259 §4). Neither is right: such an object is refused, at any depth.

use serde_json::{Map, Value};

/// A JSON object, by the names of its members.
pub type Object = Map<String, Value>;

/// Why bytes are no object to work with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// No JSON, or something other than an object.
    NotAnObject,
    /// A member stands twice.
    Duplicate,
}

/// Reads an object.
pub(super) fn object(bytes: &[u8]) -> Result<Object, Fault> {
    let value: Value = serde_json::from_slice(bytes).map_err(|_| Fault::NotAnObject)?;
    // Of members of one name the reader keeps one, and then fewer are kept than were written.
    if members(&value) != colons(bytes) {
        return Err(Fault::Duplicate);
    }
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(Fault::NotAnObject),
    }
}

/// How many members a value has, at all depths. The reader bounds the depth.
fn members(value: &Value) -> usize {
    match value {
        Value::Object(object) => {
            object.values().map(members).fold(object.len(), usize::saturating_add)
        }
        Value::Array(list) => list.iter().map(members).fold(0, usize::saturating_add),
        _ => 0,
    }
}

/// How many members were written: in valid JSON, one for each colon outside of texts.
fn colons(json: &[u8]) -> usize {
    let (mut count, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_text = !in_text,
            b':' if !in_text => count = count.saturating_add(1),
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_member_stands_twice() {
        for (json, expected) in [
            (r"{}", Ok(())),
            (r#"{"a": "x:y\":z\\", "b": [{"a": 1}, {"a": 2}]}"#, Ok(())),
            (r#"{"a:b": {"a:b": {}}}"#, Ok(())),
            (r#"{"a": 1, "a": 1}"#, Err(Fault::Duplicate)),
            // Two ways of writing one name.
            (r#"{"iss": 1, "\u0069ss": 2}"#, Err(Fault::Duplicate)),
            (r#"{"a": {"b": 1, "b": 2}}"#, Err(Fault::Duplicate)),
            (r#"{"a": [[{"b": 1, "b": 2}]]}"#, Err(Fault::Duplicate)),
            (r#"{"a": {"a": 1, "b": 2}, "a": 3}"#, Err(Fault::Duplicate)),
            (r"[]", Err(Fault::NotAnObject)),
            (r#"{"a": 1} {}"#, Err(Fault::NotAnObject)),
            (r#"{"a": 1"#, Err(Fault::NotAnObject)),
            ("", Err(Fault::NotAnObject)),
        ] {
            assert_eq!(object(json.as_bytes()).map(drop), expected, "{json}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(object(deep.as_bytes()), Err(Fault::NotAnObject));
    }

    proptest! {
        #[test]
        fn what_has_no_member_twice_is_read(names in proptest::collection::vec("\\PC{0,5}", 0..6)) {
            let mut object = Object::new();
            for name in &names {
                object.insert(name.clone(), Value::from(names.clone()));
            }
            let bytes = serde_json::to_vec(&object).unwrap();
            prop_assert_eq!(super::object(&bytes), Ok(object));
        }
    }
}
