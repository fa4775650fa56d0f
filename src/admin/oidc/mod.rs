//! OIDC tokens of CI jobs as credentials: a job shows who it is with what its CI system signed, and
//! holds no secret that could leak.
//!
//! A token is believed when all of this holds: an issuer that somebody trusts has signed it, with a
//! key and an algorithm that belong together; it was made for this server (its audience); its time
//! is now; and its claims are those that the trust names. A [`Refusal`] says which one does not.
//!
//! [`Token`], [`KeySet`] and [`verify()`] do no I/O and read no clock. [`Issuers`] fetches keys and
//! keeps them. What the rules are taken from: JWS (RFC 7515), JWK (RFC 7517), JWA (RFC 7518), JWT
//! (RFC 7519), its best current practices (RFC 8725), and OpenID Connect Discovery 1.0.

pub mod claims;
mod fetch;
#[cfg(test)]
mod fixture;
pub mod issuer;
pub mod issuers;
mod json;
pub mod keys;
pub mod kinds;
pub mod refusal;
#[cfg(test)]
mod tests;
pub mod token;
pub mod verify;

pub use claims::Unmatched;
pub use issuer::{Issuer, NotAnIssuer};
pub use issuers::{Issuers, Rejection};
pub use json::Object;
pub use keys::{Algorithm, KeySet};
pub use refusal::{IssuerFailure, Refusal};
pub use token::Token;
pub use verify::{Expected, Verified, verify};
