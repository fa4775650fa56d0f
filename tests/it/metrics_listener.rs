//! The listener of the metrics: who is answered, and what harms nobody.

use rustix::process::Signal;

use crate::support::answer::Answer;
use crate::support::home::{Home, MASTER};
use crate::support::http::{Connection, Request, at_once};
use crate::support::http2::Http2;
use crate::support::hyper_body::Sent;
use crate::support::load::Load;
use crate::support::metrics::{PATH, Scrape};
use crate::support::proxy::Proxy;
use crate::support::tls::Authority;
use crate::support::upstream::Upstream;

#[test]
fn what_is_answered() {
    let home = Home::new();
    let proxy = home.measured("--allowed-host till.example.com");
    let to = proxy.metrics();
    let head = Request::new("HEAD", PATH);
    let mut connection = Connection::open(to).unwrap();
    connection.start(&head).unwrap();
    let reply = connection.head().unwrap();
    reply.expect(200, "");
    assert!(reply.head.content_length().is_some_and(|length| length > 1_000));
    // Nothing follows a head: the next answer on the connection is one.
    Scrape::of(&connection.request(&Request::new("GET", PATH)).unwrap());
    for (method, path, status) in [
        ("GET", "/", 404),
        ("GET", "/metrics/", 404),
        ("GET", "/openai/v1/models", 404),
        ("GET", "/healthz", 404),
        ("POST", PATH, 405),
        ("DELETE", PATH, 405),
    ] {
        Request::new(method, path).send(to).expect(status, "");
    }
    let post = Request::new("POST", PATH).send(to);
    assert_eq!(post.field("allow"), "GET, HEAD");
    for (name, value) in [("Origin", "http://evil.example"), ("Sec-Fetch-Site", "cross-site")] {
        Request::new("GET", PATH).field(name, value).send(to).expect(403, "");
    }
    for (host, status) in [("evil.example", 403), ("till.example.com", 200), ("localhost:1", 200)] {
        let mut connection = Connection::open(to).unwrap();
        let raw = format!("GET {PATH} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        connection.write(raw.as_bytes()).unwrap();
        connection.reply().unwrap().expect(status, "");
    }
    // The proxy itself has no metrics.
    Request::new("GET", PATH).send(proxy.address()).expect(404, "no_route");
}

#[test]
fn addresses_that_are_refused_and_ports_that_are_taken() {
    let home = Home::new();
    let proxy = "proxy --listen 127.0.0.1:0 --metrics";
    let refused = home.till(&format!("{proxy} 0.0.0.0:0"));
    refused.fails(
        8,
        &["loopback address, and what each key uses", "`--metrics 127.0.0.1:0`", "--plaintext"],
    );
    let taken = home.measured("");
    let line = format!("{proxy} {}", taken.metrics());
    home.till(&line).fails(1, &["in use by another process", "`--metrics 127.0.0.1:"]);
    let same = home.till("proxy --listen 127.0.0.1:4199 --metrics 127.0.0.1:4199");
    same.fails(2, &["both name", "`--metrics 127.0.0.1:4200`"]);
    home.till("proxy --metrics here").fails(2, &["--metrics"]);
    let anywhere = Proxy::start(home.till(&format!("{proxy} 0.0.0.0:0 --plaintext")));
    let address = (std::net::Ipv4Addr::LOCALHOST, anywhere.metrics().port());
    Scrape::of(&Request::new("GET", PATH).send(address.into()));
}

/// It has the certificate of the proxy, and speaks both versions.
#[test]
fn a_certificate_is_the_listeners_too() {
    let home = Home::new();
    let authority = Authority::new();
    let [pem, private] = ["server.pem", "server.key"].map(|name| home.path(name));
    authority.write_server("localhost", &pem, &private);
    let [pem, private] = [pem, private].map(|path| path.to_str().unwrap().to_owned());
    let proxy = home.measured(&format!("--tls-cert {pem} --tls-key {private}"));
    assert!(proxy.said().contains("metrics at https://"), "{}", proxy.said());
    let plain = Request::new("GET", PATH).try_send(proxy.metrics());
    assert!(plain.is_err(), "{plain:?}");
    let mut client = Http2::open_tls(proxy.metrics(), authority.client(&["h2"]), "localhost");
    for (host, status) in [("localhost", 200), ("evil.example", 403)] {
        let request = http::Request::get(format!("https://{host}{PATH}"));
        let reply = client.request(request.body(Sent::empty()).unwrap());
        reply.expect(status, "");
        let said = String::from_utf8_lossy(&reply.body);
        assert_eq!(said.contains("till_store_ready 1"), status == 200, "{said}");
    }
}

/// Scrapes at once, garbage, silence and more connections than there are places: the proxy goes on,
/// and so do scrapes.
#[test]
fn many_and_malformed_scrapes_harm_nobody() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 100000");
    let proxy = home.measured("");
    let to = proxy.metrics();
    let scrapes = at_once(8, move |_| Scrape::of(&Request::new("GET", PATH).send(to)));
    assert!(scrapes.iter().all(|scrape| scrape.value("till_store_ready") == "1"));
    for garbage in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET /metrics\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\n\r\n",
        b"GET /metrics HTTP/1.1\r\nHost: a\r\nHost: localhost\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\ngarbage that is no frame at all",
        b"\0\0\0\0\0\0\0\0",
        &vec![b'x'; 100_000],
    ] {
        let mut connection = Connection::open(to).unwrap();
        // It may end the connection in the middle.
        let _ = connection.write(garbage);
        let reply = connection.reply();
        assert!(reply.as_ref().is_err() || reply.is_ok_and(|reply| reply.status >= 400));
    }
    // All places are taken by clients that say nothing: they go, and the next is served.
    let silent: Vec<_> = (0..80).map(|_| Connection::open(to).unwrap()).collect();
    Request::chat(&key.text).send(proxy.address()).expect(200, "");
    Scrape::of(&Request::new("GET", PATH).send(to));
    drop(silent);
    let before = proxy.scrape().text.len();
    let flood = Load::start(8, &[to], &Request::new("GET", PATH));
    for _ in 0..20 {
        Request::chat(&key.text).send(proxy.address()).expect(200, "");
    }
    let tally = flood.stop();
    assert_eq!((tally.refused, tally.broken), (0, 0));
    assert!(proxy.peak_memory() < 100 << 20 && before < 100_000);
    let said = proxy.scrape().text;
    assert!(!said.contains(MASTER) && !said.contains(&key.text) && said.contains(&key.id));
    let (status, said) = proxy.stop();
    assert!(status.success(), "{said}");
}

