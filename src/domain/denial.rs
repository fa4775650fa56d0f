//! Denials: every way in which a request is refused, as one table.
//!
//! A denial is a value, not an error. The table decides status, code, retry advice and whether
//! the key has ended; the HTTP answers, the documents and the tests are read from it.

use std::fmt;

use super::ids::KeyId;
use super::time::Span;

/// Why a request was refused. One row of [`Reason::rule`] each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each has its row, with its meaning, in the table below")]
pub enum Reason {
    NoRoute,
    KeyMissing,
    KeyMalformed,
    KeyUnknown,
    ActivationLimit,
    TokenLimit,
    SpendLimit,
    RequestTooLarge,
    OriginRefused,
    KeyRevoked,
    KeyExpired,
    KeyPaused,
    ScopeDenied,
    Unmetered,
    UnpricedModel,
    MasterLimit,
    RateLimited,
    ConcurrencyLimited,
    LimitHeld,
    BadRequest,
    MethodRefused,
    BodyTooLarge,
    UpgradeRefused,
    UpstreamUnreachable,
    UpstreamTimeout,
    UpstreamEncoding,
    StoreBusy,
    StoreUnavailable,
    ClockSuspect,
    Overloaded,
    Draining,
}

/// What a client should do after a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The same request can never succeed: `x-should-retry: false`.
    Never,
    /// It may succeed after a while: `retry-after`, in seconds.
    After(u64),
    /// Nothing is said.
    Unsaid,
}

/// One row of the denial table.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The reason that the row is about.
    pub reason: Reason,
    /// Its number on disk. A number is never used again for another reason.
    pub number: u8,
    /// The HTTP status (RFC 9110 §15).
    pub status: u16,
    /// The stable code that clients and logs see.
    pub code: &'static str,
    /// What a client is told about trying again.
    pub retry: Retry,
    /// Whether the key is at its end.
    pub key_ended: bool,
    /// When it happens, for the documents.
    pub meaning: &'static str,
}

/// Shortens the rows below.
const fn rule(
    reason: Reason,
    number: u8,
    status: u16,
    code: &'static str,
    retry: Retry,
    key_ended: bool,
    meaning: &'static str,
) -> Rule {
    Rule { reason, number, status, code, retry, key_ended, meaning }
}

