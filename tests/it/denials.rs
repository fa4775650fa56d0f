//! Requests that are refused: status, code, advice and dialect, over the wire. Nothing of them
//! reaches the upstream.

use till::domain::key_text::KeyText;

use crate::support::answer::Answer;
use crate::support::home::Home;
use crate::support::http::{Connection, Reply, Request};
use crate::support::proxy::Proxy;
use crate::support::stage::Stage;
use crate::support::upstream::Upstream;

#[test]
fn keys_that_are_none() {
    let stage = Stage::new();
    let (home, proxy) = (&stage.home, &stage.proxy);
    let other = Home::with_openai(&stage.upstream).mint("openai -n 1");
    let revoked = home.mint("openai -n 1");
    home.till(&format!("key revoke {}", revoked.id)).ok();
    let mut mistyped = stage.key.text.clone();
    let last = if mistyped.pop() == Some('x') { 'y' } else { 'x' };
    mistyped.push(last);
    let path = "/openai/v1/models";
    let cases = [
        (Request::new("GET", path), 401, "key_missing"),
        (Request::chat("sk-proj-0123456789abcdef"), 401, "key_malformed"),
        (Request::chat(&mistyped), 401, "key_malformed"),
        (Request::chat(&other.text), 401, "key_unknown"),
        (Request::chat(&revoked.text), 403, "key_revoked"),
        (Request::chat(&stage.key.text).field("x-api-key", &other.text), 400, "bad_request"),
        (Request::chat(&stage.key.text).bearer(&other.text), 400, "bad_request"),
    ];
    for (request, status, code) in cases {
        let reply = request.send(proxy.address());
        reply.expect(status, code);
        assert_eq!(reply.field("x-should-retry"), "false", "{code}");
        for key in [&mistyped, &other.text, &revoked.text, &stage.key.text] {
            assert!(!reply.text().contains(key.as_str()), "a key is echoed: {}", reply.text());
        }
    }
    nothing_arrived(&stage);
}

/// A key is known by the whole of it, also once its beginning is.
#[test]
fn a_key_that_begins_as_another_is_unknown() {
    let stage = Stage::new();
    Request::chat(&stage.key.text).send(stage.proxy.address()).expect(200, "");
    let mut random = [0_u8; 24];
    let digits = ('0'..='9').chain('A'..='Z').chain('a'..='z').collect::<String>();
    for digit in stage.key.text["till_sk_".len()..].chars().take(33) {
        let mut carry = digits.find(digit).expect("base62");
        for byte in random.iter_mut().rev() {
            carry += usize::from(*byte) * 62;
            *byte = u8::try_from(carry % 256).unwrap();
            carry /= 256;
        }
    }
    let own = KeyText::from_random(&random);
    assert_eq!(own.expose(), stage.key.text);
    random[23] ^= 1;
    let other = KeyText::from_random(&random);
    assert_eq!(other.expose()[..38], stage.key.text[..38]);
    Request::chat(other.expose()).send(stage.proxy.address()).expect(401, "key_unknown");
    assert_eq!(stage.upstream.count(), 1);
}

#[test]
fn routes_that_are_none() {
    let stage = Stage::new();
    stage.home.add_master("mistral", &stage.upstream.base_url("/v1"));
    let both = stage.home.mint("openai mistral -n 5");
    let cases = [
        (Request::new("GET", "/nonsense/v1/models").bearer(&stage.key.text), 404, "no_route"),
        (Request::new("GET", "/").bearer(&stage.key.text), 404, "no_route"),
        (Request::new("GET", "/openaix/v1/models").bearer(&stage.key.text), 404, "no_route"),
        // `/v1/…` says which provider only where the key opens one.
        (Request::new("GET", "/v1/models").bearer(&both.text), 404, "no_route"),
        // A provider that the key does not open.
        (Request::new("GET", "/mistral/v1/models").bearer(&stage.key.text), 403, "scope_denied"),
        (Request::new("TRACE", "/openai/v1/models").bearer(&stage.key.text), 405, "method_refused"),
        (
            Request::new("GET", "/openai/v1/realtime")
                .bearer(&stage.key.text)
                .field("Connection", "Upgrade")
                .field("Upgrade", "websocket"),
            426,
            "upgrade_refused",
        ),
    ];
    for (request, status, code) in cases {
        request.send(stage.proxy.address()).expect(status, code);
    }
    nothing_arrived(&stage);
}

