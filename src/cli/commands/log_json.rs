//! A line of the audit log as JSON: one object, every field in each, `null` where there is nothing.

use serde::Serialize;

use crate::domain::event::EventKind;
use crate::domain::retention::Dropped;
use crate::report::log::{Entry, What};

use super::super::figures_json::MoneyJson;

/// One line. Times are RFC 3339 and, beside that, milliseconds since 1970.
#[derive(Debug, Serialize)]
pub(super) struct EntryJson<'a> {
    seq: Option<u64>,
    at: String,
    at_ms: u64,
    kind: &'static str,
    /// Whether whoever wrote it had unlocked the store when it happened.
    authenticated: bool,
    key: Option<String>,
    key_name: Option<&'a str>,
    key_number: Option<u64>,
    master: Option<&'a str>,
    master_number: Option<u64>,
    provider: Option<&'a str>,
    instance: Option<String>,
    model: Option<&'a str>,
    /// The upstream's status, of a settlement that has one.
    status: Option<u16>,
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cached_tokens: Option<u64>,
    spend: Option<MoneyJson>,
    /// Whether tokens and money are an upper bound.
    estimated: Option<bool>,
    latency_ms: Option<u64>,
    first_byte_ms: Option<u64>,
    /// Why requests were denied.
    reason: Option<&'static str>,
    /// A figure; the kind says of what.
    count: u64,
    note: &'a str,
}

impl<'a> EntryJson<'a> {
    pub(super) fn new(entry: &'a Entry) -> Self {
        let event = entry.event();
        let charge = event.and_then(|event| event.charge);
        let facts = event.and_then(|event| event.facts.as_ref());
        let settled = event.filter(|event| event.kind == EventKind::Settled);
        let (reason, count) = match &entry.what {
            What::Denied { reason, count, .. } => (Some(reason.rule().code), *count),
            What::Event(_, event) => (None, event.count),
            What::Unreadable(_) => (None, 0),
        };
        Self {
            seq: entry.seq().map(|seq| seq.0),
            at: entry.at.to_rfc3339(),
            at_ms: entry.at.0,
            kind: entry.kind(),
            authenticated: entry.is_authenticated(),
            key: entry.key.as_ref().map(|(id, _)| id.to_string()),
            key_name: entry.key.as_ref().map(|(_, name)| name.as_str()),
            key_number: entry.key_seq().map(|key| key.0),
            master: entry.master.as_deref(),
            master_number: entry.master_id().map(|master| master.0),
            provider: entry.provider.as_deref(),
            instance: event.and_then(|event| event.instance).map(|id| id.to_string()),
            model: facts.map(|facts| facts.model.as_str()).filter(|model| !model.is_empty()),
            status: settled.and_then(|event| event.note.parse().ok()),
            input_tokens: charge.map(|charge| charge.cost.input),
            output_tokens: charge.map(|charge| charge.cost.output),
            cached_tokens: facts.map(|facts| facts.cached),
            spend: charge.map(|charge| charge.cost.spend.into()),
            estimated: charge.map(|charge| charge.estimated),
            latency_ms: facts.map(|facts| facts.latency),
            first_byte_ms: facts.and_then(|facts| facts.first_byte),
            reason,
            count,
            note: event.map_or("", |event| event.note.as_str()),
        }
    }
}

/// What is known of dropped events: the first line of `till log --all --json` where there are any.
#[derive(Debug, Serialize)]
pub(super) struct DroppedJson {
    kind: &'static str,
    count: u64,
    first_seq: u64,
    first_at: String,
    last_seq: u64,
    last_at: String,
    kinds: std::collections::BTreeMap<&'static str, u64>,
    /// Requests that were sent.
    requests: u64,
    input_tokens: u64,
    output_tokens: u64,
    spend: MoneyJson,
}

impl DroppedJson {
    pub(super) fn new(dropped: &Dropped) -> Self {
        let name = |number| EventKind::from_number(number).map_or("unreadable", EventKind::name);
        Self {
            kind: "dropped",
            count: dropped.count(),
            first_seq: dropped.first.0,
            first_at: dropped.first_at.to_rfc3339(),
            last_seq: dropped.last.0,
            last_at: dropped.last_at.to_rfc3339(),
            kinds: dropped.kinds.iter().map(|(kind, count)| (name(*kind), *count)).collect(),
            requests: dropped.settled,
            input_tokens: dropped.cost.input,
            output_tokens: dropped.cost.output,
            spend: dropped.cost.spend.into(),
        }
    }
}
