//! Every recorded answer of a real provider passes on a key that is limited in tokens and money:
//! byte for byte, and charged with exactly the usage that its provider reported.

use std::collections::HashMap;
use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::support::answer::{Answer, events, recording};
use crate::support::home::{Home, Key};
use crate::support::http::{Connection, Reply, Request};
use crate::support::spent::{place, read};
use crate::support::upstream::{Seen, Upstream};
use crate::support::wait_until;

/// Each answer is that of a model of its own time: not all have a price today.
const LEAST_PRICED: usize = 60;

/// What some of them cost in picodollars, reckoned by hand from the list prices.
#[rustfmt::skip]
const COSTS: [(&str, u64); 9] = [
    // $0.10 and $0.40 a million, in the tier that the answer names.
    ("openai.chat.openai-text.json", 16 * 100_000 + 363 * 400_000),
    // The same model and no tier: the dearest that it may have been, twice the list.
    ("openai.responses.parallel-tool-call-wrapper.1.json", 2 * (34 * 2_500_000 + 28 * 15_000_000)),
    // Of 3,737 tokens 2,304 from the cache, at a tenth.
    ("openai.responses.openai-file-search-tool.1.sse", 1_433 * 250_000 + 2_304 * 25_000 + 621 * 2_000_000),
    ("openai.embeddings.openai-embedding.json", 12 * 20_000),
    ("anthropic.messages.anthropic-text.sse", 12 * 3_000_000 + 30 * 15_000_000),
    // 6 tokens as they are, 6,289 from the cache, 3,337 into it for five minutes.
    ("anthropic.messages.anthropic-code-execution-20260120-prompt-cache.1.sse",
     6 * 2_000_000 + 6_289 * 200_000 + 3_337 * 2_500_000 + 198 * 10_000_000),
    // Two runs that the top level leaves out of its sum.
    ("anthropic.messages.anthropic-compaction.1.json", 61_067 * 5_000_000 + 1_912 * 25_000_000),
    ("deepseek.chat.deepseek-json.json", 175 * 280_000 + 320 * 28_000 + 144 * 420_000),
    ("google.gemini.google-vertex-stream-tool-call-arguments-nested.1.sse", 31 * 2_000_000 + 1_710 * 12_000_000),
];

#[test]
fn every_recording_is_charged_what_its_provider_reported() {
    let recordings = Recording::all();
    assert_eq!(recordings.len(), 90);
    let stage = Stage::new(&recordings);
    let mut expected = HashMap::new();
    let mut priced = 0;
    let mut calls = HashMap::<&str, usize>::new();
    for recording in &recordings {
        for wants_usage in [true, false] {
            let number = calls.entry(&recording.provider).or_default();
            let (key, has_price) = stage.pass(recording, wants_usage, *number);
            *number += 1;
            priced += usize::from(has_price);
            expected.insert(key.id, (recording, has_price));
        }
    }
    assert!(priced >= LEAST_PRICED * 2, "{priced} priced");

    let mut shown = Vec::new();
    wait_until("nothing is held", || {
        shown = stage.home.till("key ls").json().as_array().unwrap().clone();
        shown.iter().all(|key| read(key, "activations", "held") == 0)
    });
    for key in shown {
        let used = |limit| read(&key, limit, "used");
        let found = (used("input_tokens"), used("output_tokens"));
        let Some((recording, has_price)) = expected.get(key["id"].as_str().unwrap()) else {
            assert_eq!(found, (0, 0), "never used, or refused: {key:#}");
            continue;
        };
        assert_eq!(found, (recording.input, recording.output), "{}", recording.file);
        assert_eq!(used("tokens"), recording.input + recording.output, "{}", recording.file);
        let pays = *has_price && found != (0, 0);
        assert!(!pays || used("spend") > 0, "{} is free: {key:#}", recording.file);
        if let Some((_, spend)) = COSTS.iter().find(|row| row.0 == recording.file) {
            assert_eq!((*has_price, used("spend")), (true, *spend), "{}", recording.file);
        }
        for limit in ["tokens", "input_tokens", "output_tokens", "spend"] {
            assert_eq!(read(&key, limit, "held"), 0, "{}: {key:#}", recording.file);
        }
    }
}

/// One row of the manifest.
struct Recording {
    file: String,
    provider: String,
    api: String,
    stream: bool,
    model: String,
    input: u64,
    output: u64,
}

impl Recording {
    fn all() -> Vec<Self> {
        let rows: Vec<Value> = serde_json::from_slice(&recording("manifest.json")).unwrap();
        rows.iter().map(Self::read).collect()
    }

    fn read(row: &Value) -> Self {
        let text = |name: &str| row[name].as_str().map(str::to_owned);
        let count = |name: &str| row["usage"][name].as_u64().unwrap();
        Self {
            file: text("file").unwrap(),
            provider: text("provider").unwrap(),
            api: text("api").unwrap(),
            stream: row["stream"].as_bool().unwrap(),
            model: text("model").unwrap_or_else(|| "command-a-03-2025".to_owned()),
            input: count("input"),
            output: count("output"),
        }
    }