/// The admin API is another process: no path and no name of a host leads from the proxy to it.
#[test]
fn the_admin_api_is_no_route() {
    let stage = Stage::new();
    let token = stage.home.token("ci", "--provider openai --max-activations 5 --max-expires 1h");
    let admin = Proxy::start(stage.home.till("admin serve --listen 127.0.0.1:0"));
    let (own, other) = (stage.proxy.address(), admin.address());
    Request::new("GET", "/admin/account").bearer(&token).send(other).expect(200, "");
    for path in ["/admin/account", "/admin/keys", "/openai/v1/../../admin/account"] {
        for credential in [&token, &stage.key.text] {
            for host in [own, other] {
                let head = format!(
                    "GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {credential}\r\n\r\n"
                );
                let mut connection = Connection::open(own).unwrap();
                connection.write(head.as_bytes()).unwrap();
                let reply = connection.reply().unwrap();
                assert!((400..500).contains(&reply.status), "{path} at {host}: {reply:?}");
                assert!(!reply.denial().is_empty(), "not the proxy's: {reply:?}");
            }
        }
    }
    nothing_arrived(&stage);
}

/// Paths that are not what they seem are refused before anything is matched or counted.
#[test]
fn paths_that_are_not_what_they_seem() {
    let stage = Stage::new();
    let paths = [
        "/openai/v1/../admin",
        "/openai/v1/chat/../../admin",
        "/openai/v1/%2e%2e/admin",
        "/openai/v1/%2E%2e/admin",
        "/openai/v1/.%2e/admin",
        "/openai/v1/%252e%252e/admin",
        "/openai/v1/./models",
        "/openai/v1/..;/admin",
        "/openai/v1%2fmodels",
        "/openai/v1/a%2Fb",
        "/openai/v1/a%5cb",
        "/openai/v1/a\\b",
        "/openai//evil.example/x",
        "//evil.example/x",
        "/openai/@evil.example/x/..",
        "/openai/v1/%00",
        "/../openai/v1/models",
    ];
    for path in paths {
        let reply = raw(&stage, &format!("GET {path} HTTP/1.1\r\nHost: {{host}}\r\n{{auth}}\r\n"));
        let refused = reply.status == 400 || (reply.status == 404 && reply.denial() == "no_route");
        assert!(refused, "{path}: {} {}", reply.status, reply.text());
    }
    nothing_arrived(&stage);
}

/// Neither the target nor the Host field chooses the upstream.
#[test]
fn messages_that_are_ambiguous() {
    let stage = Stage::new();
    let heads = [
        ("GET http://evil.example/openai/v1/models HTTP/1.1\r\nHost: {host}\r\n{auth}", 400),
        ("GET evil.example/openai/v1/models HTTP/1.1\r\nHost: {host}\r\n{auth}", 400),
        ("CONNECT evil.example:443 HTTP/1.1\r\nHost: {host}\r\n{auth}", 405),
        ("GET /openai/v1/models HTTP/1.1\r\n{auth}", 400),
        ("GET /openai/v1/models HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n{auth}", 400),
        ("GET /openai/v1/models HTTP/1.1\r\nHost: evil.example\r\n{auth}", 403),
        ("GET /openai/v1/models HTTP/1.1\r\nHost: {host}/#@evil.example\r\n{auth}", 400),
        (
            "GET /openai/v1/models HTTP/1.1\r\nHost: {host}\r\nOrigin: http://a.example\r\n{auth}",
            403,
        ),
        (
            "GET /openai/v1/models HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: cross-site\r\n{auth}",
            403,
        ),
        (
            "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1\r\nContent-Length: 2\r\n{auth}",
            400,
        ),
        ("POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\nContent-Length: +3\r\n{auth}", 400),
        (
            "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: xchunked\r\n{auth}",
            400,
        ),
        (
            "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/plain\r\n\
             Content-Type: application/json\r\n{auth}",
            400,
        ),
        ("GET /openai/v1/models HTTP/1.1\r\nHost : {host}\r\n{auth}", 400),
        ("GET /openai/v1/models HTTP/1.1\r\nHost: {host}\r\nX: a\r\n b\r\n{auth}", 400),
    ];
    for (head, status) in heads {
        let reply = raw(&stage, &format!("{head}\r\n"));
        let same = reply.status == status || (status == 403 && reply.denial() == "bad_request");
        assert!(same, "{head}: {} {}", reply.status, reply.text());
    }
    nothing_arrived(&stage);
}

