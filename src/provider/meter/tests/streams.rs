//! Synthetic answers of every API: what each says, how it ends where it is cut.

use super::*;
use crate::domain::money::Picodollars;

/// An answer, and what is read from it.
pub(super) struct Case {
    pub(super) api: Api,
    pub(super) form: Form,
    pub(super) body: String,
    /// Input and output tokens, if any are read.
    pub(super) usage: Option<(u64, u64)>,
    pub(super) is_final: bool,
}

pub(super) fn events(api: Api, data: &[&str], usage: Option<(u64, u64)>, is_final: bool) -> Case {
    let body = format!("data: {}\n\n", data.join("\n\ndata: "));
    Case { api, form: Form::EventStream, body, usage, is_final }
}

fn plain(api: Api, body: &str, usage: Option<(u64, u64)>, is_final: bool) -> Case {
    Case { api, form: Form::Json, body: body.to_owned(), usage, is_final }
}

const TEXT: &str = r#"{"id":"c1","model":"m","created":7,"choices":[{"index":0,"delta":{"content":"hey"},"finish_reason":null}],"usage":null}"#;
const ALONG: &str = r#"{"choices":[{"index":0,"delta":{"content":"hey"}}],"usage":{"prompt_tokens":3,"completion_tokens":1}}"#;
const STOP: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
pub(super) const USAGE: &str =
    r#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#;
const START: &str = r#"{"type":"message_start","message":{"model":"c","usage":{"input_tokens":3,"output_tokens":1}}}"#;
const BLOCK: &str =
    r#"{"type":"content_block_start","index":4,"content_block":{"type":"text","text":""}}"#;
const DELTA: &str =
    r#"{"type":"content_block_delta","index":4,"delta":{"type":"text_delta","text":"hey"}}"#;
const END: &str =
    r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}"#;
const PART: &str = r#"{"candidates":[{"content":{"parts":[{"text":"hey"}]}}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":1}}"#;
const LAST: &str = r#"{"candidates":[{"finishReason":"STOP"}],"usage_metadata":{"prompt_token_count":3,"tool_use_prompt_token_count":4,"candidates_token_count":1,"thoughts_token_count":5}}"#;
pub(super) const CREATED: &str = r#"{"type":"response.created","sequence_number":0,"response":{"id":"r","status":"in_progress","incomplete_details":null,"usage":null,"output":[]}}"#;
const WORD: &str =
    r#"{"type":"response.output_text.delta","sequence_number":1,"output_index":0,"delta":"hey"}"#;

fn cases() -> Vec<Case> {
    let mut cases = chats();
    cases.extend(others());
    cases
}

fn chats() -> Vec<Case> {
    let some = |input, output| Some((input, output));
    let groq = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"r","usage":{"prompt_tokens":3,"completion_tokens":2}}}"#;
    let moonshot = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":3,"completion_tokens":2}}]}"#;
    let openrouter = r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":{"prompt_tokens":3,"completion_tokens":2,"cost":0.5}}"#;
    let error = r#"{"error":{"message":"overloaded"}}"#;
    vec![
        events(Api::Chat, &[TEXT, STOP, USAGE, "[DONE]"], some(3, 2), true),
        events(Api::Chat, &[TEXT, STOP, USAGE], some(3, 2), true),
        events(Api::Chat, &[TEXT, STOP, "[DONE]"], None, false),
        events(Api::Chat, &[TEXT, groq, "[DONE]"], some(3, 2), true),
        events(Api::Chat, &[TEXT, moonshot], some(3, 2), true),
        events(Api::Chat, &[ALONG, ALONG], some(3, 1), false),
        events(Api::Chat, &[ALONG, "[DONE]"], some(3, 1), true),
        events(Api::Chat, &[ALONG, TEXT, "[DONE]"], some(3, 1), false),
        events(Api::Chat, &[ALONG, error, "[DONE]"], some(3, 1), false),
        events(Api::Chat, &[TEXT, STOP, openrouter], some(3, 2), true),
        events(Api::Chat, &[ALONG, "{\"usage\":", "[DONE]"], some(3, 1), false),
        events(Api::Chat, &[TEXT, "{\"usage\":", STOP, USAGE], some(3, 2), true),
        plain(Api::Chat, USAGE, some(3, 2), true),
        plain(Api::Chat, error, None, false),
        plain(Api::Chat, USAGE.strip_suffix('}').unwrap(), None, false),
    ]
}

