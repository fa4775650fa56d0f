//! What has to be known of a request before it is decided on, read only where a limit needs it.

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, header};
use http_body::Body as _;

use crate::domain::cost::Measure;
use crate::domain::demand::Demand;
use crate::domain::denial::{Denial, Reason};
use crate::domain::endpoint::EndpointClass;
use crate::domain::ids::KeySeq;
use crate::domain::key::KeyRecord;
use crate::domain::limits::{MaxPrice, Overshoot};
use crate::domain::master_usage::{MasterCap, MasterUsage};
use crate::domain::scope::Models;
use crate::provider::Provider;
use crate::provider::price::PriceTable;
use crate::provider::request::{Inquiry, Plan, Refusal, plan};

use super::model::{self, Seen};
use super::router::Proxy;
use super::whole_body::{BODY_CAP, Whole, read};

/// Bodies from this size on, in bytes, take long to read: 256 KiB.
const LARGE: usize = 256 * 1024;

/// What was found out about a request.
#[derive(Debug)]
pub(super) struct Looked {
    /// The models that it names, where somebody looked.
    pub(super) models: Models,
    /// The most that it may cost, where a limit is on that.
    pub(super) demand: Option<Demand>,
    /// How it is brought down to what is granted, and its answer read.
    pub(super) plan: Option<Plan>,
    pub(super) body: Unsent,
}

/// A request's body before it goes up.
#[derive(Debug)]
pub(super) enum Unsent {
    /// Nobody has looked at it.
    Untouched(Body),
    /// It was read whole.
    Read(Whole),
}

/// Where a request goes, and what limits it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way<'a> {
    pub(super) key: &'a KeyRecord,
    pub(super) master: &'a MasterUsage,
    pub(super) provider: &'a Provider,
    /// As it is sent upstream.
    pub(super) path: &'a str,
    pub(super) class: EndpointClass,
    /// Whether the key, or one that it was made from, is limited to models.
    pub(super) models_matter: bool,
    /// The key that counts as having what is read.
    pub(super) root: KeySeq,
}

/// Looks at a request as far as the limits of its key and of its master need it. Where those are
/// neither on models nor on tokens or money, that is not at all.
pub(super) async fn look(
    proxy: &Proxy,
    way: Way<'_>,
    parts: &Parts,
    body: Body,
) -> Result<Looked, Denial> {
    let limits = &way.key.limits;
    let is_metered = limits.caps.any() || !way.master.caps.is_empty();
    let (watched, body) =
        if is_metered { (None, body) } else { watch(proxy, way, parts, body).await? };
    if let Some(looked) = watched {
        return Ok(looked);
    }
    let room = proxy.room.none_of(way.root);
    if !is_metered || way.class == EndpointClass::Free {
        let demand = is_metered.then_some(Demand::FREE);
        let Seen { models, body } = if way.models_matter {
            model::see(proxy, way, &parts.headers, body, room).await?
        } else {
            Seen { models: Models::Unseen, body: Unsent::Untouched(body) }
        };
        return Ok(Looked { models, demand, plan: None, body });
    }
    let whole = read(&parts.headers, body, "tokens or money", room).await?;
    let on_spend = |cap: &MasterCap| cap.measure == Measure::Spend;
    let question = Question {
        spend: limits.caps.spend.is_some() || way.master.caps.iter().any(on_spend),
        soft: limits.overshoot == Overshoot::LastCall && way.master.caps.is_empty(),
        ..Question::about(proxy, way, parts, whole.bytes().clone())
    };
    let plan = planned(proxy, question).await?;
    let demand = Some(plan.demand);
    Ok(Looked { models: named(&plan), demand, plan: Some(plan), body: Unsent::Read(whole) })
}

