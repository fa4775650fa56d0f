//! The admin API: for other machines, on a listener of its own.

pub mod oidc;
