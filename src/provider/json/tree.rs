//! A JSON document as a tree that knows where each value stands.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use serde::de::IgnoredAny;

/// One value, and the bytes of the document that it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node<'a> {
    /// What it is.
    pub value: Value<'a>,
    /// Where it stands.
    pub span: Range<usize>,
}

/// A JSON value. Numbers stay as they are written, so that none is rounded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the kinds of value of RFC 8259 §3")]
pub enum Value<'a> {
    Null,
    Bool(bool),
    Number(&'a str),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Object(Vec<Member<'a>>),
}

/// One member of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member<'a> {
    /// Its name, decoded.
    pub name: Cow<'a, str>,
    /// Its value.
    pub node: Node<'a>,
}

/// Why a document is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is no JSON; the message has the line and the column.
    #[error("it is no JSON: {0}")]
    Malformed(String),
    /// Two members of one object have the same name: servers disagree about which counts.
    #[error("the field `{name}` is there twice, in line {line}")]
    Twice {
        /// The name.
        name: String,
        /// The line of the second, from 1.
        line: usize,
    },
    /// It has more values than are read.
    #[error("it has more than {MOST_VALUES} values")]
    TooMany,
}

/// The most values that a document may have, so that the memory for its tree is bounded.
const MOST_VALUES: usize = 500_000;

impl<'a> Node<'a> {
    /// Reads a whole document (RFC 8259), at most 128 levels deep.
    ///
    /// # Errors
    /// Where it is malformed, or an object names a member twice.
    pub fn parse(document: &'a [u8]) -> Result<Self, Fault> {
        let malformed = |error: serde_json::Error| Fault::Malformed(error.to_string());
        let _: IgnoredAny = serde_json::from_slice(document).map_err(malformed)?;
        let text =
            std::str::from_utf8(document).map_err(|error| Fault::Malformed(error.to_string()))?;
        Scanner { text, at: 0, values: 0 }.value()
    }

    /// The member of this name; none where this is no object or has no such member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.members().iter().find(|member| member.name == name).map(|member| &member.node)
    }

    /// The first of these members that is there and not null: APIs whose JSON is protobuf's take
    /// two spellings (<https://protobuf.dev/programming-guides/json/>).
    #[must_use]
    pub fn get_any(&self, names: &[&str]) -> Option<&Self> {
        names.iter().filter_map(|name| self.get(name)).find(|node| !node.is_null())
    }

    /// The member at the end of this path of names.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, name| node.get(name))
    }

    /// The members of an object; nothing of another value.
    #[must_use]
    pub fn members(&self) -> &[Member<'a>] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// The values of a list; nothing of another value.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The text, where it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The flag, where it is one.
    #[must_use]
    pub fn flag(&self) -> Option<bool> {
        match self.value {
            Value::Bool(flag) => Some(flag),
            _ => None,
        }
    }

    /// The number as it is written, where it is one.
    #[must_use]
    pub fn number(&self) -> Option<&str> {
        match self.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The whole number from 0 up, however it is written: `100`, `100.0`, `1e2`.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        whole(self.number()?)
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }
}

/// The whole number that a JSON number is; none of a fraction, a negative or a vast one.
fn whole(number: &str) -> Option<u64> {
    let (digits, exponent) = match number.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
        None => (number, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let shift = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let all = [whole, fraction].concat();
    if shift >= 0 {
        let factor = 10u64.checked_pow(u32::try_from(shift).ok()?)?;
        return all.parse::<u64>().ok()?.checked_mul(factor);
    }
    let divisor = 10u64.checked_pow(shift.unsigned_abs())?;
    let all = all.parse::<u64>().ok()?;
    (all.checked_rem(divisor)? == 0).then(|| all.checked_div(divisor)).flatten()
}

/// Takes a document apart that is known to be well-formed, so that it only has to find its places.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
    values: usize,
}