/// The denial table, one row for each [`Reason`], in its order.
#[rustfmt::skip]
pub const RULES: [Rule; 31] = {
    use Reason as R;
    use Retry::{After, Never, Unsaid};
    [
        rule(R::NoRoute, 1, 404, "no_route", Unsaid, false, "the path names no provider that till knows, or `/v1/…` was used with a key that opens several"),
        rule(R::KeyMissing, 2, 401, "key_missing", Never, false, "the request carries no proxy key"),
        rule(R::KeyMalformed, 3, 401, "key_malformed", Never, false, "the credential is no proxy key, or has a typing error (its checksum is wrong)"),
        rule(R::KeyUnknown, 4, 401, "key_unknown", Never, false, "the store has no such proxy key"),
        rule(R::ActivationLimit, 5, 402, "activation_limit", Never, true, "every activation of the key is used or in flight"),
        rule(R::TokenLimit, 23, 402, "token_limit", Never, true, "the key's tokens are used"),
        rule(R::SpendLimit, 24, 402, "spend_limit", Never, true, "the key's money is spent"),
        rule(R::RequestTooLarge, 25, 402, "request_too_large", Never, false, "what the request may cost at the most is more than is left, even with the least output; the key lives"),
        rule(R::OriginRefused, 6, 403, "origin_refused", Never, false, "the request came from a web page, or for a host name that is not the proxy's"),
        rule(R::KeyRevoked, 7, 403, "key_revoked", Never, true, "the key was revoked"),
        rule(R::KeyExpired, 8, 403, "key_expired", Never, true, "the key's time is over"),
        rule(R::KeyPaused, 30, 403, "key_paused", Never, false, "the key, or one that it was made from, is paused until `till key resume`"),
        rule(R::ScopeDenied, 9, 403, "scope_denied", Never, false, "the key may not do this: its provider, model, endpoint or client address"),
        rule(R::Unmetered, 26, 403, "unmetered", Never, false, "nothing bounds what the request may cost, and the key, or its master, is limited in tokens or money"),
        rule(R::UnpricedModel, 27, 403, "unpriced_model", Never, false, "the key, or its master, is limited in money, and the model's price is not known"),
        rule(R::MasterLimit, 28, 429, "master_limit", After(60), false, "a cap on the master key, over all its proxy keys, is reached"),
        rule(R::RateLimited, 10, 429, "rate_limited", After(1), false, "the key's `--rate` is reached"),
        rule(R::ConcurrencyLimited, 11, 429, "concurrency_limited", After(1), false, "the key's `--concurrency` is reached"),
        rule(R::LimitHeld, 29, 429, "limit_held", After(1), false, "only what requests in flight hold stands in the way"),
        rule(R::BadRequest, 12, 400, "bad_request", Never, false, "the request is ambiguous or malformed, and is not forwarded"),
        rule(R::MethodRefused, 13, 405, "method_refused", Never, false, "TRACE and CONNECT are never forwarded"),
        rule(R::BodyTooLarge, 14, 413, "body_too_large", Never, false, "the body is larger than till reads where a limit must read it"),
        rule(R::UpgradeRefused, 15, 426, "upgrade_refused", Never, false, "connection upgrades (WebSockets) are not forwarded"),
        rule(R::UpstreamUnreachable, 16, 502, "upstream_unreachable", Unsaid, false, "no connection to the provider, and then the activation is given back; or the connection broke before an answer"),
        rule(R::UpstreamTimeout, 17, 504, "upstream_timeout", Unsaid, false, "the provider did not begin to answer in time"),
        rule(R::UpstreamEncoding, 31, 502, "upstream_encoding", Never, false, "the provider's answer is compressed in a way that till cannot undo, to look for the real key in it"),
        rule(R::StoreBusy, 18, 503, "store_busy", After(1), false, "another process holds the store and does not let go"),
        rule(R::StoreUnavailable, 19, 503, "store_unavailable", After(5), false, "the store cannot be read or written: a full disk, an I/O error, damage"),
        rule(R::ClockSuspect, 20, 503, "clock_suspect", After(60), false, "the wall clock is more than an hour ahead of what the boot clock allows"),
        rule(R::Overloaded, 21, 503, "overloaded", After(1), false, "more requests are waiting than till holds"),
        rule(R::Draining, 22, 503, "draining", After(1), false, "the proxy is stopping"),
    ]
};

impl Reason {
    /// The row of the table.
    ///
    /// The table stands in the order of the enum, which a test checks.
    #[must_use]
    pub fn rule(self) -> &'static Rule {
        RULES.iter().find(|rule| rule.reason == self).unwrap_or(&RULES[0])
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.rule().code)
    }
}

/// One refusal: the reason, whose key it was, and the figures, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The row of the table.
    pub reason: Reason,
    /// The key, where it was found out whose it is.
    pub key: Option<KeyId>,
    /// What, why, and what to do: one sentence without any credential.
    pub message: String,
    /// A better figure for `retry-after` than the table's.
    pub retry_after: Option<Span>,
}

impl Denial {
    /// A refusal that concerns no key in particular.
    #[must_use]
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, key: None, message: message.into(), retry_after: None }
    }

    /// The same, of this key.
    #[must_use]
    pub fn of(mut self, key: KeyId) -> Self {
        self.key = Some(key);
        self
    }

    /// The same, to be tried again after `span`.
    #[must_use]
    pub fn retry_after(mut self, span: Span) -> Self {
        self.retry_after = Some(span);
        self
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::as_conversions, reason = "the discriminants of a fieldless enum")]
    fn every_reason_has_its_row_and_every_code_is_its_own() {
        for (index, rule) in RULES.iter().enumerate() {
            assert_eq!(rule.reason as usize, index, "{}", rule.code);
            let same = |other: &&Rule| other.number == rule.number || other.code == rule.code;
            assert_eq!(RULES.iter().filter(same).count(), 1, "{}", rule.code);
            assert_eq!(rule.reason.rule().code, rule.code);
        }
        assert_eq!(Reason::Draining as usize + 1, RULES.len());
    }

    /// SDKs retry 429 and 5xx by themselves: what can never succeed must not look like those.
    #[test]
    fn what_cannot_succeed_says_so() {
        for rule in RULES {
            match rule.status {
                401..=403 => assert_eq!(rule.retry, Retry::Never, "{}", rule.code),
                429 | 503 => assert!(matches!(rule.retry, Retry::After(_)), "{}", rule.code),
                _ => {}
            }
            assert!(!rule.key_ended || matches!(rule.status, 402 | 403), "{}", rule.code);
        }
    }
}
