//! HTTP/2 to the provider, where it chooses it (ALPN, RFC 7301); and bodies of any size in
//! constant memory, over either version.

use http::{Response, Version};

use crate::support::home::{Home, Key};
use crate::support::http::{Connection, Request, at_once};
use crate::support::http2::Http2;
use crate::support::hyper_body::Sent;
use crate::support::hyper_upstream::{Arrived, HyperUpstream};
use crate::support::proxy::Proxy;
use crate::support::tls::Authority;
use crate::support::wait_until;

/// 200 MiB, in chunks of 64 KiB.
const LARGE: usize = 200 * 16;

#[test]
fn a_provider_that_can_is_spoken_to_in_http2() {
    let stage = Stage::new(|_| Response::new(Sent::once(b"{}")));
    let to = stage.proxy.address();
    let request = Request::chat(&stage.key.text);
    let replies = at_once(20, move |_| request.send(to));
    for reply in replies {
        reply.expect(200, "");
        assert_eq!(reply.body, b"{}");
    }
    let arrived = stage.upstream.arrived();
    assert_eq!(arrived.len(), 20);
    for request in arrived {
        assert_eq!(request.version, Version::HTTP_2);
        assert!(request.headers.get("connection").is_none(), "{:?}", request.headers);
        assert!(request.headers.get("host").is_none(), "{:?}", request.headers);
    }
    wait_until("all is settled", || stage.home.activations(&stage.key, "used") == 20);
}

#[test]
fn http2_on_both_sides() {
    let stage = Stage::new(|arrived| {
        let length = arrived.body_bytes.to_string();
        Response::builder().status(201).body(Sent::once(length.as_bytes())).unwrap()
    });
    let mut client = Http2::open(stage.proxy.address());
    let first = client.chat(&stage.key.text);
    let mut answers = vec![client.request(first)];
    answers.extend(client.all((1..50).map(|_| client.chat(&stage.key.text)).collect()));
    for answered in answers {
        answered.expect(201, "");
        assert_eq!(answered.body, b"37");
    }
    assert_eq!(stage.upstream.connections(), 1);
}

/// More requests than the provider allows on one connection go over another, and none waits for
/// the end of others.
#[test]
fn a_full_connection_is_not_waited_for() {
    let stage = Stage::new(|_| Response::new(Sent::never()));
    let key = stage.home.mint("openai -n 250");
    let mut clients = [Http2::open(stage.proxy.address()), Http2::open(stage.proxy.address())];
    let mut streams = Vec::new();
    for number in 0..250 {
        let client = &mut clients[number % 2];
        let request = client.chat(&key.text);
        streams.push(client.start(request));
    }
    assert_eq!(stage.upstream.arrived().len(), 250);
    assert!(streams.iter().all(|stream| stream.status() == 200));
}

#[test]
fn large_bodies_over_http2_take_no_memory() {
    let stage = Stage::new(|arrived| match arrived.body_bytes {
        0 => Response::new(Sent::long(LARGE)),
        length => Response::new(Sent::once(length.to_string().as_bytes())),
    });
    let mut client = Http2::open(stage.proxy.address());
    let upload = client.call("POST", "/openai/v1/chat/completions", &stage.key.text);
    let answered = client.request(upload.body(Sent::long(LARGE)).unwrap());
    answered.expect(200, "");
    assert_eq!(String::from_utf8_lossy(&answered.body), (LARGE << 16).to_string());

    let download = client.call("GET", "/openai/v1/models", &stage.key.text);
    let mut body = client.start(download.body(Sent::empty()).unwrap()).into_body();
    let mut length = 0;
    while let Some(frame) = client.frame(&mut body) {
        length += frame.expect("a frame").into_data().expect("data").len();
    }
    assert_eq!(length, LARGE << 16);
    assert_small(&stage.proxy);
}

#[test]
fn a_large_body_over_http1_takes_no_memory() {
    let upstream = HyperUpstream::plain(|arrived| {
        Response::new(Sent::once(arrived.body_bytes.to_string().as_bytes()))
    });
    let home = Home::new();
    home.add_openai(&upstream.base_url("/v1"));
    let key = home.mint("openai -n 1");
    let proxy = home.proxy();
    let mut connection = Connection::open(proxy.address()).unwrap();
    let head = format!(
        "POST /openai/v1/chat/completions HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
         Content-Length: {}\r\n\r\n",
        proxy.address(),
        key.text,
        LARGE << 16
    );
    connection.write(head.as_bytes()).unwrap();
    let chunk = vec![b'x'; 1 << 16];
    for _ in 0..LARGE {
        connection.write(&chunk).unwrap();
    }
    let reply = connection.reply().unwrap();
    assert_eq!((reply.status, reply.text()), (200, (LARGE << 16).to_string()));
    assert_small(&proxy);
}

#[track_caller]
fn assert_small(proxy: &Proxy) {
    let peak = proxy.peak_memory();
    assert!(peak < 100 << 20, "{} MiB", peak >> 20);
}

struct Stage {
    upstream: HyperUpstream,
    home: Home,
    key: Key,
    proxy: Proxy,
}

impl Stage {
    fn new(answer: impl Fn(&Arrived) -> Response<Sent> + Send + Sync + 'static) -> Self {
        let authority = Authority::new();
        let upstream = HyperUpstream::over_tls(&authority.server_for("localhost"), answer);
        let home = Home::new();
        home.add_openai(&upstream.base_url("/v1"));
        let key = home.mint("openai -n 50");
        let pem = home.path("authority.pem");
        authority.write_pem(&pem);
        let run = home.till("proxy --listen 127.0.0.1:0 --upstream-ca").arg(pem.to_str().unwrap());
        let proxy = Proxy::start(run);
        Self { upstream, home, key, proxy }
    }
}
