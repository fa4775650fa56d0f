//! Whether a token is to be believed.

use serde_json::Value;

use super::json::Object;
use super::keys::KeySet;
use super::refusal::Refusal;
use super::token::Token;
use crate::domain::time::{Span, Timestamp};

/// How far the issuer's clock and this one may be apart (RFC 7519 §4.1.4).
pub const LEEWAY: Span = Span::minutes(1);
/// How long a token may be good for. What a job shows to mint keys is made for the job.
pub const LONGEST_LIFE: Span = Span::minutes(24 * 60);

/// What a token must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected<'a> {
    /// Who must have issued it, to the letter.
    pub issuer: &'a str,
    /// Whom it must have been made for.
    pub audience: &'a str,
    /// What time it is.
    pub now: Timestamp,
}

/// A token that is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// What it says.
    pub claims: Object,
    /// What a replay of it is known by: the bytes that were signed. Not the signature, of which
    /// ECDSA lets anybody make a second from the first.
    pub signing_input: String,
    /// From when on it can have been shown: when it was issued, or, where it does not say, a day before
    /// it expires.
    pub good_from: Timestamp,
    /// From when on it is refused as expired: until then a replay must be remembered.
    pub refused_from: Timestamp,
}

/// Believes a token, or says why not.
///
/// The keys must be those of [`Expected::issuer`].
///
/// # Errors
/// Where anything about it is not as it must be (RFC 7519 §7.2, RFC 8725 §3).
pub fn verify(token: &Token, keys: &KeySet, expected: &Expected<'_>) -> Result<Verified, Refusal> {
    if token.issuer != expected.issuer {
        return Err(Refusal::WrongIssuer);
    }
    keys.check(token)?;
    let claims = &token.claims;
    if !is_for(claims.get("aud").ok_or(Refusal::Missing("aud"))?, expected.audience) {
        return Err(Refusal::WrongAudience);
    }
    if !claims.get("sub").is_none_or(Value::is_string) {
        return Err(Refusal::Malformed("`sub`"));
    }
    let (good_from, refused_from) = check_times(claims, expected.now)?;
    Ok(Verified {
        claims: claims.clone(),
        signing_input: token.signing_input.clone(),
        good_from,
        refused_from,
    })
}

/// Whether an `aud` names the audience: one text, or a list of texts (RFC 7519 §4.1.3).
fn is_for(aud: &Value, audience: &str) -> bool {
    match aud {
        Value::String(name) => name == audience,
        Value::Array(names) => {
            names.iter().all(Value::is_string) && names.iter().any(|name| name == audience)
        }
        _ => false,
    }
}

/// Holds `exp`, `nbf` and `iat` against the time, and returns from when on the token was good, and
/// from when on it will be refused.
fn check_times(claims: &Object, now: Timestamp) -> Result<(Timestamp, Timestamp), Refusal> {
    let expires_at = point(claims, "exp")?.ok_or(Refusal::Missing("exp"))?;
    let issued_at = point(claims, "iat")?;
    let refused_from = expires_at.after(LEEWAY);
    if now >= refused_from {
        return Err(Refusal::Expired(expires_at));
    }
    let beginnings = [point(claims, "nbf")?, issued_at];
    if let Some(late) = beginnings.into_iter().flatten().find(|at| *at > now.after(LEEWAY)) {
        return Err(Refusal::NotYetValid(late));
    }
    // Without an `iat`, and with one that is a little ahead, it counts from now.
    let since = issued_at.map_or(now, |at| at.min(now));
    if expires_at.since(since) > LONGEST_LIFE {
        return Err(Refusal::TooLongLived);
    }
    let earliest = Timestamp(expires_at.0.saturating_sub(LONGEST_LIFE.0));
    Ok((issued_at.unwrap_or(earliest), refused_from))
}

/// A point in time of a token: seconds, in which a fraction is allowed (RFC 7519 §2) and left out.
fn point(claims: &Object, name: &'static str) -> Result<Option<Timestamp>, Refusal> {
    let malformed = Refusal::Malformed(match name {
        "exp" => "`exp`",
        "nbf" => "`nbf`",
        _ => "`iat`",
    });
    let Some(value) = claims.get(name) else { return Ok(None) };
    // A time that is no number is not a time that is absent.
    let text = value.as_number().ok_or(malformed)?.to_string();
    let whole = match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|byte| byte.is_ascii_digit()) => whole,
        Some(_) => return Err(malformed),
        None => &text,
    };
    let seconds: u64 = whole.parse().map_err(|_| malformed)?;
    Ok(Some(Timestamp(seconds.saturating_mul(1_000))))
}
