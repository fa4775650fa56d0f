//! Names: which hosts the proxy answers to, whom it answers, and where a redirect leads.

use crate::support::answer::Answer;
use crate::support::home::{Home, MASTER};
use crate::support::http::{Connection, Reply, Request};
use crate::support::proxy::Proxy;
use crate::support::upstream::Upstream;

/// What leads to the provider leads to the proxy; every other target is left as it is, and
/// nothing is followed.
#[test]
fn a_redirect_is_followed_by_the_client_alone() {
    let elsewhere = Upstream::answering(Answer::status(200)).may_idle();
    let upstream = Upstream::new(|seen| {
        let body = String::from_utf8_lossy(&seen.body).into_owned();
        let (status, target) = body.split_once(' ').expect("status and target");
        let answer = Answer::status(status.parse().unwrap()).field("Location", target);
        answer.field("Content-Location", target).field("Link", &format!("<{target}>; rel=\"next\""))
    });
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 100");
    let proxy = home.proxy();
    let (own, other) = (upstream.address(), elsewhere.address());
    let cases = [
        (format!("http://{own}/v1/files?a=b"), "/openai/v1/files?a=b".to_owned()),
        (format!("http://{own}"), "/openai/".to_owned()),
        ("/v1/files#x".to_owned(), "/openai/v1/files#x".to_owned()),
        (format!("http://{other}/v1/x"), format!("http://{other}/v1/x")),
        (format!("https://{own}/v1/x"), format!("https://{own}/v1/x")),
        (format!("http://{own}.evil.example/"), format!("http://{own}.evil.example/")),
        (format!("http://{own}@evil.example/"), format!("http://{own}@evil.example/")),
        ("//evil.example/x".to_owned(), "//evil.example/x".to_owned()),
        ("relative/x".to_owned(), "relative/x".to_owned()),
    ];
    for status in [301, 302, 303, 307, 308] {
        for (target, expected) in &cases {
            let request = Request::new("POST", "/openai/v1/chat/completions").bearer(&key.text);
            let reply = request.body(format!("{status} {target}").as_bytes()).send(proxy.address());
            assert_eq!(reply.status, status, "{target}");
            assert_eq!(reply.field("location"), expected, "{target}");
            assert_eq!(reply.field("content-location"), expected, "{target}");
            assert_eq!(reply.field("link"), format!("<{expected}>; rel=\"next\""), "{target}");
        }
    }
    assert_eq!((upstream.count(), elsewhere.connections()), (45, 0));
}

/// Web pages are answered nothing, whichever of a browser's marks they carry.
#[test]
fn web_pages() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 5");
    let proxy = home.proxy();
    let marks = [
        ("Origin", "http://a.example"),
        ("Origin", "null"),
        ("Origin", ""),
        ("Origin", "http://localhost:4100"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("Sec-Fetch-Site", "nonsense"),
        ("Host", "rebound.example"),
        ("Host", "rebound.example:4100"),
    ];
    for path in ["/openai/v1/chat/completions", "/till/v1/key"] {
        for (name, value) in marks {
            for method in ["POST", "GET", "OPTIONS"] {
                let reply = with_field(&proxy, method, path, &key.text, (name, value));
                // `/till/v1/key` answers GET alone.
                assert!(matches!(reply.status, 403 | 405), "{method} {path} {name}: {value}");
                let cors = reply
                    .head
                    .fields
                    .iter()
                    .any(|(name, _)| name.to_lowercase().starts_with("access-control-allow"));
                assert!(!cors, "{:?}", reply.head);
            }
        }
    }
    assert_eq!(upstream.connections(), 0);
    for site in ["none", "same-origin"] {
        Request::chat(&key.text)
            .field("Sec-Fetch-Site", site)
            .send(proxy.address())
            .expect(200, "");
    }
}

