//! HTTP/2 as no library sends it: pseudo-header fields, fields and lengths that lie. Nothing of it
//! reaches the upstream, and who comes next is served.

use crate::support::frames::{self, End, Frames, block};
use crate::support::http::Request;
use crate::support::stage::Stage;
use crate::support::wait_until;

type Fields = &'static [(&'static str, &'static str)];

const METHOD: (&str, &str) = (":method", "POST");
const SCHEME: (&str, &str) = (":scheme", "http");
const AUTHORITY: (&str, &str) = (":authority", "{own}");
const PATH: (&str, &str) = (":path", "/openai/v1/x");
const KEY: (&str, &str) = ("authorization", "{key}");

/// Whole heads.
#[rustfmt::skip]
const HEADS: &[(&str, Fields)] = &[
    ("no method", &[SCHEME, AUTHORITY, PATH, KEY]),
    ("an empty method", &[(":method", ""), SCHEME, AUTHORITY, PATH, KEY]),
    ("two methods", &[METHOD, (":method", "GET"), SCHEME, AUTHORITY, PATH, KEY]),
    ("a method with a space", &[(":method", "GET /admin"), SCHEME, AUTHORITY, PATH, KEY]),
    ("a method with a line end", &[(":method", "GET\r\nX: y"), SCHEME, AUTHORITY, PATH, KEY]),
    ("TRACE", &[(":method", "TRACE"), SCHEME, AUTHORITY, PATH, KEY]),
    ("no scheme", &[METHOD, AUTHORITY, PATH, KEY]),
    ("two schemes", &[METHOD, SCHEME, (":scheme", "https"), AUTHORITY, PATH, KEY]),
    ("a scheme with a host", &[METHOD, (":scheme", "http://evil/?"), AUTHORITY, PATH, KEY]),
    ("a scheme with a line end", &[METHOD, (":scheme", "http\r\nx: y"), AUTHORITY, PATH, KEY]),
    ("two paths", &[METHOD, SCHEME, AUTHORITY, PATH, (":path", "/openai/v1/y"), KEY]),
    ("no path", &[METHOD, SCHEME, AUTHORITY, KEY]),
    ("an empty path", &[METHOD, SCHEME, AUTHORITY, (":path", ""), KEY]),
    ("a star", &[(":method", "OPTIONS"), SCHEME, AUTHORITY, (":path", "*"), KEY]),
    ("a URL", &[METHOD, SCHEME, AUTHORITY, (":path", "http://evil.example/openai/v1/x"), KEY]),
    ("two slashes", &[METHOD, SCHEME, AUTHORITY, (":path", "//evil.example/openai/v1/x"), KEY]),
    ("a user", &[METHOD, SCHEME, AUTHORITY, (":path", "@evil.example/openai/v1/x"), KEY]),
    ("no slash", &[METHOD, SCHEME, AUTHORITY, (":path", "openai/v1/x"), KEY]),
    ("a query alone", &[METHOD, SCHEME, AUTHORITY, (":path", "?/openai/v1/x"), KEY]),
    ("NUL in the path", &[METHOD, SCHEME, AUTHORITY, (":path", "/openai/v1/x\0"), KEY]),
    ("a tab in the path", &[METHOD, SCHEME, AUTHORITY, (":path", "/openai/v1/x\ty"), KEY]),
    ("a space in the path", &[METHOD, SCHEME, AUTHORITY, (":path", "/openai/v1/x HTTP/1.1"), KEY]),
    ("DEL in the path", &[METHOD, SCHEME, AUTHORITY, (":path", "/openai/v1/\x7f"), KEY]),
    ("8 bits in the path", &[METHOD, SCHEME, AUTHORITY, (":path", "/openai/v1/\u{e9}"), KEY]),
    ("CR in the query", &[METHOD, SCHEME, AUTHORITY, (":path", "/openai/v1/x?a\rb"), KEY]),
    ("LF in the query", &[METHOD, SCHEME, AUTHORITY, (":path", "/openai/v1/x?a\nb: c"), KEY]),
    ("8 bits in the query", &[METHOD, SCHEME, AUTHORITY, (":path", "/openai/v1/x?\u{e9}"), KEY]),
    ("DEL in the query", &[METHOD, SCHEME, AUTHORITY, (":path", "/openai/v1/x?\x7f"), KEY]),
    ("dots", &[METHOD, SCHEME, AUTHORITY, (":path", "/openai/v1/../admin"), KEY]),
    ("encoded dots", &[METHOD, SCHEME, AUTHORITY, (":path", "/openai/v1/%2e%2e/admin"), KEY]),
    ("two authorities", &[METHOD, SCHEME, AUTHORITY, (":authority", "evil"), PATH, KEY]),
    ("another authority", &[METHOD, SCHEME, (":authority", "evil.example"), PATH, KEY]),
    ("an empty authority", &[METHOD, SCHEME, (":authority", ""), PATH, KEY]),
    ("an authority with a user", &[METHOD, SCHEME, (":authority", "x@{own}"), PATH, KEY]),
    ("own as a user", &[METHOD, SCHEME, (":authority", "{own}@evil.example"), PATH, KEY]),
    ("an authority with a path", &[METHOD, SCHEME, (":authority", "{own}/x"), PATH, KEY]),
    ("an authority and a line", &[METHOD, SCHEME, (":authority", "{own}\r\nx: y"), PATH, KEY]),
    ("no authority and no host", &[METHOD, SCHEME, PATH, KEY]),
    ("another host", &[METHOD, SCHEME, AUTHORITY, PATH, KEY, ("host", "evil.example")]),
    ("two hosts", &[METHOD, SCHEME, PATH, KEY, ("host", "{own}"), ("host", "{own}")]),
    ("a pseudo-header of answers", &[METHOD, SCHEME, AUTHORITY, PATH, (":status", "200"), KEY]),
    ("one that nobody knows", &[METHOD, SCHEME, AUTHORITY, PATH, (":evil", "1"), KEY]),
    ("one behind the fields", &[METHOD, SCHEME, AUTHORITY, KEY, PATH]),
    ("CONNECT", &[(":method", "CONNECT"), (":authority", "evil.example:443"), KEY]),
    ("CONNECT with a path", &[(":method", "CONNECT"), SCHEME, AUTHORITY, PATH, KEY]),
    ("extended CONNECT", &[(":method", "CONNECT"), (":protocol", "websocket"), SCHEME, AUTHORITY, PATH, KEY]),
    ("connection", &[METHOD, SCHEME, AUTHORITY, PATH, KEY, ("connection", "x-api-key")]),
    ("keep-alive", &[METHOD, SCHEME, AUTHORITY, PATH, KEY, ("keep-alive", "1")]),
    ("proxy-connection", &[METHOD, SCHEME, AUTHORITY, PATH, KEY, ("proxy-connection", "close")]),
    ("a coding", &[METHOD, SCHEME, AUTHORITY, PATH, KEY, ("transfer-encoding", "chunked")]),
    ("upgrade", &[METHOD, SCHEME, AUTHORITY, PATH, KEY, ("upgrade", "websocket")]),
    ("te", &[METHOD, SCHEME, AUTHORITY, PATH, KEY, ("te", "gzip")]),
    ("capitals", &[METHOD, SCHEME, AUTHORITY, PATH, KEY, ("X-Api-Key", "1")]),
    ("an empty name", &[METHOD, SCHEME, AUTHORITY, PATH, KEY, ("", "1")]),
    ("a colon in a name", &[METHOD, SCHEME, AUTHORITY, PATH, KEY, ("x:y", "1")]),
    ("a line end in a name", &[METHOD, SCHEME, AUTHORITY, PATH, KEY, ("x\r\ny", "1")]),
    ("CR in a value", &[METHOD, SCHEME, AUTHORITY, PATH, KEY, ("x", "a\rb")]),
    ("LF in a value", &[METHOD, SCHEME, AUTHORITY, PATH, KEY, ("x", "a\nb: c")]),
    ("NUL in a value", &[METHOD, SCHEME, AUTHORITY, PATH, KEY, ("x", "a\0b")]),
];

