//! N means N: a thousand requests at once on a key of fifty.

use std::net::SocketAddr;

use crate::support::answer::Answer;
use crate::support::home::{Home, Key};
use crate::support::http::{Connection, Reply, Request, at_once};
use crate::support::upstream::Upstream;

const REQUESTS: usize = 1_000;
const LIMIT: usize = 50;

#[test]
fn one_connection_each() {
    let (upstream, home) = stage();
    let key = home.mint("openai -n 50");
    let proxy = home.proxy();
    let (to, request) = (proxy.address(), Request::chat(&key.text));
    let replies = at_once(REQUESTS, move |_| request.send(to));
    assert_fifty(&home, &key, &upstream, &replies);
}

#[test]
fn shared_connections() {
    let (upstream, home) = stage();
    let key = home.mint("openai -n 50");
    let proxy = home.proxy();
    let replies = over_shared_connections(&[proxy.address()], &key);
    assert_fifty(&home, &key, &upstream, &replies);
    assert!(upstream.connections() <= LIMIT, "{} connections upstream", upstream.connections());
}

#[test]
fn two_proxies_share_one_key() {
    let (upstream, home) = stage();
    let key = home.mint("openai -n 50");
    let (one, other) = (home.proxy(), home.proxy());
    let replies = over_shared_connections(&[one.address(), other.address()], &key);
    assert_fifty(&home, &key, &upstream, &replies);
}

/// A key that opens several providers shares its limit among them.
#[test]
fn two_providers_share_one_limit() {
    let upstream = Upstream::answering(Answer::replay("openai.chat.openai-text.json"));
    let home = Home::with_openai(&upstream);
    home.add_master("mistral", &upstream.base_url("/v1"));
    let key = home.mint("openai mistral -n 50");
    let proxy = home.proxy();
    let (to, text) = (proxy.address(), key.text.clone());
    let replies = at_once(200, move |number| {
        let provider = if number % 2 == 0 { "openai" } else { "mistral" };
        let path = format!("/{provider}/v1/chat/completions");
        Request::new("POST", &path).bearer(&text).json(b"{}").send(to)
    });
    assert_eq!(count(&replies, 200), LIMIT);
    assert_eq!(upstream.count(), LIMIT);
}

fn stage() -> (Upstream, Home) {
    let upstream = Upstream::answering(Answer::replay("openai.chat.openai-text.json"));
    let home = Home::with_openai(&upstream);
    (upstream, home)
}

/// Every connection sends its share one after the other, all connections at once.
fn over_shared_connections(proxies: &[SocketAddr], key: &Key) -> Vec<Reply> {
    const CONNECTIONS: usize = 100;
    let (proxies, request) = (proxies.to_vec(), Request::chat(&key.text));
    let replies = at_once(CONNECTIONS, move |number| {
        let mut connection = Connection::open(proxies[number % proxies.len()]).unwrap();
        let share = 0..REQUESTS / CONNECTIONS;
        share.map(|_| connection.request(&request).unwrap()).collect::<Vec<_>>()
    });
    replies.into_iter().flatten().collect()
}

#[track_caller]
fn assert_fifty(home: &Home, key: &Key, upstream: &Upstream, replies: &[Reply]) {
    assert_eq!(replies.len(), REQUESTS);
    assert_eq!(upstream.count(), LIMIT, "what the upstream got");
    assert_eq!(count(replies, 200), LIMIT, "answers");
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        reply.expect(402, "activation_limit");
        assert_eq!(reply.field("x-should-retry"), "false");
    }
    let shown = home.show(key);
    assert_eq!(shown["status"], "ended", "{shown}");
    assert_eq!(shown["ended_reason"], "activations", "{shown}");
    assert_eq!(shown["activations"]["used"], LIMIT, "{shown}");
    assert_eq!(shown["activations"]["held"], 0, "{shown}");
}

fn count(replies: &[Reply], status: u16) -> usize {
    replies.iter().filter(|reply| reply.status == status).count()
}
