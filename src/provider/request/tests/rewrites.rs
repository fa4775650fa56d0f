//! What is put into a body beside the output limit.

use super::*;

#[test]
fn streams_are_asked_for_their_usage_where_they_would_not_tell() {
    let asked = r#""stream_options":{"include_usage":true}"#;
    let cases = [
        ("openai", CHAT, r#"{"model":"gpt-4o","stream":true}"#, true),
        ("openai", CHAT, r#"{"model":"gpt-4o","stream":false}"#, false),
        ("xai", CHAT, r#"{"model":"grok-4.3","max_tokens":1,"stream":true}"#, true),
        ("deepseek", "/chat/completions", r#"{"model":"deepseek-chat","stream":true}"#, true),
        (
            "mistral",
            CHAT,
            r#"{"model":"mistral-large-latest","max_tokens":1,"stream":true}"#,
            false,
        ),
        (
            "google",
            "/v1beta/openai/chat/completions",
            r#"{"model":"gemini-2.5-flash","stream":true}"#,
            true,
        ),
        ("anthropic", MESSAGES, r#"{"model":"claude-opus-4-6","stream":true}"#, false),
        ("openai", RESPONSES, r#"{"model":"gpt-4o","stream":true}"#, false),
    ];
    for (provider, path, sent, hidden) in cases {
        let plan = sure(provider, path, sent);
        assert_eq!(plan.hide_usage, hidden, "{provider} {sent}");
        assert_eq!(body(&plan, sent, plan.demand.output).contains(asked), hidden, "{provider}");
    }
    let own = r#"{"model":"gpt-4o","max_tokens":9,"stream":true,"stream_options":{"include_usage":true}}"#;
    let plan = sure("openai", CHAT, own);
    assert_eq!((plan.hide_usage, body(&plan, own, 9).as_str()), (false, own));
    let off = own.replace("{\"include_usage\":true", "{\"include_usage\":false,\"x\":1");
    let plan = sure("openai", CHAT, &off);
    assert!(plan.hide_usage);
    assert_eq!(body(&plan, &off, 9), off.replace("false", "true"));
}

#[test]
fn the_router_gets_the_price_cap() {
    let cap = r#""max_price":{"prompt":3,"completion":15,"request":0}"#;
    let cases = [
        ("", format!(r#""provider":{{{cap}}}"#)),
        (r#","provider":{"sort":"price"}"#, format!(r#""provider":{{{cap},"sort":"price"}}"#)),
        (
            r#","provider":{"max_price":{"prompt":"1.5","completion":20}}"#,
            r#""provider":{"max_price":{"request":0,"prompt":"1.5","completion":15}}"#.into(),
        ),
    ];
    for (more, expected) in cases {
        let sent = format!(r#"{{"model":"a/b","max_tokens":10{more}}}"#);
        let rewritten = body(&sure("openrouter", ROUTER, &sent), &sent, 10);
        assert!(rewritten.contains(&expected), "{rewritten}");
        assert!(rewritten.contains(r#""usage":{"include":true}"#), "{rewritten}");
    }
    let sent = r#"{"model":"a/b"}"#;
    let rewritten = body(&sure("openrouter", ROUTER, sent), sent, 16_384);
    assert!(rewritten.contains(r#""max_tokens":16384"#), "{rewritten}");
    let cent = MaxPrice { prompt: Picodollars(1), completion: Picodollars(1_250_000) };
    let plan = plan(&Inquiry { max_price: Some(cent), ..inquiry("openrouter", ROUTER, sent) });
    let rewritten = body(&plan.unwrap(), sent, 16_384);
    assert!(rewritten.contains(r#""prompt":0.000001,"completion":1.25"#), "{rewritten}");
}
