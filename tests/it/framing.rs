//! Messages whose parts could be read in two ways: each is refused, or goes upstream in one way.

use std::time::Duration;

use crate::support::answer::Answer;
use crate::support::home::{Home, Key};
use crate::support::http::Connection;
use crate::support::stage::Stage;
use crate::support::upstream::{Seen, Upstream};
use crate::support::wait_until;

const POST: &str = "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}";

/// What follows the usual head, its body, and the bodies that may arrive: none where the message
/// must be refused.
const MESSAGES: &[(&str, &str, &[&str])] = &[
    ("Content-Length: 5\r\nContent-Length: 5\r\n", "hello", &["hello"]),
    ("Content-Length: 5, 5\r\n", "hello", &[]),
    ("Content-Length: 5\r\nContent-Length: 6\r\n", "hello!", &[]),
    ("Content-Length: 5, 6\r\n", "hello!", &[]),
    ("Content-Length: +5\r\n", "hello", &[]),
    ("Content-Length: -5\r\n", "hello", &[]),
    ("Content-Length: 0x5\r\n", "hello", &[]),
    ("Content-Length: 5 5\r\n", "hello", &[]),
    ("Content-Length: 18446744073709551616\r\n", "hello", &[]),
    ("Content-Length:\r\n", "", &[]),
    ("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n", &["hello"]),
    ("Transfer-Encoding: Chunked\r\n", "5\r\nhello\r\n0\r\n\r\n", &["hello"]),
    ("Transfer-Encoding: chunked\r\n", "5;a=b\r\nhello\r\n0\r\n\r\n", &["hello"]),
    ("Transfer-Encoding: chunked\r\n", "00005\r\nhello\r\n0\r\n\r\n", &["hello"]),
    ("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n", &["hello"]),
    ("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "5\r\nhello\r\n0\r\n\r\n", &["hello"]),
    ("Transfer-Encoding: xchunked\r\n", "5\r\nhello\r\n0\r\n\r\n", &[]),
    ("Transfer-Encoding: chunked, identity\r\n", "5\r\nhello\r\n0\r\n\r\n", &[]),
    ("Transfer-Encoding: identity\r\n", "hello", &[]),
    ("Transfer-Encoding: \x0bchunked\r\n", "5\r\nhello\r\n0\r\n\r\n", &[]),
    ("Transfer-Encoding : chunked\r\n", "5\r\nhello\r\n0\r\n\r\n", &[]),
    (" Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n", &[]),
    ("X: y\r\n Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n", &[]),
    ("X: a\rTransfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n", &[]),
    ("X: a\0b\r\nContent-Length: 5\r\n", "hello", &[]),
    ("X\0: a\r\nContent-Length: 5\r\n", "hello", &[]),
    ("X Y: a\r\nContent-Length: 5\r\n", "hello", &[]),
    (": a\r\nContent-Length: 5\r\n", "hello", &[]),
    ("X\r\nContent-Length: 5\r\n", "hello", &[]),
    // A line may end in a bare LF (RFC 9112 §2.2); the next hop sees CRLF.
    ("X: a\nContent-Length: 5\r\n", "hello", &["hello"]),
    ("Transfer_Encoding: chunked\r\nContent-Length: 5\r\n", "hello", &["hello"]),
];

#[test]
fn each_message_has_one_end() {
    let stage = Stage::new();
    for (fields, body, bodies) in MESSAGES {
        expect_one_reading(&stage, &format!("{POST}{fields}\r\n{body}"), bodies);
    }
}

/// Chunks that are not what they should be: the request does not look whole upstream.
#[test]
fn chunks_that_are_malformed() {
    let stage = Stage::new();
    let bodies = [
        "hello",
        "-5\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "5 5\r\nhello\r\n0\r\n\r\n",
        "5\r\nhelloX\r\n0\r\n\r\n",
        "5\nhello\n0\n\n",
        "FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n",
        "fffffffffffffffe\r\nhello",
    ];
    for body in bodies {
        expect_one_reading(&stage, &format!("{POST}Transfer-Encoding: chunked\r\n\r\n{body}"), &[]);
    }
}

/// Request lines beside the usual ones.
#[test]
fn request_lines() {
    let stage = Stage::new();
    let lines = [
        "GET evil.example HTTP/1.1",
        "GET http:evil.example HTTP/1.1",
        "GET //evil.example/openai/v1/x HTTP/1.1",
        "GET /\\evil.example/openai/v1/x HTTP/1.1",
        "GET \\\\evil.example/openai/v1/x HTTP/1.1",
        "GET /openai/v1/x y HTTP/1.1",
        "OPTIONS * HTTP/1.1",
        "TRACE /openai/v1/x HTTP/1.1",
        "CONNECT /openai/v1/x HTTP/1.1",
        "GET /openai/v1/x HTTP/1.0",
        "GET /openai/v1/x HTTP/0.9",
        "GET /openai/v1/x HTTP/3.0",
        "GET /openai/v1/x",
        "G\0T /openai/v1/x HTTP/1.1",
        "GET /openai/v1/\0 HTTP/1.1",
        "GET /openai/v1/\x7f HTTP/1.1",
    ];
    for line in lines {
        let host = if line.ends_with("1.0") { "" } else { "Host: {host}\r\n" };
        expect_one_reading(&stage, &format!("{line}\r\n{host}{{auth}}\r\n"), &[]);
    }
    // HTTP/1.0 with a Host is served, and upstream it is HTTP/1.1; a fragment stays behind.
    for line in ["GET /openai/v1/x HTTP/1.0", "GET /openai/v1/x#@evil.example HTTP/1.1"] {
        expect_one_reading(&stage, &format!("{line}\r\nHost: {{host}}\r\n{{auth}}\r\n"), &[""]);
        assert_eq!(stage.upstream.seen().pop().unwrap().target, "/v1/x");
    }
}

/// CONNECT is answered, and the connection ended: no byte after it is taken for a tunnel's.
#[test]
fn connect_ends_the_connection() {
    let stage = Stage::new();
    let text = "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n{auth}\r\n";
    let said = raw(&stage, &format!("{text}GET /openai/v1/x HTTP/1.1\r\n\r\n"));
    assert!(said.starts_with("HTTP/1.1 405"), "{said}");
    assert_eq!(stage.upstream.connections(), 0);
}

/// With a scope: whatever of a path's many spellings goes upstream lies in the scope.
#[test]
fn no_spelling_leaves_the_scope() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let key = Key::of(&home.till("key mint openai -n 5000 --allow").arg("GET /v1/files/**").json());
    let stage = Stage { proxy: home.proxy(), upstream, home, key };
    let steps = ["..", ".", "...", "..;", "..;a=b", ". .", ".%00.", "%c0%ae%c0%ae", "~", "x"];
    let slashes = ["/", "//", "\\", "%2f", "%5c", "/./", ";/", "%3b/", "?/", "#/"];
    let once = |text: &str| text.replace('.', "%2e").replace('\\', "%5C");
    let twice = |text: &str| text.replace('.', "%252e").replace("%2f", "%252f");
    let head = "HTTP/1.1\r\nHost: {host}\r\n{auth}\r\n";
    for step in steps {
        for slash in slashes {
            let plain = format!("{slash}{step}{slash}{step}{slash}admin");
            for spelt in [plain.clone(), once(&plain), twice(&plain)] {
                raw(&stage, &format!("GET /openai/v1/files/a{spelt} {head}"));
                raw(&stage, &format!("GET /openai/v1/files{spelt} {head}"));
            }
        }
    }
    let seen = stage.upstream.seen();
    assert!(!seen.is_empty());
    for Seen { target, .. } in seen {
        let path = target.split('?').next().unwrap();
        assert!(path.starts_with("/v1/files/"), "{target}");
        let mut read = path.to_lowercase();
        for _ in 0..3 {
            for (from, to) in [("%25", "%"), ("%2e", "."), ("%2f", "/"), ("%5c", "/"), ("\\", "/")]
            {
                read = read.replace(from, to);
            }
        }
        let dots = |segment: &str| matches!(segment.split(';').next(), Some("." | ".."));
        assert!(!read.split('/').any(dots), "{target}");
    }
}

