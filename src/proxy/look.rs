//! What has to be known of a request before it is decided on, read only where a limit needs it.

use axum::body::Body;
use bytes::Bytes;
use http::HeaderMap;
use http::header;
use http::request::Parts;

use crate::domain::cost::Measure;
use crate::domain::demand::Demand;
use crate::domain::denial::Denial;
use crate::domain::endpoint::EndpointClass;
use crate::domain::key::KeyRecord;
use crate::domain::limits::Overshoot;
use crate::domain::master_usage::MasterUsage;
use crate::domain::scope::Models;
use crate::provider::Provider;
use crate::provider::request::{Inquiry, Plan, plan};

use super::model::{self, Seen};
use super::router::Proxy;

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
    Read(Bytes),
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
    if !is_metered || way.class == EndpointClass::Free {
        let demand = is_metered.then_some(Demand::FREE);
        let Seen { models, body } = if way.key.scope.models.is_empty() {
            Seen { models: Models::Unseen, body: Unsent::Untouched(body) }
        } else {
            model::see(way.provider, way.path, &parts.headers, body).await?
        };
        return Ok(Looked { models, demand, plan: None, body });
    }
    let bytes = model::read(&parts.headers, body, "tokens or money").await?;
    let prices = proxy.prices.current();
    let on_spend = |cap: &crate::domain::master_usage::MasterCap| cap.measure == Measure::Spend;
    let inquiry = Inquiry {
        provider: way.provider,
        method: parts.method.as_str(),
        path: way.path,
        query: parts.uri.query(),
        content_type: content_type(&parts.headers),
        body: &bytes,
        prices: &prices,
        spend: limits.caps.spend.is_some() || way.master.caps.iter().any(on_spend),
        max_price: limits.max_price,
        soft: limits.overshoot == Overshoot::LastCall && way.master.caps.is_empty(),
    };
    let plan = plan(&inquiry).map_err(|refusal| Denial::new(refusal.reason, refusal.message))?;
    let models = match plan.models.as_slice() {
        [] => Models::Unseen,
        names => Models::Named(names.to_vec()),
    };
    let demand = Some(plan.demand);
    Ok(Looked { models, demand, plan: Some(plan), body: Unsent::Read(bytes) })
}

impl Looked {
    /// The body as it goes up, its output brought down to what was granted for each choice.
    pub(super) fn body(&mut self, granted: u64) -> Body {
        let body = std::mem::replace(&mut self.body, Unsent::Read(Bytes::new()));
        match (body, &self.plan) {
            (Unsent::Untouched(body), _) => body,
            (Unsent::Read(bytes), Some(plan)) => plan.body(bytes, granted).into(),
            (Unsent::Read(bytes), None) => bytes.into(),
        }
    }
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok())
}
