//! Events that are too long to be kept.

use super::streams::{CREATED, Case, USAGE, events};
use super::*;

#[test]
fn they_are_read_all_the_same() {
    let image = "A".repeat(2 << 20);
    let completed = format!(
        r#"{{"type":"response.completed","response":{{"model":"m","output":[{{"type":"web_search_call"}},{{"type":"image_generation_call","result":"{image}"}}],"usage":{{"input_tokens":3,"output_tokens":2,"input_tokens_details":{{"cached_tokens":1}}}}}}}}"#
    );
    let drawn = format!(
        r#"{{"type":"image_generation.completed","b64_json":"{image}","usage":{{"input_tokens":3,"output_tokens":2}}}}"#
    );
    let inline = format!(
        r#"{{"candidates":[{{"content":{{"parts":[{{"inlineData":{{"data":"{image}"}}}}]}},"finishReason":"STOP"}}],"usageMetadata":{{"promptTokenCount":3,"candidatesTokenCount":2}}}}"#
    );
    let chat = format!(
        r#"{{"choices":[{{"delta":{{"content":"{image}"}}}}],"usage":{{"prompt_tokens":3,"completion_tokens":2}}}}"#
    );
    let some = Some((3, 2));
    let cases = [
        events(Api::Responses, &[CREATED, &completed], some, true),
        events(Api::Images, &[&drawn], some, true),
        events(Api::Gemini, &[&inline], some, true),
        events(Api::Chat, &[&chat], some, false),
        events(Api::Chat, &[&chat, "[DONE]"], some, true),
        events(Api::Chat, &[USAGE, &completed, "[DONE]"], some, false),
        events(Api::Chat, &[USAGE, &format!("{image}{image}"), "[DONE]"], some, false),
    ];
    for Case { api, form, body, usage, is_final } in cases {
        let start = &body[..80];
        let (whole, _) = read(api, form, false, &[body.as_bytes()]);
        for hide_usage in [false, true] {
            let (meter, passed) = read(api, form, hide_usage, &cut(body.as_bytes(), &[70_001]));
            let tokens = meter.reading().map(Reading::tokens);
            assert_eq!(tokens.map(|cost| (cost.input, cost.output)), usage, "{start}");
            assert_eq!(meter.is_final(), is_final, "{start}");
            assert_eq!(answers(&meter), answers(&whole), "{start}");
            assert!(meter.shown().is_some_and(|shown| shown > 2 << 20), "{start}");
            assert!(passed.len() >= 2 << 20, "{start}");
        }
    }
}
