//! Upstreams whose TLS breaks, in the handshake and after it: the same as in `upstream_faults.rs`.
//!
//! Certificates that are wrong are in `tls.rs`.

use std::sync::Arc;

use rustls::crypto::ring::default_provider;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

use crate::support::faults::{Fault, Faults, Gets, Way};
use crate::support::rough::{Act, Line};
use crate::support::tls::Authority;

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

#[test]
fn tls_that_breaks() {
    Faults::new(Way::Tls, "").hold(OF_TLS);
}

/// A handshake has a deadline of its own, and who was silent in it was sent nothing.
#[test]
fn a_handshake_that_never_ends() {
    let faults = Faults::new(Way::Tls, "");
    let silent: Fault = ("silent in the handshake", Gets::Unreached, Act::Bytes(Line::wait));
    faults.hold_one(&faults.keys[1], &silent);
}

/// In TLS 1.3 the client has finished its handshake before it can be told that it should have had a
/// certificate: its request may be on its way.
#[test]
fn an_alert_after_the_handshake() {
    let authority = Authority::new();
    let faults = Faults::with(Way::Tls, &authority, wanting_certificates(&authority), "");
    for key in &faults.keys {
        let reply = faults.ask(key, Act::Bytes(Line::request)).unwrap();
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
