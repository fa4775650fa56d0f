//! Behind a balancer that speaks the PROXY protocol, version 2: the client is who it says.

use std::io;
use std::net::Ipv4Addr;

use crate::support::answer::Answer;
use crate::support::home::Home;
use crate::support::http::{Connection, Reply, Request};
use crate::support::proxy::Proxy;
use crate::support::upstream::Upstream;

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

#[test]
fn limits_go_by_the_clients_address() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 5 --ip 10.0.0.0/8 --ip 2001:db8::/32");
    let proxy = behind_balancer(&home);
    let chat = Request::chat(&key.text);
    let send = |header: &[u8]| after(header, &chat, &proxy);
    send(&v4([10, 1, 2, 3].into())).unwrap().expect(200, "");
    send(&v4([11, 1, 2, 3].into())).unwrap().expect(403, "scope_denied");
    // The balancer's own address is not the client's.
    send(&v4(Ipv4Addr::LOCALHOST)).unwrap().expect(403, "scope_denied");
    let v6 = |first: u16| {
        let mut rest = [0; 36];
        rest[..2].copy_from_slice(&first.to_be_bytes());
        rest[2..4].copy_from_slice(&[0x0d, 0xb8]);
        header(0x21, 0x21, &rest)
    };
    send(&v6(0x2001)).unwrap().expect(200, "");
    send(&v6(0x2002)).unwrap().expect(403, "scope_denied");
    // An IPv4 address in an IPv6 one is the IPv4 one.
    let mut mapped = [0; 36];
    mapped[10..16].copy_from_slice(&[0xff, 0xff, 10, 0, 0, 1]);
    send(&header(0x21, 0x21, &mapped)).unwrap().expect(200, "");
    // What a client says of itself counts for nothing.
    let liar = chat.clone().field("X-Forwarded-For", "10.1.2.3").field("Forwarded", "for=10.1.2.3");
    after(&v4([11, 0, 0, 1].into()), &liar, &proxy).unwrap().expect(403, "scope_denied");
    assert_eq!(upstream.count(), 3);
    assert!(upstream.seen().iter().all(|seen| seen.head.get("x-forwarded-for").is_none()));
}

/// A health check of the balancer's own, and extensions after the addresses.
#[test]
fn what_a_balancer_may_send_besides() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 5 --ip 10.0.0.0/8");
    let proxy = behind_balancer(&home);
    let local = header(0x20, 0x00, &[]);
    let health = Request::new("GET", "/healthz");
    assert_eq!(after(&local, &health, &proxy).unwrap().status, 200);
    let mut rest = vec![10, 0, 0, 1, 127, 0, 0, 1, 0, 1, 0, 1];
    rest.extend([0x04, 0, 3, 0, 0, 0]);
    after(&header(0x21, 0x11, &rest), &Request::chat(&key.text), &proxy).unwrap().expect(200, "");
}

#[test]
fn connections_that_begin_otherwise_are_closed() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 5");
    let proxy = behind_balancer(&home);
    let cases: [(&str, Vec<u8>); 9] = [
        ("nothing", Vec::new()),
        ("version 1", b"PROXY TCP4 10.0.0.1 127.0.0.1 1 1\r\n".to_vec()),
        ("version 3", header(0x31, 0x11, &[10, 0, 0, 1, 127, 0, 0, 1, 0, 1, 0, 1])),
        ("an unknown command", header(0x2f, 0x11, &[10, 0, 0, 1, 127, 0, 0, 1, 0, 1, 0, 1])),
        ("datagrams", header(0x21, 0x12, &[10, 0, 0, 1, 127, 0, 0, 1, 0, 1, 0, 1])),
        ("a Unix socket", header(0x21, 0x31, &[0; 216])),
        ("addresses cut short", header(0x21, 0x11, &[10, 0, 0, 1])),
        ("no addresses", header(0x21, 0x11, &[])),
        ("a length beyond all bounds", [SIGNATURE, &[0x21, 0x11, 0xff, 0xff]].concat()),
    ];
    for (case, header) in cases {
        let result = after(&header, &Request::chat(&key.text), &proxy);
        assert!(result.is_err(), "{case}: {result:?}");
    }
    assert_eq!(upstream.connections(), 0);
    assert_eq!(home.activations(&key, "used"), 0);
}

/// Without the flag, what looks like the header is no HTTP.
#[test]
fn the_header_is_not_taken_unasked() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 5 --ip 10.0.0.0/8");
    let proxy = home.proxy();
    let result = after(&v4([10, 1, 2, 3].into()), &Request::chat(&key.text), &proxy);
    assert!(result.is_err() || result.is_ok_and(|reply| reply.status == 400));
    assert_eq!(upstream.connections(), 0);
}

fn behind_balancer(home: &Home) -> Proxy {
    Proxy::start(home.till("proxy --listen 127.0.0.1:0 --proxy-protocol"))
}

fn after(header: &[u8], request: &Request, proxy: &Proxy) -> io::Result<Reply> {
    let mut connection = Connection::open(proxy.address())?;
    connection.write(header)?;
    connection.request(request)
}

fn header(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
    [SIGNATURE, &[command, family], &length, rest].concat()
}

fn v4(client: Ipv4Addr) -> Vec<u8> {
    let rest = [&client.octets()[..], &[127, 0, 0, 1], &[0x1f, 0x90, 0x01, 0xbb]].concat();
    header(0x21, 0x11, &rest)
}
