//! What is refused.

use Reason::{BadRequest, Unmetered, UnpricedModel};

use super::*;

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
    let chat = "/chat/completions";
    let unlimited = r#"{"model":"sonar"}"#;
    let refusal = planned("perplexity", chat, unlimited).unwrap_err();
    assert!(refusal.message.contains("set its output limit in the request"), "{refusal}");
    let demand = sure("perplexity", chat, r#"{"model":"sonar","max_tokens":9}"#).demand;
    assert!(demand.output == 9 && demand.input_spend > Picodollars(14_000_000_000));
    let long = format!(
        r#"{{"model":"a/b","max_tokens":9,"messages":[{{"content":"{}"}}]}}"#,
        "x".repeat(128_000)
    );
    let long = inquiry("openrouter", ROUTER, &long);
    assert_eq!(plan(&long).unwrap_err().reason, Unmetered);
    assert!(plan(&Inquiry { spend: false, ..long }).unwrap().demand.bounded);
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
        ("openai", CHAT, r#"{"model":"gpt-4o","Prediction":{}}"#),
        ("openai", CHAT, "{\"model\":\"gpt-4o\",\"mes\u{17f}ages\":[]}"),
        ("openai", CHAT, "{\"model\":\"gpt-4o\",\"max_to\u{212a}ens\":9}"),
        ("openai", CHAT, r#"{"model":"gpt-4o","messages":[{"content":[{"Type":"file"}]}]}"#),
        ("openai", RESPONSES, r#"{"model":"gpt-4o","tools":[{"Type":"web_search"}]}"#),
        ("openai", RESPONSES, r#"{"model":"gpt-4o","input":[{"tools":[{"TYPE":"shell"}]}]}"#),
        ("google", GEMINI, r#"{"contents":[{"parts":[{"inlinedata":{}}]}]}"#),
        ("google", GEMINI, r#"{"generationConfig":{"maxoutputtokens":9}}"#),
        ("anthropic", MESSAGES, r#"{"model":"claude-opus-4-6","Thread":{}}"#),
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
    for (query, refused) in [
        ("alt=sse&%24fields=candidates", true),
        ("$alt=json;enum-encoding=int", true),
        ("%24ALT=proto", true),
        ("alt=media", true),
        ("alt=sse&key=x", false),
        ("beta=true", false),
    ] {
        let sent = Inquiry { query: Some(query), ..inquiry("google", GEMINI, "{}") };
        let reason = plan(&sent).err().map(|refusal| refusal.reason);
        assert_eq!(reason, refused.then_some(BadRequest), "{query}");
    }
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
