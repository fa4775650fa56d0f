//! What goes upstream and what comes back: methods, paths, queries, bodies, header fields and
//! streams arrive as they were sent, but for the credential.

use crate::support::answer::{Answer, Body, Gate};
use crate::support::home::{Home, MASTER};
use crate::support::http::{Connection, Request};
use crate::support::upstream::{Place, Upstream};
use crate::support::wait_until;
use crate::support::wire::{LAST_CHUNK, as_chunk};

#[test]
fn method_path_query_and_body_arrive_as_they_were_sent() {
    let upstream = Upstream::new(|seen| Answer::json(201, &seen.body));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 50 --allow /**");
    let proxy = home.proxy();
    let body: Vec<u8> = (0..=255).collect();
    let cases = [
        ("GET", "/openai/v1/models", "/v1/models"),
        ("POST", "/openai/v1/chat/completions?a=b&&c=%20d&e", "/v1/chat/completions?a=b&&c=%20d&e"),
        // A path that does not begin with the provider's root is put under it.
        ("POST", "/openai/chat/completions", "/v1/chat/completions"),
        ("POST", "/proxy/openai/v1/responses", "/v1/responses"),
        // A key that opens one provider needs no name in the path.
        ("POST", "/v1/embeddings", "/v1/embeddings"),
        ("DELETE", "/openai/v1/files/a%20b~c", "/v1/files/a%20b~c"),
        ("PATCH", "/openai/v1/x/", "/v1/x/"),
        ("PROPFIND", "/openai/v1/x:run", "/v1/x:run"),
    ];
    for (method, sent, expected) in cases {
        let request = Request::new(method, sent).bearer(&key.text).body(&body);
        let reply = request.send(proxy.address());
        assert_eq!(reply.status, 201, "{sent}: {}", reply.text());
        assert_eq!(reply.body, body, "{sent}");
        let seen = upstream.seen().pop().unwrap();
        assert_eq!((seen.method.as_str(), seen.target.as_str()), (method, expected));
        assert_eq!(seen.body, body, "{sent}");
    }
    assert_eq!(upstream.count(), cases.len());
}

#[test]
fn the_credential_is_stripped_from_everywhere_and_placed_once() {
    let cases = [
        ("openai", "/v1", Place::bearer()),
        ("anthropic", "/v1", Place::raw("x-api-key")),
        ("google", "/v1beta", Place::raw("x-goog-api-key")),
        ("linear", "", Place::raw("authorization")),
        ("brave", "", Place::raw("x-subscription-token")),
        ("serpapi", "", Place::Query("api_key")),
    ];
    for (provider, root, place) in cases {
        let upstream = Upstream::expecting(place, |_| Answer::status(200));
        let home = Home::new();
        home.add_master(provider, &upstream.base_url(root));
        let key = home.mint(&format!("{provider} -n 50 --allow /**"));
        let proxy = home.proxy();
        let path = format!("/{provider}{root}/x");
        let places = [
            Request::new("GET", &path).bearer(&key.text),
            Request::new("GET", &path).field("authorization", &key.text),
            Request::new("GET", &path).field("Authorization", &basic(&key.text)),
            Request::new("GET", &path).field("x-api-key", &key.text),
            Request::new("GET", &path).field("X-Goog-Api-Key", &key.text),
            Request::new("GET", &path).field("api-key", &key.text),
            Request::new("GET", &format!("{path}?q=1&key={}&r=2", key.text)),
            // The same key in two places is no conflict.
            Request::new("GET", &path).bearer(&key.text).field("x-api-key", &key.text),
        ];
        for (number, request) in places.iter().enumerate() {
            let reply = request.send(proxy.address());
            assert_eq!(reply.status, 200, "{provider}, place {number}: {}", reply.text());
            let seen = upstream.seen().pop().unwrap();
            let spots = format!("{:?}", seen.head).matches(MASTER).count();
            assert_eq!(spots, 1, "{provider}, place {number}: {seen:?}");
            if number == 6 {
                assert!(seen.target.contains("q=1") && seen.target.contains("r=2"), "{seen:?}");
            }
        }
    }
}

/// Also where it is no credential: in the middle of another field, or of a query.
#[test]
fn a_proxy_key_goes_upstream_in_no_other_place() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 5");
    let proxy = home.proxy();
    let inside = format!("({})", key.text);
    let request = Request::new("GET", &format!("/openai/v1/models?a=1&b=x{inside}&c=2"));
    let request = request.bearer(&key.text).field("x-trace", &inside).field("x-kept", "1");
    assert_eq!(request.send(proxy.address()).status, 200);
    let seen = upstream.only();
    assert_eq!((seen.target.as_str(), seen.head.get("x-kept")), ("/v1/models?a=1&c=2", Some("1")));
    assert!(!format!("{seen:?}").contains(&key.text[8..]), "{seen:?}");
    for written in [key.text.clone(), key.text.replace('_', "%5F"), key.text.replace('k', "%6b")] {
        let path = Request::new("GET", &format!("/openai/v1/files/{written}")).bearer(&key.text);
        path.send(proxy.address()).expect(400, "bad_request");
    }
}

#[test]
fn header_fields_of_one_connection_and_of_an_account_stay_behind() {
    let upstream = Upstream::answering(
        Answer::status(200)
            .field("x-request-id", "req_1")
            .field("Keep-Alive", "timeout=5")
            .field("Connection", "x-hop-down")
            .field("X-Hop-Down", "1"),
    );
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 50");
    let proxy = home.proxy();
    let gone = [
        ("X-Hop", "1"),
        ("Keep-Alive", "timeout=5"),
        ("TE", "deflate"),
        ("Proxy-Authorization", "Basic eA=="),
        ("Proxy-Connection", "keep-alive"),
        ("OpenAI-Organization", "org-other"),
        ("OpenAI-Project", "proj-other"),
        ("X_Api_Key", "1"),
    ];
    let kept = [
        ("anthropic-beta", "a,b"),
        ("User-Agent", "a client/1.0"),
        ("X-Stainless-Lang", "python"),
        ("Accept", "text/event-stream"),
    ];
    let mut request = Request::chat(&key.text).field("Connection", "x-hop, authorization");
    for (name, value) in gone.iter().chain(&kept) {
        request = request.field(name, value);
    }
    let reply = request.send(proxy.address());
    reply.expect(200, "");
    let head = upstream.only().head;
    for (name, _) in gone {
        assert_eq!(head.get(name), None, "{head:?}");
    }
    for (name, value) in kept {
        assert_eq!(head.all(name), [value], "{head:?}");
    }
    assert_eq!(head.all("host"), [upstream.address().to_string()]);
    assert_eq!(head.all("content-length").len(), 1, "{head:?}");
    assert!(!head.is_chunked(), "{head:?}");

    assert_eq!(reply.field("x-request-id"), "req_1");
    assert_eq!(reply.head.get("x-hop-down"), None);
    assert_eq!(reply.field("till-key"), key.id);
    assert_eq!(reply.field("till-activations-limit"), "50");
    assert_eq!(reply.field("till-activations-remaining"), "49");
}

/// Each chunk is here before the next one is sent.
#[test]
fn a_stream_arrives_as_it_is_sent() {
    let gate = Gate::default();
    let events: Vec<_> = (0..5).map(|n| format!("data: {{\"n\":{n}}}\n\n").into_bytes()).collect();
    let answer = Answer::events(vec![]).body(Body::Gated(events.clone(), gate.clone()));
    let upstream = Upstream::answering(answer);
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 1");
    let proxy = home.proxy();
    let mut connection = Connection::open(proxy.address()).unwrap();
    connection.start(&Request::chat(&key.text)).unwrap();
    let head = connection.head().unwrap();
    assert_eq!(head.field("content-type"), "text/event-stream");
    for event in events {
        assert_eq!(connection.chunk().unwrap(), Some(event));
        gate.open_once();
    }
    assert_eq!(connection.chunk().unwrap(), None);
}

/// The upstream reads the start of a body before its end was sent.
#[test]
fn a_body_leaves_as_it_arrives() {
    let upstream = Upstream::new(|seen| Answer::json(200, &seen.body));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 2");
    let proxy = home.proxy();
    let head = format!(
        "POST /openai/v1/chat/completions HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n",
        proxy.address(),
        key.text
    );

    let mut connection = Connection::open(proxy.address()).unwrap();
    connection.write(format!("{head}Content-Length: 200000\r\n\r\n").as_bytes()).unwrap();
    connection.write(&vec![b'a'; 100_000]).unwrap();
    wait_until("half of the body arrives", || upstream.body_bytes() == 100_000);
    connection.write(&vec![b'b'; 100_000]).unwrap();
    assert_eq!(connection.reply().unwrap().body.len(), 200_000);

    connection.write(format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes()).unwrap();
    connection.write(&as_chunk(b"first")).unwrap();
    wait_until("the first chunk arrives", || upstream.body_bytes() == 200_005);
    connection.write(&as_chunk(b"second")).unwrap();
    connection.write(LAST_CHUNK).unwrap();
    assert_eq!(connection.reply().unwrap().body, b"firstsecond");
    assert!(upstream.seen()[1].head.is_chunked());
}

/// A client that does not read stops the upstream, not the memory.
#[test]
fn a_slow_reader_holds_the_upstream_back() {
    const CHUNKS: usize = 192;
    let chunks = vec![vec![b'x'; 1 << 20]; CHUNKS];
    let answer = Answer::events(vec![]).body(Body::Chunks(chunks, std::time::Duration::ZERO));
    let upstream = Upstream::answering(answer);
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 1");
    let proxy = home.proxy();
    let mut connection = Connection::open(proxy.address()).unwrap();
    connection.start(&Request::chat(&key.text)).unwrap();
    connection.head().unwrap().expect(200, "");
    std::thread::sleep(std::time::Duration::from_millis(500));
    let mut length = 0;
    while let Some(chunk) = connection.chunk().unwrap() {
        length += chunk.len();
    }
    assert_eq!(length, CHUNKS << 20);
    let peak = proxy.peak_memory();
    assert!(peak < 100 << 20, "{} MiB", peak >> 20);
}

#[test]
fn redirects_are_handed_to_the_client() {
    let elsewhere = Upstream::answering(Answer::status(200)).may_idle();
    let target = elsewhere.base_url("/v1/other");
    for status in [301, 302, 303, 307, 308] {
        let answer = Answer::status(status).field("Location", &target);
        let upstream = Upstream::answering(answer);
        let home = Home::with_openai(&upstream);
        let key = home.mint("openai -n 1");
        let proxy = home.proxy();
        let reply = Request::chat(&key.text).send(proxy.address());
        assert_eq!((reply.status, reply.field("location")), (status, target.as_str()));
        assert_eq!((upstream.count(), elsewhere.count()), (1, 0));
    }
}

#[test]
fn a_location_at_the_upstream_is_one_at_the_proxy() {
    let upstream = Upstream::new(|seen| {
        let host = seen.head.get("host").unwrap_or_default();
        Answer::status(307).field("Location", &format!("http://{host}/v1/files?a=b"))
    });
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 1");
    let proxy = home.proxy();
    let reply = Request::chat(&key.text).send(proxy.address());
    let location = reply.field("location");
    assert!(location.ends_with("/openai/v1/files?a=b"), "{location}");
    assert!(!location.contains(&upstream.address().to_string()), "{location}");
}

#[test]
fn connections_upstream_are_used_again() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 20");
    let proxy = home.proxy();
    let mut connection = Connection::open(proxy.address()).unwrap();
    for _ in 0..20 {
        connection.request(&Request::chat(&key.text)).unwrap().expect(200, "");
    }
    assert_eq!(upstream.connections(), 1);
}

fn basic(key: &str) -> String {
    use base64::Engine;
    let both = format!("{key}:");
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(both))
}
