//! What is not as it should be: the table of checks, findings, and those that a store's rows give.

mod check;
mod clock;
mod finding;
mod keys;
mod masters;
mod minters;
mod processes;
mod store;
#[cfg(test)]
mod tests_of;

pub use check::{Check, Severity};
pub use finding::Finding;
pub use store::of_store;
