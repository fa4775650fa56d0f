//! Upstreams that break off, talk garbage or fall silent, over HTTP/1 with and without TLS: a clear
//! answer, nothing held afterwards, the documented charge, and the next request works.
//!
//! Refused connections, upstreams that hang up or are too slow, and other certificates are in
//! `failures.rs`, `deadlines.rs` and `tls.rs`.

use std::sync::Arc;

use rustls::crypto::ring::default_provider;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use crate::support::faults::{Fault, Faults, Gets, Way};
use crate::support::rough::Act;
use crate::support::tls::Authority;

const BEFORE_THE_ANSWER: &[Fault] = &[
    (
        "reset before the head",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.reset()
        }),
    ),
    (
        "closed before the head",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.hang_up()
        }),
    ),
    (
        "reset in the middle of the head",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nContent-Ty")?;
            line.reset()
        }),
    ),
    (
        "closed in the middle of the head",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n")
        }),
    ),
    (
        "the master key in place of a status line",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"sk-master-canary-0123456789abcdefWXYZ \x1b[2J\r\n\r\n")
        }),
    ),
    (
        "bytes in place of a status line",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(&[0, 255, 22, 3, 1, 10, 13, 10, 13, 10])
        }),
    ),
    (
        "another version",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n")
        }),
    ),
    (
        "a field without end",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nX: ")?;
            line.say(&vec![b'x'; 4 << 20])?;
            line.wait()
        }),
    ),
    (
        "fields without end",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\n")?;
            line.say(&b"x: y\r\n".repeat(1 << 18))?;
            line.wait()
        }),
    ),
    (
        "two lengths",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")
        }),
    ),
    (
        "another protocol",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
            )?;
            line.wait()
        }),
    ),
];

const IN_THE_BODY: &[Fault] = &[
    (
        "a body with its length is reset",
        Gets::HalfAnAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")?;
            line.pause();
            line.reset()
        }),
    ),
    (
        "a chunked body is reset",
        Gets::HalfAnAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")?;
            line.pause();
            line.reset()
        }),
    ),
    (
        "a chunked body ends without its last chunk",
        Gets::HalfAnAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")?;
            line.pause();
            Ok(())
        }),
    ),
    (
        "a body ends in the middle of a chunk",
        Gets::HalfAnAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nhello")?;
            line.pause();
            Ok(())
        }),
    ),
    (
        "a chunk's size is none",
        Gets::HalfAnAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")?;
            line.pause();
            line.say(b"no size\r\n0\r\n\r\n")
        }),
    ),
    (
        "a chunk's size has no end",
        Gets::HalfAnAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")?;
            line.pause();
            line.say(&[b'f'; 4096])
        }),
    ),
    (
        "a chunk is longer than its size",
        Gets::HalfAnAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")?;
            line.pause();
            line.say(b"5\r\nhello, world\r\n0\r\n\r\n")
        }),
    ),
];

const OF_TLS: &[Fault] = &[
    (
        "an alert in place of a handshake",
        Gets::Unreached,
        Act::Bytes(|line| {
            line.hear()?;
            // A fatal `handshake_failure` (RFC 8446 §6).
            line.say_raw(&[21, 3, 3, 0, 2, 2, 40])?;
            line.wait()
        }),
    ),
    (
        "HTTP in place of a handshake",
        Gets::Unreached,
        Act::Bytes(|line| {
            line.hear()?;
            line.say_raw(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")?;
            line.wait()
        }),
    ),
    (
        "closed in the handshake",
        Gets::Unreached,
        Act::Bytes(|line| {
            line.hear()?;
            line.hang_up()
        }),
    ),
    (
        "reset in the handshake",
        Gets::Unreached,
        Act::Bytes(|line| {
            line.hear()?;
            line.reset()
        }),
    ),
    (
        "a forged record before the head",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say_raw(FORGED)?;
            line.wait()
        }),
    ),
    (
        "a forged record in the body",
        Gets::HalfAnAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")?;
            line.pause();
            line.say_raw(FORGED)?;
            line.wait()
        }),
    ),
    (
        "an alert in the body",
        Gets::HalfAnAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")?;
            line.pause();
            line.say_raw(&[21, 3, 3, 0, 2, 2, 80])?;
            line.wait()
        }),
    ),
    // Whoever can cut the wire could otherwise choose where such a body ends.
    (
        "a body without a length is cut off on the way",
        Gets::HalfAnAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello")?;
            line.pause();
            line.hang_up()
        }),
    ),
];

