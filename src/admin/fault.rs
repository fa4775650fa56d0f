//! What the admin API refuses: one table of statuses and codes, and one place that makes HTTP of it.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;
use tracing::{error, warn};

use crate::domain::denial::{Denial, Reason};
use crate::ledger::{LedgerError, Refusal};
use crate::store::StoreError;
use crate::wire::FieldFault;

/// Why a request is refused. One row of [`FAULTS`] each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each has its row, with its meaning, in the table below")]
pub enum Problem {
    BadRequest,
    TokenMissing,
    TokenRefused,
    IdentityRefused,
    IdentityUsed,
    OriginRefused,
    OutOfBounds,
    NotGranted,
    KeyUnknown,
    NotFound,
    MethodRefused,
    BodyTooLarge,
    ContentType,
    TooManyAttempts,
    IssuerUnreachable,
    StoreBusy,
    StoreUnavailable,
    ClockSuspect,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct FaultRow {
    /// What the row is about.
    pub problem: Problem,
    /// The HTTP status (RFC 9110 §15).
    pub status: u16,
    /// The stable code that clients see.
    pub code: &'static str,
    /// After how many seconds the same request may succeed.
    pub retry_after: Option<u64>,
    /// When it happens, for the documents.
    pub meaning: &'static str,
}

const fn row(
    problem: Problem,
    status: u16,
    code: &'static str,
    retry_after: Option<u64>,
    meaning: &'static str,
) -> FaultRow {
    FaultRow { problem, status, code, retry_after, meaning }
}

/// Everything that is refused, in the order of [`Problem`].
#[rustfmt::skip]
pub const FAULTS: [FaultRow; 18] = {
    use Problem as P;
    [
        row(P::BadRequest, 400, "bad_request", None, "the request is malformed, or a field cannot be taken; the message names it"),
        row(P::TokenMissing, 401, "token_missing", None, "the request carries no `Authorization: Bearer` token"),
        row(P::TokenRefused, 401, "token_refused", None, "the token is unknown, has a typing error, was revoked or has expired"),
        row(P::IdentityRefused, 401, "identity_refused", None, "nothing trusts the identity token; the message says what is wrong with it"),
        row(P::IdentityUsed, 401, "identity_used", None, "the identity token has minted already, and is good for one minting"),
        row(P::OriginRefused, 403, "origin_refused", None, "the request came from a web page, or for a host name that is not the server's"),
        row(P::OutOfBounds, 403, "out_of_bounds", None, "the key would be outside the token's bounds; the message names the bound and its value"),
        row(P::NotGranted, 403, "not_granted", None, "the token may not open what was asked for, or may not bring real keys"),
        row(P::KeyUnknown, 404, "key_unknown", None, "the token has minted no such key"),
        row(P::NotFound, 404, "not_found", None, "there is no such path"),
        row(P::MethodRefused, 405, "method_refused", None, "the path does not take this method; `Allow` names those that it takes"),
        row(P::BodyTooLarge, 413, "body_too_large", None, "the body is larger than 64 KiB"),
        row(P::ContentType, 415, "content_type", None, "the body is not said to be `application/json`"),
        row(P::TooManyAttempts, 429, "too_many_attempts", Some(10), "too many refused tokens are waiting for their answers"),
        row(P::IssuerUnreachable, 503, "issuer_unreachable", Some(5), "the issuer of an identity token does not answer with its keys"),
        row(P::StoreBusy, 503, "store_busy", Some(1), "another process holds the store and does not let go"),
        row(P::StoreUnavailable, 503, "store_unavailable", Some(5), "the store cannot be read or written: a full disk, an I/O error, damage"),
        row(P::ClockSuspect, 503, "clock_suspect", Some(60), "the wall clock is more than an hour ahead of what the boot clock allows"),
    ]
};

/// One refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The row of the table.
    pub problem: Problem,
    /// What, why, and what to do: one sentence without any credential.
    pub message: String,
    /// The methods that the path takes, where it was the wrong one.
    pub allow: Option<&'static str>,
}

/// What a handler answers.
pub(super) type Answer<T> = Result<T, Fault>;

impl Problem {
    /// The row of the table.
    #[must_use]
    pub fn row(self) -> &'static FaultRow {
        FAULTS.iter().find(|row| row.problem == self).unwrap_or(&FAULTS[0])
    }
}

impl Fault {
    /// A refusal.
    #[must_use]
    pub fn new(problem: Problem, message: impl Into<String>) -> Self {
        Self { problem, message: message.into(), allow: None }
    }
}

impl From<FieldFault> for Fault {
    fn from(fault: FieldFault) -> Self {
        Self::new(Problem::BadRequest, fault.to_string())
    }
}

/// What is refused before anything is looked up.
impl From<Denial> for Fault {
    fn from(denial: Denial) -> Self {
        let problem = match denial.reason {
            Reason::OriginRefused => Problem::OriginRefused,
            _ => Problem::BadRequest,
        };
        let message = denial.message.replace("till proxy", "till admin serve");
        Self::new(problem, message.replace("this proxy's", "this server's"))
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        LedgerError::from(error).into()
    }
}

impl From<LedgerError> for Fault {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Refused(refusal) => refusal.into(),
            LedgerError::Store(StoreError::Busy) => {
                warn!("the store is held by another process");
                let message = "another process holds till's store and does not let go; try again";
                Self::new(Problem::StoreBusy, message)
            }
            failure => {
                error!(%failure, "the store failed");
                let message = "till's store cannot be read or written; the server's log says why";
                Self::new(Problem::StoreUnavailable, message)
            }
        }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let problem = match &refusal {
            Refusal::MinterGone => Problem::TokenRefused,
            Refusal::Replayed => Problem::IdentityUsed,
            Refusal::OutOfBounds(_) => Problem::OutOfBounds,
            Refusal::NotGranted(_) | Refusal::MayNotBring => Problem::NotGranted,
            Refusal::NoSuchKey => Problem::KeyUnknown,
            Refusal::ClockSuspect(_) => Problem::ClockSuspect,
            Refusal::Unbounded => {
                let message = "the key would have no end: give `max_activations`, `max_tokens`, \
                               `max_spend` or `expires`";
                return Self::new(Problem::BadRequest, message);
            }
            _ => Problem::BadRequest,
        };
        Self::new(problem, refusal.to_string())
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let row = self.problem.row();
        let body = json!({ "error": { "code": row.code, "message": self.message } });
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = StatusCode::from_u16(row.status).unwrap_or_default();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = row.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(allow) = self.allow {
            headers.insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        if row.status == 401 {
            // RFC 6750 §3.
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::as_conversions, reason = "the discriminants of a fieldless enum")]
    fn every_problem_has_its_row() {
        for (index, row) in FAULTS.iter().enumerate() {
            assert_eq!(row.problem as usize, index, "{}", row.code);
            assert_eq!(FAULTS.iter().filter(|other| other.code == row.code).count(), 1);
            assert_eq!(row.retry_after.is_some(), matches!(row.status, 429 | 503), "{}", row.code);
        }
        assert_eq!(Problem::ClockSuspect as usize + 1, FAULTS.len());
    }
}
