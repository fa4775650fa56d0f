//! A client that hangs up in mid-answer: the upstream is left, or read to its end, and what is
//! charged is never less than it may bill.

use serde_json::Value;

use crate::support::answer::{Answer, Body, Gate, events, recording};
use crate::support::home::{Home, Key};
use crate::support::http::{Connection, Request};
use crate::support::proxy::Proxy;
use crate::support::spent::{place, read};
use crate::support::upstream::Upstream;
use crate::support::wait_until;

/// A stream of a model, and how it is asked for.
#[derive(Clone, Copy)]
struct Stream {
    recording: &'static str,
    path: &'static str,
    body: &'static str,
    /// The usage that the whole of it reports.
    whole: (u64, u64),
}

/// It shows everything that it bills.
const OPEN: Stream = Stream {
    recording: "openai.chat.openai-text.sse",
    path: "/openai/v1/chat/completions",
    body: r#"{"model":"gpt-4o-mini","messages":[{"role":"user","content":"hello"}],"max_tokens":2000,"stream":true}"#,
    whole: (16, 300),
};

/// The same, and it says its input at once.
const OPEN_INPUT: Stream = Stream {
    recording: "anthropic.messages.anthropic-text.sse",
    path: "/anthropic/v1/messages",
    body: r#"{"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"hello"}],"max_tokens":2000,"stream":true}"#,
    whole: (12, 30),
};

/// They can think unseen.
const THINKING: [Stream; 2] = [
    Stream {
        body: r#"{"model":"o3","messages":[{"role":"user","content":"hello"}],"max_completion_tokens":2000,"stream":true}"#,
        ..OPEN
    },
    Stream {
        recording: "openai.responses.openai-apply-patch-tool.1.sse",
        path: "/openai/v1/responses",
        body: r#"{"model":"gpt-5","input":"hello","max_output_tokens":2000,"stream":true}"#,
        whole: (642, 67),
    },
];

const LIMITS: &str = "--tokens 1M --spend 100";

#[test]
fn an_open_model_is_charged_what_was_seen() {
    for (stream, input) in [(OPEN, None), (OPEN_INPUT, Some(OPEN_INPUT.whole.0))] {
        let mut stage = Stage::new(stream, LIMITS);
        stage.take(5);
        let held = stage.held();
        stage.leave();
        stage.is_cut();
        let (used_input, output, spend) = stage.home.spent(&stage.key);
        assert_eq!(used_input, input.unwrap_or(held[0]), "{}", stream.path);
        // Four pieces of text at the least, and far from all that was allowed.
        assert!((3..500).contains(&output), "{}: {output}", stream.path);
        assert!(spend > 0 && spend < held[2], "{}: {spend} of {held:?}", stream.path);
    }
}

#[test]
fn a_model_that_thinks_unseen_is_charged_whole() {
    for stream in THINKING {
        let mut stage = Stage::new(stream, LIMITS);
        stage.take(3);
        let held = stage.held();
        assert_eq!(held[1], 2_000);
        stage.leave();
        stage.is_cut();
        let (input, output, spend) = stage.home.spent(&stage.key);
        assert_eq!([input, output, spend], held, "{}", stream.path);
    }
}

#[test]
fn draining_reads_on_and_charges_exactly() {
    for stream in [OPEN, OPEN_INPUT, THINKING[0], THINKING[1]] {
        let mut stage = Stage::new(stream, &format!("{LIMITS} --on-cancel drain"));
        stage.take(3);
        stage.leave();
        stage.gate.open(1_000);
        let (input, output, spend) = stage.home.spent(&stage.key);
        assert_eq!((input, output), stream.whole, "{}", stream.path);
        assert!(spend > 0);
        assert_eq!(stage.upstream.hung_up(), 0, "{}", stream.path);
    }
}

/// The request was sent, and nothing is known of its answer.
#[test]
fn leaving_before_the_head_is_charged_whole_or_drained() {
    let usage = br#"{"model":"gpt-4o-mini","usage":{"prompt_tokens":300,"completion_tokens":50}}"#;
    for drains in [false, true] {
        let gate = Gate::default();
        let body = Body::Withheld(usage.to_vec(), gate.clone());
        let upstream = Upstream::answering(Answer::json(200, b"").body(body));
        let home = Home::with_openai(&upstream);
        let how = if drains { "drain" } else { "stop" };
        let key = home.mint(&format!("openai {LIMITS} --on-cancel {how}"));
        let proxy = home.proxy();
        let mut connection = Connection::open(proxy.address()).unwrap();
        let request = Request::new("POST", OPEN.path).bearer(&key.text);
        connection.start(&request.json(OPEN.body.as_bytes())).unwrap();
        wait_until("the upstream has the request", || upstream.count() == 1);
        let held = figures(&home.show(&key), "held");
        drop(connection);
        if drains {
            // The proxy has seen that its client is gone before the upstream answers.
            std::thread::sleep(std::time::Duration::from_millis(100));
            gate.open_once();
            let (input, output, _) = home.spent(&key);
            assert_eq!((input, output, upstream.hung_up()), (300, 50, 0));
        } else {
            wait_until("the upstream is left", || upstream.hung_up() == 1);
            let (input, output, spend) = home.spent(&key);
            assert_eq!([input, output, spend], held);
        }
        assert_eq!(home.activations(&key, "used"), 1);
    }
}

