//! The audit log: read, filtered, verified, and held against exported heads of it.

mod checkpoint;
mod entry;
mod fault;
mod filter;
mod names;
mod read;
mod verify;

pub use checkpoint::{Checked, Checkpoint, NotACheckpoint, NotTrue, check};
pub use entry::{Entry, What};
pub use fault::Fault;
pub use filter::{Filter, Kind};
pub use read::{Head, Page, denials, dropped, head, last, page, retention};
pub use verify::{Verified, verify};

#[cfg(test)]
mod tests;