/// Looks at a request that nothing limits in tokens or money, where somebody wants to know what it
/// costs. One that cannot be read for certain goes as it came, and so does its body.
async fn watch(
    proxy: &Proxy,
    way: Way<'_>,
    parts: &Parts,
    body: Body,
) -> Result<(Option<Looked>, Body), Denial> {
    let length = body.size_hint().exact();
    let length = length.filter(|length| usize::try_from(*length).is_ok_and(|it| it <= BODY_CAP));
    let is_wanted = (proxy.meter_all || proxy.observer.0.is_some())
        && way.class == EndpointClass::Metered
        && way.provider.meter
        && !parts.headers.contains_key(header::CONTENT_ENCODING);
    let mut room = proxy.room.none_of(way.root);
    // Where there is no room for it, nobody has to know.
    if !is_wanted || !length.is_some_and(|length| room.grow_to(length)) {
        return Ok((None, body));
    }
    let whole = read(&parts.headers, body, "nothing", room).await?;
    for spend in [true, false] {
        let about = Question::about(proxy, way, parts, whole.bytes().clone());
        let question = Question { spend, soft: true, watched: true, ..about };
        if let Ok(plan) = planned(proxy, question).await {
            let (models, body) = (named(&plan), Unsent::Read(whole));
            let looked = Looked { models, demand: None, plan: Some(plan), body };
            return Ok((Some(looked), Body::empty()));
        }
    }
    Ok((None, whole.into()))
}

/// The models that a request names, by its plan.
fn named(plan: &Plan) -> Models {
    match plan.models.as_slice() {
        [] => Models::Unseen,
        names => Models::Named(names.to_vec()),
    }
}

/// What an [`Inquiry`] asks about, so that it can be answered elsewhere.
#[derive(Debug)]
struct Question {
    provider: Provider,
    method: Method,
    path: String,
    query: Option<String>,
    content_type: Option<String>,
    body: Bytes,
    prices: Arc<PriceTable>,
    spend: bool,
    max_price: Option<MaxPrice>,
    soft: bool,
    watched: bool,
}

impl Question {
    /// What is asked about this request; what limits it is left open.
    fn about(proxy: &Proxy, way: Way<'_>, parts: &Parts, body: Bytes) -> Self {
        Self {
            provider: way.provider.clone(),
            method: parts.method.clone(),
            path: way.path.to_owned(),
            query: parts.uri.query().map(str::to_owned),
            content_type: content_type(&parts.headers).map(str::to_owned),
            body,
            prices: proxy.prices.current(),
            spend: false,
            max_price: way.key.limits.max_price,
            soft: false,
            watched: false,
        }
    }

    fn plan(&self) -> Result<Plan, Refusal> {
        plan(&Inquiry {
            provider: &self.provider,
            method: self.method.as_str(),
            path: &self.path,
            query: self.query.as_deref(),
            content_type: self.content_type.as_deref(),
            body: &self.body,
            prices: &self.prices,
            spend: self.spend,
            max_price: self.max_price,
            soft: self.soft,
            watched: self.watched,
        })
    }
}

/// The plan of a request.
async fn planned(proxy: &Proxy, question: Question) -> Result<Plan, Denial> {
    let planned = aside(proxy, question.body.len(), move || question.plan()).await?;
    planned.map_err(|refusal| Denial::new(refusal.reason, refusal.message))
}

/// Reads a body of this size. Large ones are read beside the runtime, a few at a time: what one
/// client sends makes no other wait.
pub(super) async fn aside<T: Send + 'static>(
    proxy: &Proxy,
    size: usize,
    reads: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Denial> {
    if size < LARGE {
        return Ok(reads());
    }
    let place = Arc::clone(&proxy.planners).acquire_owned().await.map_err(|_| unread())?;
    // It goes on where its client has gone, and keeps its place until it ends.
    let reading = tokio::task::spawn_blocking(move || {
        let _place = place;
        reads()
    });
    reading.await.map_err(|_| unread())
}

fn unread() -> Denial {
    Denial::new(Reason::Overloaded, "the request could not be read; try again")
}

impl Looked {
    /// The body as it goes up, its output brought down to what was granted for each choice.
    pub(super) fn body(&mut self, granted: u64) -> Body {
        let body = std::mem::replace(&mut self.body, Unsent::Untouched(Body::empty()));
        match (body, &self.plan) {
            (Unsent::Untouched(body), _) => body,
            (Unsent::Read(whole), Some(plan)) => whole.changed(|bytes| plan.body(bytes, granted)),
            (Unsent::Read(whole), None) => whole.into(),
        }
    }
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok())
}
