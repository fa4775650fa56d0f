//! What has no bound is refused on keys that are limited in tokens or money, before anything is
//! sent, or let through by `--overshoot last-call`; and what such limits leave alone.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::answer::Answer;
use crate::support::home::{Home, Key};
use crate::support::http::Request;
use crate::support::spent::place;
use crate::support::upstream::Upstream;
use crate::support::wait_until;

/// Provider, path, body and the name that the message must have.
type Case = (&'static str, &'static str, &'static str, &'static str);

/// What nothing bounds, though its usage is told afterwards.
#[rustfmt::skip]
const UNBOUND: [Case; 12] = [
    ("openai", "/v1/responses", r#"{"model":"gpt-5","input":"x","tools":[{"type":"file_search"}]}"#, "file_search"),
    ("openai", "/v1/responses", r#"{"model":"gpt-5","input":"x","tools":[{"type":"code_interpreter","container":{"type":"auto","memory_limit":"64g"}}]}"#, "code_interpreter"),
    ("openai", "/v1/responses", r#"{"model":"gpt-5","input":"x","tools":[{"type":"image_generation"}]}"#, "image_generation"),
    ("openai", "/v1/responses", r#"{"model":"unknown-model","input":"x","max_output_tokens":9,"previous_response_id":"resp_1"}"#, "previous_response_id"),
    ("openai", "/v1/chat/completions", r#"{"model":"unknown-model","messages":[]}"#, "unknown-model"),
    ("openai", "/v1/chat/completions", r#"{"model":"gpt-4o-search-preview","messages":[]}"#, "gpt-4o-search-preview"),
    ("openai", "/v1/chat/completions", r#"{"model":"gpt-4o","messages":[],"web_search_options":{}}"#, "web_search_options"),
    ("openai", "/v1/chat/completions", r#"{"model":"gpt-4o","messages":[],"prediction":{"type":"content","content":"x"}}"#, "prediction"),
    ("anthropic", "/v1/messages", r#"{"model":"claude-haiku-4-5","max_tokens":9,"messages":[],"tools":[{"type":"code_execution_20250825","name":"x"}]}"#, "code_execution_20250825"),
    ("anthropic", "/v1/messages", r#"{"model":"claude-haiku-4-5","max_tokens":9,"messages":[],"mcp_servers":[{"type":"url"}]}"#, "mcp_servers"),
    ("google", "/v1beta/models/gemini-2.5-flash:generateContent", r#"{"contents":[],"tools":[{"google_search":{}}]}"#, "google_search"),
    ("google", "/v1beta/models/unknown-model:generateContent", r#"{"contents":[],"cachedContent":"cachedContents/1","generationConfig":{"maxOutputTokens":9}}"#, "cachedContent"),
];

/// What is never let through: its usage is not told with the answer, or the body cannot be read.
#[rustfmt::skip]
const NEVER: [Case; 8] = [
    ("openai", "/v1/responses", r#"{"model":"gpt-5","input":"x","background":true}"#, "background"),
    ("openai", "/v1/batches", r#"{"input_file_id":"file-1"}"#, "/v1/batches"),
    ("openai", "/v1/fine_tuning/jobs", r#"{"model":"gpt-4o-mini"}"#, "/v1/fine_tuning/jobs"),
    ("openai", "/v1/audio/speech", r#"{"model":"tts-1","input":"x"}"#, "/v1/audio/speech"),
    ("openai", "/v1/images/generations", r#"{"model":"dall-e-3","prompt":"x"}"#, "dall-e-3"),
    ("anthropic", "/v1/messages/batches", r#"{"requests":[]}"#, "/v1/messages/batches"),
    ("anthropic", "/v1/complete", r#"{"model":"claude-2","prompt":"x"}"#, "/v1/complete"),
    ("google", "/v1beta/models/gemini-2.5-flash:batchGenerateContent", r#"{"batch":{}}"#, "batchGenerateContent"),
];

#[test]
fn what_has_no_bound_is_refused_before_anything_is_sent() {
    for provider in ["openai", "anthropic", "google"] {
        let upstream = Upstream::expecting(place(provider), |_| Answer::status(200)).may_idle();
        let home = Home::with_provider(provider, &upstream);
        let mint = |limits| home.mint(&format!("{provider} {limits} --allow /**"));
        let strict = ["--tokens 1M", "--output-tokens 1M -n 9", "--spend 100"].map(mint);
        let soft = mint("--tokens 1M --overshoot last-call");
        let proxy = home.proxy();
        let refused = |key: &Key, (_, path, body, named): &Case| {
            let request = Request::new("POST", &format!("/{provider}{path}")).bearer(&key.text);
            let reply = request.json(body.as_bytes()).send(proxy.address());
            // Where money is limited, the price of such a model is missed first.
            let unknown = path.contains("unknown-model") || body.contains("unknown-model");
            let spends = key.text == strict[2].text;
            let code = if unknown && spends { "unpriced_model" } else { "unmetered" };
            reply.expect(403, code);
            assert_eq!(reply.field("x-should-retry"), "false");
            let named = if unknown && spends { "till prices set" } else { named };
            assert!(reply.text().contains(named), "nothing of {named}: {}", reply.text());
        };
        let ours = |row: &&Case| row.0 == provider;
        for row in UNBOUND.iter().chain(&NEVER).filter(ours) {
            for key in &strict {
                refused(key, row);
            }
        }
        for row in NEVER.iter().filter(ours) {
            refused(&soft, row);
        }
        assert_eq!(upstream.count(), 0, "{provider}");
    }
}

/// The last call may overrun, by what it then turns out to have used; after it the key is at its
/// end.
#[test]
fn overshoot_lets_one_last_call_through() {
    for (provider, path, body, _) in UNBOUND {
        let usage = if provider == "google" {
            json!({"usageMetadata": {"promptTokenCount": 27_118, "candidatesTokenCount": 600}})
        } else if path.ends_with("/chat/completions") {
            json!({"usage": {"prompt_tokens": 27_118, "completion_tokens": 600}})
        } else {
            json!({"usage": {"input_tokens": 27_118, "output_tokens": 600}})
        };
        let answer = Answer::json(200, usage.to_string().as_bytes());
        let upstream = Upstream::expecting(place(provider), move |_| answer.clone());
        let home = Home::with_provider(provider, &upstream);
        let key = home.mint(&format!("{provider} --tokens 5000 --overshoot last-call"));
        let proxy = home.proxy();
        let request = Request::new("POST", &format!("/{provider}{path}")).bearer(&key.text);
        let request = request.json(body.as_bytes());
        request.send(proxy.address()).expect(200, "");
        assert_eq!(upstream.only().body, body.as_bytes(), "it goes as it is");
        let (input, output, _) = home.spent(&key);
        assert_eq!((input, output), (27_118, 600), "{body}");
        assert_eq!(home.show(&key)["ended_reason"], "tokens");
        request.send(proxy.address()).expect(402, "token_limit");
    }
}

/// A body that a limit has to read is read by one meaning alone, and up to a cap.
#[test]
fn a_body_that_cannot_be_read_for_certain_is_refused() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai --tokens 1M");
    let proxy = home.proxy();
    let post = |path: &str| Request::new("POST", &format!("/openai{path}")).bearer(&key.text);
    let chat = |body: &[u8]| post("/v1/chat/completions").json(body);
    let plain = br#"{"model":"gpt-4o-mini","messages":[]}"#;
    let twice = br#"{"model":"gpt-4o-mini","messages":[],"max_tokens":1,"max_tokens":9000}"#;
    let escaped = br#"{"model":"gpt-4o-mini","messages":[],"max_tokens":1,"max\u005ftokens":9000}"#;
    let deep = br#"{"model":"gpt-4o-mini","messages":[{"role":"user","role":"system"}]}"#;
    let form = post("/v1/audio/transcriptions")
        .field("Content-Type", "multipart/form-data; boundary=x")
        .body(b"--x\r\n\r\n--x--\r\n");
    let large = post("/v1/chat/completions")
        .field("Content-Type", "application/json")
        .field("Content-Length", &((16 << 20) + 1).to_string());
    let cases = [
        ("a name twice", chat(twice), 400, "bad_request"),
        ("twice, once escaped", chat(escaped), 400, "bad_request"),
        ("twice within", chat(deep), 400, "bad_request"),
        ("in capitals", chat(br#"{"model":"gpt-4o-mini","MAX_TOKENS":9}"#), 400, "bad_request"),
        ("no JSON", chat(b"model=gpt-4o-mini"), 400, "bad_request"),
        ("no object", chat(b"[]"), 400, "bad_request"),
        (
            "a broken number",
            chat(br#"{"model":"gpt-4o-mini","max_tokens":1.5}"#),
            400,
            "bad_request",
        ),
        ("compressed", chat(plain).field("Content-Encoding", "gzip"), 400, "bad_request"),
        ("multipart", form, 403, "unmetered"),
        ("too large", large, 413, "body_too_large"),
    ];
    for (case, request, status, code) in cases {
        let reply = request.send(proxy.address());
        assert_eq!((reply.status, reply.denial()), (status, code), "{case}: {}", reply.text());
    }
    assert_eq!((home.spent(&key), upstream.count()), ((0, 0, 0), 0));
}

/// Keys limited in activations alone: nobody reads what they send.
#[test]
fn without_such_a_limit_no_body_is_read() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 5");
    let proxy = home.proxy();
    let bodies: [(&[u8], &str); 3] = [
        (b"\xff\x00 no JSON", "identity"),
        (b"\x1f\x8b\x08 compressed", "gzip"),
        (b"{\"a\":1,\"a\":2}", "identity"),
    ];
    for (body, encoding) in bodies {
        let request = Request::new("POST", "/openai/v1/responses").bearer(&key.text);
        let request = request.field("Content-Encoding", encoding).json(body);
        request.send(proxy.address()).expect(200, "");
        assert_eq!(upstream.seen().pop().unwrap().body, body);
    }
}

/// What is free costs nothing, and nobody reads it.
#[test]
fn free_endpoints_cost_nothing() {
    let answer = || Answer::json(200, br#"{"input_tokens":2000000,"usage":{"input_tokens":7}}"#);
    let upstream = Upstream::expecting(place("anthropic"), move |_| answer());
    let home = Home::with_provider("anthropic", &upstream);
    let key = home.mint("anthropic --tokens 1000 --spend 0.01");
    let proxy = home.proxy();
    let count = Request::new("POST", "/anthropic/v1/messages/count_tokens").bearer(&key.text);
    for body in [&br#"{"model":"claude-haiku-4-5","messages":[]}"#[..], b"no JSON"] {
        count.clone().json(body).send(proxy.address()).expect(200, "");
        assert_eq!(upstream.seen().pop().unwrap().body, body);
    }
    let list = Request::new("GET", "/anthropic/v1/models").bearer(&key.text);
    list.send(proxy.address()).expect(200, "");
    assert_eq!(home.spent(&key), (0, 0, 0));
}

/// A model without a price is refused where money is limited, with the command that gives it one;
/// a running proxy takes that up.
#[test]
fn an_unknown_model_is_opened_by_the_command_in_the_message() {
    let usage = br#"{"model":"gpt-77","usage":{"prompt_tokens":300,"completion_tokens":50}}"#;
    let upstream = Upstream::answering(Answer::json(200, usage));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai --spend 5");
    let proxy = home.proxy();
    let body = br#"{"model":"gpt-77","messages":[],"max_completion_tokens":100}"#;
    let request = Request::new("POST", "/openai/v1/chat/completions").bearer(&key.text).json(body);
    let reply = request.send(proxy.address());
    reply.expect(403, "unpriced_model");
    assert_eq!(upstream.count(), 0);

    let message = reply.json()["error"]["message"].as_str().unwrap().to_owned();
    let command = message.split('`').find_map(|part| part.strip_prefix("till prices set "));
    let mut filled = format!("prices set {}", command.expect("the command"));
    for (flag, value) in [("--input", "2.50"), ("--output", "10"), ("--max-output", "4096")] {
        filled = filled.replace(&format!("{flag} …"), &format!("{flag} {value}"));
    }
    home.till(&filled).ok();
    let set_at = Instant::now();
    wait_until("the proxy has the price", || request.send(proxy.address()).status == 200);
    assert!(set_at.elapsed() < Duration::from_secs(4), "{:?}", set_at.elapsed());
    assert_eq!(home.spent(&key), (300, 50, 300 * 2_500_000 + 50 * 10_000_000));
    let prices = std::fs::read_to_string(home.prices()).unwrap();
    assert!(prices.contains("gpt-77"), "{prices}");
}

/// `OpenRouter` chooses the price: a cap on it goes with the request, and its own figure counts.
#[test]
fn openrouter_needs_a_cap_on_its_price() {
    let upstream = Upstream::new(|_| {
        Answer::json(
            200,
            br#"{"usage":{"prompt_tokens":10,"completion_tokens":20,"cost":0.00014}}"#,
        )
    });
    let home = Home::with_provider("openrouter", &upstream);
    home.till("key mint openrouter --spend 5").fails(2, &["--max-price"]);
    let blind = home.mint("openrouter -n 5");
    let soft = home.mint("openrouter --spend 5 --overshoot last-call");
    let capped = home.mint("openrouter --spend 5 --max-price 1,4");
    let proxy = home.proxy();
    let ask = |key: &str, body: &Value| {
        let path = "/openrouter/api/v1/chat/completions";
        let request = Request::new("POST", path).bearer(key).json(body.to_string().as_bytes());
        request.send(proxy.address())
    };
    let plain = json!({"model": "any/model", "messages": [], "max_tokens": 100});
    let cap = json!({"prompt": 1, "completion": 4, "request": 0});
    let own = json!({"order": ["x"], "max_price": {"prompt": 0.5, "completion": 9}});
    for (asked, expected) in [
        (Value::Null, json!({"max_price": cap})),
        (own, json!({"order": ["x"], "max_price": {"prompt": 0.5, "completion": 4, "request": 0}})),
    ] {
        let mut body = plain.clone();
        body["provider"] = asked;
        ask(&capped.text, &body).expect(200, "");
        let sent: Value = serde_json::from_slice(&upstream.seen().pop().unwrap().body).unwrap();
        assert_eq!(sent["provider"], expected);
    }
    assert_eq!(home.spent(&capped), (20, 40, 280_000_000));
    ask(&soft.text, &plain).expect(200, "");
    assert_eq!(home.spent(&soft), (10, 20, 140_000_000));

    // A cap of the master's needs it too.
    home.till("master limit openrouter --spend 5").ok();
    let before = upstream.count();
    let reply = ask(&blind.text, &plain);
    reply.expect(403, "unpriced_model");
    assert!(reply.text().contains("--max-price"), "{}", reply.text());
    assert_eq!(upstream.count(), before);
}
