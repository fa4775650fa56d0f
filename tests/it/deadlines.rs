//! How long an upstream and a client may take, and what it costs the key.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support::answer::{Answer, Body, Gate};
use crate::support::home::{Home, Key};
use crate::support::http::{Connection, Request};
use crate::support::proxy::Proxy;
use crate::support::upstream::Upstream;
use crate::support::{PATIENCE, wait_until};

#[test]
fn an_upstream_that_does_not_begin() {
    let gate = Gate::default();
    let opened = gate.clone();
    let upstream = Upstream::new(move |_| {
        opened.pass();
        Answer::status(200)
    });
    let stage = Stage::new(upstream, "--first-byte-timeout 1s");
    let reply = Request::chat(&stage.key.text).send(stage.proxy.address());
    reply.expect(504, "upstream_timeout");
    assert_eq!(reply.field("till-activations-remaining"), "4");
    stage.settles_to_one();
    gate.open_once();
}

/// Time that the client takes for its body is not the upstream's.
#[test]
fn an_upload_may_take_longer() {
    let upstream = Upstream::new(|seen| Answer::json(200, &seen.body));
    let stage = Stage::new(upstream, "--first-byte-timeout 1s");
    let piece = [b'x'; 64];
    let mut connection = stage.uploading(16 * piece.len());
    for _ in 0..16 {
        std::thread::sleep(Duration::from_millis(150));
        connection.write(&piece).unwrap();
    }
    let reply = connection.reply().unwrap();
    assert_eq!((reply.status, reply.body.len()), (200, 16 * piece.len()));
    stage.settles_to_one();
}

#[test]
fn an_upload_that_stands_still_does_not_stand_for_ever() {
    let upstream = Upstream::answering(Answer::status(200));
    let stage = Stage::new(upstream, "--first-byte-timeout 1s");
    let mut connection = stage.uploading(16);
    connection.write(b"x").unwrap();
    connection.reply().unwrap().expect(504, "upstream_timeout");
    stage.settles_to_one();
}

/// What moves is waited for, what creeps is not: 20 bytes a second here.
#[test]
fn an_upload_that_creeps_does_not_creep_for_ever() {
    let upstream = Upstream::answering(Answer::status(200));
    let stage = Stage::new(upstream, "--first-byte-timeout 2s");
    let mut connection = stage.uploading(1 << 20);
    let sent = AtomicBool::new(false);
    let mut writer = connection.writer().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !sent.load(Ordering::Relaxed) && writer.write_all(b"x").is_ok() {
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        connection.reply().unwrap().expect(504, "upstream_timeout");
        sent.store(true, Ordering::Relaxed);
    });
    stage.settles_to_one();
}

/// A stream of events says what happened in an event of its own; another body breaks off.
#[test]
fn an_upstream_that_falls_silent() {
    let gate = Gate::default();
    let chunks = vec![b"data: 1\n\n".to_vec(); 2];
    let body = Body::Gated(chunks, gate.clone());
    let answer = Answer::events(vec![]).body(body.clone());
    let stage = Stage::new(Upstream::answering(answer), "--idle-timeout 1s");
    let mut connection = Connection::open(stage.proxy.address()).unwrap();
    connection.start(&Request::chat(&stage.key.text)).unwrap();
    assert_eq!(connection.chunk_after_head(), b"data: 1\n\n");
    let event = String::from_utf8(connection.chunk().unwrap().expect("an event")).unwrap();
    assert!(event.starts_with("data: {") && event.contains("upstream_timeout"), "{event}");
    assert_eq!(connection.chunk().unwrap(), None);
    stage.settles_to_one();

    let stage =
        Stage::new(Upstream::answering(Answer::status(200).body(body)), "--idle-timeout 1s");
    let mut connection = Connection::open(stage.proxy.address()).unwrap();
    connection.start(&Request::chat(&stage.key.text)).unwrap();
    connection.chunk_after_head();
    let end = connection.chunk();
    assert!(end.is_err(), "{end:?}");
    stage.settles_to_one();
}