impl<'a> Scanner<'a> {
    fn value(&mut self) -> Result<Node<'a>, Fault> {
        self.values = self.values.saturating_add(1);
        if self.values > MOST_VALUES {
            return Err(Fault::TooMany);
        }
        let first = self.peek();
        let start = self.at;
        let value = match first {
            b'{' => Value::Object(self.object()?),
            b'[' => Value::List(self.list()?),
            b'"' => Value::Text(self.string()?),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => Value::Number(self.number()),
        };
        Ok(Node { value, span: start..self.at })
    }

    fn object(&mut self) -> Result<Vec<Member<'a>>, Fault> {
        let mut members: Vec<Member<'a>> = Vec::new();
        let mut names = HashSet::new();
        self.skip();
        while self.peek() != b'}' {
            let start = self.at;
            let name = self.string()?;
            if !names.insert(name.clone()) {
                let before = self.text.get(..start).unwrap_or_default();
                let line = before.matches('\n').count().saturating_add(1);
                return Err(Fault::Twice { name: name.into_owned(), line });
            }
            self.take(b':');
            let node = self.value()?;
            members.push(Member { name, node });
            self.take(b',');
        }
        self.skip();
        Ok(members)
    }

    fn list(&mut self) -> Result<Vec<Node<'a>>, Fault> {
        let mut items = Vec::new();
        self.skip();
        while self.peek() != b']' {
            items.push(self.value()?);
            self.take(b',');
        }
        self.skip();
        Ok(items)
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
        let start = self.at;
        self.skip();
        let rest = self.rest();
        let mut escaped = false;
        let mut plain = true;
        let mut len = rest.len();
        for (at, byte) in rest.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => (escaped, plain) = (true, false),
                b'"' => {
                    len = at;
                    break;
                }
                _ => {}
            }
        }
        self.at = self.at.saturating_add(len).saturating_add(1).min(self.text.len());
        if plain {
            return Ok(Cow::Borrowed(rest.get(..len).unwrap_or_default()));
        }
        let whole = self.text.get(start..self.at).unwrap_or_default();
        serde_json::from_str(whole)
            .map(Cow::Owned)
            .map_err(|error| Fault::Malformed(error.to_string()))
    }

    fn number(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'));
        // At least one byte is taken, so that nothing here can go on for ever.
        let len = end.unwrap_or(rest.len()).max(1).min(rest.len());
        self.at = self.at.saturating_add(len);
        rest.get(..len).unwrap_or_default()
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Value<'a> {
        self.at = self.at.saturating_add(word.len()).min(self.text.len());
        value
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next byte that is not white space (RFC 8259 §2), which stays.
    fn peek(&mut self) -> u8 {
        let rest = self.rest();
        let blank = rest.bytes().take_while(|byte| b" \t\r\n".contains(byte)).count();
        self.at = self.at.saturating_add(blank);
        // The document is whole: its end is reached only where a container was closed.
        self.rest().bytes().next().unwrap_or(b'}')
    }

    fn skip(&mut self) {
        self.at = self.at.saturating_add(1).min(self.text.len());
    }

    fn take(&mut self, byte: u8) {
        if self.peek() == byte {
            self.skip();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_are_read_with_their_places() {
        let text = br#" {"a" : [1, 2.50e1, "x\ny", {}], "b\u0063": {"d": null, "e": true}} "#;
        let node = Node::parse(text).unwrap();
        let list = node.get("a").unwrap();
        assert_eq!(&text[list.span.clone()], br#"[1, 2.50e1, "x\ny", {}]"#);
        assert_eq!(list.items()[0].count(), Some(1));
        assert_eq!(list.items()[1].count(), Some(25));
        assert_eq!(list.items()[2].text(), Some("x\ny"));
        assert_eq!(node.at(&["bc", "e"]).and_then(Node::flag), Some(true));
        assert!(node.at(&["bc", "d"]).unwrap().is_null());
        assert_eq!(node.at(&["bc", "x"]), None);
    }

    #[test]
    fn whole_numbers_however_they_are_written() {
        let cases = [
            ("0", Some(0)),
            ("100.0", Some(100)),
            ("1e3", Some(1_000)),
            ("1.5e1", Some(15)),
            ("1000e-2", Some(10)),
            ("1.5", None),
            ("-1", None),
            ("1e30", None),
            ("18446744073709551615", Some(u64::MAX)),
        ];
        for (text, count) in cases {
            assert_eq!(whole(text), count, "{text}");
        }
    }

    #[test]
    fn what_is_ambiguous_is_refused() {
        for text in
            [&br#"{"a":1,"a":2}"#[..], br#"{"a":1,"\u0061":2}"#, br#"[{"x":{"y":1,"y":1}}]"#]
        {
            assert!(matches!(Node::parse(text), Err(Fault::Twice { .. })));
        }
        let broken =
            [&b""[..], b"{", b"{\"a\":1}x", b"\"\xff\"", b"\"\\ud800\"", b"[1,]", b"01", b"NaN"];
        for text in broken {
            assert!(matches!(Node::parse(text), Err(Fault::Malformed(_))), "{text:?}");
        }
        let deep = [b'['; 200];
        assert!(Node::parse(&deep).is_err());
        let wide = |count| format!("[{}0]", "0,".repeat(count));
        assert!(Node::parse(wide(MOST_VALUES - 2).as_bytes()).is_ok());
        assert_eq!(Node::parse(wide(MOST_VALUES - 1).as_bytes()), Err(Fault::TooMany));
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            "\\PC*".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::hash_map("\\PC*", inner, 0..6)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    /// The same as serde's own reading.
    fn same(node: &Node<'_>, value: &serde_json::Value) -> bool {
        match (&node.value, value) {
            (Value::Null, serde_json::Value::Null) => true,
            (Value::Bool(flag), serde_json::Value::Bool(other)) => flag == other,
            (Value::Number(text), serde_json::Value::Number(other)) => *text == other.to_string(),
            (Value::Text(text), serde_json::Value::String(other)) => text == other,
            (Value::List(items), serde_json::Value::Array(others)) => {
                items.len() == others.len() && items.iter().zip(others).all(|(a, b)| same(a, b))
            }
            (Value::Object(members), serde_json::Value::Object(others)) => {
                let equal = |member: &Member<'_>| {
                    others.get(&*member.name).is_some_and(|other| same(&member.node, other))
                };
                members.len() == others.len() && members.iter().all(equal)
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn every_document_is_read_as_serde_reads_it(value in json(), pretty in any::<bool>()) {
            let text = if pretty {
                serde_json::to_string_pretty(&value).unwrap()
            } else {
                value.to_string()
            };
            let node = Node::parse(text.as_bytes()).unwrap();
            prop_assert!(same(&node, &value));
            prop_assert_eq!(node.span, 0..text.len());
        }

        #[test]
        fn no_document_panics(bytes in prop::collection::vec(any::<u8>(), 0..64), text in "[\\[\\]{}\",:0-9a-z\\\\ ]*") {
            let _ = Node::parse(&bytes);
            let _ = Node::parse(text.as_bytes());
        }
    }
}
