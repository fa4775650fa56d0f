//! What has no bound, and what the soft overshoot makes of it.

use Reason::{Unmetered, UnpricedModel};

use super::*;

#[test]
fn what_openai_does_without_a_bound_is_refused() {
    let four = |more: &str| format!(r#"{{"model":"gpt-4o",{more}}}"#);
    let tool = |kind: &str| four(&format!(r#""tools":[{{"type":"{kind}"}}]"#));
    let item = |kind: &str, tool: &str| {
        four(&format!(r#""input":[{{"type":"{kind}","tools":[{tool}]}}]"#))
    };
    refuses(&[
        ("openai", CHAT, tool("browser_search")),
        ("openai", CHAT, four(r#""web_search_options":{}"#)),
        ("openai", CHAT, four(r#""prediction":{"type":"content"}"#)),
        ("openai", CHAT, four(r#""service_tier":"novel""#)),
        ("openai", CHAT, r#"{"model":"gpt-4o-search-preview"}"#.into()),
        ("openai", RESPONSES, tool("file_search")),
        ("openai", RESPONSES, tool("image_generation")),
        ("openai", RESPONSES, tool("shell")),
        ("openai", RESPONSES, tool("tool_search")),
        ("openai", RESPONSES, tool("novelty")),
        ("openai", RESPONSES, four(r#""prompt":{"id":"p"}"#)),
        ("openai", RESPONSES, four(r#""multi_agent":{"enabled":true}"#)),
        ("openai", RESPONSES, four(r#""novelty":{}"#)),
        ("openai", RESPONSES, four(r#""novelty":{"enabled":false}"#)),
        ("openai", RESPONSES, four(r#""input":[{"type":"compaction_trigger"}]"#)),
        ("openai", RESPONSES, four(r#""input":[{"type":"context_compaction"}]"#)),
        ("openai", RESPONSES, item("additional_tools", r#"{"type":"file_search"}"#)),
        (
            "openai",
            RESPONSES,
            item("tool_search_output", r#"{"type":"namespace","tools":[{"type":"shell"}]}"#),
        ),
        (
            "openai",
            RESPONSES,
            four(r#""tools":[{"type":"code_interpreter","container":"cntr_1"}]"#),
        ),
        ("openai", CHAT, four(r#""novelty":[1]"#)),
        ("openai", RESPONSES, four(r#""context_management":[{"type":"compaction"}]"#)),
        (
            "openai",
            RESPONSES,
            four(r#""tools":[{"type":"code_interpreter","container":{"memory_limit":"4g"}}]"#),
        ),
        ("openai", "/v1/images/generations", r#"{"model":"gpt-image-2","prompt":"x"}"#.into()),
    ]);
}

#[test]
fn what_anthropic_does_without_a_bound_is_refused() {
    let claude = |more: &str| format!(r#"{{"model":"claude-opus-4-6","max_tokens":9,{more}}}"#);
    refuses(&[
        (
            "anthropic",
            MESSAGES,
            claude(r#""thread":{"type":"continue","previous_message_id":"m"}"#),
        ),
        ("anthropic", MESSAGES, claude(r#""fallbacks":[{"model":"claude-opus-5"}]"#)),
        ("anthropic", MESSAGES, claude(r#""fallbacks":"default""#)),
        ("anthropic", MESSAGES, claude(r#""compaction":{"type":"auto"}"#)),
        ("anthropic", MESSAGES, claude(r#""tools":[{"type":"code_execution_20250825"}]"#)),
        ("anthropic", MESSAGES, claude(r#""tools":[{"type":"web_search_20260209"}]"#)),
        ("anthropic", MESSAGES, claude(r#""tools":[{"type":"mcp_toolset"}]"#)),
        ("anthropic", MESSAGES, claude(r#""mcp_servers":[{"url":"https://x"}]"#)),
        ("anthropic", MESSAGES, claude(r#""container":"c""#)),
        (
            "anthropic",
            MESSAGES,
            claude(r#""context_management":{"edits":[{"type":"compact_20260112"}]}"#),
        ),
        ("anthropic", MESSAGES, claude(r#""context_management":{"edits":[{"type":"novelty"}]}"#)),
    ]);
}

#[test]
fn what_others_do_without_a_bound_is_refused() {
    let groq = "/openai/v1/chat/completions";
    refuses(&[
        (
            "google",
            "/v1beta/openai/chat/completions",
            r#"{"model":"gemini-2.5-flash","extra_body":{"google":{"tools":[{"x":1}]}}}"#.into(),
        ),
        (
            "xai",
            RESPONSES,
            r#"{"model":"grok-4.3","max_output_tokens":9,"input":[{"type":"message","role":"user",
                "content":[{"type":"input_file","file_id":"f"}]}]}"#
                .into(),
        ),
        ("google", GEMINI, r#"{"tools":[{"googleSearch":{}}]}"#.into()),
        ("google", GEMINI, r#"{"tools":{"url_context":{}}}"#.into()),
        ("groq", groq, r#"{"model":"groq/compound","max_tokens":9}"#.into()),
        (
            "xai",
            CHAT,
            r#"{"model":"grok-4.3","max_tokens":9,"search_parameters":{"mode":"auto"}}"#.into(),
        ),
        (
            "xai",
            RESPONSES,
            r#"{"model":"grok-4.3","max_output_tokens":9,"tools":[{"type":"web_search"}]}"#.into(),
        ),
        (
            "perplexity",
            "/chat/completions",
            r#"{"model":"sonar-pro","web_search_options":{"search_type":"pro"}}"#.into(),
        ),
        (
            "cohere",
            "/v1/chat",
            r#"{"model":"command-a-03-2025","connectors":[{"id":"web-search"}]}"#.into(),
        ),
        ("openrouter", ROUTER, r#"{"model":"a/b:online"}"#.into()),
        ("openrouter", ROUTER, r#"{"model":"a/b","models":["c/d:online"]}"#.into()),
        ("openrouter", ROUTER, r#"{"model":"a/b","plugins":[{"id":"web"}]}"#.into()),
        ("openrouter", ROUTER, r#"{"model":"a/b","modalities":["image"]}"#.into()),
        ("openrouter", ROUTER, r#"{"model":"a/b","modalities":"audio"}"#.into()),
        ("openrouter", ROUTER, r#"{"model":"a/b","preset":"p"}"#.into()),
        (
            "openrouter",
            "/api/v1/messages",
            r#"{"model":"a/b","max_tokens":9,"fallbacks":[{"model":"c/d"}]}"#.into(),
        ),
        (
            "openrouter",
            ROUTER,
            r#"{"model":"a/b","messages":[{"content":[{"type":"file","file":{}}]}]}"#.into(),
        ),
    ]);
}

/// Strict keys refuse these and say why; soft ones admit them, and hold them down no more.
fn refuses(cases: &[(&str, &str, String)]) {
    for (provider, path, body) in cases {
        let strict = inquiry(provider, path, body);
        let tokens = Inquiry { spend: false, ..strict };
        for inquiry in [strict, tokens] {
            let refusal = plan(&inquiry).map(|_| body).unwrap_err();
            // A price can be missing too, and is said first where money is limited.
            let priced = refusal.reason == Unmetered && refusal.message.contains("last-call");
            assert!(
                priced || refusal.reason == UnpricedModel && inquiry.spend,
                "{body}: {refusal}"
            );
            assert!(!refusal.message.ends_with('.'), "{refusal}");
        }
        let soft = plan(&Inquiry { soft: true, ..tokens }).unwrap();
        assert!(!soft.demand.bounded, "{body}");
        assert_eq!(soft.clamped(0), None);
    }
}
