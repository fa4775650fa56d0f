//! The routes: health, a key's own state, and everything else forwarded.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::response::Response;
use axum::routing::get;
use http::{HeaderValue, StatusCode, header};

use crate::domain::denial::{Denial, Reason};
use crate::domain::status::Status;
use crate::ledger::Forwarding;
use crate::provider::Dialect;

use super::answer;
use super::credential;
use super::forward::forward;
use super::ingress::{check_line, check_origin};
use super::key_state::KeyState;
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
}

/// Where a request's connection comes from: an extension of every request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) SocketAddr);

/// The names that the proxy answers to: loopback's, and the address it listens on.
#[derive(Clone, Copy, Debug)]
pub struct HostNames {
    /// The address it listens on.
    pub listen: IpAddr,
}

impl HostNames {
    pub(super) fn is_own(self, name: &str) -> bool {
        name.eq_ignore_ascii_case("localhost")
            || name
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback() || address == self.listen)
    }
}

/// The forwarder, as a service for one runtime.
pub(super) fn router(proxy: Proxy) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/till/v1/key", get(own_key))
        .fallback(forward)
        .with_state(Arc::new(proxy))
}

async fn ready(State(proxy): State<Arc<Proxy>>) -> Response {
    match proxy.ledger.ready() {
        Ok(()) => Response::new(Body::from("ready\n")),
        Err(denial) => answer::denied(&denial, Dialect::Plain, None),
    }
}

async fn own_key(
    State(proxy): State<Arc<Proxy>>,
    Extension(_): Extension<Peer>,
    request: Request,
) -> Response {
    match key_state(&proxy, &request) {
        Ok(response) => response,
        Err(denial) => answer::denied(&denial, Dialect::Plain, None),
    }
}

fn key_state(proxy: &Proxy, request: &Request) -> Result<Response, Denial> {
    check_line(request.method(), request.uri(), request.version())?;
    let authority = request.uri().authority().map(http::uri::Authority::as_str);
    check_origin(request.headers(), authority, |name| proxy.hosts.is_own(name))?;
    let key = credential::find(request.headers(), request.uri().query(), None)?;
    let (caller, status) = proxy.ledger.look_up(&key)?;
    let state = KeyState::new(&caller.record, &caller.usage, status);
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
