//! The rules, applied to the store in transactions.
//!
//! Whatever changes a store is an [`Operation`] of this layer, run inside one transaction on the
//! newest rows, with its audit event. The forwarder's admissions and settlements go through one
//! writer thread for each process, which commits what is waiting together and answers only then.

mod admission;
pub mod anchor;
mod batch;
mod book;
mod claim;
mod clock;
mod desk;
mod error;
mod format;
mod forwarding;
mod handle;
pub mod instance;
pub mod op;
mod operation;
mod retention;
mod session;
mod sightings;
mod spikes;
mod standing;
mod sums;
mod tally;
#[cfg(test)]
mod tests;
pub mod unlock;
mod writer;

pub use admission::Admission;
pub use book::Book;
pub use claim::Claim;
pub use clock::{Clock, SystemClock};
pub use error::{LedgerError, Refusal};
pub use format::{Formats, Step, bring_forward, header};
pub use forwarding::{Caller, Forwarding, OfMaster, Opened, Running};
pub use handle::{Ledger, Options, Rollback};
pub use instance::dead_beside;
pub use operation::Operation;
pub use session::{ClockPolicy, Session, number_of, scan_prefix};
pub use spikes::Spikes;
pub use standing::{pause_of, standing};
pub use sums::MAX_ROLLUPS;
pub use tally::MAX_DENIALS;
