//! One request, from the client to the provider and back.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::response::Response;
use http::header;
use http::request::Parts;
use tokio::time::Instant;
use tracing::{debug, info};

use crate::domain::admission::ended_denial;
use crate::domain::denial::{Denial, Reason};
use crate::domain::key::Usage;
use crate::domain::pause::paused_denial;
use crate::domain::scope::{Models, Target};
use crate::domain::status::Status;
use crate::ledger::op::Admit;
use crate::ledger::{Caller, OfMaster};
use crate::provider::credential::render;
use crate::provider::{Client, CustomProvider, Dialect, Provider, destination, find_builtin};
use crate::wire::{Peer, check_origin};

use super::answer;
use super::body::MeteredBody;
use super::credential;
use super::ingress::{self, Route, route};
use super::look::{Way, look};
use super::metering::{Metering, is_event_stream};
use super::observer::Observed;
use super::patience;
use super::rewrite::{localise, refused_fields, strip_hop_headers, upstream_headers, upstream_uri};
use super::router::{Deadlines, Proxy};
use super::running::Running;
use super::scrub::Scrubber;
use super::send::{Departure, Sent, send};
use super::sent_body::{self, SentBody};
use super::shares::Share;

/// What is known of a request so far, for the answer where it is denied.
struct Known {
    arrived_at: Instant,
    /// Refined as soon as more is known of where the request goes.
    dialect: Dialect,
    caller: Option<Caller>,
    /// The key's figures with this request in them, once it was admitted and sent.
    charged: Option<Usage>,
    /// How its output was brought down.
    clamped: Option<String>,
}

/// Serves one request.
pub(super) async fn forward(
    State(proxy): State<Arc<Proxy>>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let dialect = first_dialect(parts.uri.path());
    let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let client = agent.map(Client::of).unwrap_or_default();
    let arrived_at = Instant::now();
    let mut known = Known { arrived_at, dialect, caller: None, charged: None, clamped: None };
    let method = parts.method.clone();
    match attempt(&proxy, peer, parts, body, &mut known).await {
        Ok(response) => response,
        Err(denial) => {
            let key = denial.key.map(|key| key.to_string()).unwrap_or_default();
            info!(%method, key, code = %denial.reason, "denied");
            proxy.counting.denied(denial.key, denial.reason);
            proxy.observer.tell(Observed::Denied(denial.clone()));
            let charged = known.charged.as_ref();
            let caller = known.caller.as_ref();
            let figures = caller.map(|caller| (&caller.record, charged.unwrap_or(&caller.usage)));
            answer::denied(&denial, known.dialect, client, figures)
        }
    }
}

async fn attempt(
    proxy: &Arc<Proxy>,
    peer: Peer,
    mut parts: Parts,
    body: Body,
    known: &mut Known,
) -> Result<Response, Denial> {
    let unknown = |denial| proxy.ledger.denied(None, denial);
    check(proxy, peer, &parts).map_err(unknown)?;
    let way = route(parts.uri.path()).map_err(unknown)?;
    let provider = named_provider(proxy, &way)?;
    let key = credential::find(&parts.headers, parts.uri.query(), provider.as_ref());
    let key = key.map_err(unknown)?;
    let (caller, status) = proxy.ledger.look_up(&key).map_err(unknown)?;
    let caller = &*known.caller.insert(caller);
    let seq = caller.record.seq;
    let denied = |denial: Denial| proxy.ledger.denied(Some(seq), denial.of(caller.record.id));
    if let Status::Ended(cause) = status {
        return Err(denied(ended_denial(&caller.record, &caller.usage, cause)));
    }
    if let Some(pause) = caller.pause {
        return Err(denied(paused_denial(caller.record.id, pause)));
    }
    let place = place_of(proxy, caller).map_err(denied)?;
    let (provider, OfMaster { master, usage, .. }) =
        destination_of(proxy, caller, &way).map_err(denied)?;
    let (path, prefix) = match way {
        Route::Named(name, rest) => (provider.upstream_path(rest), format!("/{name}")),
        Route::OfKey(rest) => (provider.rooted_path(rest), format!("/{}", provider.name)),
    };
    known.dialect = provider.dialect_for(&path);
    ingress::check_path(&path).map_err(denied)?;
    let class = provider.classify(parts.method.as_str(), &path);
    let way = Way {
        key: &caller.record,
        master: &usage,
        provider: &provider,
        path: &path,
        class,
        models_matter: caller.is_limited_to_models(),
        root: caller.root(),
    };
    let mut looked = look(proxy, way, &parts, body).await.map_err(denied)?;
    let target = Target {
        method: parts.method.as_str().to_owned(),
        path: path.clone(),
        class,
        metered_provider: provider.meter,
        models: looked.models.clone(),
        client: peer.client.ip(),
    };
    let admit = Admit { key: seq, master: master.id, target, demand: looked.demand };
    // The writer has counted a denial of its own.
    let asked_at = Instant::now();
    let admission = patience::admit(proxy, &key, caller, admit).await;
    proxy.counting.decided(asked_at.elapsed());
    let mut admission = admission.map_err(|denial| denial.of(caller.record.id))?;

    let opened = proxy.ledger.open(&key, seq, &master, &provider.origin.to_string());
    let opened = opened.map_err(denied)?;
    let credential = render(provider.auth_for(&path), opened.secret.expose())
        .map_err(|_| denied(ingress::bad("the master key cannot be placed in a request")))?;
    let uri = upstream_uri(&provider, &path, parts.uri.query(), &credential);
    let uri = uri.map_err(denied)?;
    let headers = std::mem::take(&mut parts.headers);
    let body = looked.body(admission.output());
    let model = match looked.models {
        Models::Named(names) => names.into_iter().next(),
        Models::None | Models::Unseen => None,
    };
    if let Some(model) = &model {
        admission.model(model);
    }
    let limits = &admission.record().limits;
    let scrubber = Scrubber::new(&opened.secret, provider.auth_for(&path));
    let observer = proxy.observer.clone();
    let metering = Metering::new(looked.plan, limits, model, observer, scrubber, place);
    known.clamped = metering.clamped(&admission);
    let (sending, progress) = SentBody::new(body, refused_fields(&provider));
    let mut request = http::Request::new(Body::new(sending));
    let headers = upstream_headers(headers, &provider, credential.header);
    *request.headers_mut() = headers.map_err(denied)?;
    metering.prepare(request.headers_mut());
    *request.method_mut() = parts.method;
    *request.uri_mut() = uri;
    sent_body::announce(&mut request);
    let metering = Arc::new(metering);
    let local = provider.local;
    let departure =
        Departure { request, local, progress, admission, metering: Arc::clone(&metering) };
    proxy.counting.departed(known.arrived_at.elapsed());
    let Sent { answer, admission } = send(proxy, departure).await.map_err(denied)?;
    known.charged = admission.is_sent().then(|| *admission.usage());
    let mut response = answer.map_err(denied)?;
    let status = response.status().as_u16();
    debug!(key = %admission.record().id, provider = %provider.name, %path, status, "forwarded");
    localise(response.headers_mut(), &provider, &prefix);
    if !provider.cookies {
        response.headers_mut().remove(header::SET_COOKIE);
    }
    let (parts, running) = metering.run(response, admission).map_err(denied)?;
    Ok(downstream(parts, running, proxy.deadlines, known))
}

