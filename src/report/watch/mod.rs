//! A store as it changes: pictures of it, one after the other, each read in one transaction.
//!
//! A picture costs what has changed since the last one, not what the store holds: keys are read
//! again where an event names them, and the log is never read from its beginning.

mod alert;
mod keys;
mod rates;
mod snapshot;
mod sums;
mod watched;
mod watcher;

pub use alert::is_alert;
pub use rates::{Rate, Rates};
pub use snapshot::{Focus, Snapshot};
pub use sums::Totals;
pub use watched::{Tightest, Watched};
pub use watcher::Watcher;

#[cfg(test)]
mod tests;