/// Application data that no key was used for.
const FORGED: &[u8] =
    &[23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0];

const SILENT: &[Fault] = &[
    (
        "no word",
        Gets::TooLate,
        Act::Bytes(|line| {
            line.request()?;
            line.wait()
        }),
    ),
    (
        "a head byte by byte",
        Gets::TooLate,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nX: ")?;
            loop {
                line.say(b"x")?;
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        }),
    ),
];

#[test]
fn over_http1() {
    let faults = Faults::new(Way::Plain, "");
    faults.hold(BEFORE_THE_ANSWER);
    faults.hold(IN_THE_BODY);
}

#[test]
fn over_tls() {
    let faults = Faults::new(Way::Tls, "");
    faults.hold(BEFORE_THE_ANSWER);
    faults.hold(IN_THE_BODY);
    faults.hold(OF_TLS);
}

#[test]
fn upstreams_that_are_silent() {
    for way in [Way::Plain, Way::Tls] {
        Faults::new(way, "--first-byte-timeout 2s").hold(SILENT);
    }
}

/// A handshake has a deadline of its own, and who was silent in it was sent nothing.
#[test]
fn a_handshake_that_never_ends() {
    let faults = Faults::new(Way::Tls, "");
    let silent: Fault =
        ("silent in the handshake", Gets::Unreached, Act::Bytes(|line| line.wait()));
    faults.hold(&[silent]);
}

/// In TLS 1.3 the client has finished its handshake before it can be told that it should have had a
/// certificate: its request may be on its way.
#[test]
fn an_alert_after_the_handshake() {
    let authority = Authority::new();
    let faults = Faults::with(Way::Tls, &authority, wanting_certificates(&authority), "");
    let refused: Fault =
        ("a certificate is wanted", Gets::NoAnswer, Act::Bytes(|line| line.request()));
    for key in &faults.keys {
        let reply = faults.ask(key, refused.2).unwrap();
        reply.expect(502, "upstream_unreachable");
        assert_eq!(faults.used(key).0, 1);
    }
    assert_eq!(faults.upstream.requests(), 0);
}

fn wanting_certificates(authority: &Authority) -> Arc<ServerConfig> {
    let provider = Arc::new(default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate()).unwrap();
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let (certificate, key) = authority.signed_for("localhost");
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(vec![certificate], key)
        .unwrap();
    Arc::new(config)
}

/// Without TLS there is no better sign of its end than the connection's.
#[test]
fn a_body_without_a_length_ends_with_its_connection() {
    let good = Act::Bytes(|line| {
        line.request()?;
        line.say(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello")
    });
    for way in [Way::Plain, Way::Tls] {
        let faults = Faults::new(way, "");
        let reply = faults.ask(&faults.keys[0], good).unwrap();
        assert_eq!((reply.status, reply.text()), (200, "hello".to_owned()));
    }
}

/// What an upstream says after its answer is nobody's answer.
#[test]
fn an_answer_that_nobody_asked_for() {
    let twice = Act::Bytes(|line| {
        line.request()?;
        let first = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst";
        let second = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond";
        line.say(format!("{first}{second}").as_bytes())?;
        line.wait()
    });
    for way in [Way::Plain, Way::Tls] {
        let faults = Faults::new(way, "");
        for key in &faults.keys {
            let reply = faults.ask(key, twice).unwrap();
            assert_eq!((reply.status, reply.text()), (200, "first".to_owned()));
            faults.goes_on(key, "two answers to one request");
        }
    }
}
