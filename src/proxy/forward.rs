//! One request, from the client to the provider and back.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::timeout;
use tracing::{debug, info, warn};

use crate::domain::denial::{Denial, Reason};
use crate::domain::master::Master;
use crate::domain::scope::{Models, Target};
use crate::ledger::op::Admit;
use crate::ledger::{Admission, Caller};
use crate::provider::credential::render;
use crate::provider::{Dialect, Provider, destination, find_builtin};

use super::answer;
use super::body::MeteredBody;
use super::credential;
use super::ingress::{self, Route, route};
use super::model::{self, Seen};
use super::rewrite::{strip_hop_headers, upstream_headers, upstream_uri};
use super::router::{Peer, Proxy};

/// How long an upstream may take to begin its answer once it has the whole request. Models that
/// think take minutes.
const FIRST_BYTE: Duration = Duration::from_mins(10);

/// Serves one request.
pub(super) async fn forward(
    State(proxy): State<Arc<Proxy>>,
    Extension(Peer(peer)): Extension<Peer>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    // Refined as soon as more is known of where the request goes.
    let mut dialect = first_dialect(parts.uri.path());
    let method = parts.method.clone();
    match attempt(&proxy, peer.ip(), parts, body, &mut dialect).await {
        Ok(response) => response,
        Err(denial) => {
            let key = denial.key.map(|key| key.to_string()).unwrap_or_default();
            info!(%method, key, code = %denial.reason, "denied");
            answer::denied(&denial, dialect)
        }
    }
}

async fn attempt(
    proxy: &Proxy,
    client: std::net::IpAddr,
    mut parts: Parts,
    body: Body,
    dialect: &mut Dialect,
) -> Result<Response, Denial> {
    check(proxy, &parts).map_err(|denial| proxy.ledger.denied(None, denial))?;
    let way = route(parts.uri.path()).map_err(|denial| proxy.ledger.denied(None, denial))?;
    let known = match way {
        Route::Named(name, _) => find_builtin(name),
        Route::OfKey(_) => None,
    };
    let key = credential::find(&parts.headers, parts.uri.query(), known)
        .map_err(|denial| proxy.ledger.denied(None, denial))?;
    let caller = proxy.ledger.authenticate(&key)?;
    let denied =
        |denial: Denial| proxy.ledger.denied(Some(caller.record.seq), denial.of(caller.record.id));
    let (provider, master) = whereto(proxy, &caller, &way).map_err(denied)?;
    let path = match way {
        Route::Named(_, rest) => provider.upstream_path(rest),
        Route::OfKey(rest) => provider.rooted_path(rest),
    };
    *dialect = provider.dialect_for(&path);
    ingress::check_path(&path).map_err(denied)?;
    let class = provider.classify(parts.method.as_str(), &path);
    let Seen { models, body } = if caller.record.scope.models.is_empty() {
        Seen { models: Models::Unseen, body }
    } else {
        model::see(&provider, &path, &parts.headers, body).await.map_err(denied)?
    };
    let target = Target {
        method: parts.method.as_str().to_owned(),
        path: path.clone(),
        class,
        metered_provider: provider.meter,
        models,
        client,
    };
    let admit = Admit { key: caller.record.seq, master: master.id, target };
    let mut admission = proxy.ledger.admit(admit).await?;

    let origin = provider.origin.to_string();
    let opened = proxy.ledger.open(&key, caller.record.seq, &master, &origin)?;
    let credential = render(provider.auth_for(&path), opened.secret.expose())
        .map_err(|_| ingress::bad("the master key cannot be placed in a request"))?;
    let query = parts.uri.query().map(str::to_owned);
    let uri = upstream_uri(&provider.origin, &path, query.as_deref(), &provider, &credential)?;
    let headers = std::mem::take(&mut parts.headers);
    let headers = upstream_headers(headers, &provider, credential.header)?;
    let (sending, progress) = SentBody::new(body);
    let mut request = http::Request::new(Body::new(sending));
    *request.method_mut() = parts.method;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    let started = tokio::time::Instant::now();
    let response = send(proxy, request, provider.local, &progress, &mut admission).await;
    let response = response.map_err(|denial| denial.of(admission.record().id))?;
    debug!(
        key = %admission.record().id,
        provider = %provider.name,
        %path,
        status = response.status().as_u16(),
        millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "forwarded"
    );
    Ok(downstream(response, admission))
}

