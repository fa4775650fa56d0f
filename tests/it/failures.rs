//! What goes wrong upstream and downstream, and what it costs the key.

use std::time::Duration;

use rustix::process::Signal;

use crate::support::answer::{Answer, Body, Gate};
use crate::support::home::{Home, Key};
use crate::support::http::{Connection, Request};
use crate::support::upstream::Upstream;
use crate::support::wait_until;

/// Nothing listens there: the port is reserved, and its service has not been used for decades.
const NOBODY: &str = "http://127.0.0.1:1/v1";

#[test]
fn an_unreachable_upstream_gives_the_activation_back() {
    let home = Home::new();
    home.add_openai(NOBODY);
    let key = home.mint("openai -n 2");
    let proxy = home.proxy();
    for _ in 0..5 {
        let reply = Request::chat(&key.text).send(proxy.address());
        reply.expect(502, "upstream_unreachable");
        assert_eq!(reply.field("till-key"), key.id);
    }
    settles_to(&home, &key, 0);
}

#[test]
fn an_upstream_that_hangs_up_costs_an_activation() {
    let answer = Answer::status(200).body(Body::Nothing);
    let upstream = Upstream::answering(answer);
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 2");
    let proxy = home.proxy();
    let reply = Request::chat(&key.text).send(proxy.address());
    assert_eq!(reply.status, 502, "{}", reply.text());
    settles_to(&home, &key, 1);
}

/// A body cut off upstream must not look whole downstream.
#[test]
fn a_body_that_is_cut_off_is_cut_off() {
    let upstream = Upstream::answering(Answer::status(200).body(Body::CutOff(vec![b'x'; 1_000])));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 2");
    let proxy = home.proxy();
    let result = Request::chat(&key.text).try_send(proxy.address());
    assert!(result.is_err(), "{result:?}");
    settles_to(&home, &key, 1);
}

#[test]
fn a_client_that_leaves_in_mid_stream_is_settled_once() {
    let gate = Gate::default();
    let chunks = vec![b"data: 1\n\n".to_vec(); 3];
    let answer = Answer::events(vec![]).body(Body::Gated(chunks, gate.clone()));
    let upstream = Upstream::answering(answer);
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 5");
    let proxy = home.proxy();
    let mut connection = Connection::open(proxy.address()).unwrap();
    connection.start(&Request::chat(&key.text)).unwrap();
    connection.chunk_after_head();
    drop(connection);
    settles_to(&home, &key, 1);
    gate.open_once();
    settles_to(&home, &key, 1);
}

/// Whatever the upstream answers, it was sent.
#[test]
fn errors_of_the_upstream_are_passed_on_and_count() {
    for status in [400, 401, 404, 429, 500, 503] {
        let answer = Answer::status(status).field("Retry-After", "7");
        let upstream = Upstream::answering(answer);
        let home = Home::with_openai(&upstream);
        let key = home.mint("openai -n 5");
        let proxy = home.proxy();
        let reply = Request::chat(&key.text).send(proxy.address());
        reply.expect(status, "");
        assert_eq!(reply.text(), format!(r#"{{"answered":{status}}}"#));
        assert_eq!(reply.field("retry-after"), "7");
        settles_to(&home, &key, 1);
    }
}

/// Streams finish, new connections are refused, and all is settled.
#[test]
fn a_graceful_stop_finishes_what_it_began() {
    let gate = Gate::default();
    let chunks = vec![b"data: 1\n\n".to_vec(), b"data: 2\n\n".to_vec()];
    let answer = Answer::events(vec![]).body(Body::Gated(chunks, gate.clone()));
    let upstream = Upstream::answering(answer);
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 5");
    let mut proxy = home.proxy();
    let mut connection = Connection::open(proxy.address()).unwrap();
    connection.start(&Request::chat(&key.text)).unwrap();
    connection.chunk_after_head();
    proxy.signal(Signal::TERM);
    wait_until("new connections are refused", || Connection::open(proxy.address()).is_err());
    gate.open_once();
    assert_eq!(connection.chunk().unwrap().as_deref(), Some(&b"data: 2\n\n"[..]));
    assert_eq!(connection.chunk().unwrap(), None);
    let status = proxy.wait();
    assert!(status.success(), "{status}: {}", proxy.said());
    settles_to(&home, &key, 1);
    assert_eq!(upstream.count(), 1);
}

#[test]
fn a_second_interrupt_ends_at_once() {
    let gate = Gate::default();
    let chunks = vec![b"data: 1\n\n".to_vec(), b"data: 2\n\n".to_vec()];
    let answer = Answer::events(vec![]).body(Body::Gated(chunks, gate.clone()));
    let upstream = Upstream::answering(answer);
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 5");
    let mut proxy = home.proxy();
    let mut connection = Connection::open(proxy.address()).unwrap();
    connection.start(&Request::chat(&key.text)).unwrap();
    connection.chunk_after_head();
    proxy.signal(Signal::INT);
    wait_until("new connections are refused", || Connection::open(proxy.address()).is_err());
    let asked_at = std::time::Instant::now();
    proxy.signal(Signal::INT);
    proxy.wait();
    assert!(asked_at.elapsed() < Duration::from_secs(5));
    assert_eq!(home.activations(&key, "used") + home.activations(&key, "held"), 1);
    gate.open_once();
}

/// Waits until nothing is held, and expects this much to be used.
#[track_caller]
fn settles_to(home: &Home, key: &Key, used: u64) {
    wait_until("nothing is held", || home.activations(key, "held") == 0);
    assert_eq!(home.activations(key, "used"), used);
}
