//! OpenAI's and Anthropic's own Python SDKs through the proxy, plain and streaming.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::answer::{Answer, events, recording};
use crate::support::home::Home;
use crate::support::skip::skip;
use crate::support::upstream::{Place, Seen, Upstream};

const CHAT: &str = "openai.chat.openai-text.json";
const CHAT_STREAM: &str = "xai.chat.xai-text.sse";
const RESPONSE: &str = "openai.responses.openai-phase.1.json";
const RESPONSE_STREAM: &str = "openai.responses.openai-client-tool-search.1.sse";
const MESSAGE: &str = "anthropic.messages.anthropic-json-other-tool.1.json";
const MESSAGE_STREAM: &str = "anthropic.messages.anthropic-text.sse";

#[test]
fn openai() {
    let Some(python) = python() else { return };
    let upstream = Upstream::new(|seen| {
        let recording = match (seen.target.as_str(), streams(seen)) {
            ("/v1/chat/completions", false) => CHAT,
            ("/v1/chat/completions", true) => CHAT_STREAM,
            ("/v1/responses", false) => RESPONSE,
            ("/v1/responses", true) => RESPONSE_STREAM,
            _ => return Answer::status(404),
        };
        Answer::replay(recording)
    });
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 4");
    let proxy = home.proxy();

    let seen = run(&python, "openai_sdk.py", |command| {
        command.env("OPENAI_API_KEY", &key.text);
        command.env("OPENAI_BASE_URL", format!("http://{}/openai/v1", proxy.address()));
    });

    let chat: Value = serde_json::from_slice(&recording(CHAT)).unwrap();
    assert_eq!(seen["chat"], chat["choices"][0]["message"]["content"]);
    let streamed = data_of(CHAT_STREAM)
        .iter()
        .map(|chunk| {
            chunk["choices"][0]["delta"]["content"].as_str().unwrap_or_default().to_owned()
        })
        .collect::<String>();
    assert!(!streamed.is_empty());
    assert_eq!(seen["chat_stream"], streamed);
    assert!(seen["responses"].as_str().unwrap().contains("latest AI updates"), "{seen}");
    let types: Vec<_> =
        data_of(RESPONSE_STREAM).iter().map(|event| event["type"].clone()).collect();
    assert_eq!(seen["responses_stream"], Value::Array(types));

    let denied = &seen["denied"];
    assert_eq!(denied["status"], 402);
    assert_eq!(denied["code"], "activation_limit");
    assert_eq!(denied["denial"], "activation_limit");
    assert!(denied["message"].as_str().unwrap().contains("all 4 activations"), "{denied}");
    assert_eq!(upstream.count(), 4);
}

#[test]
fn anthropic() {
    let Some(python) = python() else { return };
    let upstream = Upstream::expecting(Place::raw("x-api-key"), |seen| {
        let recording = match (seen.target.as_str(), streams(seen)) {
            ("/v1/messages", false) => MESSAGE,
            ("/v1/messages", true) => MESSAGE_STREAM,
            _ => return Answer::status(404),
        };
        Answer::replay(recording)
    });
    let home = Home::new();
    home.add_master("anthropic", &upstream.base_url("/v1"));
    let key = home.mint("anthropic -n 2");
    let proxy = home.proxy();

    let seen = run(&python, "anthropic_sdk.py", |command| {
        command.env("ANTHROPIC_API_KEY", &key.text);
        command.env("ANTHROPIC_BASE_URL", format!("http://{}/anthropic", proxy.address()));
    });

    let message: Value = serde_json::from_slice(&recording(MESSAGE)).unwrap();
    assert_eq!(seen["message"], message["id"]);
    let text = data_of(MESSAGE_STREAM)
        .iter()
        .map(|event| event["delta"]["text"].as_str().unwrap_or_default().to_owned())
        .collect::<String>();
    assert!(!text.is_empty());
    assert_eq!(seen["stream"], text);

    let denied = &seen["denied"];
    assert_eq!(denied["status"], 402);
    assert_eq!(denied["denial"], "activation_limit");
    // Anthropic's dialect: an object of type `error` around one with a type and a message.
    assert_eq!(denied["body"]["type"], "error");
    assert!(denied["message"].as_str().unwrap().contains("all 2 activations"), "{denied}");
    assert_eq!(upstream.count(), 2);
    assert!(upstream.seen()[0].head.get("anthropic-version").is_some());
}

/// The Python of the environment that has the SDKs.
fn python() -> Option<PathBuf> {
    let python = std::env::var_os("TILL_TEST_PYTHON").map(PathBuf::from);
    if python.is_none() {
        skip("the SDKs of OpenAI and Anthropic: TILL_TEST_PYTHON names no Python that has them");
    }
    python
}

fn run(python: &Path, script: &str, set: impl FnOnce(&mut Command)) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(script);
    let mut command = Command::new(python);
    command.arg(path).env_clear();
    set(&mut command);
    let output = command.output().expect("python starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {stderr}");
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

fn streams(seen: &Seen) -> bool {
    serde_json::from_slice::<Value>(&seen.body).is_ok_and(|body| body["stream"] == true)
}

/// The data of each event of a recorded stream, but for its `[DONE]`.
fn data_of(name: &str) -> Vec<Value> {
    let data_line = |event: Vec<u8>| {
        let text = String::from_utf8(event).unwrap();
        let data = text.lines().find_map(|line| line.strip_prefix("data: ").map(str::to_owned));
        data.and_then(|data| serde_json::from_str(&data).ok())
    };
    events(&recording(name)).into_iter().filter_map(data_line).collect()
}
