//! What holds of every body.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const PLACES: [(&str, &str); 9] = [
    ("openai", CHAT),
    ("openai", RESPONSES),
    ("openai", "/v1/completions"),
    ("anthropic", MESSAGES),
    ("google", GEMINI),
    ("cohere", "/v2/chat"),
    ("deepseek", "/chat/completions"),
    ("openrouter", ROUTER),
    ("openai", "/v1/embeddings"),
];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Into::into),
        (0..100_000u64).prop_map(Into::into),
        "[a-z0-9]{0,6}".prop_map(Into::into),
        Just(json!({"type": "function"})),
        Just(json!([{"type": "web_search_20250305"}])),
        Just(json!({"type": "enabled", "budget_tokens": 1_500})),
        Just(json!({"maxOutputTokens": "70", "candidateCount": 2})),
        Just(json!([{"role": "user", "content": [{"type": "image", "text": "\u{e9}"}]}])),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| prop::collection::vec(inner, 0..3).prop_map(Into::into))
}

prop_compose! {
    /// A body with the fields that decide, some of them malformed.
    fn any_body()(
        model in prop::sample::select(vec!["gpt-4o", "gpt-5", "claude-opus-4-6", "command-a-03-2025",
            "deepseek-chat", "text-embedding-3-small", "gemini-2.5-flash", "gpt-3.5-turbo"]),
        fields in prop::collection::hash_map(prop::sample::select(vec![
            "max_tokens", "max_completion_tokens", "max_output_tokens", "n", "best_of", "stream",
            "stream_options", "thinking", "tools", "messages", "input", "contents", "provider",
            "generationConfig", "generation_config", "prompt", "service_tier", "max_tool_calls",
            "usage", "reasoning",
        ]), value(), 0..6),
        pretty in any::<bool>(),
    ) -> String {
        let mut all: serde_json::Map<String, Value> =
            fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        all.insert("model".into(), model.into());
        let all = Value::Object(all);
        if pretty { serde_json::to_string_pretty(&all).unwrap() } else { all.to_string() }
    }
}

proptest! {
    #[test]
    fn no_body_panics(text in "\\PC*", bytes in any_body(), soft in any::<bool>(), spend in any::<bool>()) {
        for (provider, path) in PLACES {
            for text in [&text, &bytes] {
                let _ = plan(&Inquiry { spend, soft, ..inquiry(provider, path, text) });
            }
        }
    }

    /// What was brought down asks for no more than was granted, and nothing else has changed.
    #[test]
    fn a_grant_holds(sent in any_body(), share in 0..=100u64, place in 0..PLACES.len()) {
        let (provider, path) = PLACES[place];
        let tokens = Inquiry { spend: false, ..inquiry(provider, path, &sent) };
        let Ok(first) = plan(&tokens) else { return Ok(()) };
        let demand = first.demand;
        prop_assert!(demand.least_output <= demand.output && demand.multiplicity > 0);
        let span = demand.output.saturating_sub(demand.least_output);
        let granted = demand.least_output.saturating_add(span.saturating_mul(share) / 100);
        let rewritten = body(&first, &sent, granted);
        let second = plan(&Inquiry { body: rewritten.as_bytes(), ..tokens }).unwrap();
        prop_assert_eq!(second.demand.output, granted, "{}", rewritten);
        prop_assert_eq!(second.demand.multiplicity, demand.multiplicity);
        prop_assert_eq!(second.clamped(granted), None);
        prop_assert!(!second.hide_usage);
        let again = body(&second, &rewritten, granted);
        prop_assert_eq!(&again, &rewritten);
        prop_assert_eq!(first.clamped(granted).is_some(), granted < demand.output);
        if granted == demand.output && !first.hide_usage && provider != "openrouter" {
            let added = rewritten.len().saturating_sub(sent.len());
            // Gemini's stands within a member.
            let same = provider == "google" || rewritten.ends_with(&sent[1..]);
            prop_assert!(added < 80 && same, "{} {}", sent, rewritten);
        }
    }
}