#[test]
fn heads_that_lie_reach_nobody() {
    let stage = Stage::new();
    for (case, fields) in HEADS {
        let mut raw = Frames::open(stage.proxy.address());
        let flags = frames::END_STREAM | frames::END_HEADERS;
        raw.send(frames::HEADERS, flags, 1, &filled(&stage, fields)).unwrap();
        assert_ne!(raw.end_of(1), End::Answered, "{case}");
        assert_eq!(stage.upstream.connections(), 0, "{case}");
    }
    assert_eq!(stage.home.activations(&stage.key, "used"), 0);
    serves(&stage);
}

/// What is right beside them: the same head without a lie is served, so that the others are not
/// refused for want of something else. A fragment is cut off, as over HTTP/1.1, and a scheme
/// decides nothing.
#[test]
fn heads_that_do_not_lie_are_served() {
    let stage = Stage::new();
    let heads: [(Fields, &str); 5] = [
        (&[METHOD, SCHEME, AUTHORITY, PATH, KEY], "/v1/x"),
        (&[AUTHORITY, SCHEME, PATH, METHOD, KEY, ("te", "trailers"), ("host", "{own}")], "/v1/x"),
        (&[METHOD, SCHEME, PATH, ("host", "{own}"), KEY], "/v1/x"),
        (&[METHOD, SCHEME, AUTHORITY, (":path", "/openai/v1/x#@evil"), KEY], "/v1/x"),
        (&[METHOD, (":scheme", ""), AUTHORITY, PATH, KEY], "/v1/x"),
    ];
    for (fields, target) in heads {
        let mut raw = Frames::open(stage.proxy.address());
        let flags = frames::END_STREAM | frames::END_HEADERS;
        raw.send(frames::HEADERS, flags, 1, &filled(&stage, fields)).unwrap();
        assert_eq!(raw.end_of(1), End::Answered, "{fields:?}");
        assert_eq!(stage.upstream.seen().pop().unwrap().target, target);
    }
}

