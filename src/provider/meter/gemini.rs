//! Gemini, in both spellings that protobuf's JSON takes, and its embeddings.

use serde_json::json;

use super::account::{Account, text_bytes};
use super::reading::Tokens;
use crate::provider::json::Node;

/// What is known of one answer.
#[derive(Debug, Default)]
pub(super) struct Gemini {
    model: Option<String>,
    id: Option<String>,
    /// Searches are said with one of the chunks.
    searches: u64,
}

impl Gemini {
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
        let usage = chunk.get_any(&["usageMetadata", "usage_metadata"]);
        let said = usage.and_then(|usage| Some((usage, tokens(usage)?)));
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

/// The tokens of a usage object; none where it has only the kind of traffic.
fn tokens(usage: &Node<'_>) -> Option<Tokens> {
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
    // An embedding may have the total alone.
    let any = prompt.or(tools).or(written).or(thoughts);
    let input = if any.is_none() { total? } else { prompt.unwrap_or_default() };
    let inputs = [
        ["promptTokensDetails", "prompt_tokens_details"],
        ["toolUsePromptTokensDetails", "tool_use_prompt_tokens_details"],
    ];
    let outputs = [
        ["candidatesTokensDetails", "candidates_tokens_details"],
        ["responseTokensDetails", "response_tokens_details"],
    ];
    let reasoning = thoughts.unwrap_or_default();
    Some(Tokens {
        input: input.saturating_add(tools.unwrap_or_default()),
        cache_read: count(&["cachedContentTokenCount", "cached_content_token_count"])
            .unwrap_or_default(),
        input_audio: of_modality(usage, &inputs, "AUDIO"),
        input_image: of_modality(usage, &inputs, "IMAGE"),
        output: written.unwrap_or_default().saturating_add(reasoning),
        reasoning,
        output_audio: of_modality(usage, &outputs, "AUDIO"),
        output_image: of_modality(usage, &outputs, "IMAGE"),
        ..Tokens::default()
    })
}

fn of_modality(usage: &Node<'_>, lists: &[[&str; 2]], modality: &str) -> u64 {
    lists
        .iter()
        .filter_map(|names| usage.get_any(names))
        .flat_map(Node::items)
        .filter(|item| item.get("modality").and_then(Node::text) == Some(modality))
        .filter_map(|item| item.get_any(&["tokenCount", "token_count"]).and_then(Node::count))
        .fold(0, u64::saturating_add)
}
