//! How much output a request asks for, and how it is brought down.

use super::*;

#[test]
fn the_largest_limit_counts_and_all_are_lowered() {
    let four = r#"{"model":"gpt-4o","messages":[],"#;
    let gemini = r#"{"contents":[],"#;
    let cases = [
        ("openai", CHAT, format!(r#"{four}"max_tokens":50}}"#), 50, 1),
        ("openai", CHAT, format!(r#"{four}"max_tokens":50,"max_completion_tokens":70}}"#), 70, 1),
        ("openai", CHAT, format!(r#"{four}"max_tokens":null}}"#), 16_384, 1),
        ("openai", CHAT, format!(r#"{four}"max_tokens":0}}"#), 16_384, 1),
        ("openai", CHAT, format!(r#"{four}"n":3,"max_tokens":1e2}}"#), 100, 3),
        (
            "openai",
            RESPONSES,
            r#"{"model":"gpt-4o","input":"","max_output_tokens":99}"#.into(),
            99,
            1,
        ),
        ("anthropic", MESSAGES, r#"{"model":"claude-opus-4-6","max_tokens":9}"#.into(), 9, 1),
        ("anthropic", MESSAGES, r#"{"model":"claude-opus-4-6","max_tokens":0}"#.into(), 0, 1),
        (
            "google",
            GEMINI,
            format!(r#"{gemini}"generationConfig":{{"maxOutputTokens":"77"}}}}"#),
            77,
            1,
        ),
        (
            "google",
            GEMINI,
            format!(
                r#"{gemini}"generation_config":{{"max_output_tokens":77,"maxOutputTokens":80,
                "candidate_count":2}}}}"#
            ),
            80,
            2,
        ),
        ("google", GEMINI, r#"{"contents":[]}"#.into(), 65_536, 1),
        ("cohere", "/v2/chat", r#"{"model":"command-a-03-2025","max_tokens":5}"#.into(), 5, 1),
        ("openai", "/v1/completions", r#"{"model":"gpt-3.5-turbo","prompt":"x"}"#.into(), 16, 1),
        (
            "openai",
            "/v1/completions",
            r#"{"model":"gpt-3.5-turbo","prompt":["x","y"],"best_of":3}"#.into(),
            16,
            6,
        ),
        (
            "openai",
            "/v1/completions",
            r#"{"model":"gpt-3.5-turbo","prompt":[1,2,3]}"#.into(),
            16,
            1,
        ),
        ("openrouter", ROUTER, r#"{"model":"a/b"}"#.into(), 16_384, 1),
        (
            "openai",
            "/v1/embeddings",
            r#"{"model":"text-embedding-3-small","input":"x"}"#.into(),
            0,
            1,
        ),
    ];
    for (provider, path, body, output, multiplicity) in cases {
        let demand = sure(provider, path, &body).demand;
        assert_eq!((demand.output, demand.multiplicity), (output, multiplicity), "{body}");
        assert!(demand.bounded && demand.least_output <= output, "{body}");
    }
}

#[test]
fn no_grant_is_under_what_the_api_accepts() {
    let thinking = r#""thinking":{"type":"enabled","budget_tokens":2000}"#;
    let claude = r#"{"model":"claude-opus-4-6","max_tokens":"#;
    let cases = [
        ("anthropic", MESSAGES, format!("{claude}4000,{thinking}}}"), 2_001),
        ("anthropic", MESSAGES, format!("{claude}1000,{thinking}}}"), 1),
        (
            "anthropic",
            MESSAGES,
            format!("{claude}1000,{}}}", thinking.replace("enabled", "disabled")),
            1,
        ),
        ("openai", RESPONSES, r#"{"model":"gpt-4o","input":""}"#.into(), 16),
        ("openai", RESPONSES, r#"{"model":"gpt-4o","input":"","max_output_tokens":3}"#.into(), 3),
        ("openai", CHAT, r#"{"model":"gpt-4o"}"#.into(), 1),
        ("openrouter", ROUTER, r#"{"model":"a/b","reasoning":{"max_tokens":500}}"#.into(), 501),
    ];
    for (provider, path, body, least) in cases {
        assert_eq!(sure(provider, path, &body).demand.least_output, least, "{body}");
    }
}

#[test]
fn a_grant_is_put_where_each_provider_reads_it() {
    let cases = [
        (
            "openai",
            CHAT,
            r#"{"model":"gpt-4o"}"#,
            r#"{"max_completion_tokens":40,"model":"gpt-4o"}"#,
        ),
        (
            "openai",
            CHAT,
            r#"{ "max_tokens" : 50, "model":"gpt-4o","max_completion_tokens": 30 }"#,
            r#"{ "max_tokens" : 40, "model":"gpt-4o","max_completion_tokens": 30 }"#,
        ),
        (
            "deepseek",
            "/chat/completions",
            r#"{"model":"deepseek-chat"}"#,
            r#"{"max_tokens":40,"model":"deepseek-chat"}"#,
        ),
        // A name that DeepSeek does not take bounds nothing there.
        (
            "deepseek",
            "/chat/completions",
            r#"{"model":"deepseek-chat","max_completion_tokens":20}"#,
            r#"{"max_tokens":40,"model":"deepseek-chat","max_completion_tokens":20}"#,
        ),
        ("google", GEMINI, "{}", r#"{"generationConfig":{"maxOutputTokens":40}}"#),
        (
            "google",
            GEMINI,
            r#"{"generation_config":{"max_output_tokens":"90"}}"#,
            r#"{"generation_config":{"max_output_tokens":40}}"#,
        ),
        (
            "google",
            GEMINI,
            r#"{"generationConfig":{"topK":1}}"#,
            r#"{"generationConfig":{"maxOutputTokens":40,"topK":1}}"#,
        ),
        (
            "google",
            GEMINI,
            r#"{"generationConfig":null}"#,
            r#"{"generationConfig":{"maxOutputTokens":40}}"#,
        ),
        (
            "openai",
            RESPONSES,
            r#"{"model":"gpt-4o"}"#,
            r#"{"max_output_tokens":40,"model":"gpt-4o"}"#,
        ),
    ];
    for (provider, path, sent, expected) in cases {
        assert_eq!(body(&sure(provider, path, sent), sent, 40), expected, "{provider}");
    }
}

#[test]
fn the_header_says_what_was_lowered() {
    let sent = r#"{"model":"gpt-4o","max_tokens":50}"#;
    let limited = sure("openai", CHAT, sent);
    assert_eq!(limited.clamped(40).as_deref(), Some("max_tokens=40"));
    assert_eq!(limited.clamped(50), None);
    assert_eq!(body(&limited, sent, 50), sent);
    let free = sure("openai", CHAT, r#"{"model":"gpt-4o"}"#);
    assert_eq!(free.clamped(40).as_deref(), Some("max_completion_tokens=40"));
    assert_eq!(free.clamped(16_384), None);
}

#[test]
fn the_models_maximum_is_put_in_where_there_is_room_for_it() {
    let four = r#"{"model":"gpt-4o"}"#;
    let old = format!(r#"{{"model":"gpt-4","messages":[{{"content":"{}"}}]}}"#, "x".repeat(4_000));
    let cases = [
        ("openai", CHAT, four, Some(r#"{"max_completion_tokens":16384,"#)),
        ("openai", RESPONSES, four, Some(r#"{"max_output_tokens":16384,"#)),
        ("google", GEMINI, "{}", Some(r#"{"generationConfig":{"maxOutputTokens":65536}"#)),
        ("cohere", "/v2/chat", r#"{"model":"command-a-03-2025"}"#, Some(r#"{"max_tokens":8000,"#)),
        // Input and output share one context, and may not fit.
        ("openai", CHAT, &*old, None),
        ("mistral", CHAT, r#"{"model":"codestral-latest"}"#, None),
    ];
    for (provider, path, sent, start) in cases {
        let plan = sure(provider, path, sent);
        let rewritten = body(&plan, sent, plan.demand.output);
        assert!(rewritten.starts_with(start.unwrap_or(sent)), "{rewritten}");
        assert_eq!(plan.clamped(plan.demand.output), None, "{rewritten}");
    }
    let soft = plan(&Inquiry { soft: true, ..inquiry("openai", CHAT, four) }).unwrap();
    assert_eq!(body(&soft, four, 16_384), four);
}
