//! Answers that say their usage once: embeddings, transcriptions, images.

use super::account::{Account, is_kind, text_bytes, text_of};
use super::counts;
use super::reading::Tokens;
use crate::provider::json::Node;

/// What is known of one answer.
#[derive(Debug)]
pub(super) struct Single {
    /// The output is images, each of which comes with its own usage where they are streamed.
    images: bool,
}

impl Single {
    pub(super) const fn new(images: bool) -> Self {
        Self { images }
    }

    /// Reads an event, or a whole answer.
    pub(super) fn take(&self, event: &Node<'_>, account: &mut Account) {
        let kind = text_of(event, "type").unwrap_or_default();
        if is_kind(kind, "delta") {
            let bytes = event.get("delta").map(text_bytes).unwrap_or_default();
            account.show(bytes);
            account.count(bytes > 0);
            account.outdate();
        }
        if kind == "error" || event.get("error").is_some_and(|error| !error.is_null()) {
            account.outdate();
        }
        let Some(usage) = event.get("usage") else { return };
        let Some(tokens) = counts::tokens(usage) else { return };
        let tokens = if self.images { with_earlier(tokens, account) } else { tokens };
        account.say_pass(text_of(event, "model"), tokens);
        if let Some(reading) = &mut account.reading {
            reading.cost = counts::cost(usage);
        }
        if is_kind(kind, "done") || is_kind(kind, "completed") {
            account.conclude();
        }
    }
}

/// The usage of one more image. All output is images unless it is told apart.
fn with_earlier(tokens: Tokens, account: &Account) -> Tokens {
    let before = account.reading.as_ref().and_then(|reading| reading.passes.first());
    let before = before.map(|pass| pass.tokens).unwrap_or_default();
    let image = if tokens.output_image == 0 { tokens.output } else { tokens.output_image };
    Tokens {
        input: tokens.input.saturating_add(before.input),
        cache_read: tokens.cache_read.saturating_add(before.cache_read),
        input_image: tokens.input_image.saturating_add(before.input_image),
        output: tokens.output.saturating_add(before.output),
        output_image: image.saturating_add(before.output_image),
        ..tokens
    }
}
