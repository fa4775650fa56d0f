//! `GET /till/v1/key`: what a key has left, told to whoever holds it.

use serde::Serialize;

use crate::domain::key::{KeyRecord, Usage};
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
    providers: Vec<&'a str>,
    activations: Activations,
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    concurrency: Option<u32>,
}

#[derive(Debug, Serialize)]
struct Activations {
    limit: Option<u64>,
    used: u64,
    held: u64,
    remaining: Option<u64>,
}

impl<'a> KeyState<'a> {
    pub(super) fn new(key: &'a KeyRecord, usage: &Usage, status: Status) -> Self {
        let limit = key.limits.activations;
        let remaining = limit.map(|limit| match status {
            Status::Live => usage.remaining(limit),
            Status::Ended(_) => 0,
        });
        let (status, ended_reason) = match status {
            Status::Live => ("live", None),
            Status::Ended(cause) => ("ended", Some(cause.name())),
        };
        Self {
            id: key.id.as_str(),
            name: &key.name,
            status,
            ended_reason,
            providers: key.providers().collect(),
            activations: Activations { limit, used: usage.used, held: usage.held, remaining },
            expires_at: key.limits.expires_at.map(Timestamp::to_rfc3339),
            rate: key.limits.rate.map(|rate| rate.to_string()),
            concurrency: key.limits.concurrency.map(std::num::NonZeroU32::get),
        }
    }
}
