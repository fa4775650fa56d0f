//! An issuer on loopback, whose answers a test chooses, and which counts its visitors.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub(super) const CONFIGURATION: &str = "/.well-known/openid-configuration";
pub(super) const KEYS: &str = "/keys";

/// What a path is answered with.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) body: Vec<u8>,
    pub(super) after: Duration,
}

impl Answer {
    pub(super) fn json(value: &Value) -> Self {
        let body = value.to_string().into_bytes();
        Self { status: 200, location: None, body, after: Duration::ZERO }
    }

    pub(super) fn status(status: u16) -> Self {
        Self { status, ..Self::json(&json!({})) }
    }
}

/// It serves for as long as the test's runtime runs.
#[derive(Debug)]
pub(super) struct Loopback {
    pub(super) url: String,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    answers: Mutex<HashMap<String, Answer>>,
    asked: Mutex<Vec<String>>,
}

impl Loopback {
    /// An issuer that publishes these keys.
    pub(super) async fn start(keys: &Value) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::<Shared>::default();
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let shared = Arc::clone(&serving);
                let service = service_fn(move |request: Request<Incoming>| {
                    let shared = Arc::clone(&shared);
                    async move { Ok::<_, Infallible>(shared.answer(request.uri().path()).await) }
                });
                let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(async move { drop(served.await) });
            }
        });
        let issuer = Self { url, shared };
        let jwks_uri = format!("{}{KEYS}", issuer.url);
        issuer.configure(&json!({"issuer": issuer.url, "jwks_uri": jwks_uri}));
        issuer.publish(keys);
        issuer
    }

    pub(super) fn configure(&self, configuration: &Value) {
        self.set(CONFIGURATION, Answer::json(configuration));
    }

    pub(super) fn publish(&self, keys: &Value) {
        self.set(KEYS, Answer::json(keys));
    }

    pub(super) fn set(&self, path: &str, answer: Answer) {
        self.shared.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// How often the keys were asked for.
    pub(super) fn fetches(&self) -> usize {
        self.asked().iter().filter(|path| *path == KEYS).count()
    }

    /// Every path that was asked for.
    pub(super) fn asked(&self) -> Vec<String> {
        self.shared.asked.lock().unwrap().clone()
    }
}

impl Shared {
    async fn answer(&self, path: &str) -> Response<Full<Bytes>> {
        self.asked.lock().unwrap().push(path.to_owned());
        let known = self.answers.lock().unwrap().get(path).cloned();
        let answer = known.unwrap_or_else(|| Answer::status(404));
        tokio::time::sleep(answer.after).await;
        let mut response = Response::builder().status(answer.status);
        if let Some(location) = answer.location {
            response = response.header("location", location);
        }
        response.body(Full::new(answer.body.into())).unwrap()
    }
}
