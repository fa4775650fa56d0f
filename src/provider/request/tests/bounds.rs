//! The most input, and what it costs.

use super::*;

/// The input's bound.
fn input(provider: &str, path: &str, body: &str) -> u64 {
    sure(provider, path, body).demand.input
}

#[test]
fn text_is_counted_by_its_bytes() {
    let short = r#"{"model":"gpt-4o","messages":[{"role":"user","content":"x"}]}"#;
    let long = short.replace('x', &"é".repeat(1_000));
    let escaped = short.replace('x', &"\\u00e9".repeat(1_000));
    let base = input("openai", CHAT, short);
    assert_eq!(input("openai", CHAT, &long), base + 1_999);
    assert_eq!(input("openai", CHAT, &escaped), base + 1_999);
    assert!(base < 800, "{base}");
    let more = short.replace("}]}", "}], \n \"tools\" : [ {\"type\":\"function\"} ] }");
    assert!(input("openai", CHAT, &more) > base + 1_024);
    // What tools take and give is shown as JSON writes it.
    let opaque = |text: &str| {
        let parts = format!(r#"{{"functionResponse":{{"response":{{"text":"{text}"}}}}}}"#);
        input("google", GEMINI, &format!(r#"{{"contents":[{{"parts":[{parts}]}}]}}"#))
    };
    assert_eq!(opaque(&"\\u00e9".repeat(1_000)), opaque("") + 6_000);
    let found =
        r#"{"model":"gpt-4o","input":[{"type":"additional_tools","tools":[{"type":"function"}]}]}"#;
    assert!(input("openai", RESPONSES, found) > 1_024);
    let huge = short.replace('x', &"x".repeat(1_000_000));
    assert_eq!(input("openai", CHAT, &huge), 128_000);
}

#[test]
fn what_is_no_text_counts_as_much_as_it_can_be() {
    let data = "A".repeat(100_000);
    let chat = |model: &str, part: &str| {
        format!(r#"{{"model":"{model}","max_tokens":9,"messages":[{{"content":[{part}]}}]}}"#)
    };
    let image =
        format!(r#"{{"type":"image_url","image_url":{{"url":"data:image/png;base64,{data}"}}}}"#);
    let file = r#"{"type":"file","file":{"file_id":"file-1"}}"#;
    let pdf = r#"{"type":"image_url","image_url":{"url":"data:application/pdf;base64,A"}}"#;
    let claude = r#"{"type":"image","source":{"type":"url","url":"https://x"}}"#;
    let document = r#"{"type":"document","source":{"type":"url","url":"https://x"}}"#;
    let text = r#"{"type":"document","source":{"type":"text","data":"x"}}"#;
    let disguised = format!(r#"{{"type":"image","role":"user","content":[{file}]}}"#);
    let cases = [
        ("openai", CHAT, chat("gpt-4o", &disguised), 128_000..128_001),
        ("openai", CHAT, chat("gpt-4o", &image), 6_000..8_000),
        ("openai", CHAT, chat("gpt-4o-mini", &image), 50_000..52_000),
        ("openai", CHAT, chat("gpt-5.6", &image), 30_000..32_000),
        ("openai", CHAT, chat("gpt-4o", file), 128_000..128_001),
        ("openai", CHAT, chat("gpt-4o", pdf), 128_000..128_001),
        ("anthropic", MESSAGES, chat("claude-opus-4-6", claude), 5_000..7_000),
        ("anthropic", MESSAGES, chat("claude-opus-4-6", document), 1_000_000..1_000_001),
        ("anthropic", MESSAGES, chat("claude-opus-4-6", text), 600..900),
        (
            "groq",
            "/openai/v1/chat/completions",
            chat("openai/gpt-oss-20b", &image),
            131_072..131_073,
        ),
    ];
    for (provider, path, body, bound) in cases {
        let input = input(provider, path, &body);
        assert!(bound.contains(&input), "{provider}: {input}");
    }
    let tool = r#"{"name":"t","input_schema":{},"defer_loading":true}"#;
    let found = |name: &str| {
        let part = format!(r#"{{"type":"tool_reference","tool_name":"{name}"}}"#);
        let sent = chat("claude-opus-4-6", &part);
        input("anthropic", MESSAGES, &sent.replacen('{', &format!(r#"{{"tools":[{tool}],"#), 1))
    };
    assert!(found("t") < 2_500);
    assert_eq!(found("u"), 1_000_000);
    let inline = |mime: &str| {
        format!(
            r#"{{"contents":[{{"parts":[{{"inlineData":{{"mimeType":"{mime}","data":"{data}"}}}}]}}]}}"#
        )
    };
    assert!((8_000..10_000).contains(&input("google", GEMINI, &inline("image/png"))));
    assert!((100_000..102_000).contains(&input("google", GEMINI, &inline("audio/ogg"))));
    assert_eq!(input("google", GEMINI, &inline("application/pdf")), 1_048_576);
}

#[test]
fn context_that_lies_upstream_is_held_whole() {
    let cases = [
        (RESPONSES, r#"{"model":"gpt-4o","previous_response_id":"resp_1"}"#),
        (RESPONSES, r#"{"model":"gpt-4o","conversation":{"id":"c"}}"#),
        (RESPONSES, r#"{"model":"gpt-4o","input":[{"id":"i"}]}"#),
        (RESPONSES, r#"{"model":"gpt-4o","input":[{"id":"i","type":null}]}"#),
        (RESPONSES, r#"{"model":"gpt-4o","input":[{"type":"novelty","text":"x"}]}"#),
        (CHAT, r#"{"model":"gpt-4o","messages":[{"role":"assistant","audio":{"id":"a"}}]}"#),
        (CHAT, r#"{"model":"gpt-4o","messages":[{"content":[{"video_url":{"url":"x"}}]}]}"#),
        (
            CHAT,
            r#"{"model":"gpt-4o","messages":[{"content":[{"type":"file_url","file_url":{}}]}]}"#,
        ),
        (CHAT, r#"{"model":"gpt-4o","messages":[{"content":[{"type":7}]}]}"#),
        (RESPONSES, r#"{"model":"gpt-4o","input":[{"type":"item_reference","id":"i"}]}"#),
        (RESPONSES, r#"{"model":"gpt-4o","input":[{"type":"reasoning","id":"i"}]}"#),
        (RESPONSES, r#"{"model":"gpt-4o","input":[{"type":"web_search_call","id":"i"}]}"#),
    ];
    for (path, body) in cases {
        assert_eq!(input("openai", path, body), 128_000, "{body}");
    }
    let kept = r#"{"model":"gpt-4o","input":[{"type":"function_call","arguments":"{}"}]}"#;
    assert!(input("openai", RESPONSES, kept) < 1_000);
    // What a schema calls its properties is nobody's file.
    let schema = r#"{"model":"gpt-4o","text":{"format":{"type":"json_schema","schema":
        {"properties":{"file_id":{"type":"string"},"Type":{}}}}}}"#;
    assert!(input("openai", RESPONSES, schema) < 1_000);
    let document = r#"{"model":"command-a-03-2025","documents":[{"file_id":"x","url":"y"}]}"#;
    assert!(input("cohere", "/v2/chat", document) < 1_000);
    let found = r#"{"contents":[{"parts":[{"novelty":{"uri":"x"}}]}]}"#;
    assert_eq!(input("google", GEMINI, found), 1_048_576);
    assert_eq!(input("google", GEMINI, r#"{"cachedContent":"cachedContents/1"}"#), 1_048_576);
}

#[test]
fn tools_upstream_are_bounded_by_their_uses() {
    let search = r#"{"type":"web_search_20250305","name":"web_search"}"#;
    let sent = format!(r#"{{"model":"claude-opus-4-6","max_tokens":10,"tools":[{search}]}}"#);
    let plan = sure("anthropic", MESSAGES, &sent);
    assert_eq!((plan.demand.input, plan.demand.multiplicity), (2_000_000, 2));
    assert!(body(&plan, &sent, 10).contains(r#"[{"max_uses":1,"type":"web_search_20250305""#));
    // Two runs of a million tokens at $6.25 with a cache write, in the US: and one search.
    let least = 2_000_000 * 5_500_000 + 10_000_000_000;
    assert_eq!(plan.demand.input_spend, Picodollars(least));

    let none = sent.replace(r#""name""#, r#""max_uses":0,"name""#);
    let plan = sure("anthropic", MESSAGES, &none);
    assert_eq!((plan.demand.input, plan.demand.multiplicity), (1_000_000, 1));
    // A row that does not say what a search costs: the dearest of the provider's.
    let spend = |body: &str| sure("anthropic", MESSAGES, body).demand.input_spend.0;
    let haiku = |body: &str| body.replace("claude-opus-4-6", "claude-haiku-4-5");
    assert_eq!(spend(&haiku(&sent)), 2 * spend(&haiku(&none)) + 10_000_000_000);
    let tools = r#"{"type":"tool_search_tool_regex_20251119","name":"s"},{"name":"t"}"#;
    let tools = format!(r#"{{"model":"claude-opus-4-6","max_tokens":10,"tools":[{tools}]}}"#);
    assert!(input("anthropic", MESSAGES, &tools) < 6_000);
    let deferred = tools.replace(r#""t""#, r#""t","defer_loading":true"#);
    assert_eq!(input("anthropic", MESSAGES, &deferred), 2_000_000);

    let sent = r#"{"model":"gpt-5","max_tool_calls":2,"tools":[{"type":"web_search"},{"type":"mcp"},
        {"type":"code_interpreter","container":{"type":"auto"}}]}"#;
    let plan = sure("openai", RESPONSES, sent);
    assert_eq!((plan.demand.input, plan.demand.multiplicity), (3 * 272_000, 3));
    let fees = 2 * 10_000_000_000 + 30_000_000_000;
    assert!(plan.demand.input_spend >= Picodollars(fees));
    let none = sent.replace(r#""max_tool_calls":2"#, r#""max_tool_calls":0"#);
    let plan = sure("openai", RESPONSES, &none);
    assert_eq!((plan.demand.input, plan.demand.multiplicity), (272_000, 1));
    let one = sent.replace(r#""max_tool_calls":2,"#, "");
    let plan = sure("openai", RESPONSES, &one);
    assert_eq!(plan.demand.multiplicity, 2);
    assert!(body(&plan, &one, 1_000).contains(r#""max_tool_calls":1"#));
}

#[test]
fn money_is_held_at_the_dearest_rate_that_can_be_reached() {
    let rates = |body: &str| {
        let demand = sure("openai", CHAT, body).demand;
        (demand.input_spend.0 / demand.input, demand.output_rate.0)
    };
    let tier = |tier: &str| format!(r#"{{"model":"gpt-5"{tier}}}"#);
    assert_eq!(rates(&tier("")), (2_500_000, 20_000_000));
    assert_eq!(rates(&tier(r#","service_tier":"auto""#)), (2_500_000, 20_000_000));
    assert_eq!(rates(&tier(r#","service_tier":"default""#)), (1_250_000, 10_000_000));
    assert_eq!(rates(&tier(r#","service_tier":"flex""#)), (625_000, 5_000_000));

    let claude = |more: &str| {
        let body = format!(r#"{{"model":"claude-opus-4-8","max_tokens":1{more}}}"#);
        let demand = sure("anthropic", MESSAGES, &body).demand;
        (demand.input_spend.0 / demand.input, demand.output_rate.0)
    };
    assert_eq!(claude(r#","inference_geo":"global""#), (5_000_000, 25_000_000));
    assert_eq!(claude(""), (5_500_000, 27_500_000));
    assert_eq!(claude(r#","speed":"fast","inference_geo":"global""#), (10_000_000, 50_000_000));
    let cached = |ttl: &str| {
        claude(&format!(
            r#","inference_geo":"global","system":[{{"text":"x","cache_control":{{"type":"ephemeral"{ttl}}}}}]"#
        ))
        .0
    };
    assert_eq!(cached(""), 6_250_000);
    assert_eq!(cached(r#","ttl":"1h""#), 10_000_000);
    let sonar = sure("perplexity", "/chat/completions", r#"{"model":"sonar-pro"}"#).demand;
    assert!(sonar.input_spend >= Picodollars(14_000_000_000));
}

#[test]
fn images_are_bounded_by_their_tokens() {
    let sent = r#"{"model":"gpt-image-1","prompt":"a cat","n":2,"partial_images":1,
        "background":"transparent"}"#;
    let demand = sure("openai", "/v1/images/generations", sent).demand;
    assert_eq!((demand.output, demand.least_output, demand.multiplicity), (6_340, 6_340, 2));
    assert_eq!(demand.output_rate, Picodollars(40_000_000));
    let flash = "/v1beta/models/gemini-2.5-flash-image:generateContent";
    let demand = sure("google", flash, r#"{"generationConfig":{"maxOutputTokens":5}}"#).demand;
    assert_eq!((demand.output, demand.least_output), (32_768, 32_768));
}

#[test]
fn modalities_are_taken_as_they_may_be_read() {
    let held = |modalities: &str| {
        let config = format!(r#"{{"maxOutputTokens":5,"responseModalities":{modalities}}}"#);
        sure("google", GEMINI, &format!(r#"{{"generationConfig":{config}}}"#)).demand.output
    };
    for (modalities, output) in [
        (r#"["TEXT"]"#, 5),
        (r#""Text""#, 5),
        (r#""AUDIO""#, 5),
        (r#""IMAGE""#, 65_536),
        ("2", 65_536),
        (r#"["TEXT",3]"#, 65_536),
        (r#"["NOVEL"]"#, 65_536),
    ] {
        assert_eq!(held(modalities), output, "{modalities}");
    }
}

#[test]
fn the_router_is_held_at_the_price_cap() {
    let demand = sure("openrouter", ROUTER, r#"{"model":"a/b","max_tokens":10}"#).demand;
    assert_eq!(demand.output_rate, Picodollars(15_000_000));
    assert_eq!(demand.input_spend, Picodollars(3_000_000).times(demand.input));
}
