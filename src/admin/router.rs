//! The routes of the admin API.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::domain::event::{Event, EventKind};
use crate::ledger::{ClockPolicy, Ledger, LedgerError, header as store_header};
use crate::provider::price::PriceTable;
use crate::vault::OperatorKeys;
use crate::wire::{HostNames, Peer};

use super::fault::{Answer, Fault, Problem};
use super::gate::{Caller, enter};
use super::guard::Guard;
use super::oidc::Issuers;
use super::openapi::openapi;
use super::{account, body, create, keys};

/// What models cost, whenever it is asked.
pub type Prices = Box<dyn Fn() -> Arc<PriceTable> + Send + Sync>;

/// What the admin API works with.
pub struct Admin {
    pub(super) ledger: Ledger,
    pub(super) operator: OperatorKeys,
    pub(super) hosts: HostNames,
    pub(super) proxy_url: Option<String>,
    pub(super) prices: Prices,
    pub(super) issuers: Issuers,
    pub(super) guard: Guard,
}

impl fmt::Debug for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admin").field("proxy_url", &self.proxy_url).finish_non_exhaustive()
    }
}

impl Admin {
    /// The admin API of a store. `hosts` are the names that it answers to, `proxy_url` is where its
    /// keys are good, which every answer says.
    #[must_use]
    pub fn new(
        ledger: Ledger,
        operator: OperatorKeys,
        hosts: HostNames,
        proxy_url: Option<String>,
        prices: Prices,
        issuers: Issuers,
    ) -> Self {
        Self { ledger, operator, hosts, proxy_url, prices, issuers, guard: Guard::default() }
    }

    /// Writes down how often tokens were refused since the last time, and from where.
    ///
    /// # Errors
    /// Where the storage fails.
    pub fn write_refusals(&self) -> Result<(), LedgerError> {
        let refused = self.guard.take();
        if refused.is_empty() {
            return Ok(());
        }
        let written =
            self.ledger.transact(&self.operator.proxy, ClockPolicy::Distrust, |session| {
                for (client, count) in &refused {
                    let event = Event::new(EventKind::AdminRefused, session.now());
                    session.event(&event.count(*count).note(client.to_string()))?;
                }
                Ok(())
            });
        if written.is_err() {
            self.guard.put_back(&refused);
        }
        written
    }
}

/// The admin API, as a service for one runtime.
pub(super) fn router(admin: Arc<Admin>) -> Router {
    let only = |route: MethodRouter<Arc<Admin>>, allow: &'static str| {
        route.fallback(move || async move { refused_method(allow) })
    };
    Router::new()
        .route("/healthz", only(get(|| async { "ok\n" }), "GET, HEAD"))
        .route("/readyz", only(get(ready), "GET, HEAD"))
        .route("/admin/openapi.json", only(get(openapi), "GET, HEAD"))
        .route("/admin/account", only(get(show_account), "GET, HEAD"))
        .route("/admin/keys", only(get(list_keys).post(create_key), "GET, HEAD, POST"))
        .route("/admin/keys/{id}", only(get(show_key).delete(revoke_key), "GET, HEAD, DELETE"))
        .fallback(|| async { Fault::new(Problem::NotFound, "there is no such path") })
        .with_state(admin)
}

fn refused_method(allow: &'static str) -> Fault {
    let message = format!("the path takes {allow} alone");
    Fault { allow: Some(allow), ..Fault::new(Problem::MethodRefused, message) }
}

async fn ready(State(admin): State<Arc<Admin>>) -> Response {
    match admin.ledger.view(|rows, _| store_header(rows).map(drop)) {
        Ok(()) => "ready\n".into_response(),
        Err(error) => Fault::from(error).into_response(),
    }
}

async fn show_account(
    State(admin): State<Arc<Admin>>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Answer<Response> {
    let (parts, _) = request.into_parts();
    let caller = let_in(&admin, peer, &parts).await?;
    json(StatusCode::OK, &account::account(&admin, &caller.minter)?)
}

async fn list_keys(
    State(admin): State<Arc<Admin>>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Answer<Response> {
    let (parts, _) = request.into_parts();
    let caller = let_in(&admin, peer, &parts).await?;
    let page = keys::Page::read(parts.uri.query())?;
    json(StatusCode::OK, &keys::list(&admin, &caller.minter, &page)?)
}

async fn create_key(
    State(admin): State<Arc<Admin>>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Answer<Response> {
    let (parts, body) = request.into_parts();
    let caller = let_in(&admin, peer, &parts).await?;
    let asked = body::read(&parts.headers, body).await?;
    let created = apart(&admin, move |admin| create::create(admin, &caller, &asked)).await?;
    json(StatusCode::CREATED, &created)
}

async fn show_key(
    State(admin): State<Arc<Admin>>,
    Extension(peer): Extension<Peer>,
    id: Result<Path<String>, PathRejection>,
    request: Request,
) -> Answer<Response> {
    let (parts, _) = request.into_parts();
    let caller = let_in(&admin, peer, &parts).await?;
    json(StatusCode::OK, &keys::show(&admin, &caller.minter, id_in(&id))?)
}

async fn revoke_key(
    State(admin): State<Arc<Admin>>,
    Extension(peer): Extension<Peer>,
    id: Result<Path<String>, PathRejection>,
    request: Request,
) -> Answer<Response> {
    let (parts, _) = request.into_parts();
    let caller = let_in(&admin, peer, &parts).await?;
    let revoke = move |admin: &Admin| keys::revoke(admin, &caller.minter, id_in(&id));
    let revoked = apart(&admin, revoke).await?;
    json(StatusCode::OK, &revoked)
}

/// The id in a path; one that is no UTF-8 is nobody's.
fn id_in(id: &Result<Path<String>, PathRejection>) -> &str {
    id.as_ref().map_or("", |Path(id)| id)
}

async fn let_in(admin: &Admin, peer: Peer, parts: &Parts) -> Answer<Caller> {
    let authority = parts.uri.authority().map(http::uri::Authority::as_str);
    enter(admin, peer, &parts.headers, authority).await
}

/// Runs what waits for the disk beside the runtime.
async fn apart<T: Send + 'static>(
    admin: &Arc<Admin>,
    work: impl FnOnce(&Admin) -> Answer<T> + Send + 'static,
) -> Answer<T> {
    let admin = Arc::clone(admin);
    let done = tokio::task::spawn_blocking(move || work(&admin)).await;
    done.unwrap_or_else(|_| {
        let message = "the request could not be finished; the server's log says why";
        Err(Fault::new(Problem::StoreUnavailable, message))
    })
}

fn json(status: StatusCode, answer: &impl Serialize) -> Answer<Response> {
    let body = serde_json::to_vec(answer)
        .map_err(|_| Fault::new(Problem::StoreUnavailable, "the answer cannot be written"))?;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
