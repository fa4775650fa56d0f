//! Anthropic's messages.

use super::account::{Account, text_bytes, text_of};
use super::counts;
use super::reading::{Pass, Reading, Tokens};
use crate::domain::money::Picodollars;
use crate::provider::json::Node;

/// What is known of one message.
#[derive(Debug, Default)]
pub(super) struct Messages {
    model: Option<String>,
    usage: Usage,
    /// The tokens of each pass, where there are several, with the model where it is another.
    passes: Vec<Pass>,
    /// The block that has begun and not ended.
    block: Option<u64>,
}

/// The usage, each field as it was said last.
#[derive(Debug, Default)]
struct Usage {
    counts: Counts,
    searches: u64,
    cost: Option<Picodollars>,
    tier: Option<String>,
    region: Option<String>,
    speed: Option<String>,
}

/// The counts of one usage object.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    uncached: Option<u64>,
    cache_read: Option<u64>,
    cache_write: Option<u64>,
    cache_write_hour: Option<u64>,
    output: Option<u64>,
    thinking: Option<u64>,
}

impl Messages {
    /// Reads an event, or a whole message.
    pub(super) fn take(&mut self, event: &Node<'_>, account: &mut Account) {
        match text_of(event, "type").unwrap_or_default() {
            "message_start" => {
                account.outdate();
                self.block = None;
                if let Some(message) = event.get("message") {
                    self.take_message(message, account);
                }
            }
            "content_block_start" => {
                self.block = event.get("index").and_then(Node::count);
                account.show(event.get("content_block").map(text_bytes).unwrap_or_default());
            }
            "content_block_delta" => {
                let delta = event.get("delta");
                account.show(delta.map(text_bytes).unwrap_or_default());
                account.count(delta.is_some_and(has_output));
                account.outdate();
            }
            "content_block_stop" => self.block = None,
            "message_delta" => {
                self.take_usage(event, account);
                let reason = event.at(&["delta", "stop_reason"]);
                if event.get("usage").is_some() && reason.is_some_and(|reason| !reason.is_null()) {
                    account.conclude();
                }
            }
            "message_stop" => {
                account.ended = true;
                account.conclude();
            }
            "error" => account.outdate(),
            "ping" => {}
            _ => self.take_message(event, account),
        }
    }

    /// The events that end the message at its limit.
    pub(super) fn closing(&self, account: &Account) -> String {
        let stop = self.block.map_or_else(String::new, |index| {
            let data = format!(r#"{{"type":"content_block_stop","index":{index}}}"#);
            format!("event: content_block_stop\ndata: {data}\n\n")
        });
        let output = account.at_least();
        let delta = r#"{"stop_reason":"max_tokens","stop_sequence":null}"#;
        let usage = format!(r#"{{"output_tokens":{output}}}"#);
        let data = format!(r#"{{"type":"message_delta","delta":{delta},"usage":{usage}}}"#);
        format!(
            "{stop}event: message_delta\ndata: {data}\n\n\
             event: message_stop\ndata: {{\"type\":\"message_stop\"}}\n\n"
        )
    }

    fn take_message(&mut self, message: &Node<'_>, account: &mut Account) {
        self.model = text_of(message, "model").map(str::to_owned).or_else(|| self.model.take());
        self.take_usage(message, account);
    }

    fn take_usage(&mut self, holder: &Node<'_>, account: &mut Account) {
        let Some(usage) = holder.get("usage").filter(|usage| !usage.members().is_empty()) else {
            return;
        };
        self.usage.counts.update(usage);
        let searches = usage.at(&["server_tool_use", "web_search_requests"]).and_then(Node::count);
        self.usage.searches = searches.unwrap_or(self.usage.searches);
        // `OpenRouter` says it. An earlier one does not hold for more tokens.
        self.usage.cost = counts::cost(usage);
        for (place, name) in [
            (&mut self.usage.tier, "service_tier"),
            (&mut self.usage.region, "inference_geo"),
            (&mut self.usage.speed, "speed"),
        ] {
            if let Some(text) = text_of(usage, name) {
                *place = Some(text.to_owned());
            }
        }
        self.take_passes(usage);
        account.say(self.reading());
    }

    fn take_passes(&mut self, usage: &Node<'_>) {
        let iterations = usage.get("iterations").map(Node::items).unwrap_or_default();
        if !iterations.is_empty() {
            self.passes = iterations.iter().map(pass).collect();
        } else if let Some(output) = usage.get("output_tokens").and_then(Node::count) {
            // A later word without passes that says more than those before.
            let before = self.passes.iter().map(|pass| pass.tokens.output);
            if output > before.fold(0, u64::saturating_add) {
                self.passes.clear();
            }
        }
    }

    fn reading(&self) -> Reading {
        let mut passes = self.passes.clone();
        if passes.is_empty() {
            passes.push(Pass { model: None, tokens: self.usage.counts.tokens() });
        }
        for pass in &mut passes {
            pass.model = pass.model.take().or_else(|| self.model.clone());
        }
        let Usage { searches, cost, tier, region, speed, .. } = &self.usage;
        Reading {
            passes,
            searches: *searches,
            cost: *cost,
            tier: tier.clone(),
            region: region.clone(),
            speed: speed.clone(),
        }
    }
}

impl Counts {
    /// Each field that is said now holds.
    fn update(&mut self, usage: &Node<'_>) {
        let said = |path: &[&str]| usage.at(path).and_then(Node::count);
        let hour = said(&["cache_creation", "ephemeral_1h_input_tokens"]);
        let minutes = said(&["cache_creation", "ephemeral_5m_input_tokens"]);
        let written = hour.unwrap_or_default().saturating_add(minutes.unwrap_or_default());
        let parts = (hour.is_some() || minutes.is_some()).then_some(written);
        self.uncached = said(&["input_tokens"]).or(self.uncached);
        self.cache_read = said(&["cache_read_input_tokens"]).or(self.cache_read);
        self.cache_write = said(&["cache_creation_input_tokens"]).max(parts).or(self.cache_write);
        self.cache_write_hour = hour.or(self.cache_write_hour);
        self.output = said(&["output_tokens"]).or(self.output);
        self.thinking = said(&["output_tokens_details", "thinking_tokens"]).or(self.thinking);
    }

    /// The cached tokens stand outside of `input_tokens`.
    fn tokens(&self) -> Tokens {
        let cache_read = self.cache_read.unwrap_or_default();
        let cache_write = self.cache_write.unwrap_or_default();
        let cached = cache_read.saturating_add(cache_write);
        Tokens {
            input: self.uncached.unwrap_or_default().saturating_add(cached),
            cache_read,
            cache_write,
            cache_write_hour: self.cache_write_hour.unwrap_or_default(),
            output: self.output.unwrap_or_default(),
            reasoning: self.thinking.unwrap_or_default(),
            ..Tokens::default()
        }
    }
}

/// Whether a delta has text that a model wrote: signatures and citations are none.
fn has_output(delta: &Node<'_>) -> bool {
    ["text", "thinking", "partial_json"].iter().any(|name| text_of(delta, name).is_some())
}

fn pass(iteration: &Node<'_>) -> Pass {
    let mut counts = Counts::default();
    counts.update(iteration);
    Pass { model: text_of(iteration, "model").map(str::to_owned), tokens: counts.tokens() }
}
