//! till hands out proxy keys in place of real API keys.
//!
//! The modules are layers, and import to the left only:
//! `domain ← {provider, vault, store, metrics} ← ledger ← {wire, report} ← {admin, proxy} ← serve ← cli`.

pub mod admin;
pub mod cli;
pub mod domain;
pub mod ledger;
pub mod metrics;
pub mod provider;
pub mod proxy;
pub mod report;
pub mod serve;
pub mod store;
pub mod vault;
pub mod wire;
