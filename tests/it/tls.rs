//! TLS to the upstream: only a certificate of a known authority, for the right name and in its
//! time, gets to see a request.

use std::sync::Arc;

use rustls::ServerConfig;

use crate::support::answer::Answer;
use crate::support::home::Home;
use crate::support::http::{Connection, Request};
use crate::support::proxy::Proxy;
use crate::support::tls::Authority;
use crate::support::upstream::Upstream;
use crate::support::wait_until;

#[test]
fn a_certificate_of_the_given_authority_is_taken() {
    let authority = Authority::new();
    let upstream = Upstream::over_tls(authority.server_for("localhost"), Answer::replay(RECORDING));
    let home = home_for(&upstream);
    let key = home.mint("openai -n 2");
    let proxy = proxy_trusting(&home, &authority);
    let mut connection = Connection::open(proxy.address()).unwrap();
    for _ in 0..2 {
        connection.request(&Request::chat(&key.text)).unwrap().expect(200, "");
    }
    assert_eq!(upstream.connections(), 1, "the connection is used again");
}

#[test]
fn other_certificates_see_no_byte_of_a_request() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let cases = [
        ("a stranger's", stranger.server_for("localhost")),
        ("for another name", authority.server_for("example.com")),
        ("expired", authority.expired_server_for("localhost")),
    ];
    for (case, config) in cases {
        refused(case, &authority, config);
    }
}

/// Without `--upstream-ca` the system's roots decide, and they do not know the test's authority.
#[test]
fn the_systems_roots_do_not_know_the_authority() {
    let authority = Authority::new();
    let upstream = silent(authority.server_for("localhost"));
    let home = home_for(&upstream);
    let key = home.mint("openai -n 2");
    let proxy = home.proxy();
    Request::chat(&key.text).send(proxy.address()).expect(502, "upstream_unreachable");
    assert_eq!(upstream.count(), 0);
}

const RECORDING: &str = "openai.chat.openai-text.json";

fn refused(case: &str, authority: &Authority, config: Arc<ServerConfig>) {
    let upstream = silent(config);
    let home = home_for(&upstream);
    let key = home.mint("openai -n 2");
    let proxy = proxy_trusting(&home, authority);
    let reply = Request::chat(&key.text).send(proxy.address());
    assert_eq!((reply.status, reply.denial()), (502, "upstream_unreachable"), "{case}");
    assert!(reply.text().to_lowercase().contains("certificate"), "{case}: {}", reply.text());
    assert_eq!(upstream.count(), 0, "{case}");
    wait_until("nothing is held", || home.activations(&key, "held") == 0);
    assert_eq!(home.activations(&key, "used"), 0, "{case}");
}

fn silent(config: Arc<ServerConfig>) -> Upstream {
    Upstream::over_tls(config, Answer::status(200)).may_idle()
}

fn home_for(upstream: &Upstream) -> Home {
    let home = Home::new();
    home.add_openai(&upstream.base_url_by_name("/v1"));
    home
}

fn proxy_trusting(home: &Home, authority: &Authority) -> Proxy {
    let pem = home.path("authority.pem");
    authority.write_pem(&pem);
    let run = home.till("proxy --listen 127.0.0.1:0 --upstream-ca").arg(pem.to_str().unwrap());
    Proxy::start(run)
}
