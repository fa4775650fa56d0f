//! What the APIs answer: as it was recorded, but of the model that is asked for.

use serde_json::{Value, json};

use super::price::Used;
use super::sdk::{Recorded, Sdk};
use crate::support::answer::{Answer, events, recording};
use crate::support::upstream::Seen;

impl Sdk {
    /// The answer to a request.
    pub(super) fn answer(&self, seen: &Seen) -> Answer {
        let streams = body(seen)["stream"] == true || seen.target.contains(":streamGenerate");
        if streams {
            Answer::events(self.events(seen))
        } else {
            Answer::json(200, &self.whole(seen))
        }
    }

    fn whole(&self, seen: &Seen) -> Vec<u8> {
        self.plain.named(&model(seen)).into_bytes()
    }

    /// A whole answer with this many input tokens in its usage.
    pub(super) fn costly(&self, seen: &Seen, input: u64) -> Vec<u8> {
        let mut answer: Value = serde_json::from_slice(&self.whole(seen)).unwrap();
        *answer.pointer_mut(self.plain.at).expect("input tokens") = json!(input);
        answer.to_string().into_bytes()
    }

    /// The events of the answer to a request. `OpenAI` tells the usage of chats only where it is
    /// asked to.
    fn events(&self, seen: &Seen) -> Vec<Vec<u8>> {
        let mut all = events(self.streamed.named(&model(seen)).as_bytes());
        if seen.target.ends_with("/chat/completions") && !includes_usage(seen) {
            all.retain(|event| !String::from_utf8_lossy(event).contains(r#""choices":[]"#));
        }
        all
    }

    /// The events of an answer that is text alone and goes on for long: Gemini's recorded one does
    /// not.
    pub(super) fn long_events(&self, seen: &Seen) -> Vec<Vec<u8>> {
        if self.provider != "google" {
            let of_tool = |event: &Vec<u8>| {
                let event = String::from_utf8_lossy(event);
                event.contains("event: response.output_item.") && event.contains("program_output")
            };
            return self.events(seen).into_iter().filter(|event| !of_tool(event)).collect();
        }
        let event = |count| {
            let finish = (count == LONG_GEMINI.output).then_some("STOP");
            let chunk = json!({
                "candidates": [{
                    "content": {"parts": [{"text": "a few words "}], "role": "model"},
                    "finishReason": finish,
                    "index": 0,
                }],
                "usageMetadata": {
                    "promptTokenCount": LONG_GEMINI.input,
                    "candidatesTokenCount": count,
                    "totalTokenCount": LONG_GEMINI.input + count,
                },
                "modelVersion": model(seen),
            });
            format!("data: {chunk}\r\n\r\n").into_bytes()
        };
        (1..=LONG_GEMINI.output).map(event).collect()
    }

    /// What an answer that goes on for long uses.
    pub(super) fn long_used(&self) -> Used {
        if self.provider == "google" { LONG_GEMINI } else { self.streamed.used() }
    }

    /// How many of these events have gone by with the third that shows text, and the bytes of all
    /// text in them.
    pub(super) fn three_chunks(&self, events: &[Vec<u8>]) -> (usize, u64) {
        let (mut chunks, mut bytes) = (0, 0);
        for (place, event) in events.iter().enumerate() {
            let data = String::from_utf8_lossy(event);
            let data = data.lines().find_map(|line| line.strip_prefix("data: "));
            let data: Value = serde_json::from_str(data.unwrap_or_default()).unwrap_or_default();
            let text = data.pointer(self.streamed.at).and_then(Value::as_str).unwrap_or_default();
            chunks += u64::from(!text.is_empty());
            bytes += text.len() as u64;
            if chunks == 3 {
                return (place + 1, bytes);
            }
        }
        panic!("fewer than three chunks in {}", self.streamed.file)
    }
}

/// What the answer of [`Sdk::long_events`] uses: a token for each event.
const LONG_GEMINI: Used = Used { input: 9, cache_read: 0, output: 20 };

impl Recorded {
    /// What its provider said that it used.
    pub(super) fn used(&self) -> Used {
        let manifest: Value = serde_json::from_slice(&recording("manifest.json")).unwrap();
        let rows = manifest.as_array().expect("a list of recordings");
        let row = rows.iter().find(|row| row["file"] == self.file).expect("a row");
        let count = |name: &str| row["usage"][name].as_u64().unwrap_or_default();
        assert_eq!(count("cache_write"), 0, "{}", self.file);
        Used { input: count("input"), cache_read: count("cache_read"), output: count("output") }
    }

    /// Its text, as if another model had answered.
    fn named(&self, model: &str) -> String {
        let text = String::from_utf8(recording(self.file)).unwrap();
        let quoted = |name: &str| format!("\"{name}\"");
        assert!(text.contains(&quoted(self.model)), "{}", self.file);
        text.replace(&quoted(self.model), &quoted(model))
    }
}

/// The body of a request.
pub(super) fn body(seen: &Seen) -> Value {
    serde_json::from_slice(&seen.body).unwrap_or_default()
}

fn includes_usage(seen: &Seen) -> bool {
    body(seen)["stream_options"]["include_usage"] == true
}

/// The model that a request asks for.
fn model(seen: &Seen) -> String {
    if let Some(model) = body(seen)["model"].as_str() {
        return model.to_owned();
    }
    let name = seen.target.rsplit('/').next().unwrap_or_default();
    name.split(':').next().unwrap_or_default().to_owned()
}
