//! HTTP/2 from the client: with prior knowledge and over TLS, many requests at once, streams, and
//! what is refused.

use http::Request;

use crate::support::answer::{Answer, Body, Gate};
use crate::support::frames::{self, End, Frames};
use crate::support::home::{Home, Key};
use crate::support::http2::Http2;
use crate::support::hyper_body::Sent;
use crate::support::proxy::Proxy;
use crate::support::upstream::Upstream;
use crate::support::wait_until;

#[test]
fn a_request_goes_through() {
    let stage = Stage::new(Answer::replay("openai.chat.openai-text.json"));
    let mut client = Http2::open(stage.proxy.address());
    let request = client.chat(&stage.key.text);
    let answered = client.request(request);
    answered.expect(200, "");
    assert_eq!(answered.field("till-key"), stage.key.id);
    assert_eq!(answered.field("till-activations-remaining"), "49");
    let seen = stage.upstream.only();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/v1/chat/completions"));
    assert_eq!(seen.head.all("host"), [stage.upstream.address().to_string()]);
}

/// N means N, also where all requests come at once on one connection.
#[test]
fn a_hundred_at_once_on_a_key_of_fifty() {
    let stage = Stage::new(Answer::replay("openai.chat.openai-text.json"));
    let mut client = Http2::open(stage.proxy.address());
    let requests = (0..100).map(|_| client.chat(&stage.key.text)).collect();
    let answers = client.all(requests);
    let answered = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((answered, stage.upstream.count()), (50, 50));
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.expect(402, "activation_limit");
        assert_eq!(answer.field("x-should-retry"), "false");
    }
    wait_until("all is settled", || stage.home.activations(&stage.key, "used") == 50);
}

/// Each chunk is here before the next one is sent; another stream is not held up by it.
#[test]
fn a_stream_arrives_as_it_is_sent() {
    let gate = Gate::default();
    let events: Vec<_> = (0..5).map(|n| format!("data: {{\"n\":{n}}}\n\n").into_bytes()).collect();
    let (stream, opened) = (events.clone(), gate.clone());
    let upstream = Upstream::new(move |seen| match seen.method.as_str() {
        "POST" => Answer::events(vec![]).body(Body::Gated(stream.clone(), opened.clone())),
        _ => Answer::status(200),
    });
    let stage = Stage::with(upstream);
    let mut client = Http2::open(stage.proxy.address());
    let request = client.chat(&stage.key.text);
    let mut body = client.start(request).into_body();
    for event in events {
        let frame = client.frame(&mut body).expect("not the end").expect("a frame");
        assert_eq!(frame.into_data().expect("data"), event);
        let other = client.call("GET", "/openai/v1/models", &stage.key.text);
        client.request(other.body(Sent::empty()).unwrap()).expect(200, "");
        gate.open_once();
    }
    while let Some(frame) = client.frame(&mut body) {
        assert!(frame.expect("a frame").into_data().expect("data").is_empty());
    }
}

#[test]
fn a_stream_that_the_client_resets_is_settled_once() {
    let gate = Gate::default();
    let chunks = vec![b"data: 1\n\n".to_vec(); 3];
    let stage = Stage::new(Answer::events(vec![]).body(Body::Gated(chunks, gate.clone())));
    let mut client = Http2::open(stage.proxy.address());
    let request = client.chat(&stage.key.text);
    let mut body = client.start(request).into_body();
    client.frame(&mut body).expect("a frame").expect("a frame");
    assert_eq!(stage.home.activations(&stage.key, "held"), 1);
    drop(body);
    client.breathe();
    wait_until("nothing is held", || stage.home.activations(&stage.key, "held") == 0);
    assert_eq!(stage.home.activations(&stage.key, "used"), 1);
    gate.open_once();
}

/// Neither `:authority`, nor `:path`, nor a method leads elsewhere.
#[test]
fn requests_that_are_refused() {
    let stage = Stage::new(Answer::status(200));
    let own = stage.proxy.address().to_string();
    let mut client = Http2::open(stage.proxy.address());
    let key = format!("Bearer {}", stage.key.text);
    let call = |method: &str, uri: &str| {
        Request::builder().method(method).uri(uri).header("authorization", &key)
    };
    let models = format!("http://{own}/openai/v1/models");
    let cases = [
        (call("GET", "http://evil.example/openai/v1/models"), 403, "origin_refused"),
        (call("GET", &models).header("host", "evil.example"), 403, "origin_refused"),
        (call("GET", &models).header("origin", "http://a.example"), 403, "origin_refused"),
        (call("GET", &models).header("sec-fetch-site", "same-site"), 403, "origin_refused"),
        (call("GET", &format!("http://{own}/openai/v1/../admin")), 400, "bad_request"),
        (call("GET", &format!("http://{own}/openai/v1/%2e%2e/admin")), 400, "bad_request"),
        (call("GET", &format!("http://{own}//evil.example/v1/x")), 400, "bad_request"),
        (call("TRACE", &models), 405, "method_refused"),
        (call("CONNECT", "evil.example:443"), 405, "method_refused"),
        (call("CONNECT", &own), 405, "method_refused"),
    ];
    for (request, status, code) in cases {
        client.request(request.body(Sent::empty()).unwrap()).expect(status, code);
    }
    stage.nothing_arrived();
}

