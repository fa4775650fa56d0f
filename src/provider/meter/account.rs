//! What every API's meter keeps.

use super::reading::{Pass, Reading, Tokens};
use crate::provider::json::{Node, Value};

/// The most tokens that an event shows beyond its text: roles, ends of blocks, calls.
const FRAMING: u64 = 8;

/// What an answer has said and shown so far.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// The usage as it was said last.
    pub(super) reading: Option<Reading>,
    /// That was the last word on it.
    pub(super) is_final: bool,
    /// The bytes of all text shown, and the framing.
    pub(super) shown: u64,
    /// The events that showed text: each showed a token or more.
    counted: u64,
    /// The most output tokens that were said.
    said: u64,
    /// The stream has had its end, in its API's own way.
    pub(super) ended: bool,
    /// More was shown, or an error came, since the usage was said.
    stale: bool,
}

impl Account {
    /// The usage was said anew.
    pub(super) fn say(&mut self, reading: Reading) {
        self.said = self.said.max(reading.tokens().output);
        self.reading = Some(reading);
        self.stale = false;
    }

    /// The usage of one run of a model was said anew; what else was known of it stays.
    pub(super) fn say_pass(&mut self, model: Option<&str>, tokens: Tokens) {
        let passes = vec![Pass { model: model.map(str::to_owned), tokens }];
        let reading = self.reading.take().unwrap_or_default();
        self.say(Reading { passes, ..reading });
    }

    /// What was said is the last word, where it was said and nothing came behind it.
    pub(super) const fn conclude(&mut self) {
        self.is_final = self.is_current();
    }

    /// Whether the usage was said, and nothing came since.
    pub(super) const fn is_current(&self) -> bool {
        self.reading.is_some() && !self.stale
    }

    /// More was shown, or an error came: the usage will have to be said anew.
    pub(super) const fn outdate(&mut self) {
        self.stale = true;
        self.is_final = false;
    }

    /// So many bytes of text were shown, in one event or part.
    pub(super) const fn show(&mut self, bytes: u64) {
        self.shown = self.shown.saturating_add(bytes).saturating_add(FRAMING);
    }

    /// An event had text, or none.
    pub(super) fn count(&mut self, has_text: bool) {
        self.counted = self.counted.saturating_add(u64::from(has_text));
    }

    /// A part of an event was shown that is too long to be read whole: all of it may be text.
    pub(super) fn show_part(&mut self, bytes: usize) {
        self.shown = self.shown.saturating_add(length(bytes));
    }

    /// An upper bound of the output tokens, so many more bytes being on their way.
    pub(super) fn at_most(&self, open: u64) -> u64 {
        let next = open.saturating_add(FRAMING);
        self.said.max(self.shown.saturating_add(next))
    }

    /// A lower bound of the output tokens.
    pub(super) const fn at_least(&self) -> u64 {
        if self.said > self.counted { self.said } else { self.counted }
    }
}

/// The bytes of all text in a value, at least as many as the tokens it took to write it.
///
/// Arguments that are no text were written as JSON: they count as they stand.
pub(super) fn text_bytes(node: &Node<'_>) -> u64 {
    let sum = |sizes: &mut dyn Iterator<Item = u64>| sizes.fold(0, u64::saturating_add);
    match &node.value {
        Value::Text(text) => length(text.len()),
        Value::Number(number) => length(number.len()),
        Value::Null | Value::Bool(_) => 0,
        Value::List(items) => sum(&mut items.iter().map(text_bytes)),
        Value::Object(members) => {
            sum(&mut members.iter().map(|member| match (&*member.name, &member.node.value) {
                (
                    "args" | "input" | "partialArgs" | "parameters",
                    Value::Object(_) | Value::List(_),
                ) => length(member.node.span.len()),
                _ => text_bytes(&member.node),
            }))
        }
    }
}

/// Whether an event's type has this for its last part.
pub(super) fn is_kind(kind: &str, last: &str) -> bool {
    kind.rsplit('.').next() == Some(last)
}

/// The text of a member, where it is one and not empty.
pub(super) fn text_of<'a>(node: &'a Node<'_>, name: &str) -> Option<&'a str> {
    node.get(name).and_then(Node::text).filter(|text| !text.is_empty())
}

fn length(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
