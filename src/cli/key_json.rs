//! A proxy key as JSON: one schema for `mint`, `ls` and `show`. Times are RFC 3339.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::cost::Measure;
use crate::domain::ids::{KeyId, MasterId};
use crate::domain::key::EndCause;
use crate::domain::limits::{Counting, MaxPrice, OnCancel, Overshoot};
use crate::domain::status::Status;
use crate::domain::time::Timestamp;
use crate::report::KeyView;

use super::figures_json::{FiguresJson, MoneyJson};

/// The schema.
#[derive(Debug, Serialize)]
pub struct KeyJson<'a> {
    id: &'a str,
    /// On minting alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    name: &'a str,
    status: &'static str,
    ended_reason: Option<&'static str>,
    ended_at: Option<String>,
    paused_at: Option<String>,
    /// The key that was paused: this one, or one that it was made from.
    paused_key: Option<&'a str>,
    providers: Vec<&'a str>,
    masters: Vec<String>,
    /// The key that it was made from.
    parent: Option<&'a str>,
    /// Generations of keys that may be made from it.
    delegate: u8,
    /// Keys below it that live.
    children: u64,
    labels: BTreeMap<&'a str, &'a str>,
    activations: FiguresJson,
    tokens: FiguresJson,
    input_tokens: FiguresJson,
    output_tokens: FiguresJson,
    spend: FiguresJson,
    overshoot: &'static str,
    on_cancel: &'static str,
    on_spike: &'static str,
    /// Of one token.
    max_price: Option<MaxPriceJson>,
    attempts: u64,
    answered: u64,
    counting: &'static str,
    expires_at: Option<String>,
    rate: Option<String>,
    concurrency: Option<u32>,
    models: Vec<&'a str>,
    allow: Vec<String>,
    networks: Vec<String>,
    grants: usize,
    created_at: String,
    last_used_at: Option<String>,
}

/// What the key would still work for, of `limit` activations: nothing once it has ended.
#[must_use]
pub fn remaining(view: &KeyView, limit: u64) -> u64 {
    match view.status {
        Status::Live => view.usage.remaining(limit),
        Status::Ended(_) => 0,
    }
}

/// Why a key has ended, as people read it; JSON has the cause's own name.
#[must_use]
pub fn cause_text(cause: EndCause) -> &'static str {
    match cause {
        EndCause::Activations => "used up",
        EndCause::Tokens => "out of tokens",
        EndCause::Spend => "money spent",
        EndCause::Expired => "expired",
        EndCause::Revoked => "revoked",
        EndCause::MasterGone => "master gone",
        EndCause::RunOver => "run over",
        EndCause::ParentEnded => "parent ended",
    }
}

/// Whether caps can be overrun, as flags and JSON have it.
#[must_use]
pub const fn overshoot_name(overshoot: Overshoot) -> &'static str {
    match overshoot {
        Overshoot::Never => "never",
        Overshoot::LastCall => "last-call",
    }
}

/// What becomes of a request whose client has gone, as flags and JSON have it.
#[must_use]
pub const fn on_cancel_name(on_cancel: OnCancel) -> &'static str {
    match on_cancel {
        OnCancel::Stop => "stop",
        OnCancel::Drain => "drain",
    }
}

#[derive(Debug, Serialize)]
struct MaxPriceJson {
    prompt: MoneyJson,
    completion: MoneyJson,
}

impl From<MaxPrice> for MaxPriceJson {
    fn from(price: MaxPrice) -> Self {
        Self { prompt: price.prompt.into(), completion: price.completion.into() }
    }
}

impl<'a> KeyJson<'a> {
    /// The key as JSON; `name_of` gives the name of a master.
    pub fn new(view: &'a KeyView, name_of: impl Fn(MasterId) -> Option<String>) -> Self {
        let KeyView { record, usage, status, pause, grants, parent } = view;
        let limits = &record.limits;
        let figures = |measure| FiguresJson::from(&view.use_of(measure));
        let (status, ended_reason) = match status {
            Status::Live if pause.is_some() => ("paused", None),
            Status::Live => ("live", None),
            Status::Ended(cause) => ("ended", Some(cause.name())),
        };
        Self {
            id: record.id.as_str(),
            key: None,
            name: &record.name,
            status,
            ended_reason,
            ended_at: usage.ended.map(|ended| ended.at.to_rfc3339()),
            paused_at: pause.map(|pause| pause.since.to_rfc3339()),
            paused_key: pause.as_ref().map(|pause| pause.key.as_str()),
            providers: record.providers().collect(),
            masters: record.masters.iter().filter_map(|(id, _)| name_of(*id)).collect(),
            parent: parent.as_ref().map(KeyId::as_str),
            delegate: record.delegate,
            children: usage.descendants,
            labels: record.labels.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect(),
            activations: FiguresJson::of_activations(view),
            tokens: figures(Measure::Tokens),
            input_tokens: figures(Measure::InputTokens),
            output_tokens: figures(Measure::OutputTokens),
            spend: figures(Measure::Spend),
            overshoot: overshoot_name(limits.overshoot),
            on_cancel: on_cancel_name(limits.on_cancel),
            on_spike: limits.on_spike.name(),
            max_price: limits.max_price.map(Into::into),
            attempts: usage.attempts,
            answered: usage.answered,
            counting: match limits.counting {
                Counting::Sent => "sent",
                Counting::Answered => "answered",
            },
            expires_at: limits.expires_at.map(Timestamp::to_rfc3339),
            rate: limits.rate.map(|rate| rate.to_string()),
            concurrency: limits.concurrency.map(std::num::NonZeroU32::get),
            models: record
                .scope
                .models
                .iter()
                .map(crate::domain::pattern::Pattern::as_str)
                .collect(),
            allow: record.scope.allow.iter().map(ToString::to_string).collect(),
            networks: record.scope.networks.iter().map(ToString::to_string).collect(),
            grants: *grants,
            created_at: record.created_at.to_rfc3339(),
            last_used_at: Some(usage.last_used_at).filter(|at| at.0 > 0).map(Timestamp::to_rfc3339),
        }
    }

    /// The same, with the key itself.
    #[must_use]
    pub fn with_key(mut self, key: &'a str) -> Self {
        self.key = Some(key);
        self
    }
}
