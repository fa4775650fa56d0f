//! Single values of a document exchanged; every other byte stays as it came.

use std::collections::BTreeMap;

use super::tree::{Node, Value};

/// Changes to one document, made all at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    /// Values that are replaced: from their first byte, up to a byte, by this.
    replaced: BTreeMap<usize, (usize, String)>,
    /// Members that are put in, behind the opening brace at this byte, and whether others follow.
    inserted: BTreeMap<usize, (Vec<String>, bool)>,
}

impl Edits {
    /// Whether nothing is changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.replaced.is_empty() && self.inserted.is_empty()
    }

    /// Puts this JSON in a value's place. Of two for one place the later holds.
    pub fn replace(&mut self, node: &Node<'_>, json: impl Into<String>) {
        self.replaced.insert(node.span.start, (node.span.end, json.into()));
    }

    /// Makes a member of this object have this JSON for its value, whether it has one or not.
    ///
    /// A value that is no object is left alone.
    pub fn set(&mut self, object: &Node<'_>, name: &str, json: impl Into<String>) {
        let Value::Object(members) = &object.value else { return };
        if let Some(node) = object.get(name) {
            return self.replace(node, json);
        }
        let place = object.span.start.saturating_add(1);
        let (texts, _) = self.inserted.entry(place).or_insert((Vec::new(), !members.is_empty()));
        texts.push(format!("{}:{}", serde_json::Value::from(name), json.into()));
    }

    /// The document with the changes in it. It must be the one that the nodes came from.
    #[must_use]
    pub fn apply(&self, document: &[u8]) -> Vec<u8> {
        let mut changes: Vec<(usize, usize, String)> = self
            .replaced
            .iter()
            .map(|(start, (end, text))| (*start, *end, text.clone()))
            .chain(self.inserted.iter().map(|(place, (texts, others))| {
                let comma = if *others { "," } else { "" };
                (*place, *place, format!("{}{comma}", texts.join(",")))
            }))
            .collect();
        changes.sort();
        let mut edited = Vec::with_capacity(document.len().saturating_add(64));
        let mut done = 0;
        for (start, end, text) in changes {
            // A change inside of a value that was replaced is gone with it.
            if start < done {
                continue;
            }
            edited.extend_from_slice(document.get(done..start).unwrap_or_default());
            edited.extend_from_slice(text.as_bytes());
            done = end;
        }
        edited.extend_from_slice(document.get(done..).unwrap_or_default());
        edited
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(document: &str, edit: impl Fn(&mut Edits, &Node<'_>)) -> String {
        let node = Node::parse(document.as_bytes()).unwrap();
        let mut edits = Edits::default();
        edit(&mut edits, &node);
        String::from_utf8(edits.apply(document.as_bytes())).unwrap()
    }

    #[test]
    fn single_values_change_and_all_other_bytes_stay() {
        let document = r#"{ "a" : 1.50, "b": {"c": [ ]}, "d" : {} }"#;
        let changed = edited(document, |edits, node| {
            edits.set(node, "a", "2");
            edits.set(node, "new", "true");
            edits.set(node.get("b").unwrap(), "e", "0");
            edits.set(node.get("d").unwrap(), "f", "1");
            edits.set(node.get("d").unwrap(), "g\"", "2");
        });
        let expected = r#"{"new":true, "a" : 2, "b": {"e":0,"c": [ ]}, "d" : {"f":1,"g\"":2} }"#;
        assert_eq!(changed, expected);
        assert_eq!(edited(document, |_, _| {}), document);
    }

    #[test]
    fn a_value_that_is_replaced_takes_its_changes_with_it() {
        let changed = edited(r#"{"a":{"b":1}}"#, |edits, node| {
            edits.set(node.get("a").unwrap(), "b", "2");
            edits.set(node, "a", "{}");
        });
        assert_eq!(changed, r#"{"a":{}}"#);
    }
}
