//! Connections in number and in bad faith: bounded, and no harm to others.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::answer::Answer;
use crate::support::frames::{self, Frames};
use crate::support::home::{Home, Key};
use crate::support::http::{Connection, Request};
use crate::support::proxy::Proxy;
use crate::support::upstream::Upstream;

/// The third waits until one of two leaves, and is then served.
#[test]
fn as_many_clients_as_there_are_places() {
    let stage = Stage::new("--max-connections 2");
    let request = Request::chat(&stage.key.text);
    let open = || Connection::open(stage.proxy.address()).unwrap();
    let (mut first, mut second, mut third) = (open(), open(), open());
    first.request(&request).unwrap().expect(200, "");
    second.request(&request).unwrap().expect(200, "");
    third.start(&request).unwrap();
    third.set_patience(Duration::from_millis(300));
    assert!(third.head().is_err());
    assert_eq!(stage.upstream.count(), 2);
    drop(first);
    third.set_patience(crate::support::PATIENCE);
    third.reply().unwrap().expect(200, "");
    second.request(&request).unwrap().expect(200, "");
}

/// A client that has said nothing has no request that could finish.
#[test]
fn silent_connections_do_not_hold_a_stop_up() {
    let stage = Stage::new("");
    let mut silent: Vec<_> =
        (0..4).map(|_| Connection::open(stage.proxy.address()).unwrap()).collect();
    silent[1].write(b"PRI *").unwrap();
    silent[2].request(&Request::chat(&stage.key.text)).unwrap().expect(200, "");
    let mut proxy = stage.proxy;
    let asked_at = Instant::now();
    proxy.signal(Signal::TERM);
    assert!(proxy.wait().success(), "{}", proxy.said());
    let took = asked_at.elapsed();
    assert!(took < Duration::from_secs(15), "{took:?}: {}", proxy.said());
}

/// HTTP/2 rapid reset (CVE-2023-44487): streams are opened and reset faster than they are served.
#[test]
fn streams_that_are_reset_at_once() {
    let stage = Stage::new("");
    let block = stage.request_block();
    for _ in 0..2 {
        let mut raw = Frames::open(stage.proxy.address());
        for number in 0..10_000 {
            let stream = 2 * number + 1;
            let flags = frames::END_STREAM | frames::END_HEADERS;
            let sent = raw.send(frames::HEADERS, flags, stream, &block).and_then(|()| {
                // CANCEL (RFC 9113 §7).
                raw.send(frames::RST_STREAM, 0, stream, &8_u32.to_be_bytes())
            });
            if sent.is_err() {
                break;
            }
        }
    }
    stage.unharmed();
    let used = stage.home.activations(&stage.key, "used");
    assert!(used >= stage.upstream.count() as u64, "{used} for {}", stage.upstream.count());
}

/// A head that never ends (CVE-2024-27316 and its kind), and settings without end.
#[test]
fn frames_without_end() {
    let stage = Stage::new("");
    let block = stage.request_block();
    let mut heads = Frames::open(stage.proxy.address());
    heads.send(frames::HEADERS, frames::END_STREAM, 1, &block).unwrap();
    let more = frames::block(&[("x-filler", &"x".repeat(100))]).repeat(100);
    let ended = (0..20_000).any(|_| heads.send(frames::CONTINUATION, 0, 1, &more).is_err());
    assert!(ended, "a head of 200 MB was taken");
    let mut settings = Frames::open(stage.proxy.address());
    for _ in 0..20_000 {
        // Each would have an answer, which nobody reads.
        if settings.send(frames::SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 1]).is_err() {
            break;
        }
    }
    stage.unharmed();
    assert!(stage.upstream.count() <= 1, "{}", stage.upstream.count());
}

/// Heads that are too large are refused, whatever makes them so.
#[test]
fn heads_that_are_too_large() {
    let stage = Stage::new("");
    let large = [
        Request::chat(&stage.key.text).field("X-Filler", &"x".repeat(200_000)),
        Request::new("GET", &format!("/openai/v1/{}", "x".repeat(200_000))).bearer(&stage.key.text),
        (0..10_000).fold(Request::chat(&stage.key.text), |request, n| {
            request.field(&format!("X-{n}"), "y")
        }),
    ];
    for request in large {
        // The proxy may end the connection before the client has said everything.
        let reply = request.try_send(stage.proxy.address());
        assert!(reply.as_ref().is_err() || reply.is_ok_and(|reply| reply.status >= 400));
    }
    assert_eq!(stage.upstream.count(), 0);
    stage.unharmed();
}

/// Clients send a head and its body apart, and are refused between them. What comes at once is read,
/// and the connection goes on; else the answer says that it ends: a client that was not told loses its
/// next request.
#[test]
fn a_refusal_says_whether_its_connection_goes_on() {
    let stage = Stage::new("");
    let admin = stage.home.admin();
    for (to, path, status) in [
        (stage.proxy.address(), "/openai/v1/chat/completions", 401),
        (admin.address(), "/admin/keys", 401),
    ] {
        for (length, expect, body, ends) in [
            (2, "", Some("{}"), false),
            (2, "", None, true),
            (2, "expect: 100-continue\r\n", None, true),
            (100_000, "", Some("{}"), true),
        ] {
            let mut client = Connection::open(to).unwrap();
            let head = format!(
                "POST {path} HTTP/1.1\r\nhost: {to}\r\nauthorization: Bearer till_sk_mistyped\r\n\
                 content-type: application/json\r\ncontent-length: {length}\r\n{expect}\r\n"
            );
            client.write(head.as_bytes()).unwrap();
            if let Some(body) = body {
                client.write(body.as_bytes()).unwrap();
            }
            let reply = client.head().unwrap();
            let says = reply.head.get("connection") == Some("close");
            assert!(reply.status == status && says == ends, "{head}{body:?}: {reply:?}");
        }
    }
}

struct Stage {
    upstream: Upstream,
    home: Home,
    key: Key,
    proxy: Proxy,
}

impl Stage {
    fn new(flags: &str) -> Self {
        let upstream = Upstream::answering(Answer::status(200)).may_idle();
        let home = Home::with_openai(&upstream);
        let key = home.mint("openai -n 100000");
        let proxy = Proxy::start(home.till(&format!("proxy --listen 127.0.0.1:0 {flags}")));
        Self { upstream, home, key, proxy }
    }

    fn request_block(&self) -> Vec<u8> {
        frames::block(&[
            (":method", "POST"),
            (":scheme", "http"),
            (":authority", &self.proxy.address().to_string()),
            (":path", "/openai/v1/chat/completions"),
            ("authorization", &format!("Bearer {}", self.key.text)),
        ])
    }

    /// Others are served, and the memory is what it was.
    #[track_caller]
    fn unharmed(&self) {
        Request::chat(&self.key.text).send(self.proxy.address()).expect(200, "");
        let peak = self.proxy.peak_memory();
        assert!(peak < 100 << 20, "{} MiB", peak >> 20);
    }
}
