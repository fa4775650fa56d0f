//! The listener's own TLS, and who may listen beyond this machine.

use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;

use rustix::process::Signal;
use rustls::{ClientConnection, StreamOwned};
use rustls_pki_types::ServerName;

use crate::support::answer::Answer;
use crate::support::home::{Home, Key};
use crate::support::http::{Connection, Request};
use crate::support::http2::Http2;
use crate::support::proxy::Proxy;
use crate::support::run::Run;
use crate::support::tls::Authority;
use crate::support::upstream::Upstream;
use crate::support::wire::Head;
use crate::support::{PATIENCE, wait_until};

#[test]
fn both_versions_over_tls() {
    let stage = Stage::new();
    let proxy = stage.proxy("127.0.0.1:0");
    let head = stage.over_http1(proxy.address(), "localhost").unwrap();
    assert!(head.first.starts_with("HTTP/1.1 200"), "{head:?}");
    let client = stage.authority.client(&["h2", "http/1.1"]);
    let mut client = Http2::open_tls(proxy.address(), client, "localhost");
    let request = client.chat(&stage.key.text);
    client.request(request).expect(200, "");
    // A name of another host is one over TLS as well.
    let request = http::Request::get("https://evil.example/openai/v1/models");
    let request = request.body(crate::support::hyper_body::Sent::empty()).unwrap();
    client.request(request).expect(403, "origin_refused");
}

#[test]
fn a_client_without_tls_gets_nothing() {
    let stage = Stage::new();
    let proxy = stage.proxy("127.0.0.1:0");
    let result = Request::chat(&stage.key.text).try_send(proxy.address());
    assert!(result.is_err(), "{result:?}");
    let mut raw = TcpStream::connect(proxy.address()).unwrap();
    raw.set_read_timeout(Some(PATIENCE)).unwrap();
    raw.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut said = Vec::new();
    let _ = raw.read_to_end(&mut said);
    assert!(!said.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&said));
    // A stranger does not trust the listener's authority.
    let stranger = Stage { authority: Authority::new(), ..Stage::new() };
    assert!(stranger.over_http1(proxy.address(), "localhost").is_err());
}

/// SIGHUP: the next connection gets the new certificate, one that stands goes on, and what cannot
/// be read changes nothing.
#[test]
fn a_certificate_is_renewed() {
    let stage = Stage::new();
    let proxy = stage.proxy("127.0.0.1:0");
    let config = stage.authority.client(&["h2"]);
    let mut standing = Http2::open_tls(proxy.address(), config, "localhost");
    stage.over_http1(proxy.address(), "renewed.example").unwrap_err();

    stage.authority.write_server("renewed.example", &stage.certificate(), &stage.private());
    proxy.signal(Signal::HUP);
    wait_until("the new certificate is served", || {
        stage.over_http1(proxy.address(), "renewed.example").is_ok()
    });
    stage.over_http1(proxy.address(), "localhost").unwrap_err();
    let request = standing.chat(&stage.key.text);
    standing.request(request).expect(200, "");

    std::fs::write(stage.certificate(), "no certificate").unwrap();
    proxy.signal(Signal::HUP);
    wait_until("it says so", || proxy.said().contains("the old one stays"));
    stage.over_http1(proxy.address(), "renewed.example").unwrap();
}

#[test]
fn certificates_that_cannot_be_used() {
    let stage = Stage::new();
    let other = stage.home.path("other.key");
    stage.authority.write_server("localhost", &stage.home.path("other.pem"), &other);
    let listen = |certificate: PathBuf, key: PathBuf| {
        let run = stage.home.till("proxy --listen 127.0.0.1:0 --tls-cert");
        run.arg(certificate.to_str().unwrap()).arg("--tls-key").arg(key.to_str().unwrap())
    };
    let absent = stage.home.path("absent.pem");
    listen(stage.certificate(), other).fails(1, &["certificate", "--tls-key"]);
    listen(absent, stage.private()).fails(1, &["absent.pem", "--tls-cert"]);
    listen(stage.private(), stage.private()).fails(1, &["--tls-cert"]);
    stage.home.till("proxy --tls-cert cert.pem").fails(2, &["--tls-key"]);
}

/// Beyond loopback: not without TLS, unless it is said aloud.
#[test]
fn every_address() {
    let stage = Stage::new();
    stage.home.till("proxy --listen 0.0.0.0:0").fails(8, &["--tls-cert", "--plaintext"]);
    stage.home.till("proxy --listen [::]:0").fails(8, &["loopback"]);
    stage.run("0.0.0.0:0").arg("--plaintext").fails(2, &["--plaintext"]);

    let proxy = stage.proxy("0.0.0.0:0");
    let to = SocketAddr::from(([127, 0, 0, 1], proxy.address().port()));
    stage.over_http1(to, "localhost").unwrap();

    let proxy = Proxy::start(stage.home.till("proxy --listen 0.0.0.0:0 --plaintext"));
    let to = SocketAddr::from(([127, 0, 0, 1], proxy.address().port()));
    Request::chat(&stage.key.text).send(to).expect(200, "");
}

/// Another process that binds the same port would receive others' keys.
#[test]
fn a_second_listener_on_the_port_fails() {
    let stage = Stage::new();
    let proxy = stage.home.proxy();
    let address = proxy.address().to_string();
    stage.home.till("proxy --listen").arg(&address).fails(1, &["in use"]);
    assert!(std::net::TcpListener::bind(proxy.address()).is_err());
    Connection::open(proxy.address()).unwrap();
}

struct Stage {
    home: Home,
    authority: Authority,
    key: Key,
    _upstream: Upstream,
}

impl Stage {
    fn new() -> Self {
        let upstream = Upstream::answering(Answer::status(200)).may_idle();
        let home = Home::with_openai(&upstream);
        let key = home.mint("openai -n 1000");
        let stage = Self { home, authority: Authority::new(), key, _upstream: upstream };
        stage.authority.write_server("localhost", &stage.certificate(), &stage.private());
        stage
    }

    fn certificate(&self) -> PathBuf {
        self.home.path("server.pem")
    }

    fn private(&self) -> PathBuf {
        self.home.path("server.key")
    }

    fn run(&self, listen: &str) -> Run {
        let run = self.home.till("proxy --listen").arg(listen);
        let run = run.arg("--tls-cert").arg(self.certificate().to_str().unwrap());
        run.arg("--tls-key").arg(self.private().to_str().unwrap())
    }

    fn proxy(&self, listen: &str) -> Proxy {
        Proxy::start(self.run(listen))
    }

    /// A chat completion over HTTP/1.1, where the certificate is for `name`.
    fn over_http1(&self, to: SocketAddr, name: &str) -> std::io::Result<Head> {
        let server = ServerName::try_from(name.to_owned()).expect("a name");
        let session = ClientConnection::new(self.authority.client(&[]), server);
        let stream = TcpStream::connect(to)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut stream = BufReader::new(StreamOwned::new(session.expect("a session"), stream));
        let text = format!(
            "POST /openai/v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n\
             Authorization: Bearer {}\r\nContent-Length: 2\r\n\r\n{{}}",
            self.key.text
        );
        stream.get_mut().write_all(text.as_bytes())?;
        Head::read(&mut stream)?.ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into())
    }
}
