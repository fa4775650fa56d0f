//! What is read out of the store for people: keys, masters, providers. Looking needs no unlock.

pub mod alerts;
pub mod check;
pub mod doctor;
mod find;
mod keys;
pub mod log;
mod masters;
mod minters;
mod providers;
mod target;
mod usage;
mod uses;
pub mod watch;

pub use find::{Ambiguous, FindError, find_key};
pub use keys::{KeyView, keys};
pub use masters::{MasterView, masters};
pub use minters::{MinterView, minters};
pub use providers::{all_providers, provider_rows};
pub use target::{NoTarget, Target, find_target};
pub use usage::{
    Difference, Group, Grouping, Hours, Metric, Pieces, Sums, Told, UsageQuery, UsageView,
    Verified, usage, verify_usage,
};
pub use uses::Use;
