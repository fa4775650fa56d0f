//! A proxy on the way to providers: only the one that was named, and only by CONNECT.

use std::net::TcpListener;

use http::Response;

use crate::support::answer::Answer;
use crate::support::connect_proxy::ConnectProxy;
use crate::support::home::{Home, Key, MASTER};
use crate::support::http::Request;
use crate::support::hyper_body::Sent;
use crate::support::hyper_upstream::HyperUpstream;
use crate::support::proxy::Proxy;
use crate::support::run::Run;
use crate::support::tls::Authority;
use crate::support::upstream::Upstream;
use crate::support::wait_until;

/// A name that no resolver knows: only the proxy can reach it.
const NAME: &str = "something.test";

#[test]
fn it_sees_where_and_nothing_else() {
    let (stage, authority) = Stage::new();
    let config = authority.server_for(NAME);
    let upstream = HyperUpstream::over_tls(&config, |_| Response::new(Sent::once(b"{}")));
    let connect = ConnectProxy::start(Some(upstream.address()));
    let proxy = Proxy::start(stage.run().arg("--upstream-proxy").arg(&connect.url()));
    for _ in 0..3 {
        Request::chat(&stage.key.text).send(proxy.address()).expect(200, "");
    }
    let seen = connect.seen();
    assert!((1..=3).contains(&seen.len()), "{seen:?}");
    for head in seen {
        assert_eq!(head.first, format!("CONNECT {NAME}:4443 HTTP/1.1"));
        let fields: Vec<_> = head.fields.iter().map(|(name, _)| name.to_lowercase()).collect();
        assert_eq!(fields, ["host"], "{head:?}");
    }
    assert!(connect.bytes_passed() > 0);
    for secret in [MASTER, stage.key.text.as_str(), "authorization", "gpt-4o"] {
        assert!(!connect.has_read(secret), "{secret}");
    }
    assert_eq!(upstream.arrived().len(), 3);
}

/// The name on the certificate is the provider's, whoever the proxy connects to.
#[test]
fn it_cannot_put_another_server_in_the_way() {
    let (stage, _) = Stage::new();
    let config = Authority::new().server_for(NAME);
    let impostor = HyperUpstream::over_tls(&config, |_| Response::new(Sent::empty()));
    let connect = ConnectProxy::start(Some(impostor.address()));
    let proxy = Proxy::start(stage.run().arg("--upstream-proxy").arg(&connect.url()));
    stage.unreachable(&proxy);
    assert_eq!(impostor.arrived().len(), 0);
}

#[test]
fn one_that_refuses_costs_nothing() {
    let (stage, _) = Stage::new();
    let connect = ConnectProxy::start(None);
    let proxy = Proxy::start(stage.run().arg("--upstream-proxy").arg(&connect.url()));
    stage.unreachable(&proxy);
    assert_eq!(connect.seen().len(), 1);

    // Nobody listens there.
    let proxy = Proxy::start(stage.run().arg("--upstream-proxy").arg("http://127.0.0.1:1"));
    stage.unreachable(&proxy);
}

/// Providers on this machine are not looked for beyond it.
#[test]
fn local_providers_are_reached_directly() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 1");
    let connect = ConnectProxy::start(None);
    let run = home.till("proxy --listen 127.0.0.1:0 --upstream-proxy").arg(&connect.url());
    Request::chat(&key.text).send(Proxy::start(run).address()).expect(200, "");
    assert_eq!(connect.seen().len(), 0);
}

/// Whoever sets a variable in the environment receives nothing.
#[test]
fn proxies_of_the_environment_are_ignored() {
    let upstream = Upstream::answering(Answer::status(200));
    let (stage, _) = Stage::new();
    stage.home.add_master("mistral", &upstream.base_url("/v1"));
    let local = stage.home.mint("mistral -n 1");
    let trap = TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let url = format!("http://{}", trap.local_addr().unwrap());
    let mut run = stage.run();
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"]
    {
        run = run.env(name, &url);
    }
    let proxy = Proxy::start(run);
    let path = "/mistral/v1/chat/completions";
    let reply = Request::new("POST", path).bearer(&local.text).json(b"{}").send(proxy.address());
    reply.expect(200, "");
    stage.unreachable(&proxy);
    assert_eq!(trap.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn urls_that_name_no_proxy() {
    let home = Home::new();
    for url in ["https://p:1", "p:1", "http://user:pw@p:1", "http://p:1/path", "socks5://p:1"] {
        let run = home.till("proxy --listen 127.0.0.1:0 --upstream-proxy").arg(url);
        let output = run.fails(2, &["http://proxy.example.com:3128"]);
        assert!(!output.stderr.contains("listening"), "{output}");
    }
}

struct Stage {
    home: Home,
    key: Key,
}

impl Stage {
    /// A home with a master for a public provider, and the authority that its proxy trusts.
    fn new() -> (Self, Authority) {
        let (home, authority) = (Home::new(), Authority::new());
        authority.write_pem(&home.path("authority.pem"));
        let line = format!("master add openai --base-url https://{NAME}:4443/v1");
        home.till(&line).stdin(format!("{MASTER}\n")).ok();
        let key = home.mint("openai -n 5");
        (Self { home, key }, authority)
    }

    fn run(&self) -> Run {
        let pem = self.home.path("authority.pem");
        self.home.till("proxy --listen 127.0.0.1:0 --upstream-ca").arg(pem.to_str().unwrap())
    }

    #[track_caller]
    fn unreachable(&self, proxy: &Proxy) {
        let reply = Request::chat(&self.key.text).send(proxy.address());
        reply.expect(502, "upstream_unreachable");
        wait_until("nothing is held", || self.home.activations(&self.key, "held") == 0);
        assert_eq!(self.home.activations(&self.key, "used"), 0);
    }
}