/// The provider that the path names; none where the key decides it.
fn named_provider(proxy: &Proxy, way: &Route<'_>) -> Result<Option<Provider>, Denial> {
    let Route::Named(name, _) = *way else { return Ok(None) };
    if let Some(builtin) = find_builtin(name) {
        return Ok(Some(builtin.clone()));
    }
    let unknown = |denial| proxy.ledger.denied(None, denial);
    let added = proxy.ledger.added_provider(name).map_err(unknown)?;
    let custom = added.and_then(|row| CustomProvider::from_row(&row).ok()).ok_or_else(|| {
        let message = "the path names no provider that till knows; see `till provider ls`";
        unknown(Denial::new(Reason::NoRoute, message))
    })?;
    Ok(Some(custom.provider()))
}

/// Everything that can be refused before anything is looked up.
fn check(proxy: &Proxy, peer: Peer, parts: &Parts) -> Result<(), Denial> {
    ingress::check_line(&parts.method, &parts.uri, parts.version)?;
    let authority = parts.uri.authority().map(http::uri::Authority::as_str);
    check_origin(&parts.headers, authority, |name| proxy.hosts.is_own(name, peer))?;
    ingress::check_coding(&parts.headers)?;
    ingress::check_content_type(&parts.headers)?;
    ingress::check_upgrade(&parts.headers)
}

/// The request's place among all requests.
fn place_of(proxy: &Proxy, caller: &Caller) -> Result<Share, Denial> {
    let mut place = proxy.places.none_of(caller.root());
    let message = "the key has as many requests in flight as are left for all others; try again";
    place.grow(1).then_some(place).ok_or_else(|| Denial::new(Reason::Overloaded, message))
}

/// The provider that the request goes to, as the key's master for it says.
fn destination_of(
    proxy: &Proxy,
    caller: &Caller,
    way: &Route<'_>,
) -> Result<(Provider, OfMaster), Denial> {
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
    let of_master = proxy.ledger.master(id)?;
    let provider = destination(&of_master.master, of_master.row.as_ref())
        .map_err(|why| Denial::new(Reason::StoreUnavailable, why.to_string()))?;
    Ok((provider, of_master))
}

/// The answer as it goes to the client.
fn downstream(
    parts: http::response::Parts,
    running: Running,
    deadlines: Deadlines,
    known: &Known,
) -> Response {
    let mut parts = parts;
    let too_late = takes_events(&parts.headers).then(|| {
        let rule = Reason::UpstreamTimeout.rule();
        let message = "the provider took too long in the middle of its answer";
        known.dialect.render_event(rule.status, rule.code, message).into()
    });
    strip_hop_headers(&mut parts.headers);
    answer::strip_own(&mut parts.headers);
    let admission = &running.admission;
    answer::describe(&mut parts.headers, admission.record(), admission.usage());
    if let Some(clamped) = &known.clamped {
        answer::clamped(&mut parts.headers, clamped);
    }
    Response::from_parts(parts, Body::new(MeteredBody::new(running, deadlines, too_late)))
}

/// Whether the body is a stream of events that an event can be put into.
fn takes_events(headers: &http::HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| is_event_stream(kind.as_bytes()))
        && !headers.contains_key(header::CONTENT_ENCODING)
        && !headers.contains_key(header::CONTENT_LENGTH)
}

/// A guess from the path alone, for denials that come before more is known.
fn first_dialect(path: &str) -> Dialect {
    let path = path.strip_prefix("/proxy").unwrap_or(path);
    let name = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    find_builtin(name).map_or(Dialect::OpenAi, |provider| provider.dialect)
}