/// Sends these bytes, with the proxy's address and the key's field put in, and returns all that
/// comes. Who waits for more bytes has not taken the message for whole.
fn raw(stage: &Stage, text: &str) -> String {
    let text = text.replace("{auth}", "{auth}Connection: close\r\n");
    let bytes = stage.filled(&text);
    let mut connection = Connection::open(stage.proxy.address()).unwrap();
    // It may be refused before it was said to its end.
    let _ = connection.write(&bytes);
    connection.set_patience(Duration::from_secs(3));
    String::from_utf8_lossy(&connection.rest().unwrap_or_default()).into_owned()
}

/// Either nothing arrives whole and the answer is no success, or one request with one of these
/// bodies does.
#[track_caller]
fn expect_one_reading(stage: &Stage, text: &str, bodies: &[&str]) {
    let before = stage.upstream.seen().len();
    let said = raw(stage, text);
    wait_until("nothing is held", || stage.home.activations(&stage.key, "held") == 0);
    let arrived = stage.upstream.seen().split_off(before);
    if bodies.is_empty() {
        assert!(arrived.is_empty(), "{text:?}: {arrived:#?}");
        assert!(!said.contains(" 200 "), "{text:?}: {said}");
        return;
    }
    let [seen] = &arrived[..] else { panic!("{text:?}: {said}: {arrived:#?}") };
    let body = String::from_utf8_lossy(&seen.body);
    assert!(bodies.contains(&&*body), "{text:?}: {seen:#?}");
    let framings = ["content-length", "transfer-encoding"];
    let framings: usize = framings.iter().map(|name| seen.head.all(name).len()).sum();
    assert!(framings <= 1, "{text:?}: {seen:#?}");
    assert!(seen.head.first.ends_with("HTTP/1.1"), "{seen:#?}");
}
