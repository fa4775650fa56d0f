//! Holds and the processes that have them.

use super::ids::{InstanceId, KeySeq};
use super::time::Timestamp;

/// What one request in flight has set aside: one activation of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The key it belongs to.
    pub key: KeySeq,
    /// When the request was admitted.
    pub admitted_at: Timestamp,
}

/// A running process that may have holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Its number, which its lock file is named after.
    pub id: InstanceId,
    /// Its process id, for people.
    pub pid: u32,
    /// The port that it listens on, where it listens on loopback; 0 elsewhere.
    pub port: u16,
    /// When it started.
    pub started_at: Timestamp,
}
