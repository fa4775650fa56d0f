//! A proxy key as JSON: one schema for `mint`, `ls` and `show`. Times are RFC 3339.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::ids::MasterId;
use crate::domain::key::EndCause;
use crate::domain::limits::Counting;
use crate::domain::status::Status;
use crate::domain::time::Timestamp;
use crate::report::KeyView;

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
    providers: Vec<&'a str>,
    masters: Vec<String>,
    labels: BTreeMap<&'a str, &'a str>,
    activations: Activations,
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
        EndCause::Expired => "expired",
        EndCause::Revoked => "revoked",
        EndCause::MasterGone => "master gone",
    }
}

#[derive(Debug, Serialize)]
struct Activations {
    limit: Option<u64>,
    used: u64,
    held: u64,
    remaining: Option<u64>,
}

impl<'a> KeyJson<'a> {
    /// The key as JSON; `name_of` gives the name of a master.
    pub fn new(view: &'a KeyView, name_of: impl Fn(MasterId) -> Option<String>) -> Self {
        let KeyView { record, usage, status, grants } = view;
        let limit = record.limits.activations;
        let (status, ended_reason) = match status {
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
            providers: record.providers().collect(),
            masters: record.masters.iter().filter_map(|(id, _)| name_of(*id)).collect(),
            labels: record.labels.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect(),
            activations: Activations {
                limit,
                used: usage.used,
                held: usage.held,
                remaining: limit.map(|limit| remaining(view, limit)),
            },
            attempts: usage.attempts,
            answered: usage.answered,
            counting: match record.limits.counting {
                Counting::Sent => "sent",
                Counting::Answered => "answered",
            },
            expires_at: record.limits.expires_at.map(Timestamp::to_rfc3339),
            rate: record.limits.rate.map(|rate| rate.to_string()),
            concurrency: record.limits.concurrency.map(std::num::NonZeroU32::get),
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
