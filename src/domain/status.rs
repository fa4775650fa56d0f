//! Whether a key lives, from everything that can end it.

use super::key::{EndCause, KeyRecord, Usage};
use super::time::Timestamp;

/// A key's state at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It can be used.
    Live,
    /// It is a tombstone.
    Ended(EndCause),
}

/// The state of a key at `now`. `killed` says whether a kill row stands against it.
///
/// A kill row and the passing of time end a key before anybody has written so into its row.
#[must_use]
pub fn status(key: &KeyRecord, usage: &Usage, killed: bool, now: Timestamp) -> Status {
    match usage.ended {
        Some(ended) => Status::Ended(ended.cause),
        None if killed => Status::Ended(EndCause::Revoked),
        None if key.limits.expires_at.is_some_and(|end| end <= now) => {
            Status::Ended(EndCause::Expired)
        }
        None => Status::Live,
    }
}
