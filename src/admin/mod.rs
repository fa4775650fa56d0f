//! The admin API: proxy keys for machines that have neither the store nor its passphrase. A process
//! and a listener of its own, so that no trick with a path reaches it through the proxy.
//!
//! Every request shows an admin token; `gate` finds out whose it is, and what it is about is done
//! within that one's bounds, in a transaction of the ledger. What is refused is a row of the table in
//! `fault`.

mod account;
mod app;
mod body;
mod create;
mod fault;
mod gate;
mod guard;
mod key_json;
mod keys;
pub mod oidc;
mod openapi;
mod router;

pub use app::Serve;
pub use fault::{FAULTS, Fault, FaultRow, Problem};
pub use key_json::AdminKey;
pub use router::{Admin, Prices};