/// Neither pauses nor a client that does not read make an answer last for ever.
#[test]
fn an_answer_has_an_end() {
    let trickle = Body::Chunks(vec![b"data: 1\n\n".to_vec(); 200], Duration::from_millis(50));
    let upstream = Upstream::answering(Answer::events(vec![]).body(trickle));
    let stage = Stage::new(upstream, "--total-timeout 1s");
    let mut connection = Connection::open(stage.proxy.address()).unwrap();
    connection.start(&Request::chat(&stage.key.text)).unwrap();
    let mut chunks = vec![connection.chunk_after_head()];
    while let Some(chunk) = connection.chunk().unwrap() {
        chunks.push(chunk);
    }
    assert!((3..100).contains(&chunks.len()), "{}", chunks.len());
    let last = String::from_utf8_lossy(chunks.last().unwrap()).into_owned();
    assert!(last.contains("upstream_timeout"), "{last}");
    stage.settles_to_one();
}

/// What the upstream gives faster than the client reads has an end as well.
#[test]
fn a_slow_reader_has_an_end() {
    let flood = Body::Chunks(vec![vec![b'x'; 1 << 20]; 64], Duration::ZERO);
    let upstream = Upstream::answering(Answer::status(200).body(flood));
    let stage = Stage::new(upstream, "--total-timeout 1s");
    let mut connection = Connection::open(stage.proxy.address()).unwrap();
    connection.start(&Request::chat(&stage.key.text)).unwrap();
    connection.chunk_after_head();
    std::thread::sleep(Duration::from_millis(1_500));
    let end = loop {
        match connection.chunk() {
            Ok(Some(_)) => {}
            end => break end,
        }
    };
    assert!(end.is_err(), "{end:?}");
    stage.settles_to_one();
}

/// One that sends nothing, and ones that stop in the middle of what must come first.
#[test]
fn clients_that_say_nothing() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let stage = Stage::new(upstream, "");
    let balanced = Proxy::start(stage.home.till("proxy --listen 127.0.0.1:0 --proxy-protocol"));
    let cases = [
        (&stage.proxy, &b""[..]),
        (&stage.proxy, b"PRI * HT"),
        (&stage.proxy, b"PRI * HTTP/2.0\r\n\r\nSM\r\n"),
        (&balanced, b""),
        (&balanced, b"\r\n\r\n\0\r\nQUIT\n\x21"),
        (&balanced, b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\x0a\x00"),
    ];
    let open = |(proxy, first): (&Proxy, &[u8])| {
        let mut connection = Connection::open(proxy.address()).unwrap();
        connection.write(first).unwrap();
        connection
    };
    let connections: Vec<_> = cases.into_iter().map(open).collect();
    for (mut connection, (_, first)) in connections.into_iter().zip(cases) {
        connection.set_patience(PATIENCE);
        let rest = connection.rest();
        // A connection that is closed with bytes unread is reset.
        let ended = rest.is_ok() || rest.is_err_and(|error| error.kind() != WAITED);
        assert!(ended, "{}", first.escape_ascii());
    }
    // Meanwhile and afterwards others are served.
    Request::chat(&stage.key.text).send(stage.proxy.address()).expect(200, "");
}

const WAITED: std::io::ErrorKind = std::io::ErrorKind::WouldBlock;

struct Stage {
    home: Home,
    key: Key,
    proxy: Proxy,
    _upstream: Upstream,
}

impl Stage {
    fn new(upstream: Upstream, flags: &str) -> Self {
        let home = Home::with_openai(&upstream);
        let key = home.mint("openai -n 5");
        let proxy = Proxy::start(home.till(&format!("proxy --listen 127.0.0.1:0 {flags}")));
        Self { home, key, proxy, _upstream: upstream }
    }

    /// A request of which only the head was sent.
    fn uploading(&self, length: usize) -> Connection {
        let mut connection = Connection::open(self.proxy.address()).unwrap();
        let head = format!(
            "POST /openai/v1/chat/completions HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
             Content-Length: {length}\r\n\r\n",
            self.proxy.address(),
            self.key.text
        );
        connection.write(head.as_bytes()).unwrap();
        connection
    }

    #[track_caller]
    fn settles_to_one(&self) {
        wait_until("nothing is held", || self.home.activations(&self.key, "held") == 0);
        assert_eq!(self.home.activations(&self.key, "used"), 1);
    }
}