    fn request(&self, key: &Key, wants_usage: bool) -> Request {
        let root = match &*self.provider {
            "groq" => "/openai/v1",
            "deepseek" | "perplexity" => "",
            _ => "/v1",
        };
        let said = json!([{"role": "user", "content": "hello"}]);
        let path = match &*self.api {
            "chat" => format!("{root}/chat/completions"),
            "gemini" if self.stream => {
                format!("/v1beta/models/{}:streamGenerateContent?alt=sse", self.model)
            }
            "gemini" => format!("/v1beta/models/{}:generateContent", self.model),
            "cohere" => "/v2/chat".to_owned(),
            other => format!("{root}/{other}"),
        };
        let mut body = match &*self.api {
            "chat" | "cohere" => json!({"messages": said, "max_tokens": 20_000}),
            "messages" => json!({
                "messages": said, "max_tokens": 20_000, "cache_control": {"type": "ephemeral"},
            }),
            "completions" => json!({"prompt": "hello", "max_tokens": 20_000}),
            "responses" => json!({"input": "hello", "max_output_tokens": 20_000}),
            "embeddings" => json!({"input": "hello"}),
            "gemini" => json!({
                "contents": [{"role": "user", "parts": [{"text": "hello"}]}],
                "generationConfig": {"maxOutputTokens": 20_000},
            }),
            other => panic!("no request for {other}"),
        };
        if self.api != "gemini" {
            body["model"] = self.model.clone().into();
            if self.stream {
                body["stream"] = true.into();
            }
        }
        if wants_usage && self.can_ask() {
            body["stream_options"] = json!({"include_usage": true});
        }
        Request::new("POST", &format!("/{}{path}", self.provider))
            .bearer(&key.text)
            .field("X-Recording", &self.file)
            .json(body.to_string().as_bytes())
    }

    /// What the client gets: all of it, but a usage chunk that only till asked for.
    fn expected(&self, wants_usage: bool) -> Vec<u8> {
        let all = recording(&self.file);
        if wants_usage
            || !self.can_ask()
            || !["openai", "deepseek", "xai"].contains(&&*self.provider)
        {
            return all;
        }
        events(&all).into_iter().filter(|event| !is_usage_alone(event)).flatten().collect()
    }

    /// Whether a client asks for the usage in a stream of this API.
    fn can_ask(&self) -> bool {
        self.stream && ["chat", "completions"].contains(&&*self.api)
    }
}

fn is_usage_alone(event: &[u8]) -> bool {
    let data = event.strip_prefix(b"data: ").unwrap_or_default();
    let chunk: Value = serde_json::from_slice(data).unwrap_or_default();
    chunk["choices"] == json!([]) && chunk["usage"].is_object()
}

/// All providers in one home, behind one proxy.
struct Stage {
    home: Home,
    _upstreams: Vec<Upstream>,
    /// For each provider keys that are limited in tokens and money, and in tokens alone.
    keys: HashMap<String, [Vec<Key>; 2]>,
    proxy: crate::support::proxy::Proxy,
}

impl Stage {
    fn new(recordings: &[Recording]) -> Self {
        let replay = |seen: &Seen| Answer::replay(seen.head.get("x-recording").unwrap());
        let mut providers: Vec<_> = recordings.iter().map(|row| row.provider.clone()).collect();
        providers.dedup();
        let home = Home::new();
        let mut upstreams = Vec::new();
        let mut keys = HashMap::new();
        for provider in providers {
            let upstream = Upstream::expecting(place(&provider), replay);
            home.add_provider(&provider, &upstream);
            upstreams.push(upstream);
            let calls = recordings.iter().filter(|row| row.provider == provider).count() * 2;
            let mint = |limits: &str| -> Vec<Key> {
                let line = format!("key mint {provider} {limits} --count {calls}");
                home.till(&line).json().as_array().unwrap().iter().map(Key::of).collect()
            };
            let both = [mint("--tokens 100M --spend 1000"), mint("--tokens 100M -n 5")];
            keys.insert(provider, both);
        }
        let proxy = home.proxy();
        Self { home, _upstreams: upstreams, keys, proxy }
    }

    /// Has a recording pass, the call of this number to its provider; with the key that paid, and
    /// whether that was limited in money.
    fn pass(&self, recording: &Recording, wants_usage: bool, number: usize) -> (Key, bool) {
        let [priced, others] = &self.keys[&recording.provider];
        let asked = |key: &Key| recording.request(key, wants_usage);
        let reply = send(self.proxy.address(), &asked(&priced[number]));
        let (key, reply, has_price) = if reply.denial() == "unpriced_model" {
            assert!(reply.text().contains("till prices set"), "{}", reply.text());
            let key = &others[number];
            (key, send(self.proxy.address(), &asked(key)), false)
        } else {
            (&priced[number], reply, true)
        };
        reply.expect(200, "");
        let (found, expected) = (reply.text(), recording.expected(wants_usage));
        assert_eq!(found, String::from_utf8_lossy(&expected), "{}", recording.file);
        (key.clone(), has_price)
    }
}

fn send(to: SocketAddr, request: &Request) -> Reply {
    Connection::open(to).unwrap().request(request).unwrap()
}
