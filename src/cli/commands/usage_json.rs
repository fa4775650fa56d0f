//! `till usage --json`: a stable schema. Tokens, picodollars, milliseconds; times are RFC 3339.

use serde::Serialize;

use crate::domain::histogram::Histogram;
use crate::domain::rollup::RollupKey;
use crate::report::{Grouping, Sums, UsageQuery, UsageView};

use super::super::figures_json::MoneyJson;
use super::usage_unusual::{self, UnusualJson};

/// The answer.
#[derive(Debug, Serialize)]
pub(super) struct UsageJson<'a> {
    by: String,
    /// The first hour's beginning.
    since: String,
    /// The last hour's end.
    until: String,
    /// The first point of which everything is kept; nothing where all is.
    kept_from: Option<String>,
    /// Requests at times that are yet to come.
    later_requests: u64,
    groups: Vec<GroupJson<'a>>,
    total: SumsJson,
    /// What was unusual in these hours.
    unusual: Vec<UnusualJson<'a>>,
}

#[derive(Debug, Serialize)]
struct GroupJson<'a> {
    /// Null where it is not known, or there is none.
    id: Option<&'a str>,
    name: &'a str,
    #[serde(flatten)]
    sums: SumsJson,
}

#[derive(Debug, Serialize)]
struct SumsJson {
    requests: u64,
    activations: u64,
    answered: u64,
    /// Those that were answered with 429, with another 4xx, and with 5xx or not at all.
    limited: u64,
    refused: u64,
    failed: u64,
    /// Requests whose cost is an upper bound.
    estimated: u64,
    input_tokens: u64,
    cached_tokens: u64,
    output_tokens: u64,
    spend: MoneyJson,
    latency_ms: TimesJson,
    first_byte_ms: TimesJson,
    denied: u64,
    denials: Vec<DenialJson>,
}

#[derive(Debug, Serialize)]
struct TimesJson {
    p50: Option<u64>,
    p95: Option<u64>,
}

#[derive(Debug, Serialize)]
struct DenialJson {
    reason: &'static str,
    count: u64,
}

/// What is answered.
pub(super) fn answer<'a>(view: &'a UsageView, query: &UsageQuery) -> UsageJson<'a> {
    let start = |hour| RollupKey::start(hour).to_rfc3339();
    let groups = view.groups.iter().map(|group| GroupJson {
        id: group.id.as_deref(),
        name: &group.name,
        sums: SumsJson::from(&group.sums),
    });
    UsageJson {
        by: by_name(&query.by),
        since: start(query.hours.first),
        until: start(query.hours.last.saturating_add(1)),
        kept_from: view.kept_from.map(start),
        later_requests: view.later,
        groups: groups.collect(),
        total: SumsJson::from(&view.total),
        unusual: usage_unusual::answer(&view.unusual),
    }
}

/// The grouping as it is typed.
pub(super) fn by_name(by: &Grouping) -> String {
    match by {
        Grouping::Key => "key".to_owned(),
        Grouping::Master => "master".to_owned(),
        Grouping::Provider => "provider".to_owned(),
        Grouping::Model => "model".to_owned(),
        Grouping::Label(name) => format!("label={name}"),
        Grouping::Hour => "hour".to_owned(),
        Grouping::Day => "day".to_owned(),
        Grouping::Reason => "reason".to_owned(),
    }
}

impl From<&Sums> for SumsJson {
    fn from(sums: &Sums) -> Self {
        let used = &sums.used;
        let denials = sums.denials.iter();
        Self {
            requests: used.sent,
            activations: used.activations,
            answered: used.answered,
            limited: used.limited,
            refused: used.refused,
            failed: used.failed,
            estimated: used.estimated,
            input_tokens: used.cost.input,
            cached_tokens: used.cached,
            output_tokens: used.cost.output,
            spend: used.cost.spend.into(),
            latency_ms: TimesJson::from(&used.latency),
            first_byte_ms: TimesJson::from(&used.first_byte),
            denied: sums.denied(),
            denials: denials
                .map(|(reason, count)| DenialJson { reason: reason.rule().code, count: *count })
                .collect(),
        }
    }
}

impl From<&Histogram> for TimesJson {
    fn from(times: &Histogram) -> Self {
        Self { p50: times.percentile(50), p95: times.percentile(95) }
    }
}
