//! What a limit makes of a request: the output brought down to what the key can pay, in each API's
//! own field, and nothing else; and streams that go beyond it all the same.

use crate::support::answer::{Answer, Body, Gate, events, recording};
use crate::support::home::Home;
use crate::support::http::{Connection, Request};
use crate::support::model::chat;
use crate::support::spent::place;
use crate::support::upstream::Upstream;
use crate::support::wait_until;

/// A request: provider, path, body; the body that the upstream gets; the `till-clamped` header.
type Case = (&'static str, &'static str, &'static str, &'static str, &'static str);

/// A stream that goes beyond its limit: path, body, recording, limit, and what it is ended with.
type Beyond = (&'static str, &'static [u8], &'static str, u64, &'static [&'static str]);

/// On keys with 1,000 output tokens.
#[rustfmt::skip]
const CASES: [Case; 18] = [
    // Nothing has to change: every byte stays.
    ("openai", "/v1/chat/completions",
     "{ \"max_completion_tokens\" : 1000,\r\n\t\"model\":\"gpt-4o-mini\", \"messages\":[ ] , \"x\":1.50e+1 }\n",
     "{ \"max_completion_tokens\" : 1000,\r\n\t\"model\":\"gpt-4o-mini\", \"messages\":[ ] , \"x\":1.50e+1 }\n",
     ""),
    ("openai", "/v1/chat/completions",
     r#"{"model":"gpt-4o-mini","messages":[],"max_tokens":9,"stream":true,"stream_options":{"include_usage":true}}"#,
     r#"{"model":"gpt-4o-mini","messages":[],"max_tokens":9,"stream":true,"stream_options":{"include_usage":true}}"#,
     ""),
    ("openai", "/v1/chat/completions",
     r#"{"model":"gpt-4o-mini","messages":[]}"#,
     r#"{"max_completion_tokens":1000,"model":"gpt-4o-mini","messages":[]}"#,
     "max_completion_tokens=1000"),
    ("openai", "/v1/chat/completions",
     r#"{"max_tokens": 5000 ,"model":"gpt-4o-mini","messages":[]}"#,
     r#"{"max_tokens": 1000 ,"model":"gpt-4o-mini","messages":[]}"#,
     "max_tokens=1000"),
    ("openai", "/v1/chat/completions",
     r#"{"model":"gpt-4o-mini","messages":[],"max_tokens":400,"max_completion_tokens":5000}"#,
     r#"{"model":"gpt-4o-mini","messages":[],"max_tokens":400,"max_completion_tokens":1000}"#,
     "max_completion_tokens=1000"),
    ("openai", "/v1/chat/completions",
     r#"{"model":"gpt-4o-mini","messages":[],"n":2,"max_completion_tokens":5000}"#,
     r#"{"model":"gpt-4o-mini","messages":[],"n":2,"max_completion_tokens":500}"#,
     "max_completion_tokens=500"),
    ("openai", "/v1/chat/completions",
     r#"{"model":"gpt-4o-mini","messages":[],"max_tokens":9,"stream":true}"#,
     r#"{"stream_options":{"include_usage":true},"model":"gpt-4o-mini","messages":[],"max_tokens":9,"stream":true}"#,
     ""),
    ("openai", "/v1/responses",
     r#"{"model":"gpt-5","input":"hello"}"#,
     r#"{"max_output_tokens":1000,"model":"gpt-5","input":"hello"}"#,
     "max_output_tokens=1000"),
    ("openai", "/v1/completions",
     r#"{"model":"gpt-3.5-turbo-instruct","prompt":"hello","n":3,"best_of":4,"max_tokens":600}"#,
     r#"{"model":"gpt-3.5-turbo-instruct","prompt":"hello","n":3,"best_of":4,"max_tokens":250}"#,
     "max_tokens=250"),
    ("openai", "/v1/completions",
     r#"{"model":"gpt-3.5-turbo-instruct","prompt":["a","b"],"max_tokens":600}"#,
     r#"{"model":"gpt-3.5-turbo-instruct","prompt":["a","b"],"max_tokens":500}"#,
     "max_tokens=500"),
    ("anthropic", "/v1/messages",
     r#"{"model":"claude-haiku-4-5","max_tokens":2000,"thinking":{"type":"enabled","budget_tokens":999},"messages":[]}"#,
     r#"{"model":"claude-haiku-4-5","max_tokens":1000,"thinking":{"type":"enabled","budget_tokens":999},"messages":[]}"#,
     "max_tokens=1000"),
    ("google", "/v1beta/models/gemini-2.5-flash:generateContent",
     r#"{"contents":[]}"#,
     r#"{"generationConfig":{"maxOutputTokens":1000},"contents":[]}"#,
     "maxOutputTokens=1000"),
    ("google", "/v1beta/models/gemini-2.5-flash:generateContent",
     r#"{"contents":[],"generationConfig":{"maxOutputTokens":"5000","topK":1}}"#,
     r#"{"contents":[],"generationConfig":{"maxOutputTokens":1000,"topK":1}}"#,
     "maxOutputTokens=1000"),
    ("google", "/v1beta/models/gemini-2.5-flash:streamGenerateContent",
     r#"{"contents":[],"generation_config":{"max_output_tokens":5000,"candidate_count":2}}"#,
     r#"{"contents":[],"generation_config":{"max_output_tokens":500,"candidate_count":2}}"#,
     "max_output_tokens=500"),
    ("cohere", "/v2/chat",
     r#"{"model":"command-a-03-2025","messages":[]}"#,
     r#"{"max_tokens":1000,"model":"command-a-03-2025","messages":[]}"#,
     "max_tokens=1000"),
    ("mistral", "/v1/chat/completions",
     r#"{"model":"mistral-small-latest","messages":[],"stream":true}"#,
     r#"{"max_tokens":1000,"model":"mistral-small-latest","messages":[],"stream":true}"#,
     "max_tokens=1000"),
    ("deepseek", "/chat/completions",
     r#"{"model":"deepseek-chat","messages":[],"max_tokens":1001}"#,
     r#"{"model":"deepseek-chat","messages":[],"max_tokens":1000}"#,
     "max_tokens=1000"),
    ("groq", "/openai/v1/chat/completions",
     r#"{"model":"llama-3.3-70b-versatile","messages":[],"max_tokens":2000,"stream":true}"#,
     r#"{"model":"llama-3.3-70b-versatile","messages":[],"max_tokens":1000,"stream":true}"#,
     "max_tokens=1000"),
];

#[test]
fn the_output_is_brought_down_in_each_api() {
    for (provider, path, body, expected, clamped) in CASES {
        // A refusal costs nothing: the key has all of its tokens.
        let upstream = Upstream::expecting(place(provider), |_| Answer::status(400));
        let home = Home::with_provider(provider, &upstream);
        let key = home.mint(&format!("{provider} --output-tokens 1000"));
        let proxy = home.proxy();
        let reply = Request::new("POST", &format!("/{provider}{path}"))
            .bearer(&key.text)
            .field("Accept-Encoding", "gzip, br")
            .json(body.as_bytes())
            .send(proxy.address());
        reply.expect(400, "");
        let seen = upstream.only();
        assert_eq!(String::from_utf8_lossy(&seen.body), expected, "{provider} {path}");
        assert_eq!(reply.field("till-clamped"), clamped, "{provider} {path}");
        assert_eq!(seen.head.all("accept-encoding"), ["identity"], "{provider} {path}");
        assert_eq!(seen.head.content_length(), Some(expected.len()), "{provider} {path}");
    }
}

/// Less than an API accepts is never asked for.
#[test]
fn below_what_the_api_accepts_nothing_is_asked() {
    let thinks = r#"{"model":"claude-haiku-4-5","max_tokens":2000,"messages":[],
        "thinking":{"type":"enabled","budget_tokens":1000}}"#;
    let cases = [
        ("anthropic", "/v1/messages", thinks, "--output-tokens 1000"),
        ("openai", "/v1/responses", r#"{"model":"gpt-5","input":"hello"}"#, "--output-tokens 15"),
    ];
    for (provider, path, body, limits) in cases {
        let upstream = Upstream::expecting(place(provider), |_| Answer::status(400)).may_idle();
        let home = Home::with_provider(provider, &upstream);
        let key = home.mint(&format!("{provider} {limits}"));
        let proxy = home.proxy();
        let request = Request::new("POST", &format!("/{provider}{path}")).bearer(&key.text);
        let reply = request.json(body.as_bytes()).send(proxy.address());
        reply.expect(402, "request_too_large");
        assert_eq!(upstream.count(), 0);
    }
}

/// An upstream that goes on beyond the limit in the request is cut off, in the way in which the
/// API ends an answer at its limit.
#[test]
fn a_stream_that_goes_beyond_is_cut_in_the_apis_own_way() {
    let chat = br#"{"model":"gpt-4.1-nano","messages":[],"stream":true}"#;
    let response = br#"{"model":"gpt-5","input":"hello","stream":true}"#;
    let message = br#"{"model":"claude-haiku-4-5","max_tokens":99,"messages":[],"stream":true}"#;
    let older = br#"{"model":"gpt-3.5-turbo-instruct","prompt":"x","max_tokens":99,"stream":true}"#;
    let cohere = br#"{"model":"command-a-03-2025","messages":[],"stream":true}"#;
    let contents = br#"{"contents":[]}"#;
    let gemini = "/google/v1beta/models/gemini-3.1-pro-preview:streamGenerateContent?alt=sse";
    let cases: [Beyond; 6] = [
        (
            "/openai/v1/chat/completions",
            chat,
            "openai.chat.openai-text.sse",
            20,
            &["\"finish_reason\":\"length\"", "data: [DONE]\n\n"],
        ),
        (
            "/openai/v1/responses",
            response,
            "openai.responses.openai-apply-patch-tool.1.sse",
            16,
            &["event: response.incomplete\n", "\"reason\":\"max_output_tokens\""],
        ),
        (
            "/anthropic/v1/messages",
            message,
            "anthropic.messages.anthropic-text.sse",
            2,
            &["\"stop_reason\":\"max_tokens\"", "data: {\"type\":\"message_stop\"}\n\n"],
        ),
        (
            "/openai/v1/completions",
            older,
            "openai.completions.openai-completion-text.sse",
            5,
            &["\"finish_reason\":\"length\"", "\"text\":\"\"", "data: [DONE]\n\n"],
        ),
        (
            "/cohere/v2/chat",
            cohere,
            "cohere.cohere.cohere-reasoning.sse",
            10,
            &["event: message-end\n", "\"finish_reason\":\"MAX_TOKENS\""],
        ),
        (
            gemini,
            contents,
            "google.gemini.google-text.sse",
            100,
            &["\"finishReason\":\"MAX_TOKENS\""],
        ),
    ];
    for (path, body, name, limit, ends) in cases {
        let provider = path.split('/').nth(1).unwrap();
        let whole = events(&recording(name));
        // All but the last event, which the proxy must not wait for.
        let gate = Gate::default();
        gate.open(whole.len() - 2);
        let answer = Answer::events(vec![]).body(Body::Gated(whole, gate));
        let upstream = Upstream::expecting(place(provider), move |_| answer.clone());
        let home = Home::with_provider(provider, &upstream);
        let key = home.mint(&format!("{provider} --output-tokens {limit}"));
        let proxy = home.proxy();
        let request = Request::new("POST", path).bearer(&key.text).json(body);
        let mut connection = Connection::open(proxy.address()).unwrap();
        let reply = connection.request(&request).expect("an answer that ends as it should");
        reply.expect(200, "");

        let (text, all) = (reply.text(), String::from_utf8(recording(name)).unwrap());
        let same = text.bytes().zip(all.bytes()).take_while(|(one, other)| one == other).count();
        assert!((1..all.len() - 1).contains(&same), "{name}: it was not cut");
        let (passed, closing) = text.split_at(text[..same].rfind('\n').unwrap() + 1);
        assert!(all.starts_with(passed));
        for end in ends {
            assert!(closing.contains(end), "{name}: no {end} in {closing}");
        }
        wait_until("the upstream is left", || upstream.hung_up() == 1);
        let (_, output, _) = home.spent(&key);
        assert!(output >= limit, "{name}: {output}");
        assert_eq!(home.show(&key)["status"], "ended", "{name}");
    }
}

/// Gemini's stream without server-sent events is one JSON array, and stays one.
#[test]
fn a_json_array_that_goes_beyond_is_closed() {
    let text = String::from_utf8(recording("google.gemini.google-text.sse")).unwrap();
    let mut chunks: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|chunk| format!(",\r\n{chunk}").into_bytes())
        .collect();
    chunks[0][0] = b'[';
    chunks.push(b"]".to_vec());
    let gate = Gate::default();
    gate.open(chunks.len() - 2);
    let answer = Answer::json(200, b"").body(Body::Gated(chunks, gate));
    let upstream = Upstream::expecting(place("google"), move |_| answer.clone());
    let home = Home::with_provider("google", &upstream);
    let key = home.mint("google --output-tokens 100");
    let proxy = home.proxy();
    let path = "/google/v1beta/models/gemini-3.1-pro-preview:streamGenerateContent";
    let request = Request::new("POST", path).bearer(&key.text).json(br#"{"contents":[]}"#);
    let reply = request.send(proxy.address());
    reply.expect(200, "");
    let array = reply.json();
    let last = array.as_array().unwrap().last().unwrap();
    assert_eq!(last["candidates"][0]["finishReason"], "MAX_TOKENS", "{array:#}");
    assert_eq!(last["usageMetadata"]["totalTokenCount"], 199, "{array:#}");
    wait_until("the upstream is left", || upstream.hung_up() == 1);
    assert!(home.spent(&key).1 >= 100);
}

/// A key that is limited in activations alone sends what it got, and asks for what can be looked into.
#[test]
fn without_a_limit_on_tokens_nothing_is_changed() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 5");
    let proxy = home.proxy();
    let request = chat(&key.text, 10_000_000).field("Accept-Encoding", "gzip, br");
    let reply = request.send(proxy.address());
    reply.expect(200, "");
    assert_eq!(reply.head.get("till-clamped"), None);
    assert_eq!(upstream.only().head.all("accept-encoding"), ["identity"]);
}