/// A length beside a transfer coding: the coding counts (RFC 9112 §6.3), and one of the two goes
/// upstream, so that nobody there reads the end of the body elsewhere.
#[test]
fn a_message_with_two_framings_goes_up_with_one() {
    let stage = Stage::new();
    let reply = raw(
        &stage,
        "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\nContent-Length: 99\r\n\
         Transfer-Encoding: chunked\r\n{auth}\r\n5\r\nhello\r\n0\r\n\r\n",
    );
    assert_eq!(reply.status, 200, "{}", reply.text());
    let seen = stage.upstream.seen().pop().unwrap();
    let framing = |name: &&str| seen.head.get(name).is_some();
    let framings = ["content-length", "transfer-encoding"].iter().filter(|name| framing(name));
    assert_eq!((framings.count(), &*seen.body), (1, &b"hello"[..]), "{seen:?}");
}

/// Clients show the message where their provider puts it.
#[test]
fn each_dialect_says_it_in_its_own_place() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::new();
    let cases = [
        ("openai", "/openai/v1/chat/completions", "/error/message", "/error/code"),
        ("anthropic", "/anthropic/v1/messages", "/error/message", "/error/details/code"),
        (
            "google",
            "/google/v1beta/models/m:generateContent",
            "/error/message",
            "/error/details/0/reason",
        ),
        ("github", "/github/user", "/error/message", "/error/code"),
    ];
    for (provider, _, _, _) in cases {
        home.add_master(provider, &upstream.base_url(""));
    }
    let proxy = home.proxy();
    for (provider, path, message_at, code_at) in cases {
        let key = home.mint(&format!("{provider} -n 1"));
        home.till(&format!("key revoke {}", key.id)).ok();
        let reply = Request::new("POST", path).bearer(&key.text).json(b"{}").send(proxy.address());
        reply.expect(403, "key_revoked");
        assert_eq!(reply.field("till-key"), key.id);
        assert_eq!(reply.field("content-type"), "application/json");
        let body = reply.json();
        let message = body.pointer(message_at).and_then(|message| message.as_str());
        assert!(message.is_some_and(|text| text.contains("revoked")), "{provider}: {body}");
        assert_eq!(body.pointer(code_at).expect("a code"), "key_revoked", "{body}");
    }
}

/// Sends these bytes, filled in, and returns the answer.
fn raw(stage: &Stage, text: &str) -> Reply {
    let mut connection = Connection::open(stage.proxy.address()).unwrap();
    connection.write(&stage.filled(text)).unwrap();
    connection.reply().unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

#[track_caller]
fn nothing_arrived(stage: &Stage) {
    assert_eq!(stage.upstream.seen().len(), 0, "{:#?}", stage.upstream.seen());
    assert_eq!(stage.upstream.connections(), 0);
    assert_eq!(stage.home.activations(&stage.key, "used"), 0);
    assert_eq!(stage.home.activations(&stage.key, "held"), 0);
}
