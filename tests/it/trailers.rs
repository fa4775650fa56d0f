//! What comes after a body (trailers, RFC 9110 §6.5) and before it (`Expect: 100-continue`,
//! §10.1.1).

use http::{Response, Version};

use crate::support::answer::Answer;
use crate::support::home::{Home, Key};
use crate::support::http::Connection;
use crate::support::http2::Http2;
use crate::support::hyper_body::Sent;
use crate::support::hyper_upstream::{Arrived, HyperUpstream};
use crate::support::proxy::Proxy;
use crate::support::tls::Authority;
use crate::support::upstream::Upstream;
use crate::support::wait_until;

#[test]
fn trailers_reach_a_client_that_asks_for_them() {
    let stage = Stage::plain();
    let asking = stage.raw("GET", "TE: trailers\r\nConnection: close\r\n", b"");
    assert!(asking.ends_with("\r\n0\r\nx-checksum: abc\r\n\r\n"), "{asking}");
    let silent = stage.raw("GET", "Connection: close\r\n", b"");
    assert!(silent.ends_with("5\r\nhello\r\n0\r\n\r\n"), "{silent}");

    let mut client = Http2::open(stage.proxy.address());
    let request = client.call("GET", "/openai/v1/models", &stage.key.text);
    let request = request.header("te", "trailers").body(Sent::empty()).unwrap();
    let answered = client.request(request);
    assert_eq!((answered.status, &*answered.body), (200, &b"hello"[..]));
    assert_eq!(answered.trailers.expect("trailers")["x-checksum"], "abc");
    // What the client takes, the upstream is told.
    let told: Vec<bool> =
        stage.upstream.arrived().iter().map(|arrived| arrived.headers.contains_key("te")).collect();
    assert_eq!(told, [true, false, true]);
}

#[test]
fn trailers_of_a_request_reach_the_upstream() {
    let stage = Stage::plain();
    stage.raw(
        "POST",
        "Transfer-Encoding: chunked\r\nTrailer: x-sum\r\nConnection: close\r\n",
        b"5\r\nhello\r\n0\r\nx-sum: 99\r\n\r\n",
    );
    let arrived = stage.upstream.only();
    assert_eq!((arrived.version, arrived.body_bytes), (Version::HTTP_11, 5));
    assert_eq!(arrived.trailers.expect("trailers")["x-sum"], "99");
}

/// A key stays behind there as well: the upstream of this harness fails where one arrives.
#[test]
fn a_key_in_a_trailer_stays_behind() {
    let stage = Stage::over_tls();
    let mut client = Http2::open(stage.proxy.address());
    let mut body = Sent::once(b"hello").trailer("x-sum", "99");
    for name in ["authorization", "x-api-key", "api-key", "x-goog-api-key"] {
        body = body.trailer(name, &stage.key.text);
    }
    let request = client.call("POST", "/openai/v1/chat/completions", &stage.key.text);
    client.request(request.body(body).unwrap()).expect(200, "");
    let trailers = stage.upstream.only().trailers.expect("trailers");
    assert_eq!((trailers.len(), &trailers["x-sum"]), (1, &"99".parse().unwrap()));
}

#[test]
fn trailers_over_http2_on_both_sides() {
    let stage = Stage::over_tls();
    let mut client = Http2::open(stage.proxy.address());
    let request = client.call("POST", "/openai/v1/chat/completions", &stage.key.text);
    let body = Sent::once(b"hello").trailer("x-sum", "99");
    let answered = client.request(request.header("te", "trailers").body(body).unwrap());
    answered.expect(200, "");
    assert_eq!(answered.trailers.expect("trailers")["x-checksum"], "abc");
    let arrived = stage.upstream.only();
    assert_eq!((arrived.version, arrived.body_bytes), (Version::HTTP_2, 5));
    assert_eq!(arrived.headers["te"], "trailers");
    assert_eq!(arrived.trailers.expect("trailers")["x-sum"], "99");
}

/// The body is asked for when somebody wants it, and never before.
#[test]
fn a_body_that_waits_is_asked_for() {
    let upstream = Upstream::new(|seen| Answer::json(200, &seen.body));
    let home = Home::with_openai(&upstream);
    let keys = [home.mint("openai -n 1"), home.mint("openai -n 1 --model gpt-*")];
    let proxy = home.proxy();
    for key in &keys {
        let mut connection = expecting(&proxy, key);
        let asked = connection.head().unwrap();
        assert_eq!((asked.status, asked.head.fields.len()), (100, 0));
        connection.write(br#"{"model":"gpt-4o"}"#).unwrap();
        let reply = connection.reply().unwrap();
        assert_eq!((reply.status, reply.text().as_str()), (200, r#"{"model":"gpt-4o"}"#));
    }
    assert!(upstream.seen().iter().all(|seen| seen.head.get("expect").is_none()));

    // Both keys have ended: nobody needs the body.
    for key in &keys {
        wait_until("the key has ended", || home.show(key)["status"] == "ended");
        expecting(&proxy, key).reply().unwrap().expect(402, "activation_limit");
    }
}

/// Sends the head of a request whose body waits for a 100.
fn expecting(proxy: &Proxy, key: &Key) -> Connection {
    let mut connection = Connection::open(proxy.address()).unwrap();
    let head = format!(
        "POST /openai/v1/chat/completions HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
         Content-Length: 18\r\nExpect: 100-continue\r\n\r\n",
        proxy.address(),
        key.text
    );
    connection.write(head.as_bytes()).unwrap();
    connection
}

struct Stage {
    upstream: HyperUpstream,
    key: Key,
    proxy: Proxy,
    _home: Home,
}

impl Stage {
    fn plain() -> Self {
        Self::of(HyperUpstream::plain(answer), None)
    }

    fn over_tls() -> Self {
        let authority = Authority::new();
        let config = authority.server_for("localhost");
        Self::of(HyperUpstream::over_tls(&config, answer), Some(&authority))
    }

    fn of(upstream: HyperUpstream, authority: Option<&Authority>) -> Self {
        let home = Home::new();
        home.add_openai(&upstream.base_url("/v1"));
        let key = home.mint("openai -n 50");
        let mut run = home.till("proxy --listen 127.0.0.1:0");
        if let Some(authority) = authority {
            let pem = home.path("authority.pem");
            authority.write_pem(&pem);
            run = run.arg("--upstream-ca").arg(pem.to_str().unwrap());
        }
        Self { upstream, key, proxy: Proxy::start(run), _home: home }
    }

    /// Sends these fields and this body, and returns everything until the connection ends.
    fn raw(&self, method: &str, fields: &str, body: &[u8]) -> String {
        let mut connection = Connection::open(self.proxy.address()).unwrap();
        let path = if method == "GET" { "models" } else { "chat/completions" };
        let head = format!(
            "{method} /openai/v1/{path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
             {fields}\r\n",
            self.proxy.address(),
            self.key.text
        );
        connection.write(head.as_bytes()).unwrap();
        connection.write(body).unwrap();
        String::from_utf8(connection.rest().unwrap()).unwrap()
    }
}

fn answer(_: &Arrived) -> Response<Sent> {
    let body = Sent::once(b"hello").trailer("x-checksum", "abc");
    Response::builder().header("trailer", "x-checksum").body(body).unwrap()
}