/// Everything that can be refused before anything is looked up.
fn check(proxy: &Proxy, parts: &Parts) -> Result<(), Denial> {
    ingress::check_line(&parts.method, &parts.uri, parts.version)?;
    let authority = parts.uri.authority().map(http::uri::Authority::as_str);
    ingress::check_origin(&parts.headers, authority, |name| proxy.hosts.is_own(name))?;
    ingress::check_upgrade(&parts.headers)
}

/// The provider that the request goes to, as the key's master for it says.
fn whereto(proxy: &Proxy, caller: &Caller, way: &Route<'_>) -> Result<(Provider, Master), Denial> {
    let record = &caller.record;
    let id = match *way {
        Route::Named(name, _) => record.master_for(name).ok_or_else(|| {
            let known: Vec<_> = record.providers().collect();
            let message =
                format!("the key opens {}, and the path names another provider", known.join(", "));
            Denial::new(Reason::ScopeDenied, message)
        })?,
        Route::OfKey(_) => match record.masters.as_slice() {
            [(id, _)] => Ok(*id),
            _ => Err(Denial::new(
                Reason::NoRoute,
                "the key opens several providers: call `/PROVIDER/…`",
            )),
        }?,
    };
    let (master, row) = proxy.ledger.master(id)?;
    let provider = destination(&master, row.as_ref())
        .map_err(|why| Denial::new(Reason::StoreUnavailable, why.to_string()))?;
    Ok((provider, master))
}

/// Sends the request and waits for the head of the answer; notes on the admission what happened.
async fn send(
    proxy: &Proxy,
    request: http::Request<Body>,
    local: bool,
    progress: &Progress,
    admission: &mut Admission,
) -> Result<http::Response<Incoming>, Denial> {
    admission.sent();
    let mut sending = std::pin::pin!(proxy.upstreams.send(request, local));
    let answer = loop {
        // While the client still uploads, the upstream owes nothing.
        match timeout(FIRST_BYTE, &mut sending).await {
            Ok(answer) => break answer,
            Err(_) if progress.moved() => {}
            Err(_) => {
                let message = "the provider did not begin to answer in time";
                return Err(Denial::new(Reason::UpstreamTimeout, message));
            }
        }
    };
    match answer {
        Ok(response) => {
            admission.answered(response.status().as_u16());
            Ok(response)
        }
        Err(error) => {
            if error.is_connect() {
                admission.not_sent();
            }
            let why = innermost(&error);
            warn!(key = %admission.record().id, why, "the upstream could not be reached");
            Err(Denial::new(
                Reason::UpstreamUnreachable,
                format!("the provider could not be reached: {why}"),
            ))
        }
    }
}

/// The cause at the bottom of an error: of a failed connection, the system's or TLS's own words.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// The answer as it goes to the client.
fn downstream(response: http::Response<Incoming>, admission: Admission) -> Response {
    let (mut parts, body) = response.into_parts();
    strip_hop_headers(&mut parts.headers);
    answer::strip_own(&mut parts.headers);
    answer::describe(&mut parts.headers, admission.record(), admission.usage());
    Response::from_parts(parts, Body::new(MeteredBody::new(body, admission)))
}

/// A guess from the path alone, for denials that come before more is known.
fn first_dialect(path: &str) -> Dialect {
    let path = path.strip_prefix("/proxy").unwrap_or(path);
    let name = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    find_builtin(name).map_or(Dialect::OpenAi, |provider| provider.dialect)
}

/// Whether a request's body has moved since somebody last asked.
#[derive(Clone, Debug, Default)]
struct Progress(Arc<AtomicBool>);

impl Progress {
    fn moved(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

/// A request's body on its way up, which tells when it moves.
#[derive(Debug)]
struct SentBody {
    body: Body,
    progress: Progress,
}

impl SentBody {
    fn new(body: Body) -> (Self, Progress) {
        let progress = Progress::default();
        (Self { body, progress: progress.clone() }, progress)
    }
}

impl http_body::Body for SentBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if frame.is_ready() {
            self.progress.0.store(true, Ordering::Relaxed);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
