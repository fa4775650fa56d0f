//! Chat completions and the older completions, with what each provider made of them.

use std::collections::BTreeSet;

use serde_json::json;

use super::account::{Account, text_bytes, text_of};
use super::counts;
use crate::provider::json::Node;

/// The most choices of an answer that are told apart.
const MOST_CHOICES: usize = 256;

/// The end of a stream.
const DONE: &str = "data: [DONE]\n\n";

/// What is known of one stream.
#[derive(Debug, Default)]
pub(super) struct Chat {
    /// The older API, whose choices have a text in place of a delta.
    older: bool,
    id: Option<String>,
    model: Option<String>,
    created: Option<u64>,
    /// The choices that have shown text and not ended.
    running: BTreeSet<u64>,
    /// A choice has ended.
    finished: bool,
}

impl Chat {
    pub(super) fn new(older: bool) -> Self {
        Self { older, ..Self::default() }
    }

    /// Reads a chunk, or a whole answer: whether it is there for the usage alone.
    pub(super) fn take(&mut self, chunk: &Node<'_>, account: &mut Account) -> bool {
        self.identify(chunk);
        let choices = chunk.get("choices").map(Node::items).unwrap_or_default();
        let mut shown = false;
        for choice in choices {
            shown |= self.take_choice(choice, account);
        }
        account.count(shown);
        if shown || chunk.get("error").is_some_and(|error| !error.is_null()) {
            account.outdate();
        }
        let usage = usage_of(chunk, choices);
        let said = usage.is_some_and(|usage| self.take_usage(usage, account));
        if let Some(tier) = text_of(chunk, "service_tier")
            && let Some(reading) = &mut account.reading
        {
            reading.tier = Some(tier.to_owned());
        }
        // Some say it with every chunk, and some with the chunks that end the choices.
        if said && (choices.is_empty() || self.is_finished()) {
            account.conclude();
        }
        said && choices.is_empty()
    }

    /// The stream said `[DONE]`.
    pub(super) const fn done(account: &mut Account) {
        account.ended = true;
        account.conclude();
    }

    /// A chunk that ends every running choice at a limit, and the end of the stream.
    pub(super) fn closing(&self) -> String {
        if self.is_finished() {
            return DONE.to_owned();
        }
        let running = if self.running.is_empty() { &BTreeSet::from([0]) } else { &self.running };
        let choices: Vec<_> = running.iter().map(|index| self.last_choice(*index)).collect();
        let object = if self.older { "text_completion" } else { "chat.completion.chunk" };
        let chunk = json!({
            "id": self.id, "object": object, "created": self.created, "model": self.model,
            "choices": choices,
        });
        format!("data: {chunk}\n\n{DONE}")
    }

    /// Whether every choice that was begun has ended.
    fn is_finished(&self) -> bool {
        self.finished && self.running.is_empty()
    }

    fn last_choice(&self, index: u64) -> serde_json::Value {
        if self.older {
            return json!({"index": index, "text": "", "logprobs": null, "finish_reason": "length"});
        }
        json!({"index": index, "delta": {}, "finish_reason": "length"})
    }

    fn identify(&mut self, chunk: &Node<'_>) {
        let text = |name| text_of(chunk, name).map(str::to_owned);
        self.id = text("id").or_else(|| self.id.take());
        self.model = text("model").or_else(|| self.model.take());
        self.created = chunk.get("created").and_then(Node::count).or(self.created);
    }

    /// Whether the choice shows any text.
    fn take_choice(&mut self, choice: &Node<'_>, account: &mut Account) -> bool {
        let delta = choice.get_any(&["delta", "text", "message"]);
        account.show(delta.map(text_bytes).unwrap_or_default());
        let shown = delta.is_some_and(has_output);
        let index = choice.get("index").and_then(Node::count).unwrap_or_default();
        if choice.get("finish_reason").is_some_and(|reason| !reason.is_null()) {
            self.finished = true;
            self.running.remove(&index);
        } else if shown && self.running.len() < MOST_CHOICES {
            self.running.insert(index);
        }
        shown
    }

    fn take_usage(&self, usage: &Node<'_>, account: &mut Account) -> bool {
        let Some(tokens) = counts::tokens(usage) else { return false };
        account.say_pass(self.model.as_deref(), tokens);
        if let Some(reading) = &mut account.reading {
            reading.cost = counts::cost(usage);
            let searches = usage.get("num_search_queries").and_then(Node::count);
            reading.searches = searches.unwrap_or_default();
        }
        true
    }
}

/// The usage of a chunk: at its top, in Groq's own member, or in a choice (Moonshot).
fn usage_of<'a, 'b>(chunk: &'a Node<'b>, choices: &'a [Node<'b>]) -> Option<&'a Node<'b>> {
    let top = chunk.get("usage").filter(|usage| !usage.is_null());
    top.or_else(|| chunk.at(&["x_groq", "usage"]).filter(|usage| !usage.is_null()))
        .or_else(|| choices.iter().find_map(|choice| choice.get("usage")))
}

/// Whether a delta has any text that a model wrote: a role or an empty text is none.
fn has_output(delta: &Node<'_>) -> bool {
    if let Some(text) = delta.text() {
        return !text.is_empty();
    }
    let written = ["content", "reasoning_content", "reasoning", "refusal", "tool_calls"];
    delta
        .members()
        .iter()
        .any(|member| written.contains(&&*member.name) && text_bytes(&member.node) > 0)
}
