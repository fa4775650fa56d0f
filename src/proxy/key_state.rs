//! `GET /till/v1/key`: what a key has left, told to whoever holds it. Money is whole picodollars
//! (1e-12 dollars), and dollars in words.

use serde::Serialize;

use crate::domain::cost::Measure;
use crate::domain::demand::Gauge;
use crate::domain::key::{KeyRecord, Usage};
use crate::domain::money::Picodollars;
use crate::domain::pause::Pause;
use crate::domain::status::Status;
use crate::domain::time::Timestamp;

/// The answer's body. Times are RFC 3339.
#[derive(Debug, Serialize)]
pub(super) struct KeyState<'a> {
    id: &'a str,
    name: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_at: Option<String>,
    /// The key that was paused: this one, or one that it was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_key: Option<String>,
    providers: Vec<&'a str>,
    activations: Figures,
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<Figures>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_tokens: Option<Figures>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_tokens: Option<Figures>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spend: Option<Spend>,
    expires_at: Option<String>,
    /// What becomes of it when something unusual is seen of it: `alert` or `pause`.
    on_spike: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    concurrency: Option<u32>,
    /// Generations of keys that may be made from it.
    #[serde(skip_serializing_if = "is_zero")]
    delegate: u64,
    /// Keys below it that live.
    #[serde(skip_serializing_if = "is_zero")]
    children: u64,
}

/// What is held is held by requests in flight and by child keys; `lent` says how much by these.
#[derive(Debug, Serialize)]
struct Figures {
    limit: Option<u64>,
    used: u64,
    held: u64,
    #[serde(skip_serializing_if = "is_zero")]
    lent: u64,
    remaining: Option<u64>,
}

#[derive(Debug, Serialize)]
struct Spend {
    limit: Money,
    used: Money,
    held: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    lent: Option<Money>,
    remaining: Money,
}

#[derive(Debug, Serialize)]
struct Money {
    picodollars: u64,
    usd: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(figure: &u64) -> bool {
    *figure == 0
}

impl From<u64> for Money {
    fn from(picodollars: u64) -> Self {
        let usd = Picodollars(picodollars).to_string().trim_start_matches('$').to_owned();
        Self { picodollars, usd }
    }
}

impl<'a> KeyState<'a> {
    pub(super) fn new(
        key: &'a KeyRecord,
        usage: &Usage,
        status: Status,
        pause: Option<Pause>,
    ) -> Self {
        let pause = pause.filter(|_| status == Status::Live);
        let limit = key.limits.activations;
        let remaining = limit.map(|limit| match status {
            Status::Live => usage.remaining(limit),
            Status::Ended(_) => 0,
        });
        let gauge =
            |measure| usage.gauges(&key.limits).find(|gauge: &Gauge| gauge.measure == measure);
        let left = |gauge: &Gauge| match status {
            Status::Live => gauge.remaining(),
            Status::Ended(_) => 0,
        };
        let tokens = |measure| {
            gauge(measure).map(|gauge| Figures {
                limit: Some(gauge.limit),
                used: gauge.used,
                held: gauge.held,
                lent: usage.lent.of(gauge.measure),
                remaining: Some(left(&gauge)),
            })
        };
        let (status_name, ended_reason) = match status {
            Status::Live if pause.is_some() => ("paused", None),
            Status::Live => ("live", None),
            Status::Ended(cause) => ("ended", Some(cause.name())),
        };
        Self {
            id: key.id.as_str(),
            name: &key.name,
            status: status_name,
            ended_reason,
            paused_at: pause.map(|pause| pause.since.to_rfc3339()),
            paused_key: pause.map(|pause| pause.key.to_string()),
            on_spike: key.limits.on_spike.name(),
            providers: key.providers().collect(),
            activations: Figures {
                limit,
                used: usage.used,
                held: usage.activations_set_aside(),
                lent: usage.lent.activations,
                remaining,
            },
            tokens: tokens(Measure::Tokens),
            input_tokens: tokens(Measure::InputTokens),
            output_tokens: tokens(Measure::OutputTokens),
            spend: gauge(Measure::Spend).map(|gauge| Spend {
                limit: gauge.limit.into(),
                used: gauge.used.into(),
                held: gauge.held.into(),
                lent: Some(usage.lent.spend).filter(|lent| *lent > 0).map(Into::into),
                remaining: left(&gauge).into(),
            }),
            expires_at: key.limits.expires_at.map(Timestamp::to_rfc3339),
            rate: key.limits.rate.map(|rate| rate.to_string()),
            concurrency: key.limits.concurrency.map(std::num::NonZeroU32::get),
            delegate: key.delegate.into(),
            children: usage.descendants,
        }
    }
}
