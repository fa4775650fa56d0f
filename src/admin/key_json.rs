//! A proxy key as the admin API answers with it. The first fields are those that published clients
//! read, in their own names; times are RFC 3339, money is US dollars as decimal text, and whole cents
//! (rounded up) for those clients.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::cost::Measure;
use crate::domain::key::EndCause;
use crate::domain::limits::{Counting, OnCancel, Overshoot};
use crate::domain::money::Picodollars;
use crate::domain::status::Status;
use crate::domain::time::Timestamp;
use crate::report::KeyView;
use crate::wire::max_price::per_million;
use crate::wire::{Secret, metadata};

/// Picodollars in a cent.
const CENT: u64 = 10_000_000_000;

/// The schema, for the server and for till's own client.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "`openapi.json` says what each field is")]
pub struct AdminKey {
    pub id: String,
    pub tenant_id: String,
    pub provider: String,
    pub max_activations: Option<u64>,
    pub used_activations: u64,
    pub status: String,
    pub ip_whitelist: Vec<String>,
    pub created_at: String,
    pub last_used_at: Option<String>,
    pub metadata: Map<String, Value>,
    pub max_tokens: Option<u64>,
    pub used_tokens: u64,
    pub max_spend_cents: Option<u64>,
    pub used_spend_cents: u64,
    /// On creation alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scoped_key: Option<Secret>,

    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub providers: Vec<String>,
    pub masters: Vec<String>,
    pub ended_reason: Option<String>,
    pub ended_at: Option<String>,
    pub paused_at: Option<String>,
    /// The key that was paused: this one, or one that it was made from.
    pub paused_key: Option<String>,
    pub held_activations: u64,
    pub attempts: u64,
    pub answered: u64,
    pub count_answered: bool,
    pub held_tokens: u64,
    pub max_input_tokens: Option<u64>,
    pub used_input_tokens: u64,
    pub held_input_tokens: u64,
    pub max_output_tokens: Option<u64>,
    pub used_output_tokens: u64,
    pub held_output_tokens: u64,
    pub max_spend: Option<String>,
    pub used_spend: String,
    pub held_spend: String,
    pub overshoot: String,
    pub on_cancel: String,
    pub on_spike: String,
    /// Of a million tokens: input and output.
    pub max_price: Option<[String; 2]>,
    pub expires_at: Option<String>,
    pub rate: Option<String>,
    pub concurrency: Option<u32>,
    pub models: Vec<String>,
    pub allow: Vec<String>,
    /// Generations of keys that may be made from it.
    pub delegate: u8,
    /// Live keys that were made from it.
    pub children: u64,
    pub grants: u64,
    pub proxy_url: Option<String>,
}

impl AdminKey {
    /// A key as it stands; `masters` are the names of what it opens.
    #[must_use]
    pub fn new(view: &KeyView, tenant: &str, masters: Vec<String>) -> Self {
        let KeyView { record, usage, status, pause, grants, .. } = view;
        let limits = &record.limits;
        let of = |measure| view.use_of(measure);
        let (tokens, spend) = (of(Measure::Tokens), of(Measure::Spend));
        let (input, output) = (of(Measure::InputTokens), of(Measure::OutputTokens));
        let dollars = |figure| plain(Picodollars(figure));
        let texts = |label: &(String, String)| (label.0.clone(), metadata::from_label(&label.1));
        let mut meta: Map<String, Value> = record.labels.iter().map(texts).collect();
        if !record.name.is_empty() {
            meta.insert("name".to_owned(), record.name.clone().into());
        }
        Self {
            id: record.id.to_string(),
            tenant_id: tenant.to_owned(),
            provider: record.providers().next().unwrap_or_default().to_owned(),
            max_activations: limits.activations,
            used_activations: usage.used,
            status: status_name(*status, pause.is_some()).to_owned(),
            ip_whitelist: record.scope.networks.iter().map(ToString::to_string).collect(),
            created_at: record.created_at.to_rfc3339(),
            last_used_at: Some(usage.last_used_at).filter(|at| at.0 > 0).map(Timestamp::to_rfc3339),
            metadata: meta,
            max_tokens: tokens.limit,
            used_tokens: tokens.used,
            max_spend_cents: spend.limit.map(|limit| limit.div_ceil(CENT)),
            used_spend_cents: spend.used.div_ceil(CENT),
            scoped_key: None,
            name: record.name.clone(),
            labels: record.labels.iter().cloned().collect(),
            providers: record.providers().map(str::to_owned).collect(),
            masters,
            ended_reason: match status {
                Status::Live => None,
                Status::Ended(cause) => Some(cause.name().to_owned()),
            },
            ended_at: usage.ended.map(|ended| ended.at.to_rfc3339()),
            paused_at: pause.map(|pause| pause.since.to_rfc3339()),
            paused_key: pause.map(|pause| pause.key.to_string()),
            held_activations: usage.activations_set_aside(),
            attempts: usage.attempts,
            answered: usage.answered,
            count_answered: limits.counting == Counting::Answered,
            held_tokens: tokens.held,
            max_input_tokens: input.limit,
            used_input_tokens: input.used,
            held_input_tokens: input.held,
            max_output_tokens: output.limit,
            used_output_tokens: output.used,
            held_output_tokens: output.held,
            max_spend: spend.limit.map(dollars),
            used_spend: dollars(spend.used),
            held_spend: dollars(spend.held),
            overshoot: match limits.overshoot {
                Overshoot::Never => "never",
                Overshoot::LastCall => "last-call",
            }
            .to_owned(),
            on_cancel: match limits.on_cancel {
                OnCancel::Stop => "stop",
                OnCancel::Drain => "drain",
            }
            .to_owned(),
            on_spike: limits.on_spike.name().to_owned(),
            max_price: limits
                .max_price
                .map(|price| [price.prompt, price.completion].map(|each| plain(per_million(each)))),
            expires_at: limits.expires_at.map(Timestamp::to_rfc3339),
            rate: limits.rate.map(|rate| rate.to_string()),
            concurrency: limits.concurrency.map(std::num::NonZeroU32::get),
            models: record.scope.models.iter().map(ToString::to_string).collect(),
            allow: record.scope.allow.iter().map(ToString::to_string).collect(),
            delegate: record.delegate,
            children: usage.descendants,
            grants: u64::try_from(*grants).unwrap_or(u64::MAX),
            proxy_url: None,
        }
    }
}

/// Dollars without their sign.
fn plain(amount: Picodollars) -> String {
    amount.to_string().trim_start_matches('$').to_owned()
}

/// The state in one word; `endedReason` has the exact one.
fn status_name(status: Status, paused: bool) -> &'static str {
    match status {
        Status::Live if paused => "paused",
        Status::Live => "active",
        Status::Ended(EndCause::Activations | EndCause::Tokens | EndCause::Spend) => "exhausted",
        Status::Ended(EndCause::Expired) => "expired",
        Status::Ended(_) => "revoked",
    }
}
