//! The SDKs: how each is called, what its API answers, and which models it is asked for.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde_json::{Value, json};

use super::price::Used;
use crate::support::answer::{events, recording};
use crate::support::driver::Step;
use crate::support::home::MASTER;
use crate::support::upstream::{Seen, Upstream};

/// The most output that a call asks for.
pub(super) const LIMIT: u64 = 1_000;

/// What is done with each SDK.
const CALLS: &str = include_str!("../../python/limited/calls.py");

/// One API of one SDK.
#[derive(Debug)]
pub(super) struct Sdk {
    pub(super) provider: &'static str,
    /// How it is called.
    code: &'static str,
    /// Where it takes its base URL and its key from.
    environment: [&'static str; 2],
    /// What stands behind the host of the provider's own base URL.
    root: &'static str,
    pub(super) plain: Recorded,
    pub(super) streamed: Recorded,
    /// A model with a list price that shows all that it bills.
    pub(super) open: &'static str,
    /// The same, which can think unseen.
    pub(super) thinking: &'static str,
    /// Whether a stream says its input before its end.
    pub(super) tells_input: bool,
    /// The output limit in the body (RFC 6901).
    pub(super) limit_at: &'static str,
    /// The class of errors that a refusal raises, and its field with the status.
    pub(super) error: (&'static str, &'static str),
    /// Options that nothing bounds, and what is said of them.
    pub(super) unbounded: (&'static str, &'static str),
}

/// A recorded answer.
#[derive(Debug)]
pub(super) struct Recorded {
    file: &'static str,
    /// The model that it names.
    model: &'static str,
    /// Where its input tokens stand, or the text of each event (RFC 6901).
    at: &'static str,
}

/// Chat completions.
pub(super) static OPENAI_CHAT: Sdk = Sdk {
    provider: "openai",
    code: include_str!("../../python/limited/openai_chat.py"),
    environment: ["OPENAI_BASE_URL", "OPENAI_API_KEY"],
    root: "/v1",
    plain: Recorded {
        file: "openai.chat.openai-text.json",
        model: "gpt-4.1-nano-2025-04-14",
        at: "/usage/prompt_tokens",
    },
    streamed: Recorded {
        file: "openai.chat.openai-text.sse",
        model: "gpt-4.1-nano-2025-04-14",
        at: "/choices/0/delta/content",
    },
    open: "gpt-4.1-nano",
    thinking: "gpt-5-mini",
    tells_input: false,
    limit_at: "/max_completion_tokens",
    error: ("openai.APIStatusError", "status_code"),
    unbounded: ("web_search_options={}", "`web_search_options` makes the model search"),
};

/// Responses.
pub(super) static OPENAI_RESPONSES: Sdk = Sdk {
    provider: "openai",
    code: include_str!("../../python/limited/openai_responses.py"),
    environment: ["OPENAI_BASE_URL", "OPENAI_API_KEY"],
    root: "/v1",
    plain: Recorded {
        file: "openai.responses.openai-phase.1.json",
        model: "gpt-5.3-codex",
        at: "/usage/input_tokens",
    },
    streamed: Recorded {
        file: "openai.responses.programmatic-tool-calling.3.sse",
        model: "gpt-5.6-sol",
        at: "/delta",
    },
    open: "gpt-4.1-nano",
    thinking: "gpt-5-mini",
    tells_input: false,
    limit_at: "/max_output_tokens",
    error: ("openai.APIStatusError", "status_code"),
    unbounded: ("background=True", "`background` has the answer come before its usage is known"),
};

/// Messages.
pub(super) static MESSAGES: Sdk = Sdk {
    provider: "anthropic",
    code: include_str!("../../python/limited/anthropic_messages.py"),
    environment: ["ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY"],
    root: "",
    plain: Recorded {
        file: "anthropic.messages.anthropic-clear-tool-uses.1.json",
        model: "claude-haiku-4-5-20251001",
        at: "/usage/input_tokens",
    },
    streamed: Recorded {
        file: "anthropic.messages.anthropic-text.sse",
        model: "claude-sonnet-4-5-20250929",
        at: "/delta/text",
    },
    open: "claude-haiku-4-5",
    thinking: "claude-sonnet-5",
    tells_input: true,
    limit_at: "/max_tokens",
    error: ("anthropic.APIStatusError", "status_code"),
    unbounded: (
        "tools=[{'type': 'code_execution_20250825', 'name': 'code_execution'}]",
        "the tool `code_execution_20250825` runs upstream",
    ),
};

/// Gemini.
pub(super) static GEMINI: Sdk = Sdk {
    provider: "google",
    code: include_str!("../../python/limited/google_gemini.py"),
    environment: ["GOOGLE_GEMINI_BASE_URL", "GEMINI_API_KEY"],
    root: "",
    plain: Recorded {
        file: "google.gemini.google-text.json",
        model: "gemini-3-pro-preview",
        at: "/usageMetadata/promptTokenCount",
    },
    streamed: Recorded {
        file: "google.gemini.google-text.sse",
        model: "gemini-3-pro-preview",
        at: "/candidates/0/content/parts/0/text",
    },
    open: "gemini-2.0-flash",
    thinking: "gemini-2.5-flash",
    tells_input: true,
    limit_at: "/generationConfig/maxOutputTokens",
    error: ("google.genai.errors.ClientError", "code"),
    unbounded: ("tools=[{'google_search': {}}]", "the tool `googleSearch` runs upstream"),
};

impl Sdk {
    /// A call of this SDK through the proxy.
    pub(super) fn through(&self, proxy: SocketAddr, key: &str, call: &str) -> Step {
        let root = if self.provider == "openai" { "/v1" } else { "" };
        self.step(format!("http://{proxy}/{}{root}", self.provider), key, call)
    }

