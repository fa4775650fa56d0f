//! Recorded answers of real providers pass through byte for byte.

use crate::support::answer::{Answer, events, recording};
use crate::support::home::Home;
use crate::support::http::{Connection, Request};
use crate::support::upstream::{Place, Upstream};

/// A recording, and the path that it is an answer to.
const RECORDINGS: [(&str, &str); 12] = [
    ("openai.chat.openai-text.json", "/openai/v1/chat/completions"),
    ("xai.chat.xai-text.sse", "/xai/v1/chat/completions"),
    ("mistral.chat.mistral-tool-call.sse", "/mistral/v1/chat/completions"),
    ("openai.completions.openai-completion-text.sse", "/openai/v1/completions"),
    ("openai.embeddings.openai-embedding.json", "/openai/v1/embeddings"),
    ("openai.responses.openai-phase.1.json", "/openai/v1/responses"),
    ("openai.responses.openai-client-tool-search.1.sse", "/openai/v1/responses"),
    ("anthropic.messages.anthropic-json-other-tool.1.json", "/anthropic/v1/messages"),
    ("anthropic.messages.anthropic-refusal.json", "/anthropic/v1/messages"),
    ("anthropic.messages.anthropic-text.sse", "/anthropic/v1/messages"),
    ("google.gemini.google-text.json", "/google/v1beta/models/gemini-3-pro:generateContent"),
    (
        "google.gemini.google-text.sse",
        "/google/v1beta/models/gemini-3-pro:streamGenerateContent?alt=sse",
    ),
];

#[test]
fn every_recording_arrives_as_it_was_recorded() {
    for (name, path) in RECORDINGS {
        let provider = path.split('/').nth(1).unwrap();
        let (place, root) = match provider {
            "anthropic" => (Place::raw("x-api-key"), "/v1"),
            "google" => (Place::raw("x-goog-api-key"), "/v1beta"),
            _ => (Place::bearer(), "/v1"),
        };
        let upstream = Upstream::expecting(place, |_| Answer::replay(name));
        let home = Home::new();
        home.add_master(provider, &upstream.base_url(root));
        let key = home.mint(&format!("{provider} -n 1"));
        let proxy = home.proxy();

        let mut connection = Connection::open(proxy.address()).unwrap();
        let request = Request::new("POST", path).bearer(&key.text).json(b"{}");
        let reply = connection.request(&request).unwrap();
        reply.expect(200, "");
        assert_eq!(reply.body, recording(name), "{name}");
        let expected = path.strip_prefix(&format!("/{provider}")).unwrap();
        assert_eq!(upstream.only().target, expected);
    }
}

/// The harness itself: a recording cut into events is still the recording.
#[test]
fn events_are_the_whole_recording() {
    for (name, _) in RECORDINGS {
        assert_eq!(events(&recording(name)).concat(), recording(name), "{name}");
    }
}
