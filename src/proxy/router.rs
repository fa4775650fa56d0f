//! The routes: health, a key's own state, and everything else forwarded.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::response::Response;
use axum::routing::{any, get};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, Version, header};
use tokio::sync::Semaphore;

use crate::domain::denial::{Denial, Reason};
use crate::domain::key_text::KeyText;
use crate::domain::status::Status;
use crate::ledger::{Caller, Forwarding};
use crate::metrics::Counting;
use crate::wire::{HostNames, Peer, check_origin};

use super::answer::{self, Plain};
use super::credential;
use super::delegation;
use super::forward::forward;
use super::ingress::check_line;
use super::key_state::KeyState;
use super::observer::Observer;
use super::price_list::PriceList;
use super::shares::Shares;
use super::upstream::Upstreams;

/// What every request needs.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// The ledger.
    pub ledger: Arc<Forwarding>,
    /// The connections of the runtime that the request is served on.
    pub upstreams: Upstreams,
    /// The names that the proxy answers to.
    pub hosts: HostNames,
    /// How long an upstream may take.
    pub deadlines: Deadlines,
    /// What models cost.
    pub prices: Arc<PriceList>,
    /// Places for reading large bodies, in all runtimes.
    pub planners: Arc<Semaphore>,
    /// Places for requests, in all runtimes.
    pub places: Arc<Shares>,
    /// Room for bodies that are read, in bytes, in all runtimes.
    pub room: Arc<Shares>,
    /// Who is told what happens.
    pub observer: Observer,
    /// What is counted for metrics.
    pub counting: Counting,
    /// Whether tokens and money are read also where nothing limits them.
    pub meter_all: bool,
}

/// How long an upstream may take.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// To begin its answer, once it has the whole request.
    pub first_byte: Duration,
    /// To say nothing in the middle of its answer.
    pub idle: Duration,
    /// For the whole answer, from its head on.
    pub total: Duration,
}

/// The forwarder, as a service for one runtime.
pub(super) fn router(proxy: Proxy) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/till/v1/key", get(own_key).fallback(wrong_method))
        .route("/till/v1/keys", any(make_keys))
        .fallback(forward)
        .with_state(Arc::new(proxy))
}

async fn ready(State(proxy): State<Arc<Proxy>>) -> Response {
    match proxy.ledger.ready() {
        Ok(()) => Response::new(Body::from("ready\n")),
        Err(denial) => answer::denied_plainly(&denial),
    }
}

async fn own_key(
    State(proxy): State<Arc<Proxy>>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response {
    match key_state(&proxy, peer, &request) {
        Ok(response) => response,
        Err(denial) => {
            proxy.counting.denied(denial.key, denial.reason);
            answer::denied_plainly(&denial)
        }
    }
}

async fn make_keys(
    State(proxy): State<Arc<Proxy>>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response {
    delegation::make(&proxy, peer, request).await
}

async fn wrong_method() -> Response {
    let plain = Plain::new(405, "method_refused", "this path takes GET alone");
    Plain { allow: Some(HeaderValue::from_static("GET, HEAD")), ..plain }.response()
}

/// Whose request to one of till's own paths this is.
pub(super) fn caller_of(
    proxy: &Proxy,
    peer: Peer,
    parts: (&Method, &Uri, Version),
    headers: &HeaderMap,
) -> Result<(KeyText, Caller, Status), Denial> {
    let (method, uri, version) = parts;
    check_line(method, uri, version)?;
    let authority = uri.authority().map(http::uri::Authority::as_str);
    check_origin(headers, authority, |name| proxy.hosts.is_own(name, peer))?;
    let key = credential::find(headers, uri.query(), None)?;
    let found = proxy.ledger.look_up(&key);
    let (caller, status) = found.map_err(|denial| proxy.ledger.denied(None, denial))?;
    Ok((key, caller, status))
}

fn key_state(proxy: &Proxy, peer: Peer, request: &Request) -> Result<Response, Denial> {
    let line = (request.method(), request.uri(), request.version());
    let (_, caller, status) = caller_of(proxy, peer, line, request.headers())?;
    let state = KeyState::new(&caller.record, &caller.usage, status, caller.pause);
    let body = serde_json::to_vec(&state)
        .map_err(|_| Denial::new(Reason::StoreUnavailable, "the key's state cannot be written"))?;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == Status::Live {
        answer::describe(headers, &caller.record, &caller.usage);
    }
    Ok(response)
}
