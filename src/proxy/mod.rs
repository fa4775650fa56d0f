//! The forwarder, phase by phase: one request in, one request out, an activation between.
//!
//! `ingress` decides where a request would go, `credential` finds the key it carries, `look` what it
//! may cost, the ledger admits it durably, `rewrite` swaps the credential, `send` and `upstream` send
//! it, `body` hands the answer through and settles when it ends. Every denial is made into HTTP in
//! `answer`.

mod answer;
mod app;
mod arriving;
mod body;
mod coding;
mod connector;
mod credential;
mod decoding;
mod delegation;
mod fault;
mod forward;
#[cfg(fuzzing)]
pub mod fuzzing;
mod ingress;
mod key_state;
mod look;
mod metering;
mod model;
pub mod observer;
mod patience;
pub mod price_list;
mod resolver;
mod rewrite;
mod router;
mod running;
pub mod scrub;
mod send;
mod sent_body;
mod shares;
pub mod upstream;
mod whole_body;

pub use app::Forward;
pub use router::{Deadlines, Proxy};
pub use shares::Shares;
