//! What is refused, and what the soft overshoot admits of it.

use Reason::{BadRequest, Unmetered, UnpricedModel};

use super::*;

#[test]
fn what_has_no_bound_is_refused() {
    let tool = |kind: &str| format!(r#"{{"model":"gpt-4o","tools":[{{"type":"{kind}"}}]}}"#);
    let claude = |more: &str| format!(r#"{{"model":"claude-opus-4-6","max_tokens":9,{more}}}"#);
    let four = |more: &str| format!(r#"{{"model":"gpt-4o",{more}}}"#);
    let groq = "/openai/v1/chat/completions";
    let cases = [
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
        ("openai", RESPONSES, four(r#""context_management":[{"type":"compaction"}]"#)),
        (
            "openai",
            RESPONSES,
            four(r#""tools":[{"type":"code_interpreter","container":{"memory_limit":"4g"}}]"#),
        ),
        ("openai", "/v1/images/generations", r#"{"model":"gpt-image-2","prompt":"x"}"#.into()),
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
        (
            "openrouter",
            ROUTER,
            r#"{"model":"a/b","messages":[{"content":[{"type":"file","file":{}}]}]}"#.into(),
        ),
    ];
    for (provider, path, body) in cases {
        let strict = inquiry(provider, path, &body);
        let tokens = Inquiry { spend: false, ..strict };
        for inquiry in [strict, tokens] {
            let refusal = plan(&inquiry).map(|_| &body).unwrap_err();
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

#[test]
fn what_is_never_metered_is_refused_on_soft_keys_too() {
    let cases = [
        ("openai", "POST", RESPONSES, r#"{"model":"gpt-4o","background":true}"#),
        ("xai", "POST", CHAT, r#"{"model":"grok-4.3","max_tokens":9,"deferred":true}"#),
        ("openai", "POST", "/v1/audio/speech", "{}"),
        ("openai", "POST", "/v1/batches", "{}"),
        ("openai", "POST", "/v1/responses/compact", r#"{"model":"gpt-4o"}"#),
        ("openai", "POST", "/v1/images/generations", r#"{"model":"dall-e-3"}"#),
        ("mistral", "POST", "/v1/agents/completions", "{}"),
        ("mistral", "POST", "/v1/ocr", "{}"),
        ("cohere", "POST", "/v2/rerank", "{}"),
        ("google", "POST", "/v1beta/models/veo:predict", "{}"),
        ("google", "POST", "/v1beta/models/gemini-2.5-flash:batchGenerateContent", "{}"),
        ("google", "POST", "/v1beta/interactions", "{}"),
        ("perplexity", "POST", "/v1/responses", r#"{"model":"sonar"}"#),
        ("github", "GET", "/user", ""),
    ];
    for (provider, method, path, body) in cases {
        let inquiry = Inquiry { method, soft: true, ..inquiry(provider, path, body) };
        assert_eq!(plan(&inquiry).unwrap_err().reason, Unmetered, "{path}");
    }
}

#[test]
fn a_price_must_be_known_where_money_is_limited() {
    let sent = r#"{"model":"novel","max_tokens":9}"#;
    let refusal = planned("openai", CHAT, sent).unwrap_err();
    assert_eq!(refusal.reason, UnpricedModel);
    assert!(refusal.message.contains("`till prices set openai novel --input"), "{refusal}");
    let tokens = Inquiry { spend: false, ..inquiry("openai", CHAT, sent) };
    assert_eq!(plan(&tokens).unwrap().demand.output, 9);
    let unlimited = Inquiry { body: br#"{"model":"novel"}"#, ..tokens };
    let refusal = plan(&unlimited).unwrap_err();
    assert!(refusal.reason == Unmetered && refusal.message.contains("till prices set"));
    let router = Inquiry { max_price: None, ..inquiry("openrouter", ROUTER, sent) };
    let refusal = plan(&router).unwrap_err();
    assert!(refusal.reason == UnpricedModel && refusal.message.contains("--max-price"));
    assert!(!plan(&Inquiry { soft: true, ..router }).unwrap().demand.bounded);
    assert!(plan(&Inquiry { spend: false, ..router }).unwrap().demand.bounded);
    assert_eq!(
        reason("anthropic", MESSAGES, r#"{"model":"claude-opus-4-6","speed":"fast"}"#),
        Some(UnpricedModel)
    );
}

#[test]
fn what_is_ambiguous_is_refused() {
    let cases = [
        ("openai", CHAT, ""),
        ("openai", CHAT, "[]"),
        ("openai", CHAT, "{}"),
        ("openai", CHAT, r#"{"model":"gpt-4o","model":"gpt-5"}"#),
        ("openai", CHAT, r#"{"model":"gpt-4o","messages":[{"a":1,"a":2}]}"#),
        ("openai", CHAT, r#"{"model":7}"#),
        ("openai", CHAT, r#"{"model":"gpt-4o","max_tokens":"9"}"#),
        ("openai", CHAT, r#"{"model":"gpt-4o","max_tokens":-1}"#),
        ("openai", CHAT, r#"{"model":"gpt-4o","max_tokens":1.5}"#),
        ("openai", CHAT, r#"{"model":"gpt-4o","Max_Tokens":9}"#),
        ("openai", CHAT, r#"{"model":"gpt-4o","n":"2"}"#),
        ("openai", CHAT, r#"{"model":"gpt-4o","stream":"true"}"#),
        ("openai", CHAT, r#"{"model":"gpt-4o","stream":true,"stream_options":1}"#),
        ("google", GEMINI, r#"{"model":"models/gemini-2.5-pro"}"#),
        ("google", GEMINI, r#"{"generationConfig":{"maxOutputTokens":"many"}}"#),
        ("openrouter", ROUTER, r#"{"model":"a/b","provider":"x"}"#),
    ];
    for (provider, path, body) in cases {
        assert_eq!(reason(provider, path, body), Some(BadRequest), "{body}");
    }
    let form = Inquiry {
        content_type: Some("application/x-www-form-urlencoded"),
        ..inquiry("openai", CHAT, r#"{"model":"gpt-4o"}"#)
    };
    assert_eq!(plan(&form).unwrap_err().reason, BadRequest);
    let picky =
        Inquiry { query: Some("alt=sse&%24fields=candidates"), ..inquiry("google", GEMINI, "{}") };
    assert_eq!(plan(&picky).unwrap_err().reason, BadRequest);
}

#[test]
fn uploads_hide_their_model() {
    let path = "/v1/audio/transcriptions";
    let content_type = Some("multipart/form-data; boundary=x");
    let upload = Inquiry { content_type, ..inquiry("openai", path, "--x") };
    assert_eq!(plan(&upload).unwrap_err().reason, Unmetered);
    let soft = Inquiry { soft: true, ..upload };
    assert_eq!(plan(&soft).unwrap_err().reason, UnpricedModel);
    let plan = plan(&Inquiry { spend: false, ..soft }).unwrap();
    assert!(!plan.demand.bounded && plan.api.is_some());
}

#[test]
fn free_endpoints_are_not_read() {
    let path = "/v1/messages/count_tokens";
    let plan = plan(&Inquiry { body: b"\xff", ..inquiry("anthropic", path, "") }).unwrap();
    assert_eq!((plan.demand, plan.api), (crate::domain::demand::Demand::FREE, None));
    assert_eq!(plan.body(Bytes::from_static(b"\xff"), 0), Bytes::from_static(b"\xff"));
}
