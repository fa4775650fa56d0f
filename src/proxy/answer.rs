//! Denials as HTTP, and what every answer says about its key.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::domain::cost::Measure;
use crate::domain::demand::Gauge;
use crate::domain::denial::{Denial, Reason, Retry};
use crate::domain::ids::KeyId;
use crate::domain::key::{KeyRecord, Usage};
use crate::domain::money::Picodollars;
use crate::provider::{Client, Dialect};

/// The key's public id.
const KEY: HeaderName = HeaderName::from_static("till-key");
/// Why till refused, by the code of the denial table.
const DENIAL: HeaderName = HeaderName::from_static("till-denial");
/// The key's activations.
const LIMIT: HeaderName = HeaderName::from_static("till-activations-limit");
/// Those that are neither used nor in flight.
const REMAINING: HeaderName = HeaderName::from_static("till-activations-remaining");
/// The key's caps on tokens and money, and what is neither used nor held of them. Money is in
/// dollars, as in `4.25`.
static CAPS: [(Measure, HeaderName, HeaderName); 4] = [
    (
        Measure::Tokens,
        HeaderName::from_static("till-tokens-limit"),
        HeaderName::from_static("till-tokens-remaining"),
    ),
    (
        Measure::InputTokens,
        HeaderName::from_static("till-input-tokens-limit"),
        HeaderName::from_static("till-input-tokens-remaining"),
    ),
    (
        Measure::OutputTokens,
        HeaderName::from_static("till-output-tokens-limit"),
        HeaderName::from_static("till-output-tokens-remaining"),
    ),
    (
        Measure::Spend,
        HeaderName::from_static("till-spend-limit"),
        HeaderName::from_static("till-spend-remaining"),
    ),
];
/// How the request was brought down to what its key can pay.
const CLAMPED: HeaderName = HeaderName::from_static("till-clamped");
/// Said from nine tenths of a limit on.
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
    known: Option<(&KeyRecord, &Usage)>,
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
        describe(headers, key, usage);
    }
    if rule.key_ended {
        // The figures are a moment old, or of a key that has ended: nothing remains.
        for (limit, remaining, nothing) in limits() {
            if headers.contains_key(limit) {
                headers.insert(remaining, HeaderValue::from_static(nothing));
            }
        }
    }
    match rule.retry {
        Retry::Never => drop(headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"))),
        Retry::After(seconds) => {
            let wait = denial.retry_after.map_or(seconds, |wait| wait.0.div_ceil(1_000).max(1));
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait));
        }
        Retry::Unsaid => {}
    }
    if denial.reason == Reason::Overloaded {
        // Somebody else may have the connection's place.
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if rule.status == 426 {
        // RFC 9110 §15.5.22: the answer names what the client should speak.
        headers.insert(header::UPGRADE, HeaderValue::from_static("HTTP/1.1"));
    }
    response
}

/// The same for paths that are till's own.
pub(super) fn denied_plainly(denial: &Denial) -> Response {
    denied(denial, Dialect::Plain, Client::Other, None)
}

/// A refusal that no forwarded request can meet, in till's own form.
#[derive(Debug)]
pub(super) struct Plain {
    /// The HTTP status.
    pub(super) status: u16,
    /// The stable code.
    pub(super) code: &'static str,
    /// What, why, and what to do.
    pub(super) message: String,
    /// The methods that the path takes, where it was another.
    pub(super) allow: Option<HeaderValue>,
}

impl Plain {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), allow: None }
    }

    /// The same, of this key.
    pub(super) fn of(mut self, key: KeyId) -> Self {
        self.message = format!("{} [till key {key}]", self.message);
        self
    }

    pub(super) fn response(self) -> Response {
        let body = Dialect::Plain.render(self.status, self.code, &self.message);
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or_default();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(DENIAL, HeaderValue::from_static(self.code));
        headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
        if let Some(methods) = self.allow {
            headers.insert(header::ALLOW, methods);
        }
        response
    }
}

/// Says on an answer whose key it was, and what remains of it.
pub(super) fn describe(headers: &mut HeaderMap, key: &KeyRecord, usage: &Usage) {
    let mut warnings = Vec::new();
    insert(headers, KEY, key.id.as_str());
    if let Some(limit) = key.limits.activations {
        headers.insert(LIMIT, HeaderValue::from(limit));
        let remaining = usage.remaining(limit);
        headers.insert(REMAINING, HeaderValue::from(remaining));
        if remaining <= limit / 10 {
            warnings.push(format!("{remaining} of {limit} activations left"));
        }
    }
    for gauge in usage.gauges(&key.limits) {
        let Gauge { measure, limit, .. } = gauge;
        let Some((_, name, rest)) = CAPS.iter().find(|row| row.0 == measure) else { continue };
        let figures = [(name, limit), (rest, gauge.remaining())];
        for (name, figure) in figures {
            insert(headers, name.clone(), &plain(measure, figure));
        }
        // What is held is mostly given back: a large request is no reason to warn.
        if gauge.unused() <= limit / 10 {
            let rest = plain(measure, gauge.remaining());
            let dollar = if measure == Measure::Spend { "$" } else { "" };
            warnings.push(format!("{dollar}{rest} of {} left", measure.words(limit)));
        }
    }
    if !warnings.is_empty() {
        insert(headers, WARNING, &warnings.join(", "));
    }
    if let Some(end) = key.limits.expires_at {
        headers.insert(EXPIRES, HeaderValue::from(end.0 / 1_000));
    }
}

/// Takes out of an upstream's answer what only till may say.
pub(super) fn strip_own(headers: &mut HeaderMap) {
    for name in [KEY, DENIAL, WARNING, EXPIRES, CLAMPED] {
        headers.remove(name);
    }
    for (limit, remaining, _) in limits() {
        headers.remove(limit);
        headers.remove(remaining);
    }
}

/// Says how the request was brought down to what its key can pay.
pub(super) fn clamped(headers: &mut HeaderMap, how: &str) {
    insert(headers, CLAMPED, how);
}

/// The names of each limit and of what remains of it, and what that is where nothing does.
fn limits() -> impl Iterator<Item = (HeaderName, HeaderName, &'static str)> {
    let caps = CAPS.iter().map(|(measure, limit, remaining)| {
        (limit.clone(), remaining.clone(), if *measure == Measure::Spend { "0.00" } else { "0" })
    });
    std::iter::once((LIMIT, REMAINING, "0")).chain(caps)
}

/// A figure without its unit: tokens, or dollars.
fn plain(measure: Measure, figure: u64) -> String {
    match measure {
        Measure::Spend => Picodollars(figure).to_string().trim_start_matches('$').to_owned(),
        _ => figure.to_string(),
    }
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
