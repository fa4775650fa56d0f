//! What answers are charged, and which of them show all that they bill.

use super::*;
use crate::provider::meter::{Pass, Reading, Tokens};

fn reading(model: Option<&str>, input: u64, output: u64) -> Reading {
    let tokens = Tokens { input, output, ..Tokens::default() };
    let pass = Pass { model: model.map(str::to_owned), tokens };
    Reading { passes: vec![pass], ..Reading::default() }
}

#[test]
fn answers_are_charged_by_their_models() {
    let plan = sure("openai", CHAT, r#"{"model":"gpt-4.1","service_tier":"default"}"#);
    let cost = |model| plan.tariff().cost(&reading(model, 1_000, 100));
    let own = cost(None);
    assert_eq!((own.input, own.output), (1_000, 100));
    assert_eq!(own.spend, Picodollars(1_000 * 2_000_000 + 100 * 8_000_000));
    assert_eq!(cost(Some("unknown")), own);
    assert!(cost(Some("gpt-4.1-nano")).spend < own.spend);
}

#[test]
fn fees_and_own_figures_count() {
    let sonar = sure("perplexity", "/chat/completions", r#"{"model":"sonar-pro"}"#);
    let read = reading(None, 0, 0);
    assert_eq!(sonar.tariff().cost(&read).spend, Picodollars(14_000_000_000));
    let told = Reading { cost: Some(Picodollars(7)), ..read.clone() };
    assert_eq!(sonar.tariff().cost(&told).spend, Picodollars(7));
    let four = sure("openai", CHAT, r#"{"model":"gpt-4o"}"#);
    assert_eq!(four.tariff().cost(&told).spend, Picodollars(0));
    let search = Reading { searches: 3, ..read };
    let five = sure("openai", RESPONSES, r#"{"model":"gpt-5","tools":[{"type":"web_search"}]}"#);
    assert_eq!(five.tariff().cost(&search).spend, Picodollars(30_000_000_000));
    let tool = r#"{"type":"web_search_20250305","name":"web_search"}"#;
    let haiku = format!(r#"{{"model":"claude-haiku-4-5","max_tokens":9,"tools":[{tool}]}}"#);
    let haiku = sure("anthropic", MESSAGES, &haiku);
    assert_eq!(haiku.tariff().cost(&search).spend, Picodollars(30_000_000_000));
    let router = sure("openrouter", ROUTER, r#"{"model":"a/b"}"#);
    assert_eq!(router.tariff().cost(&reading(None, 1, 1)).spend, Picodollars(18_000_000));
    assert_eq!(router.tariff().cost(&told).spend, Picodollars(7));
}

#[test]
fn only_what_is_known_to_show_all_does() {
    let thinking = r#"{"model":"claude-opus-4-6","thinking":{"type":"adaptive"}}"#;
    let cases = [
        ("openai", CHAT, r#"{"model":"gpt-4o"}"#, true),
        ("openai", CHAT, r#"{"model":"gpt-5"}"#, false),
        ("openai", CHAT, r#"{"model":"gpt-4o-audio-preview"}"#, false),
        ("openai", "/v1/embeddings", r#"{"model":"text-embedding-3-small"}"#, true),
        ("openai", "/v1/completions", r#"{"model":"gpt-3.5-turbo","best_of":2}"#, false),
        ("anthropic", MESSAGES, r#"{"model":"claude-opus-4-6"}"#, true),
        ("anthropic", MESSAGES, r#"{"model":"claude-opus-5-5"}"#, false),
        ("anthropic", MESSAGES, thinking, false),
        ("deepseek", "/chat/completions", r#"{"model":"deepseek-reasoner"}"#, true),
        ("mistral", CHAT, r#"{"model":"mistral-large-latest","max_tokens":1}"#, true),
        ("mistral", CHAT, r#"{"model":"magistral-medium-latest","max_tokens":1}"#, false),
        ("google", GEMINI, "{}", false),
        ("openrouter", ROUTER, r#"{"model":"openai/gpt-4o"}"#, false),
    ];
    let predicted = r#"{"model":"gpt-4o","prediction":{"type":"content","content":"x"}}"#;
    let soft = Inquiry { soft: true, ..inquiry("openai", CHAT, predicted) };
    assert!(!plan(&soft).unwrap().shows_all());
    for (provider, path, body, shows) in cases {
        assert_eq!(sure(provider, path, body).shows_all(), shows, "{body}");
    }
}
