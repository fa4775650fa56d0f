//! The APIs that the SDKs call, each with a recorded answer, plain and streamed.

use serde_json::Value;

use crate::support::answer::{Answer, events, recording};
use crate::support::upstream::{Place, Seen, Upstream};

/// One API of a provider.
#[derive(Debug)]
pub(super) struct Api {
    pub(super) provider: &'static str,
    /// The root of its base URL.
    pub(super) root: &'static str,
    /// The header field that carries the master key alone; none where it is a bearer token.
    field: Option<&'static str>,
    pub(super) plain: Recorded,
    pub(super) streamed: Recorded,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Recorded {
    /// What stands in the path of the request.
    path: &'static str,
    file: &'static str,
    /// Where its text stands in the answer, or in each event of it (RFC 6901).
    text_at: &'static [&'static str],
}

pub(super) static OPENAI_CHAT: Api = Api {
    provider: "openai",
    root: "/v1",
    field: None,
    plain: Recorded {
        path: "/v1/chat/completions",
        file: "openai.chat.openai-text.json",
        text_at: &["/choices/0/message/content"],
    },
    streamed: Recorded {
        path: "/v1/chat/completions",
        file: "xai.chat.xai-text.sse",
        text_at: &["/choices/0/delta/content"],
    },
};

pub(super) static OPENAI_RESPONSES: Api = Api {
    provider: "openai",
    root: "/v1",
    field: None,
    plain: Recorded {
        path: "/v1/responses",
        file: "openai.responses.openai-phase.1.json",
        text_at: &["/output/0/content/0/text", "/output/1/content/0/text"],
    },
    streamed: Recorded {
        path: "/v1/responses",
        file: "openai.responses.programmatic-tool-calling.3.sse",
        text_at: &["/delta"],
    },
};

pub(super) static MESSAGES: Api = Api {
    provider: "anthropic",
    root: "/v1",
    field: Some("x-api-key"),
    plain: Recorded {
        path: "/v1/messages",
        file: "anthropic.messages.anthropic-clear-tool-uses.1.json",
        text_at: &["/content/0/text"],
    },
    streamed: Recorded {
        path: "/v1/messages",
        file: "anthropic.messages.anthropic-text.sse",
        text_at: &["/delta/text"],
    },
};

pub(super) static GEMINI: Api = Api {
    provider: "google",
    root: "/v1beta",
    field: Some("x-goog-api-key"),
    plain: Recorded {
        path: ":generateContent",
        file: "google.gemini.google-text.json",
        text_at: &["/candidates/0/content/parts/0/text"],
    },
    streamed: Recorded {
        path: ":streamGenerateContent?alt=sse",
        file: "google.gemini.google-text.sse",
        text_at: &["/candidates/0/content/parts/0/text"],
    },
};

impl Api {
    /// An upstream that answers as the API did.
    pub(super) fn upstream(&'static self) -> Upstream {
        let place = self.field.map_or_else(Place::bearer, Place::raw);
        Upstream::expecting(place, |seen| {
            let recorded = if streams(seen) { &self.streamed } else { &self.plain };
            if seen.method == "POST" && seen.target.contains(recorded.path) {
                Answer::replay(recorded.file)
            } else {
                Answer::status(404)
            }
        })
    }
}

impl Recorded {
    /// The text of the answer.
    pub(super) fn text(&self) -> String {
        let text = self.events().iter().map(|event| self.text_of(event)).collect::<String>();
        assert!(!text.is_empty(), "no text in {}", self.file);
        text
    }

    fn text_of(&self, event: &Value) -> String {
        let part = |at: &&str| event.pointer(at).and_then(Value::as_str).unwrap_or_default();
        self.text_at.iter().map(part).collect()
    }

    /// The data of each event, but for a last `[DONE]`; of a plain answer, the whole.
    fn events(&self) -> Vec<Value> {
        let bytes = recording(self.file);
        if let Ok(whole) = serde_json::from_slice(&bytes) {
            return vec![whole];
        }
        let data = |event: Vec<u8>| {
            let text = String::from_utf8(event).unwrap();
            let data = text.lines().find_map(|line| line.strip_prefix("data: "))?;
            serde_json::from_str(data).ok()
        };
        events(&bytes).into_iter().filter_map(data).collect()
    }
}

/// Whether a request asks for a stream: OpenAI's and Anthropic's in the body, Google's in the path.
fn streams(seen: &Seen) -> bool {
    let body = serde_json::from_slice::<Value>(&seen.body).unwrap_or_default();
    body["stream"] == true || seen.target.contains(":streamGenerateContent")
}
