//! Responses: `OpenAI`'s, and xAI's after it.

use std::collections::BTreeMap;

use super::account::{Account, is_kind, text_bytes, text_of};
use super::counts;
use crate::provider::json::{Edits, Node};

/// The most output items that are told apart.
const MOST_ITEMS: usize = 4_096;
/// The largest response that is kept, to be shown once more where the stream is cut.
const LARGEST_KEPT: usize = 1 << 20;
/// The events that end a stream; xAI has had another name for the first.
const LAST_EVENTS: [&str; 5] = [
    "response.completed",
    "response.incomplete",
    "response.failed",
    "response.cancelled",
    "response.done",
];

/// What is known of one stream.
#[derive(Debug, Default)]
pub(super) struct Responses {
    /// The response as the stream began with it.
    begun: Option<Vec<u8>>,
    /// The number of the last event.
    number: Option<u64>,
    /// The bytes of text that the items not yet done have shown.
    items: BTreeMap<u64, u64>,
}

impl Responses {
    /// Reads an event, which came in this text, or a whole response.
    pub(super) fn take(&mut self, event: &Node<'_>, text: &[u8], account: &mut Account) {
        let kind = text_of(event, "type").unwrap_or_default();
        self.number = event.get("sequence_number").and_then(Node::count).or(self.number);
        let index = event.get("output_index").and_then(Node::count).unwrap_or_default();
        if is_kind(kind, "delta") {
            self.take_delta(index, event, account);
        } else if kind == "response.output_item.done" {
            self.take_item(index, event, account);
        } else if kind == "error" {
            account.outdate();
        }
        let response = event.get("response").or_else(|| kind.is_empty().then_some(event));
        if let Some(response) = response {
            take_usage(response, account);
            if kind == "response.created" {
                let kept = text.get(response.span.clone());
                self.begun = kept.filter(|text| text.len() <= LARGEST_KEPT).map(<[u8]>::to_vec);
            }
        }
        if LAST_EVENTS.contains(&kind) {
            account.ended = true;
            account.conclude();
        }
    }

    /// The event that says that the response is at its limit.
    pub(super) fn closing(&self) -> String {
        let details = r#"{"reason":"max_output_tokens"}"#;
        let begun = self.begun.as_deref().unwrap_or(br#"{"object":"response","output":[]}"#);
        let response = Node::parse(begun).map_or_else(
            |_| Vec::new(),
            |node| {
                let mut edits = Edits::default();
                edits.set(&node, "status", r#""incomplete""#);
                edits.set(&node, "incomplete_details", details);
                edits.apply(begun)
            },
        );
        let response = String::from_utf8_lossy(&response).replace(['\r', '\n'], " ");
        let number = self.number.map_or(0, |number| number.saturating_add(1));
        let kind = "response.incomplete";
        format!(
            "event: {kind}\ndata: {{\"type\":\"{kind}\",\"sequence_number\":{number},\
             \"response\":{response}}}\n\n"
        )
    }

    fn take_delta(&mut self, index: u64, event: &Node<'_>, account: &mut Account) {
        let bytes = event.get("delta").map(text_bytes).unwrap_or_default();
        if bytes == 0 {
            return;
        }
        account.show(bytes);
        account.count(true);
        account.outdate();
        if self.items.len() < MOST_ITEMS {
            let item = self.items.entry(index).or_default();
            *item = item.saturating_add(bytes);
        }
    }

    /// An item that is done shows everything again, and what no delta showed: the name of a call,
    /// reasoning that is encrypted.
    fn take_item(&mut self, index: u64, event: &Node<'_>, account: &mut Account) {
        let Some(item) = event.get("item") else { return };
        let image = text_of(item, "type") == Some("image_generation_call");
        let picture = item.get("result").filter(|_| image).map(text_bytes).unwrap_or_default();
        let before = self.items.remove(&index).unwrap_or_default();
        account.show(text_bytes(item).saturating_sub(picture).saturating_sub(before));
    }
}

fn take_usage(response: &Node<'_>, account: &mut Account) {
    let Some(usage) = response.get("usage") else { return };
    let Some(tokens) = counts::tokens(usage) else { return };
    account.say_pass(text_of(response, "model"), tokens);
    let output = response.get("output").map(Node::items).unwrap_or_default();
    let searches =
        output.iter().filter(|item| text_of(item, "type") == Some("web_search_call")).count();
    if let Some(reading) = &mut account.reading {
        reading.searches = u64::try_from(searches).unwrap_or(u64::MAX);
        reading.cost = counts::cost(usage);
        reading.tier = text_of(response, "service_tier").map(str::to_owned);
    }
}
