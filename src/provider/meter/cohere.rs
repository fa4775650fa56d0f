//! Cohere: chat of both versions, and embeddings.

use super::account::{Account, text_bytes, text_of};
use super::reading::Tokens;
use crate::provider::json::Node;

/// What is known of one answer.
#[derive(Debug, Default)]
pub(super) struct Cohere {
    /// The stream is of version 1, whose events have an `event_type`.
    first_version: bool,
    /// The content that has begun and not ended.
    content: Option<u64>,
}

impl Cohere {
    /// Reads an event, or a whole answer.
    pub(super) fn take(&mut self, event: &Node<'_>, account: &mut Account) {
        self.first_version |= event.get("event_type").is_some();
        let kind = event.get_any(&["type", "event_type"]).and_then(Node::text).unwrap_or_default();
        match kind {
            "content-start" => self.content = event.get("index").and_then(Node::count),
            "content-end" => self.content = None,
            _ => {}
        }
        let shown = event.get_any(&["delta", "text", "tool_call_delta"]);
        let bytes = shown.map(text_bytes).unwrap_or_default();
        if let Some(tokens) = tokens_of(event) {
            account.say_pass(text_of(event, "model"), tokens);
        } else if shown.is_some() && !matches!(kind, "message-end" | "stream-end") {
            account.show(bytes);
            account.count(bytes > 0 && matches!(kind, "content-delta" | "text-generation"));
            account.outdate();
        }
        if matches!(kind, "message-end" | "stream-end") {
            account.ended = true;
            account.conclude();
        }
    }

    /// The events that end the answer at its limit.
    pub(super) fn closing(&self) -> String {
        if self.first_version {
            let data =
                r#"{"is_finished":true,"event_type":"stream-end","finish_reason":"MAX_TOKENS"}"#;
            return format!("event: stream-end\ndata: {data}\n\n");
        }
        let end = self.content.map_or_else(String::new, |index| {
            let data = format!(r#"{{"type":"content-end","index":{index}}}"#);
            format!("event: content-end\ndata: {data}\n\n")
        });
        let data = r#"{"type":"message-end","delta":{"finish_reason":"MAX_TOKENS"}}"#;
        format!("{end}event: message-end\ndata: {data}\n\n")
    }
}

/// The tokens that are billed; where none are named, those that were counted.
fn tokens_of(event: &Node<'_>) -> Option<Tokens> {
    let places: [&[&str]; 4] = [&["usage"], &["delta", "usage"], &["meta"], &["response", "meta"]];
    let usage = places.iter().find_map(|place| event.at(place).filter(|usage| !usage.is_null()))?;
    let units = usage.get_any(&["billed_units", "tokens"])?;
    let count = |name: &str| units.get(name).and_then(Node::count);
    let (text, images) = (count("input_tokens"), count("image_tokens"));
    let output = count("output_tokens");
    text.or(images).or(output)?;
    let input_image = images.unwrap_or_default();
    Some(Tokens {
        input: text.unwrap_or_default().saturating_add(input_image),
        input_image,
        output: output.unwrap_or_default(),
        ..Tokens::default()
    })
}