/// A scrape does not wait for a store that another process holds.
#[test]
fn a_busy_store_is_not_waited_for() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let busy = home.mint("openai -n 100000000");
    let key = home.mint("openai -n 50");
    let (writer, other) = (home.proxy(), home.measured(""));
    let load = Load::start(8, &[writer.address()], &Request::chat(&busy.text));
    // The writer is in a transaction most of the time, but not always.
    let mut refused = false;
    for _ in 0..100 {
        writer.pause();
        let reply = Request::chat(&key.text).send(other.address());
        if reply.status == 503 {
            reply.expect(503, "store_busy");
            refused = true;
            break;
        }
        writer.signal(Signal::CONT);
    }
    assert!(refused, "the proxy was never stopped inside a transaction");
    let address = other.address();
    let waiting = std::thread::spawn(move || Request::chat(&key.text).send(address).status);
    // It waits to be looked up, or to be admitted, wherever the writer stands; the scrape does not.
    other.scrape();
    assert!(!waiting.is_finished(), "the scrape waited, or nothing did");
    assert_eq!(waiting.join().unwrap(), 503);
    let scrape = other.scrape();
    assert_eq!(scrape.sum("till_denials_total", &["reason=\"store_busy\""]), 2);
    assert!(scrape.sum("till_commit_failures_total", &[]) >= 1, "{}", scrape.text);
    writer.signal(Signal::CONT);
    load.stop();
}
