//! Gemini, in both spellings that protobuf's JSON takes, and its embeddings.

use serde_json::json;

use super::account::{Account, text_bytes};
use super::reading::Tokens;
use crate::provider::json::Node;

/// What is known of one answer.
#[derive(Debug, Default)]
pub(super) struct Gemini {
    /// Something is written, unless the prompt is blocked: then the usage has to say how much.
    writes: bool,
    model: Option<String>,
    id: Option<String>,
    /// Searches are said with one of the chunks.
    searches: u64,
}

impl Gemini {
    pub(super) fn new(writes: bool) -> Self {
        Self { writes, ..Self::default() }
    }

    /// Reads a chunk, or a whole answer.
    pub(super) fn take(&mut self, chunk: &Node<'_>, account: &mut Account) {
        let text = |names: &[&str]| chunk.get_any(names).and_then(Node::text).map(str::to_owned);
        self.model = text(&["modelVersion", "model_version"]).or_else(|| self.model.take());
        self.id = text(&["responseId", "response_id"]).or_else(|| self.id.take());
        let candidates = chunk.get("candidates").map(Node::items).unwrap_or_default();
        for candidate in candidates {
            self.take_candidate(candidate, account);
        }
        if !candidates.is_empty() || chunk.get("error").is_some() {
            account.outdate();
        }
        if let Some(feedback) = chunk.get_any(&["promptFeedback", "prompt_feedback"])
            && feedback.get_any(&["blockReason", "block_reason"]).is_some()
        {
            self.writes = false;
            account.ended = true;
        }
        let usage = chunk.get_any(&["usageMetadata", "usage_metadata"]);
        let said = usage.and_then(|usage| Some((usage, tokens(usage, self.writes)?)));
        let Some((usage, tokens)) = said else { return };
        account.say_pass(self.model.as_deref(), tokens);
        let tier = usage.get_any(&["serviceTier", "service_tier"]).and_then(Node::text);
        if let Some(reading) = &mut account.reading {
            reading.searches = self.searches;
            reading.tier = tier.map(str::to_owned).or_else(|| reading.tier.take());
        }
        if account.ended {
            account.conclude();
        }
    }

    /// The last chunk of an answer that is at its limit.
    pub(super) fn closing(&self, account: &Account) -> String {
        let mut chunk = json!({
            "candidates": [{
                "content": {"parts": [{"text": ""}], "role": "model"},
                "finishReason": "MAX_TOKENS",
                "index": 0,
            }],
        });
        let known = [("modelVersion", &self.model), ("responseId", &self.id)];
        if let Some(members) = chunk.as_object_mut() {
            for (name, text) in
                known.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?)))
            {
                members.insert(name.to_owned(), text.clone().into());
            }
            if let Some(reading) = &account.reading {
                let used = reading.tokens();
                let usage = json!({
                    "promptTokenCount": used.input,
                    "candidatesTokenCount": used.output,
                    "totalTokenCount": used.tokens(),
                });
                members.insert("usageMetadata".to_owned(), usage);
            }
        }
        chunk.to_string()
    }

    fn take_candidate(&mut self, candidate: &Node<'_>, account: &mut Account) {
        let parts = candidate.at(&["content", "parts"]).map(Node::items).unwrap_or_default();
        for part in parts {
            account.show(text_bytes(part));
        }
        let reason = candidate.get_any(&["finishReason", "finish_reason"]);
        account.ended |= reason.is_some();
        let searched = candidate
            .get_any(&["groundingMetadata", "grounding_metadata"])
            .and_then(|metadata| metadata.get_any(&["webSearchQueries", "web_search_queries"]));
        let searched = searched.map(|queries| queries.items().len()).unwrap_or_default();
        self.searches = self.searches.max(u64::try_from(searched).unwrap_or(u64::MAX));
    }
}

/// The tokens of a usage object; none where it has only the kind of traffic, or leaves out what
/// `writes` has it say: one that a field mask has cut down.
fn tokens(usage: &Node<'_>, writes: bool) -> Option<Tokens> {
    let count = |names: &[&str]| usage.get_any(names).and_then(Node::count);
    let prompt = count(&["promptTokenCount", "prompt_token_count"]);
    let tools = count(&["toolUsePromptTokenCount", "tool_use_prompt_token_count"]);
    let written = count(&[
        "candidatesTokenCount",
        "candidates_token_count",
        "responseTokenCount",
        "response_token_count",
    ]);
    let thoughts = count(&["thoughtsTokenCount", "thoughts_token_count"]);
    let total = count(&["totalTokenCount", "total_token_count"]);
    if writes && (prompt.is_none() || written.or(thoughts).or(total).is_none()) {
        return None;
    }
    // An embedding may have the total alone.
    let any = prompt.or(tools).or(written).or(thoughts);
    let input = if any.is_none() { total? } else { prompt.unwrap_or_default() };
    let input = input.saturating_add(tools.unwrap_or_default());
    let reasoning = thoughts.unwrap_or_default();
    let named = written.unwrap_or_default().saturating_add(reasoning);
    let output = named.max(total.unwrap_or_default().saturating_sub(input));
    let inputs = [
        Media::of(usage, prompt, ["promptTokensDetails", "prompt_tokens_details"]),
        Media::of(usage, tools, ["toolUsePromptTokensDetails", "tool_use_prompt_tokens_details"]),
    ];
    let outputs = [
        Media::of(usage, written, ["candidatesTokensDetails", "candidates_tokens_details"]),
        Media::of(usage, written, ["responseTokensDetails", "response_tokens_details"]),
    ];
    let [read, shown] = [inputs, outputs].map(|[one, other]| one.and(other));
    Some(Tokens {
        input,
        cache_read: count(&["cachedContentTokenCount", "cached_content_token_count"])
            .unwrap_or_default(),
        input_audio: read.audio,
        input_image: read.image,
        input_unnamed: read.unnamed,
        output,
        reasoning,
        output_audio: shown.audio,
        output_image: shown.image,
        output_unnamed: shown.unnamed.saturating_add(output.saturating_sub(named)),
        ..Tokens::default()
    })
}

/// What of a count is no text.
#[derive(Clone, Copy, Debug, Default)]
struct Media {
    audio: u64,
    image: u64,
    unnamed: u64,
}

impl Media {
    /// By the list of details of this count; all is text where there is none.
    fn of(usage: &Node<'_>, count: Option<u64>, list: [&str; 2]) -> Self {
        let Some(details) = usage.get_any(&list) else { return Self::default() };
        let sum = |names: &[&str]| {
            let named = |item: &&Node<'_>| {
                item.get("modality").and_then(Node::text).is_some_and(|name| names.contains(&name))
            };
            let each = |item: &Node<'_>| item.get_any(&["tokenCount", "token_count"])?.count();
            details.items().iter().filter(named).filter_map(each).fold(0, u64::saturating_add)
        };
        let (audio, image) = (sum(&["AUDIO"]), sum(&["IMAGE", "VIDEO"]));
        let known = sum(&["TEXT"]).saturating_add(audio).saturating_add(image);
        Self { audio, image, unnamed: count.unwrap_or_default().saturating_sub(known) }
    }

    const fn and(self, other: Self) -> Self {
        Self {
            audio: self.audio.saturating_add(other.audio),
            image: self.image.saturating_add(other.image),
            unnamed: self.unnamed.saturating_add(other.unnamed),
        }
    }
}
