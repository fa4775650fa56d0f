//! Alerts: what in the store is to be told, as messages; and which of them are due.
//!
//! Nothing here writes: what a [`Watch`] finds is queued by `QueueAlerts`, in the transaction that
//! says how far the store was read.

mod draft;
mod due;
mod levels;
mod targets;
mod tried;
mod watch;

pub use draft::test_alert;
pub use due::{next_due, ready};
pub use targets::{TargetView, targets};
pub use watch::Watch;