    /// The same call without the proxy.
    pub(super) fn direct(&self, upstream: &Upstream, call: &str) -> Step {
        self.step(upstream.base_url(self.root), MASTER, call)
    }

    fn step(&self, base_url: String, key: &str, call: &str) -> Step {
        let values = [base_url, key.to_owned()];
        let environment = self.environment.iter().map(ToString::to_string).zip(values);
        let environment: BTreeMap<_, _> = environment.collect();
        Step { code: format!("{}\n\n{CALLS}\n\n{call}\n", self.code), environment }
    }

    /// The whole answer to a request, as the model that it asks for.
    pub(super) fn whole(&self, seen: &Seen) -> Vec<u8> {
        self.plain.named(&model(seen)).into_bytes()
    }

    /// The same, with this many input tokens in its usage.
    pub(super) fn costly(&self, seen: &Seen, input: u64) -> Vec<u8> {
        let mut answer: Value = serde_json::from_slice(&self.whole(seen)).unwrap();
        *answer.pointer_mut(self.plain.at).expect("input tokens") = json!(input);
        answer.to_string().into_bytes()
    }

    /// The events of the answer to a request. `OpenAI` tells the usage of chats only where it is
    /// asked to.
    pub(super) fn events(&self, seen: &Seen) -> Vec<Vec<u8>> {
        let mut all = events(self.streamed.named(&model(seen)).as_bytes());
        if seen.target.ends_with("/chat/completions") && !includes_usage(seen) {
            all.retain(|event| !String::from_utf8_lossy(event).contains(r#""choices":[]"#));
        }
        all
    }

    /// The events of an answer that goes on for long: Gemini's recorded one does not.
    pub(super) fn long_events(&self, seen: &Seen) -> Vec<Vec<u8>> {
        if self.provider != "google" {
            return self.events(seen);
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

/// Whether a request asks for a stream: OpenAI's and Anthropic's in the body, Google's in the path.
pub(super) fn streams(seen: &Seen) -> bool {
    body(seen)["stream"] == true || seen.target.contains(":streamGenerateContent")
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
