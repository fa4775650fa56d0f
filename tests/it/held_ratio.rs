//! How much more than real input is held for ordinary text: what models wrote in the recordings,
//! taken as prompts, counted with a tokenizer that brings its vocabulary along.

use std::sync::Arc;

use serde_json::{Value, json};
use till::provider::find_builtin;
use till::provider::price::PriceTable;
use till::provider::request::{Inquiry, plan};

use crate::support::answer::recording;

/// What a chat's format adds to the text of a single message.
const CHAT_FORMAT: u64 = 7;
/// Shorter texts are nobody's prompts.
const SHORTEST: usize = 200;

#[test]
fn the_document_says_how_much_is_held() {
    let tokenizer = tiktoken_rs::o200k_base_singleton();
    let prices = Arc::new(PriceTable::builtin().clone());
    let (mut held, mut real, mut texts) = (0, 0, 0);
    for name in names() {
        let text = written(&name);
        if text.len() < SHORTEST {
            continue;
        }
        let message = json!({"role": "user", "content": text});
        let body = json!({"model": "gpt-4o", "messages": [message]}).to_string();
        let inquiry = Inquiry {
            provider: find_builtin("openai").unwrap(),
            method: "POST",
            path: "/v1/chat/completions",
            query: None,
            content_type: Some("application/json"),
            body: body.as_bytes(),
            prices: &prices,
            spend: true,
            max_price: None,
            soft: false,
            watched: false,
        };
        let tokens = u64::try_from(tokenizer.encode_ordinary(&text).len()).unwrap() + CHAT_FORMAT;
        let bound = plan(&inquiry).unwrap().demand.input;
        assert!(bound >= tokens, "{name}: {bound} for {tokens}");
        (held, real, texts) = (held + bound, real + tokens, texts + 1);
    }
    let tenths = (held * 10 + real / 2) / real;
    let ratio = format!("{}.{}", tenths / 10, tenths % 10);
    let stated = format!("**{ratio} times** the real input ({texts} texts, {real} tokens)");
    let document = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metering.md"),
    );
    let words = document.unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(&stated), "docs/metering.md should say: {stated}");
}

fn names() -> Vec<String> {
    let manifest: Value = serde_json::from_slice(&recording("manifest.json")).unwrap();
    let name = |row: &Value| row["file"].as_str().unwrap().to_owned();
    manifest.as_array().unwrap().iter().map(name).collect()
}

/// The text that the model wrote in a recording.
fn written(name: &str) -> String {
    let bytes = recording(name);
    let whole = String::from_utf8(bytes).unwrap();
    if std::path::Path::new(name).extension().is_none_or(|extension| extension != "sse") {
        return serde_json::from_str(&whole).map(|answer| text_of(&answer)).unwrap_or_default();
    }
    let data = whole.lines().filter_map(|line| line.strip_prefix("data:"));
    data.filter_map(|data| serde_json::from_str(data).ok()).map(|event| text_of(&event)).collect()
}

/// The text in one answer, or in one event of a stream, of any of the APIs.
fn text_of(answer: &Value) -> String {
    // The last event of these streams repeats all that the others said.
    if answer["type"]
        .as_str()
        .is_some_and(|kind| kind.starts_with("response.") && kind != "response.output_text.delta")
    {
        return String::new();
    }
    let lists = ["choices", "content", "output", "candidates"];
    let parts = lists.iter().filter_map(|list| answer[list].as_array()).flatten();
    let single = [&answer["delta"], &answer["text"]];
    parts.map(text_of_part).chain(single.into_iter().map(text_of_part)).collect()
}

fn text_of_part(part: &Value) -> String {
    match part {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(text_of_part).collect(),
        Value::Object(_) => ["text", "content", "message", "delta", "parts"]
            .iter()
            .filter_map(|name| part.get(name))
            .map(text_of_part)
            .collect(),
        _ => String::new(),
    }
}
