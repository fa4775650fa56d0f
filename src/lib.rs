//! till hands out proxy keys in place of real API keys.
pub mod domain;
pub mod ledger;
pub mod provider;
pub mod proxy;
pub mod report;
pub mod serve;
pub mod store;
pub mod vault;
