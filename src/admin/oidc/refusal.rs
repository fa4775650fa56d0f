//! Why a token is not believed: a value with a stable code and a sentence.

use std::fmt;

use crate::domain::time::Timestamp;

/// Why a token is refused. None of it repeats what the token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// More bytes than are looked at.
    TooLong,
    /// It is no JWT in compact form (RFC 7519 §3), in this part.
    Malformed(&'static str),
    /// Two members of one name in this part.
    Duplicate(&'static str),
    /// Its header asks for extensions (`crit`, RFC 7515 §4.1.11).
    Critical,
    /// It is a token of another kind (`typ`, RFC 8725 §3.11).
    WrongType,
    /// Its algorithm is none that is taken, or not its key's.
    WrongAlgorithm,
    /// The issuer has no key of that name.
    UnknownKey,
    /// The signature is not the key's.
    WrongSignature,
    /// Somebody else has issued it.
    WrongIssuer,
    /// It was made for somebody else.
    WrongAudience,
    /// It lacks a claim that every token must have.
    Missing(&'static str),
    /// Its time was over at that point.
    Expired(Timestamp),
    /// Its time begins at that point.
    NotYetValid(Timestamp),
    /// It is good for longer than a job's token may be.
    TooLongLived,
}

impl Refusal {
    /// What programs know it by.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::Malformed(_) => "malformed",
            Self::Duplicate(_) => "duplicate_member",
            Self::Critical => "critical_extension",
            Self::WrongType => "wrong_type",
            Self::WrongAlgorithm => "wrong_algorithm",
            Self::UnknownKey => "unknown_key",
            Self::WrongSignature => "wrong_signature",
            Self::WrongIssuer => "wrong_issuer",
            Self::WrongAudience => "wrong_audience",
            Self::Missing(_) => "missing_claim",
            Self::Expired(_) => "expired",
            Self::NotYetValid(_) => "not_yet_valid",
            Self::TooLongLived => "too_long_lived",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => f.write_str("the token is too long"),
            Self::Malformed(part) => write!(f, "the token is no JWT: its {part} cannot be read"),
            Self::Duplicate(part) => write!(f, "a member stands twice in the token's {part}"),
            Self::Critical => f.write_str("the token's header has `crit`"),
            Self::WrongType => f.write_str("the token's header has a `typ` other than `JWT`"),
            Self::WrongAlgorithm => {
                f.write_str("the token's algorithm is not taken, or not that of its key")
            }
            Self::UnknownKey => f.write_str("the issuer has no key of the token's `kid`"),
            Self::WrongSignature => f.write_str("the token's signature is wrong"),
            Self::WrongIssuer => f.write_str("the token is of another issuer"),
            Self::WrongAudience => f.write_str("the token is for another audience"),
            Self::Missing(claim) => write!(f, "the token has no `{claim}`"),
            Self::Expired(at) => write!(f, "the token expired at {}", at.to_rfc3339()),
            Self::NotYetValid(at) => write!(f, "the token is not valid before {}", at.to_rfc3339()),
            Self::TooLongLived => f.write_str("the token is valid for longer than a day"),
        }
    }
}

impl std::error::Error for Refusal {}

/// Why an issuer's keys cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssuerFailure {
    /// It does not answer: why.
    Unreachable(String),
    /// It answers with this status. A redirect is not followed.
    Status(u16),
    /// Its answer has more bytes than are read.
    TooLarge,
    /// This document of it cannot be read.
    Malformed(&'static str),
    /// Its configuration names another issuer (OpenID Connect Discovery 1.0 §4.3).
    Mismatch,
    /// Its configuration leads to where nothing may be fetched from.
    Forbidden,
}

impl IssuerFailure {
    /// What programs know it by.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) | Self::Status(_) => "issuer_unreachable",
            Self::TooLarge | Self::Malformed(_) => "issuer_malformed",
            Self::Mismatch => "issuer_mismatch",
            Self::Forbidden => "issuer_forbidden",
        }
    }
}

impl fmt::Display for IssuerFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "the issuer cannot be asked: {why}"),
            Self::Status(status) => write!(f, "the issuer answers with status {status}"),
            Self::TooLarge => f.write_str("the issuer's answer is too large"),
            Self::Malformed(what) => write!(f, "the issuer's {what} cannot be read"),
            Self::Mismatch => f.write_str("the issuer's configuration names another issuer"),
            Self::Forbidden => f.write_str(
                "the issuer's keys are at an address that is private or without TLS, and the \
                 issuer was not added with `--local`",
            ),
        }
    }
}

impl std::error::Error for IssuerFailure {}