fn others() -> Vec<Case> {
    let some = |input, output| Some((input, output));
    let error = r#"{"error":{"message":"overloaded"}}"#;
    let done = r#"{"type":"response.completed","response":{"model":"m","usage":{"input_tokens":3,"output_tokens":2},"output":[{"type":"web_search_call"}]}}"#;
    vec![
        events(Api::Responses, &[CREATED, WORD], None, false),
        events(Api::Responses, &[CREATED, WORD, done], some(3, 2), true),
        events(Api::Responses, &[CREATED, WORD, r#"{"type":"error"}"#], None, false),
        plain(Api::Responses, r#"{"status":"queued","usage":null}"#, None, false),
        events(Api::Messages, &[START, BLOCK, DELTA], some(3, 1), false),
        events(Api::Messages, &[START, BLOCK, DELTA, END], some(3, 9), true),
        events(Api::Messages, &[START, BLOCK, DELTA, r#"{"type":"error"}"#], some(3, 1), false),
        events(Api::Gemini, &[PART, LAST], some(7, 6), true),
        events(Api::Gemini, &[PART, error], some(3, 1), false),
        events(Api::Gemini, &[PART], some(3, 1), false),
        plain(Api::Gemini, &format!("[{PART}\n,\r\n{LAST}\n]"), some(7, 6), true),
        plain(Api::Gemini, &format!("[{PART}\n,\r\n"), some(3, 1), false),
        plain(Api::GeminiEmbeddings, r#"{"embedding":{"values":[1]}}"#, None, false),
        plain(
            Api::GeminiEmbeddings,
            r#"{"usageMetadata":{"promptTokenCount":3}}"#,
            some(3, 0),
            true,
        ),
        plain(
            Api::Cohere,
            r#"{"usage":{"billed_units":{"input_tokens":3,"output_tokens":2},"tokens":{"input_tokens":9}}}"#,
            some(3, 2),
            true,
        ),
        plain(
            Api::Cohere,
            "{\"event_type\":\"text-generation\",\"text\":\"a\"}\n{\"event_type\":\"stream-end\",\"response\":{\"meta\":{\"billed_units\":{\"input_tokens\":3,\"output_tokens\":2}}}}\n",
            some(3, 2),
            true,
        ),
        plain(
            Api::CohereEmbeddings,
            r#"{"meta":{"billed_units":{"input_tokens":3}}}"#,
            some(3, 0),
            true,
        ),
        plain(
            Api::Embeddings,
            r#"{"data":[{"embedding":[0.1,0.2]}],"usage":{"prompt_tokens":3,"total_tokens":3}}"#,
            some(3, 0),
            true,
        ),
        plain(
            Api::Transcription,
            r#"{"text":"a","usage":{"type":"duration","seconds":3}}"#,
            None,
            false,
        ),
        plain(
            Api::Transcription,
            r#"{"text":"a","usage":{"type":"tokens","input_tokens":3,"output_tokens":2}}"#,
            some(3, 2),
            true,
        ),
        events(
            Api::Transcription,
            &[
                r#"{"type":"transcript.text.delta","delta":"a"}"#,
                r#"{"type":"transcript.text.done","usage":{"input_tokens":3,"output_tokens":2}}"#,
            ],
            some(3, 2),
            true,
        ),
        events(
            Api::Images,
            &[
                r#"{"type":"image_generation.partial_image"}"#,
                r#"{"type":"image_generation.completed","usage":{"input_tokens":3,"output_tokens":2}}"#,
            ],
            some(3, 2),
            true,
        ),
        plain(
            Api::Images,
            r#"{"created":1,"data":[{"b64_json":"AAAA"}],"usage":{"input_tokens":3,"output_tokens":2}}"#,
            some(3, 2),
            true,
        ),
    ]
}

/// Gemini's answers whose usage does not say it all, as a field mask leaves it.
fn masked() -> Vec<Case> {
    let some = |input, output| Some((input, output));
    let answer = |usage: &str| {
        format!(r#"{{"candidates":[{{"finishReason":"STOP"}}],"usageMetadata":{{{usage}}}}}"#)
    };
    let blocked =
        r#"{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":3}}"#;
    vec![
        plain(Api::Gemini, &answer(r#""promptTokenCount":3"#), None, false),
        plain(Api::Gemini, &answer(r#""candidatesTokenCount":3"#), None, false),
        plain(Api::Gemini, &answer(r#""totalTokenCount":3"#), None, false),
        plain(Api::Gemini, r#"{"usageMetadata":{"promptTokenCount":3}}"#, None, false),
        plain(
            Api::Gemini,
            &answer(r#""promptTokenCount":3,"toolUsePromptTokenCount":1,"totalTokenCount":9"#),
            some(4, 5),
            true,
        ),
        plain(
            Api::Gemini,
            &answer(r#""promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":9"#),
            some(3, 6),
            true,
        ),
        events(Api::Gemini, &[PART, &answer(r#""promptTokenCount":3"#)], some(3, 1), false),
        plain(Api::Gemini, blocked, some(3, 0), true),
        events(Api::Gemini, &[blocked], some(3, 0), true),
    ]
}

#[test]
fn each_api_is_read() {
    for case in cases().into_iter().chain(masked()) {
        let Case { api, form, body, usage, is_final } = case;
        let (meter, passed) = read(api, form, false, &[body.as_bytes()]);
        let tokens = meter.reading().map(Reading::tokens);
        assert_eq!(tokens.map(|cost| (cost.input, cost.output)), usage, "{body}");
        assert_eq!(meter.is_final(), is_final, "{body}");
        assert_eq!(passed, body.as_bytes());
    }
}

#[test]
fn what_is_billed_beside_tokens_is_read() {
    let usage = r#"{"input_tokens":3,"cache_creation_input_tokens":4,"cache_creation":{"ephemeral_5m_input_tokens":1,"ephemeral_1h_input_tokens":3},"output_tokens":1,"service_tier":"priority","inference_geo":"us","speed":"fast","server_tool_use":{"web_search_requests":2}}"#;
    let body = format!(r#"{{"type":"message","model":"c","usage":{usage}}}"#);
    let (meter, _) = read(Api::Messages, Form::Json, false, &[body.as_bytes()]);
    let tokens =
        Tokens { input: 7, cache_write: 4, cache_write_hour: 3, output: 1, ..Tokens::default() };
    let reading = Reading {
        passes: vec![Pass { model: Some("c".into()), tokens }],
        searches: 2,
        cost: None,
        tier: Some("priority".into()),
        region: Some("us".into()),
        speed: Some("fast".into()),
    };
    assert_eq!(meter.reading(), Some(&reading));

    let body = r#"{"model":"m","usage":{"prompt_tokens":3,"completion_tokens":1,"cost":0.25},"service_tier":"flex"}"#;
    let (meter, _) = read(Api::Chat, Form::Json, false, &[body.as_bytes()]);
    let reading = meter.reading().unwrap();
    assert_eq!(reading.cost, Some(Picodollars(250_000_000_000)));
    assert_eq!(reading.tier.as_deref(), Some("flex"));

    let stream = [
        r#"{"type":"message_start","message":{"usage":{"input_tokens":3,"cost":0.1}}}"#,
        r#"{"type":"message_delta","usage":{"output_tokens":1,"cost":0.25}}"#,
    ];
    let case = events(Api::Messages, &stream, Some((3, 1)), false);
    let (meter, _) = read(case.api, case.form, false, &[case.body.as_bytes()]);
    assert_eq!(meter.reading().unwrap().cost, Some(Picodollars(250_000_000_000)));

    let body = r#"{"usage":{"input_tokens":3,"output_tokens":1},"output":[{"type":"web_search_call"},{"type":"message"},{"type":"web_search_call"}]}"#;
    let (meter, _) = read(Api::Responses, Form::Json, false, &[body.as_bytes()]);
    assert_eq!(meter.reading().unwrap().searches, 2);
}

#[test]
fn a_stream_that_is_cut_ends_in_its_own_way() {
    let cases = [
        (
            Api::Chat,
            format!("data: {TEXT}\n\n"),
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\",\"index\":0}],\"created\":7,\
             \"id\":\"c1\",\"model\":\"m\",\"object\":\"chat.completion.chunk\"}\n\ndata: [DONE]\n\n",
        ),
        (Api::Chat, format!("data: {TEXT}\n\ndata: {STOP}\n\n"), "data: [DONE]\n\n"),
        (Api::Chat, format!("data: {STOP}\n\ndata: [DONE]\n\n"), ""),
        (Api::Chat, format!("data: {STOP}\n\ndata: 1\n"), "\ndata: [DONE]\n\n"),
        (Api::Chat, format!("data: {STOP}\n\ndata: {{"), "\n\ndata: [DONE]\n\n"),
        (
            Api::Responses,
            format!("data: {CREATED}\n\ndata: {WORD}\n\n"),
            "event: response.incomplete\ndata: {\"type\":\"response.incomplete\",\
             \"sequence_number\":2,\"response\":{\"id\":\"r\",\"status\":\"incomplete\",\
             \"incomplete_details\":{\"reason\":\"max_output_tokens\"},\"usage\":null,\
             \"output\":[]}}\n\n",
        ),
        (
            Api::Messages,
            format!("data: {START}\n\ndata: {BLOCK}\n\ndata: {DELTA}\n\n"),
            "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":4}\n\n\
             event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":\
             {\"stop_reason\":\"max_tokens\",\"stop_sequence\":null},\"usage\":\
             {\"output_tokens\":1}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
        ),
        (
            Api::Gemini,
            format!("data: {PART}\r\n\r\n"),
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\"}],\"role\":\"model\"},\
             \"finishReason\":\"MAX_TOKENS\",\"index\":0}],\"usageMetadata\":\
             {\"candidatesTokenCount\":1,\"promptTokenCount\":3,\"totalTokenCount\":4}}\n\n",
        ),
        (
            Api::Cohere,
            "data: {\"type\":\"content-start\",\"index\":2}\n\n".to_owned(),
            "event: content-end\ndata: {\"type\":\"content-end\",\"index\":2}\n\n\
             event: message-end\ndata: {\"type\":\"message-end\",\"delta\":\
             {\"finish_reason\":\"MAX_TOKENS\"}}\n\n",
        ),
    ];
    for (api, body, closing) in cases {
        let mut meter = Meter::new(api, Form::EventStream, false);
        meter.push(Bytes::copy_from_slice(body.as_bytes()));
        assert_eq!(String::from_utf8_lossy(&meter.closing()), closing, "{body}");
    }
}

#[test]
fn a_list_that_is_cut_is_valid_json() {
    for (body, can_end) in [
        (format!("[{PART}"), true),
        (format!("[{PART}\n,\r\n"), true),
        (format!("[{PART},{LAST}"), true),
        (format!("[{PART},{{\"can"), false),
        (format!("[{PART}]"), false),
    ] {
        let mut meter = Meter::new(Api::Gemini, Form::Json, false);
        meter.push(Bytes::copy_from_slice(body.as_bytes()));
        let closing = meter.closing();
        assert_eq!(!closing.is_empty(), can_end, "{body}");
        let whole = [body.as_bytes(), &closing].concat();
        let list = serde_json::from_slice::<Vec<serde_json::Value>>(&whole);
        assert!(!can_end || list.is_ok(), "{body}");
    }
}

#[test]
fn comments_are_not_held_back_with_an_event() {
    let mut meter = Meter::new(Api::Chat, Form::EventStream, true);
    let mut push = |text: &str| meter.push(Bytes::copy_from_slice(text.as_bytes()));
    assert_eq!(push(": still there\n"), ": still there\n");
    assert_eq!(push("data: {"), "");
    assert_eq!(push("}\n"), "");
    assert_eq!(push("\n"), "data: {}\n\n");
    assert_eq!(push(&format!("data: {USAGE}\r\n\r\ndata: [DONE]\r\n\r\n")), "data: [DONE]\r\n\r\n");
    assert_eq!(meter.finish(), "");
}

#[test]
fn media_that_have_no_name_are_counted_as_such() {
    let details = r#"[{"modality":"TEXT","tokenCount":1},{"modality":2,"tokenCount":4},{"modality":"VIDEO","tokenCount":2},{"modality":"AUDIO","tokenCount":1}]"#;
    let usage = format!(
        r#"{{"promptTokenCount":9,"promptTokensDetails":{details},"candidatesTokenCount":8,"candidatesTokensDetails":{details},"thoughtsTokenCount":3}}"#
    );
    let body = format!(r#"{{"usageMetadata":{usage}}}"#);
    let (meter, _) = read(Api::Gemini, Form::Json, false, &[body.as_bytes()]);
    let tokens = Tokens {
        input: 9,
        input_audio: 1,
        input_image: 2,
        input_unnamed: 5,
        output: 11,
        reasoning: 3,
        output_audio: 1,
        output_image: 2,
        output_unnamed: 4,
        ..Tokens::default()
    };
    assert_eq!(meter.reading().unwrap().passes[0].tokens, tokens);
}

#[test]
fn an_event_that_is_called_an_error_is_one() {
    let body = format!(
        "data: {ALONG}\n\nevent: error\ndata: {{\"message\":\"overloaded\"}}\n\ndata: [DONE]\n\n"
    );
    let (meter, _) = read(Api::Chat, Form::EventStream, false, &[body.as_bytes()]);
    assert!(meter.reading().is_some() && !meter.is_final());
}

#[test]
fn what_is_under_way_counts_as_shown() {
    let mut meter = Meter::new(Api::Chat, Form::EventStream, false);
    assert_eq!(meter.shown(), Some(8));
    meter.push(Bytes::from_static(b"data: {\"choices\":"));
    assert_eq!(meter.shown(), Some(8 + 17));
    let mut meter = Meter::new(Api::Chat, Form::Json, false);
    meter.push(Bytes::from_static(b"\n\n{\"choices\":"));
    assert_eq!(meter.shown(), None);
}

fn api() -> impl Strategy<Value = Api> {
    prop::sample::select(cases().iter().map(|case| case.api).collect::<Vec<_>>())
}

fn form() -> impl Strategy<Value = Form> {
    prop::sample::select(vec![Form::Json, Form::EventStream])
}

/// Pieces of all answers, of the markup around them, and bytes that belong nowhere.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let known: Vec<Vec<u8>> = cases().into_iter().map(|case| case.body.into_bytes()).collect();
    let markup =
        ["data: ", "\n", "\r\n\r\n", "\r", "[", ",", "]", "[DONE]", "{", "\"usage\":", ": x\n"];
    let markup: Vec<Vec<u8>> = markup.iter().map(|text| text.as_bytes().to_vec()).collect();
    let piece = prop_oneof![
        3 => prop::sample::select(known),
        3 => prop::sample::select(markup),
        1 => prop::collection::vec(any::<u8>(), 0..8),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn pieces_make_no_difference(
        api in api(), form in form(), hide_usage in any::<bool>(), body in body(),
        lengths in prop::collection::vec(1..60usize, 1..8),
    ) {
        let (whole, passed) = read(api, form, hide_usage, &[&body]);
        let (pieced, passed_in_pieces) = read(api, form, hide_usage, &cut(&body, &lengths));
        prop_assert_eq!(answers(&whole), answers(&pieced));
        prop_assert_eq!(&passed, &passed_in_pieces);
        prop_assert!(hide_usage || passed == body);
        prop_assert!(passed.len() <= body.len());
    }
}
