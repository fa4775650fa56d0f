//! TLS to the upstream: only a certificate of a known authority, for the right name and in its
//! time, gets to see a request.

use std::sync::Arc;

use rustls::ServerConfig;

use crate::support::answer::Answer;
use crate::support::home::{Home, MASTER};
use crate::support::http::{Connection, Request};
use crate::support::proxy::Proxy;
use crate::support::tls::Authority;
use crate::support::upstream::{Place, Upstream};
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

/// `master add --verify` trusts what it is told to, and sends what the provider needs.
#[test]
fn a_key_is_verified_with_its_provider() {
    let authority = Authority::new();
    let upstream = Upstream::over_tls(authority.server_for("localhost"), Answer::status(200));
    let home = Home::new();
    let pem = home.path("authority.pem");
    authority.write_pem(&pem);
    let add = |provider: &str, upstream: &Upstream, more: &str| {
        let base = upstream.base_url_by_name("");
        home.till(&format!("master add {provider} --verify --base-url {base} {more}")).stdin(MASTER)
    };
    let unknown = add("openai", &upstream, "").run();
    unknown.expect_failure(1, &["could not be asked", "certificate"]);
    assert_eq!(home.till("master ls").json().as_array().map(Vec::len), Some(0));
    assert_eq!(upstream.count(), 0);
    let trusting = format!("--upstream-ca {} --header OpenAI-Organization:org-1", pem.display());
    add("openai", &upstream, &trusting).ok();
    let seen = upstream.only();
    assert_eq!(seen.head.all("openai-organization"), ["org-1"]);
    assert!(seen.head.all("anthropic-version").is_empty(), "{seen:?}");

    let upstream = Upstream::expecting(Place::raw("x-api-key"), |_| Answer::status(200));
    add("anthropic", &upstream, "").ok();
    add("anthropic", &upstream, "--name second --header anthropic-version:2024-01-01").ok();
    let seen = upstream.seen();
    let versions: Vec<_> = seen.iter().map(|one| one.head.all("anthropic-version")).collect();
    assert_eq!(versions, [["2023-06-01"], ["2024-01-01"]]);
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