/// Lengths that are none, or not those of the body: no request arrives whole.
#[test]
fn lengths_that_lie() {
    let stage = Stage::new();
    let cases: [(&[&str], &[u8]); 9] = [
        (&["4"], b"hello"),
        (&["6"], b"hello"),
        (&["0"], b"hello"),
        (&["5", "6"], b"hello"),
        (&["5, 5"], b"hello"),
        (&["+5"], b"hello"),
        (&["-5"], b"hello"),
        (&["0x5"], b"hello"),
        (&["18446744073709551621"], b"hello"),
    ];
    for (lengths, body) in cases {
        let mut fields = vec![METHOD, SCHEME, AUTHORITY, PATH, KEY];
        fields.extend(lengths.iter().map(|length| ("content-length", *length)));
        let mut raw = Frames::open(stage.proxy.address());
        raw.send(frames::HEADERS, frames::END_HEADERS, 1, &filled(&stage, &fields)).unwrap();
        let _ = raw.send(frames::DATA, frames::END_STREAM, 1, body);
        let end = raw.end_of(1);
        assert_ne!(end, End::Answered, "{lengths:?}");
        wait_until("nothing is held", || stage.home.activations(&stage.key, "held") == 0);
        assert_eq!(stage.upstream.seen().len(), 0, "{lengths:?}: {:?}", stage.upstream.seen());
    }
    serves(&stage);
}

/// Trailers that would be a request's head, or end it otherwise.
#[test]
fn trailers_that_lie() {
    let stage = Stage::new();
    let trailers: [Fields; 4] = [
        &[("transfer-encoding", "chunked")],
        &[("connection", "close")],
        &[("X-Capital", "1")],
        &[("x", "a\r\nb: c")],
    ];
    for fields in trailers {
        let mut raw = Frames::open(stage.proxy.address());
        let head = filled(&stage, &[METHOD, SCHEME, AUTHORITY, PATH, KEY]);
        raw.send(frames::HEADERS, frames::END_HEADERS, 1, &head).unwrap();
        let _ = raw.send(frames::DATA, 0, 1, b"hello");
        let flags = frames::END_STREAM | frames::END_HEADERS;
        let _ = raw.send(frames::HEADERS, flags, 1, &filled(&stage, fields));
        assert_ne!(raw.end_of(1), End::Answered, "{fields:?}");
        wait_until("nothing is held", || stage.home.activations(&stage.key, "held") == 0);
        assert_eq!(stage.upstream.seen().len(), 0, "{fields:?}: {:?}", stage.upstream.seen());
    }
    serves(&stage);
}

/// The h2 crate reads over pseudo-header fields in trailers. They go no further.
#[test]
fn pseudo_headers_in_trailers_stay_behind() {
    let stage = Stage::new();
    let trailers: [Fields; 2] = [&[(":path", "/openai/v1/admin")], &[(":method", "DELETE")]];
    for fields in trailers {
        let mut raw = Frames::open(stage.proxy.address());
        let head = filled(&stage, &[METHOD, SCHEME, AUTHORITY, PATH, KEY]);
        raw.send(frames::HEADERS, frames::END_HEADERS, 1, &head).unwrap();
        raw.send(frames::DATA, 0, 1, b"hello").unwrap();
        let flags = frames::END_STREAM | frames::END_HEADERS;
        raw.send(frames::HEADERS, flags, 1, &filled(&stage, fields)).unwrap();
        raw.end_of(1);
        let seen = stage.upstream.seen().pop().unwrap();
        assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/v1/x"));
        assert_eq!(seen.body, b"hello");
    }
    serves(&stage);
}

fn filled(stage: &Stage, fields: &[(&str, &str)]) -> Vec<u8> {
    let own = stage.proxy.address().to_string();
    let key = format!("Bearer {}", stage.key.text);
    let fields: Vec<(&str, String)> = fields
        .iter()
        .map(|(name, value)| (*name, value.replace("{own}", &own).replace("{key}", &key)))
        .collect();
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    block(&fields)
}

/// Who comes next, over a connection of its own, is served.
#[track_caller]
fn serves(stage: &Stage) {
    let before = stage.upstream.seen().len();
    Request::chat(&stage.key.text).send(stage.proxy.address()).expect(200, "");
    assert_eq!(stage.upstream.seen().len(), before + 1);
}
