//! A chat model that uses all that it is allowed, and says so.

use serde_json::{Value, json};

use super::answer::Answer;
use super::http::Request;
use super::upstream::Seen;

/// The input tokens of every answer: fewer than any request's bound.
pub(crate) const INPUT: u64 = 300;

/// An answer of the model `gpt-4o-mini` that used so many tokens, in its dearest service tier.
pub(crate) fn completion(input: u64, output: u64) -> Answer {
    let body = json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini",
        "service_tier": "priority",
        "choices": [{
            "index": 0, "finish_reason": "length",
            "message": {"role": "assistant", "content": "…"},
        }],
        "usage": {
            "prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output,
        },
    });
    Answer::json(200, body.to_string().as_bytes())
}

/// What the dearest service tier of `gpt-4o-mini` costs, in picodollars.
pub(crate) const fn price(input: u64, output: u64) -> u64 {
    input * 250_000 + output * 1_000_000
}

/// Answers with all the output that the request allows.
pub(crate) fn greedy(seen: &Seen) -> Answer {
    completion(INPUT, allowed(seen))
}

/// The output that a chat request allows.
#[track_caller]
pub(crate) fn allowed(seen: &Seen) -> u64 {
    let body: Value = serde_json::from_slice(&seen.body).expect("JSON");
    let field = |name: &str| body[name].as_u64();
    field("max_completion_tokens").max(field("max_tokens")).expect("an output limit")
}

/// A chat request for at most so much output.
pub(crate) fn chat(key: &str, output: u64) -> Request {
    let body = json!({
        "model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}],
        "max_completion_tokens": output,
    });
    Request::new("POST", "/openai/v1/chat/completions")
        .bearer(key)
        .json(body.to_string().as_bytes())
}
