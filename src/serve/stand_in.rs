//! A stand-in for a provider, for `till demo`: it speaks like an API for chat completions, plain
//! and streamed, and remembers what it was sent.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::{Body, Frame};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Collected, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// The pause between the words of a stream, long enough to be seen.
const PAUSE: Duration = Duration::from_millis(40);

/// What one request brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The `Authorization` header.
    pub authorization: String,
    /// Every byte of its head's values, where a proxy key might have slipped through.
    pub head: String,
}

/// The stand-in, running until it is dropped.
#[derive(Debug)]
pub struct StandIn {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    task: tokio::task::JoinHandle<()>,
}

impl StandIn {
    /// Starts on a free port of loopback. Answers requests that carry `secret`, others with 401.
    ///
    /// # Errors
    /// Where the system gives no socket.
    pub async fn start(secret: &str) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let received = Arc::new(Mutex::new(Vec::new()));
        let book = Arc::clone(&received);
        let expected = format!("Bearer {secret}");
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (book, expected) = (Arc::clone(&book), expected.clone());
                tokio::spawn(async move {
                    let service = service_fn(move |request: Request<Incoming>| {
                        let (book, expected) = (Arc::clone(&book), expected.clone());
                        async move { Ok::<_, Infallible>(answer(request, &book, &expected).await) }
                    });
                    let stream = TokioIo::new(stream);
                    // A client that hangs up is no concern of a stand-in's.
                    let _ = http1::Builder::new().serve_connection(stream, service).await;
                });
            }
        });
        Ok(Self { address, received, task })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it was sent so far.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(
    request: Request<Incoming>,
    book: &Mutex<Vec<Received>>,
    expected: &str,
) -> Response<BoxBody<Bytes, Infallible>> {
    let (parts, body) = request.into_parts();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let authorization = parts.headers.get(header::AUTHORIZATION).map(text).unwrap_or_default();
    let values: Vec<String> = parts.headers.values().map(text).collect();
    let head = format!("{} {}", parts.uri, values.join(" "));
    let known = authorization == expected;
    let entry = Received { authorization, head };
    book.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    let body = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
    let streamed = serde_json::from_slice::<serde_json::Value>(&body)
        .is_ok_and(|body| body.get("stream") == Some(&serde_json::Value::Bool(true)));
    match (known, parts.method, streamed) {
        (false, ..) => json(StatusCode::UNAUTHORIZED, r#"{"error":{"message":"wrong key"}}"#),
        (true, Method::POST, true) => stream(),
        (true, Method::POST, false) => json(
            StatusCode::OK,
            r#"{"object":"chat.completion","model":"stand-in","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"hello from the stand-in"}}],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}"#,
        ),
        (true, ..) => json(StatusCode::OK, r#"{"object":"list","data":[{"id":"stand-in"}]}"#),
    }
}

fn json(status: StatusCode, body: &'static str) -> Response<BoxBody<Bytes, Infallible>> {
    respond(status, "application/json", Full::new(Bytes::from_static(body.as_bytes())).boxed())
}

/// Server-sent events (WHATWG HTML §9.2), one word each.
fn stream() -> Response<BoxBody<Bytes, Infallible>> {
    let (sender, words) = mpsc::channel::<Bytes>(1);
    tokio::spawn(async move {
        for word in ["hello", " from", " the", " stand-in"] {
            let event = format!(
                "data: {{\"object\":\"chat.completion.chunk\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{word}\"}}}}]}}\n\n"
            );
            if sender.send(Bytes::from(event)).await.is_err() {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
        let _ = sender.send(Bytes::from_static(b"data: [DONE]\n\n")).await;
    });
    respond(StatusCode::OK, "text/event-stream", Words(words).boxed())
}

/// A body that ends when its sender does.
struct Words(mpsc::Receiver<Bytes>);

impl Body for Words {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|word| word.map(|word| Ok(Frame::data(word))))
    }
}

fn respond(
    status: StatusCode,
    kind: &'static str,
    body: BoxBody<Bytes, Infallible>,
) -> Response<BoxBody<Bytes, Infallible>> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
