//! What is not beside the code: attacks on [`super::verify()`], and issuers on loopback.

mod attacks;
mod fetching;
mod issuer;
