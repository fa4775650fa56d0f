//! What a running process counts of itself, for Prometheus.
//!
//! Counting never waits: counters are atomics, found under a lock that is held for moments. Whatever
//! clients do, the number of series is bounded. Everything is an integer up to its text, so that the
//! crates for this, which count in floats, do not fit.

mod bounded;
mod buckets;
mod count;
mod counting;
mod exposition;
mod figures;
mod moment;
mod providers;
mod refusals;
mod requests;
pub mod table;

pub use counting::{Connected, Counting};
pub use exposition::Format;
pub use figures::Figures;
pub use moment::{Moment, OfProcess, OfStore};
pub use requests::Ended;
