//! Floods and silence, at each listener alike: the proxy's and the admin server's, with TLS and
//! without. Each is bounded, and others are served.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;

use crate::support::answer::Answer;
use crate::support::frames::{self, End, Frames, Stream, connect, secured};
use crate::support::home::Home;
use crate::support::proxy::Proxy;
use crate::support::tls::Authority;
use crate::support::upstream::Upstream;

/// PING (RFC 9113 §6.7).
const PING: u8 = 0x6;

/// HTTP/2 rapid reset (CVE-2023-44487).
#[test]
fn streams_that_are_reset_at_once() {
    let stage = Stage::new();
    for listener in &stage.listeners {
        let mut raw = listener.frames();
        let head = listener.head();
        for number in 0..5_000 {
            let stream = 2 * number + 1;
            let flags = frames::END_STREAM | frames::END_HEADERS;
            let sent = raw.send(frames::HEADERS, flags, stream, &head).and_then(|()| {
                // CANCEL (RFC 9113 §7).
                raw.send(frames::RST_STREAM, 0, stream, &8_u32.to_be_bytes())
            });
            if sent.is_err() {
                break;
            }
        }
        listener.unharmed();
    }
}

/// A head that never ends (CVE-2024-27316 and its kind); settings and pings that nobody waits for.
#[test]
fn frames_without_end() {
    let stage = Stage::new();
    for listener in &stage.listeners {
        let mut heads = listener.frames();
        heads.send(frames::HEADERS, frames::END_STREAM, 1, &listener.head()).unwrap();
        let more = frames::block(&[("x-filler", &"x".repeat(100))]).repeat(100);
        let ended = (0..5_000).any(|_| heads.send(frames::CONTINUATION, 0, 1, &more).is_err());
        assert!(ended, "{}: a head of 50 MB was taken", listener.name);
        for (kind, payload) in [(frames::SETTINGS, &[0, 3, 0, 0, 0, 1][..]), (PING, &[0; 8])] {
            let mut raw = listener.frames();
            // Each would have an answer, which nobody reads.
            let _ = (0..10_000).try_for_each(|_| raw.send(kind, 0, 0, payload));
        }
        listener.unharmed();
    }
}

/// Heads and bodies over HTTP/1.1 that are larger than anybody needs.
#[test]
fn heads_and_bodies_that_are_too_large() {
    let stage = Stage::new();
    for listener in &stage.listeners {
        let lines = (0..10_000).fold(String::new(), |lines, n| lines + &format!("X-{n}: y\r\n"));
        for head in [
            format!("{}X: {}\r\n\r\n", listener.text(""), "x".repeat(200_000)),
            format!("{}{lines}\r\n", listener.text("")),
            format!("{}\r\n", listener.text(&"x".repeat(200_000))),
        ] {
            let said = listener.answer(head.as_bytes(), 0);
            let status = said.split(' ').nth(1).unwrap_or("400").to_owned();
            assert!(status.starts_with('4'), "{}: {said}", listener.name);
        }
        listener.unharmed();
    }
    // 64 MiB in chunks, to who takes small bodies alone. What the proxy takes is handed on.
    for listener in stage.listeners.iter().filter(|listener| listener.name != "proxy") {
        let head = listener.text("").replace("GET /admin/account", "POST /admin/keys");
        let head =
            format!("{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
        let said = listener.answer(head.as_bytes(), 64);
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 413"), "{said}");
        listener.unharmed();
    }
}

/// Who says nothing, or not the whole of what comes first, is not waited for: before a TLS
/// handshake, after it, and in the middle of an HTTP/2 preface.
#[test]
fn clients_that_do_not_begin() {
    let stage = Stage::new();
    let mut waiting: Vec<(String, Box<dyn Stream>)> = Vec::new();
    for listener in &stage.listeners {
        let beginnings: &[&[u8]] = match listener.tls {
            // A ClientHello of 512 bytes that ends after its first.
            Some(_) => &[b"", b"\x16\x03\x01\x02\x00\x01"],
            None => &[b"", b"PRI * HT", b"PRI * HTTP/2.0\r\n\r\nSM\r\n"],
        };
        for first in beginnings {
            let mut stream = connect(listener.process.address());
            stream.write_all(first).unwrap();
            waiting.push((format!("{} {}", listener.name, first.escape_ascii()), Box::new(stream)));
        }
        let Some(authority) = &listener.tls else { continue };
        for (protocol, first) in
            [("http/1.1", &b""[..]), ("h2", b""), ("h2", b"PRI * HTTP/2.0\r\n")]
        {
            let mut stream = secured(listener.process.address(), authority.client(&[protocol]));
            stream.write_all(first).unwrap();
            stream.flush().unwrap();
            let name = format!("{} {protocol} {}", listener.name, first.escape_ascii());
            waiting.push((name, Box::new(stream)));
        }
    }
    for (name, mut stream) in waiting {
        assert!(ends(&mut *stream), "{name} is waited for");
    }
    stage.listeners.iter().for_each(Listener::unharmed);
}

/// A byte now and then is no beginning: the head of a request has a deadline as a whole.
#[test]
fn heads_that_come_byte_by_byte() {
    let stage = Stage::new();
    let mut open: Vec<TcpStream> = stage
        .listeners
        .iter()
        .filter(|listener| listener.tls.is_none())
        .map(|listener| connect(listener.process.address()))
        .collect();
    for stream in &mut open {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nX: ").unwrap();
    }
    let mut rounds = 0;
    while !open.is_empty() {
        assert!(rounds < 100, "a head of a byte each second is waited for");
        std::thread::sleep(Duration::from_secs(1));
        open.retain_mut(|stream| stream.write_all(b"x").is_ok());
        rounds += 1;
    }
    stage.listeners.iter().for_each(Listener::unharmed);
}

/// Whether the other side ends the connection while a test still waits.
fn ends(stream: &mut dyn Stream) -> bool {
    let mut buffer = [0; 1024];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() != ErrorKind::WouldBlock,
        }
    }
}