/// What no library sends: the pseudo-header fields and lengths of an attack.
#[test]
fn messages_that_are_malformed() {
    let stage = Stage::new(Answer::status(200));
    let own = stage.proxy.address().to_string();
    let key = format!("Bearer {}", stage.key.text);
    let usual =
        [(":method", "POST"), (":scheme", "http"), (":authority", &own), ("authorization", &key)];
    let path = (":path", "/openai/v1/models");
    let cases: [(&str, &[(&str, &str)]); 16] = [
        ("no path", &[]),
        ("an empty path", &[(":path", "")]),
        ("two paths", &[path, path]),
        ("a star", &[(":path", "*")]),
        ("a host for a path", &[(":path", "evil.example/x")]),
        ("a URL for a path", &[(":path", "http://evil.example/openai/v1/models")]),
        ("a space", &[(":path", "/openai/v1/models HTTP/1.1")]),
        ("a line end", &[(":path", "/openai/v1/models\r\nx: y")]),
        ("a back slash", &[(":path", "/openai/v1\\..\\admin")]),
        ("a field of one hop", &[path, ("connection", "x-api-key")]),
        ("a transfer coding", &[path, ("transfer-encoding", "chunked")]),
        ("te that is not trailers", &[path, ("te", "gzip")]),
        ("an upper-case name", &[path, ("X-Api-Key", "1")]),
        ("a line end in a value", &[path, ("x-a", "b\r\nevil: c")]),
        ("a pseudo-header of an answer", &[path, (":status", "200")]),
        ("two authorities", &[path, (":authority", "evil.example")]),
    ];
    for (case, more) in cases {
        // Pseudo-header fields come first (RFC 9113 §8.3).
        let mut fields = [&usual[..3], more].concat();
        fields.push(usual[3]);
        let mut raw = Frames::open(stage.proxy.address());
        let flags = frames::END_STREAM | frames::END_HEADERS;
        raw.send(frames::HEADERS, flags, 1, &frames::block(&fields)).unwrap();
        assert_ne!(raw.end_of(1), End::Answered, "{case}");
    }
    stage.nothing_arrived();
}

/// A length that says less than what comes must not leave a second request upstream.
#[test]
fn a_body_beyond_its_length_is_no_second_request() {
    let stage = Stage::new(Answer::status(200));
    let own = stage.proxy.address().to_string();
    let key = format!("Bearer {}", stage.key.text);
    for length in ["0", "4"] {
        let block = frames::block(&[
            (":method", "POST"),
            (":scheme", "http"),
            (":authority", &own),
            (":path", "/openai/v1/chat/completions"),
            ("authorization", &key),
            ("content-length", length),
        ]);
        let mut raw = Frames::open(stage.proxy.address());
        raw.send(frames::HEADERS, frames::END_HEADERS, 1, &block).unwrap();
        let body = b"AAAAGET /v1/admin HTTP/1.1\r\nHost: x\r\n\r\n";
        let _ = raw.send(frames::DATA, frames::END_STREAM, 1, body);
        raw.end_of(1);
    }
    wait_until("nothing is held", || stage.home.activations(&stage.key, "held") == 0);
    for seen in stage.upstream.seen() {
        assert_eq!(seen.method, "POST", "{seen:?}");
        assert!(seen.body.len() <= 4, "{seen:?}");
    }
}

struct Stage {
    upstream: Upstream,
    home: Home,
    key: Key,
    proxy: Proxy,
}

impl Stage {
    fn new(answer: Answer) -> Self {
        Self::with(Upstream::answering(answer).may_idle())
    }

    fn with(upstream: Upstream) -> Self {
        let home = Home::with_openai(&upstream);
        let key = home.mint("openai -n 50");
        let proxy = home.proxy();
        Self { upstream, home, key, proxy }
    }

    #[track_caller]
    fn nothing_arrived(&self) {
        assert_eq!(self.upstream.connections(), 0, "{:#?}", self.upstream.seen());
        assert_eq!(self.home.activations(&self.key, "used"), 0);
        assert_eq!(self.home.activations(&self.key, "held"), 0);
    }
}
