//! Denials as HTTP, and what every answer says about its key.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::domain::denial::{Denial, Retry};
use crate::domain::key::{KeyRecord, Usage};
use crate::provider::{Client, Dialect};

/// The key's public id.
const KEY: HeaderName = HeaderName::from_static("till-key");
/// Why till refused, by the code of the denial table.
const DENIAL: HeaderName = HeaderName::from_static("till-denial");
/// The key's activations.
const LIMIT: HeaderName = HeaderName::from_static("till-activations-limit");
/// Those that are neither used nor in flight.
const REMAINING: HeaderName = HeaderName::from_static("till-activations-remaining");
/// Said from nine tenths of the activations on.
const WARNING: HeaderName = HeaderName::from_static("till-warning");
/// The end of the key's time, in seconds since the epoch.
const EXPIRES: HeaderName = HeaderName::from_static("till-expires");
/// What the SDKs of OpenAI and Anthropic go by, over their own rules.
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// The answer to a request that was denied, in the dialect that its client reads.
///
/// `known` is the key and its figures, where it was found out whose the request is.
pub(super) fn denied(
    denial: &Denial,
    dialect: Dialect,
    client: Client,
    known: Option<(&KeyRecord, Usage)>,
) -> Response {
    let rule = denial.reason.rule();
    let key = denial.key.map(|key| format!(" [till key {key}]")).unwrap_or_default();
    let message = format!("{}{key}", denial.message);
    let (status, kind, body) = if client.wants_bad_request(rule.status) {
        (400, "text/plain; charset=utf-8", message.into_bytes())
    } else {
        (rule.status, "application/json", dialect.render(rule.status, rule.code, &message))
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(DENIAL, HeaderValue::from_static(rule.code));
    if let Some((key, usage)) = known {
        describe(headers, key, &usage);
    }
    if rule.key_ended && headers.contains_key(LIMIT) {
        // The figures are a moment old, or of a key that has ended: nothing remains.
        headers.insert(REMAINING, HeaderValue::from(0));
    }
    match rule.retry {
        Retry::Never => drop(headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"))),
        Retry::After(seconds) => {
            let wait = denial.retry_after.map_or(seconds, |wait| wait.0.div_ceil(1_000).max(1));
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait));
        }
        Retry::Unsaid => {}
    }
    if rule.status == 426 {
        // RFC 9110 §15.5.22: the answer names what the client should speak.
        headers.insert(header::UPGRADE, HeaderValue::from_static("HTTP/1.1"));
    }
    response
}

/// Says on an answer whose key it was, and what remains of it.
pub(super) fn describe(headers: &mut HeaderMap, key: &KeyRecord, usage: &Usage) {
    insert(headers, KEY, key.id.as_str());
    if let Some(limit) = key.limits.activations {
        headers.insert(LIMIT, HeaderValue::from(limit));
        let remaining = usage.remaining(limit);
        headers.insert(REMAINING, HeaderValue::from(remaining));
        if remaining <= limit / 10 {
            insert(headers, WARNING, &format!("{remaining} of {limit} activations left"));
        }
    }
    if let Some(end) = key.limits.expires_at {
        headers.insert(EXPIRES, HeaderValue::from(end.0 / 1_000));
    }
}

/// Takes out of an upstream's answer what only till may say.
pub(super) fn strip_own(headers: &mut HeaderMap) {
    for name in [KEY, DENIAL, LIMIT, REMAINING, WARNING, EXPIRES] {
        headers.remove(name);
    }
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