struct Stage {
    listeners: Vec<Listener>,
    _upstream: Upstream,
    _home: Home,
}

struct Listener {
    name: &'static str,
    process: Proxy,
    tls: Option<Arc<Authority>>,
    path: &'static str,
    secret: String,
}

impl Stage {
    fn new() -> Self {
        let upstream = Upstream::answering(Answer::status(200)).may_idle();
        let home = Home::with_openai(&upstream);
        let key = home.mint("openai -n 1000000 --allow /**").text;
        let token = home.token("ci", "--provider openai --max-activations 5");
        let authority = Arc::new(Authority::new());
        let (certificate, private) = (home.path("server.pem"), home.path("server.key"));
        authority.write_server("localhost", &certificate, &private);
        let files = [certificate, private].map(|path| path.display().to_string());
        let mut listeners = Vec::new();
        for (server, path, secret) in
            [("proxy", "/openai/v1/x", &key), ("admin serve", "/admin/account", &token)]
        {
            for tls in [None, Some(Arc::clone(&authority))] {
                let mut run = home.till(&format!("{server} --listen 127.0.0.1:0"));
                if tls.is_some() {
                    run = run.arg("--tls-cert").arg(&files[0]).arg("--tls-key").arg(&files[1]);
                }
                let (process, secret) = (Proxy::start(run), secret.clone());
                listeners.push(Listener { name: server, process, tls, path, secret });
            }
        }
        Self { listeners, _upstream: upstream, _home: home }
    }
}

impl Listener {
    fn config(&self, protocol: &str) -> Option<Arc<ClientConfig>> {
        self.tls.as_ref().map(|authority| authority.client(&[protocol]))
    }

    fn frames(&self) -> Frames {
        match self.config("h2") {
            Some(config) => Frames::open_tls(self.process.address(), config),
            None => Frames::open(self.process.address()),
        }
    }

    /// The head of a request that is answered with 200.
    fn head(&self) -> Vec<u8> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        frames::block(&[
            (":method", "GET"),
            (":scheme", scheme),
            (":authority", &self.process.address().to_string()),
            (":path", self.path),
            ("authorization", &format!("Bearer {}", self.secret)),
        ])
    }

    /// The same over HTTP/1.1, with more behind the path, and without the empty line.
    fn text(&self, more: &str) -> String {
        let Self { path, secret, .. } = self;
        let host = self.process.address();
        format!(
            "GET {path}{more} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {secret}\r\n\
             Connection: close\r\n"
        )
    }

    /// Sends a head, and chunks of 1 MiB for as long as they are taken; what is answered.
    fn answer(&self, head: &[u8], chunks: usize) -> String {
        let mut stream: Box<dyn Stream> = match self.config("http/1.1") {
            Some(config) => Box::new(secured(self.process.address(), config)),
            None => Box::new(connect(self.process.address())),
        };
        let chunk = [b"100000\r\n".to_vec(), vec![b' '; 1 << 20], b"\r\n".to_vec()].concat();
        // It may be refused before it was said to its end.
        let _ = stream
            .write_all(head)
            .and_then(|()| (0..chunks).try_for_each(|_| stream.write_all(&chunk)))
            .and_then(|()| stream.flush());
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said);
        String::from_utf8_lossy(&said).into_owned()
    }

    /// Others are served, and the memory is what it was.
    #[track_caller]
    fn unharmed(&self) {
        let mut raw = self.frames();
        let flags = frames::END_STREAM | frames::END_HEADERS;
        raw.send(frames::HEADERS, flags, 1, &self.head()).unwrap();
        assert_eq!(raw.end_of(1), End::Answered, "{}", self.name);
        let peak = self.process.peak_memory();
        assert!(peak < 100 << 20, "{}: {} MiB", self.name, peak >> 20);
    }
}