#[test]
fn names_that_are_allowed() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 50");
    let flags = "--allowed-host till.example.com --allowed-host till";
    let proxy = Proxy::start(home.till(&format!("proxy --listen 127.0.0.1:0 {flags}")));
    let asked = |host: &str| {
        let path = "/openai/v1/chat/completions";
        let reply = with_field(&proxy, "POST", path, &key.text, ("Host", host));
        (reply.status, reply.denial().to_owned())
    };
    let own = proxy.address().to_string();
    for host in ["till", "till:4100", "TILL.example.com", "localhost", "127.0.0.1", "[::1]:1", &own]
    {
        assert_eq!(asked(host), (200, String::new()), "{host}");
    }
    for host in ["example.com", "a.till.example.com", "till.example.com.evil.example", "10.0.0.1"] {
        assert_eq!(asked(host), (403, "origin_refused".to_owned()), "{host}");
    }
    for host in ["", ":4100", "till@evil.example", "till/evil", "till evil", "till:port"] {
        let status = asked(host).0;
        assert!(matches!(status, 400 | 403), "{host}: {status}");
    }
}

/// Other gateways let a client say where its request goes. Here nothing of a request does.
#[test]
fn nothing_in_a_request_chooses_its_host() {
    let elsewhere = Upstream::answering(Answer::status(200)).may_idle();
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 100");
    let proxy = home.proxy();
    let (url, host) = (elsewhere.base_url("/v1"), elsewhere.address().to_string());
    let names = [
        "X-Custom-Host",
        "X-Portkey-Custom-Host",
        "X-Target-Url",
        "X-Upstream",
        "X-Forwarded-Host",
        "X-Forwarded-Server",
        "X-Host",
        "X-Original-Host",
        "X-Original-URL",
        "X-Rewrite-URL",
        "Forwarded",
        "Api-Base",
        "Base-Url",
        "OpenAI-Base-Url",
        "Proxy",
        "Via",
    ];
    for name in names {
        for value in [&url, &host, &format!("host={host}")] {
            let request = Request::chat(&key.text).field(name, value);
            request.send(proxy.address()).expect(200, "");
        }
    }
    let path = format!("/openai/v1/chat/completions?base_url={url}&host={host}&url={url}");
    let body = format!(r#"{{"api_base":"{url}","base_url":"{url}","custom_host":"{host}"}}"#);
    let request = Request::new("POST", &path).bearer(&key.text).json(body.as_bytes());
    request.send(proxy.address()).expect(200, "");
    assert_eq!((upstream.count(), elsewhere.connections()), (names.len() * 3 + 1, 0));
}

/// No spelling of a private address is taken for a name, unless `--local` was said. What a name
/// leads to is looked at when it is dialled.
#[test]
fn names_that_mean_a_private_address() {
    let home = Home::new();
    let hosts = [
        "127.1",
        "2130706433",
        "017700000001",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.0.0.1.",
        "0",
        "0.0.0.0",
        "[::]",
        "[::127.0.0.1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "169.254.169.254",
    ];
    for host in hosts {
        let line = format!("master add openai --base-url https://{host}:8443/v1");
        let added = home.till(&line).stdin(format!("{MASTER}\n"));
        added.fails(2, &["base URL"]);
    }
}

/// Sends an empty request with one field; a `Host` takes the place of the usual one.
fn with_field(proxy: &Proxy, method: &str, path: &str, key: &str, field: (&str, &str)) -> Reply {
    let usual = ("Host", proxy.address().to_string());
    let host =
        if field.0 == "Host" { String::new() } else { format!("{}: {}\r\n", usual.0, usual.1) };
    let text = format!(
        "{method} {path} HTTP/1.1\r\n{host}{}: {}\r\nAuthorization: Bearer {key}\r\n\
         Content-Length: 0\r\n\r\n",
        field.0, field.1
    );
    let mut connection = Connection::open(proxy.address()).unwrap();
    connection.write(text.as_bytes()).unwrap();
    connection.reply().unwrap_or_else(|error| panic!("{field:?}: {error}"))
}
