//! A client that speaks HTTP/2: any number of requests at once on one connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Request, Response, request};
use http_body_util::BodyExt;
use hyper::body::{Frame, Incoming};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::rt::{Read, Write};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::PATIENCE;
use super::hyper_body::Sent;

/// One connection.
#[derive(Debug)]
pub(crate) struct Http2 {
    runtime: Runtime,
    sender: SendRequest<Sent>,
    /// Scheme and authority of the requests.
    base: String,
}

/// An answer, whole.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Option<HeaderMap>,
}

impl Http2 {
    /// With prior knowledge (RFC 9113 §3.3).
    pub(crate) fn open(to: SocketAddr) -> Self {
        let runtime = runtime();
        let sender = runtime.block_on(async { start(TokioIo::new(connect(to).await)).await });
        Self { runtime, sender, base: format!("http://{to}") }
    }

    /// Over TLS, if the server chooses HTTP/2 (ALPN).
    pub(crate) fn open_tls(to: SocketAddr, config: Arc<ClientConfig>, name: &str) -> Self {
        let runtime = runtime();
        let server = ServerName::try_from(name.to_owned()).expect("a name");
        let sender = runtime.block_on(async {
            let stream = TlsConnector::from(config).connect(server, connect(to).await).await;
            let stream = stream.expect("a handshake");
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
            start(TokioIo::new(stream)).await
        });
        Self { runtime, sender, base: format!("https://{name}:{}", to.port()) }
    }

    /// A request for this path, with the key.
    pub(crate) fn call(&self, method: &str, path: &str, key: &str) -> request::Builder {
        Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("authorization", format!("Bearer {key}"))
    }

    /// A chat completion.
    pub(crate) fn chat(&self, key: &str) -> Request<Sent> {
        let body = br#"{"model":"gpt-4o-mini","messages":[]}"#;
        self.call("POST", "/openai/v1/chat/completions", key).body(Sent::once(body)).unwrap()
    }

    #[track_caller]
    pub(crate) fn request(&mut self, request: Request<Sent>) -> Answered {
        self.all(vec![request]).pop().expect("one answer")
    }

    /// All at once.
    #[track_caller]
    pub(crate) fn all(&mut self, requests: Vec<Request<Sent>>) -> Vec<Answered> {
        let sender = self.sender.clone();
        self.runtime.block_on(async {
            let mut asked = JoinSet::new();
            for request in requests {
                let mut sender = sender.clone();
                asked.spawn(async move {
                    let response = timeout(PATIENCE, sender.send_request(request));
                    whole(response.await.expect("an answer in time").expect("an answer")).await
                });
            }
            timeout(PATIENCE, asked.join_all()).await.expect("every answer in time")
        })
    }

    /// The head of the answer; its frames are asked for one by one.
    #[track_caller]
    pub(crate) fn start(&mut self, request: Request<Sent>) -> Response<Incoming> {
        let response = self.sender.send_request(request);
        let response = async { timeout(PATIENCE, response).await };
        self.runtime.block_on(response).expect("a head in time").expect("a head")
    }

    /// The next frame; none at the end.
    #[track_caller]
    pub(crate) fn frame(&self, body: &mut Incoming) -> Option<hyper::Result<Frame<bytes::Bytes>>> {
        let frame = async { timeout(PATIENCE, body.frame()).await };
        self.runtime.block_on(frame).expect("a frame in time")
    }

    /// Lets the connection's own work go on: what was dropped is told to the other side.
    pub(crate) fn breathe(&self) {
        self.runtime.block_on(async { tokio::time::sleep(Duration::from_millis(20)).await });
    }
}

impl Answered {
    /// The first value of a header field; empty where there is none.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// Expects the status and, of a denial, the code.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16, code: &str) -> &Self {
        let found = (self.status, self.field("till-denial"));
        assert_eq!(found, (status, code), "{}", String::from_utf8_lossy(&self.body));
        self
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

async fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).await.expect("a connection");
    stream.set_nodelay(true).expect("an open connection");
    stream
}

async fn start(stream: impl Read + Write + Unpin + Send + 'static) -> SendRequest<Sent> {
    let (sender, connection) = handshake(TokioExecutor::new(), stream).await.expect("HTTP/2");
    tokio::spawn(connection);
    sender
}

async fn whole(response: Response<Incoming>) -> Answered {
    let (parts, body) = response.into_parts();
    let collected = body.collect().await.expect("a body");
    let trailers = collected.trailers().cloned();
    let body = collected.to_bytes().to_vec();
    Answered { status: parts.status.as_u16(), headers: parts.headers, body, trailers }
}