/// An upstream that breaks off has billed as much as if its client had left.
#[test]
fn a_stream_that_breaks_off_is_charged_alike() {
    for (stream, whole) in [(OPEN, false), (OPEN_INPUT, false), (THINKING[0], true)] {
        let part = events(&recording(stream.recording))[..5].concat();
        let answer = Answer::events(vec![]).body(Body::CutOff(part));
        let provider = stream.path.split('/').nth(1).unwrap();
        let upstream = Upstream::expecting(place(provider), move |_| answer.clone());
        let home = Home::with_provider(provider, &upstream);
        let key = home.mint(&format!("{provider} {LIMITS}"));
        let proxy = home.proxy();
        let request = Request::new("POST", stream.path).bearer(&key.text);
        let result = request.json(stream.body.as_bytes()).try_send(proxy.address());
        assert!(result.is_err(), "it must not look whole: {result:?}");
        let (input, output, _) = home.spent(&key);
        assert!(input >= stream.whole.0, "{}: {input}", stream.path);
        let expected = if whole { 2_000..2_001 } else { 3..500 };
        assert!(expected.contains(&output), "{}: {output}", stream.path);
    }
}

/// Whether the client is still there at the end says nothing: the last event does.
#[test]
fn leaving_right_after_the_last_event_is_charged_exactly() {
    for stream in [OPEN, OPEN_INPUT, THINKING[0], THINKING[1]] {
        let whole = events(&recording(stream.recording));
        let count = whole.len();
        let mut stage =
            Stage::with_events(stream, LIMITS, [whole, vec![b": bye\n\n".to_vec()]].concat());
        stage.gate.open(count - 1);
        // What follows is a comment that never comes.
        stage.read_until(last_of(stream));
        stage.leave();
        stage.is_cut();
        let (input, output, _) = stage.home.spent(&stage.key);
        assert_eq!((input, output), stream.whole, "{}", stream.path);
    }
}

/// The event after which nothing follows.
fn last_of(stream: Stream) -> &'static str {
    match stream.path.rsplit('/').next() {
        Some("messages") => "message_stop",
        Some("responses") => "response.completed",
        _ => "[DONE]",
    }
}

/// A stream under way, event by event.
struct Stage {
    upstream: Upstream,
    home: Home,
    key: Key,
    _proxy: Proxy,
    gate: Gate,
    client: Option<Connection>,
}

impl Stage {
    fn new(stream: Stream, limits: &str) -> Self {
        Self::with_events(stream, limits, events(&recording(stream.recording)))
    }

    /// Begins the stream; the first event is there.
    fn with_events(stream: Stream, limits: &str, all: Vec<Vec<u8>>) -> Self {
        let gate = Gate::default();
        let answer = Answer::events(vec![]).body(Body::Gated(all, gate.clone()));
        let provider = stream.path.split('/').nth(1).unwrap();
        let upstream = Upstream::expecting(place(provider), move |_| answer.clone());
        let home = Home::with_provider(provider, &upstream);
        let key = home.mint(&format!("{provider} {limits}"));
        let proxy = home.proxy();
        let mut client = Connection::open(proxy.address()).unwrap();
        let request = Request::new("POST", stream.path).bearer(&key.text);
        client.start(&request.json(stream.body.as_bytes())).unwrap();
        client.chunk_after_head();
        Self { upstream, home, key, _proxy: proxy, gate, client: Some(client) }
    }

    /// Takes the next events, up to this many.
    fn take(&mut self, count: usize) {
        for _ in 1..count {
            self.gate.open_once();
            let client = self.client.as_mut().unwrap();
            client.chunk().unwrap().expect("one more event");
        }
    }

    /// Takes events up to the one that has this in it.
    fn read_until(&mut self, last: &str) {
        let client = self.client.as_mut().unwrap();
        let mut all = Vec::new();
        while !ends(&all, last) {
            all.extend(client.chunk().unwrap().expect("not the end"));
        }
    }

    /// Input and output tokens and picodollars that are held.
    fn held(&self) -> [u64; 3] {
        let shown = self.home.show(&self.key);
        assert_eq!(read(&shown, "activations", "held"), 1);
        figures(&shown, "held")
    }

    fn leave(&mut self) {
        self.client = None;
    }

    fn is_cut(&self) {
        wait_until("the upstream is left", || self.upstream.hung_up() == 1);
    }
}

/// Whether the last event of these is whole.
fn ends(all: &[u8], last: &str) -> bool {
    let text = String::from_utf8_lossy(all);
    text.ends_with("\n\n") && text.rsplit("\n\n").nth(1).is_some_and(|event| event.contains(last))
}

fn figures(shown: &Value, figure: &str) -> [u64; 3] {
    ["input_tokens", "output_tokens", "spend"].map(|limit| read(shown, limit, figure))
}
