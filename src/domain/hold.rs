//! Holds and the processes that have them.

use super::cost::Cost;
use super::ids::{InstanceId, KeySeq, MasterId};
use super::time::Timestamp;

/// What one request in flight has set aside: one activation of its key, and the most that it may
/// cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The key it belongs to.
    pub key: KeySeq,
    /// The master key that it was sent with.
    pub master: MasterId,
    /// The most that it may cost.
    pub cost: Cost,
    /// When the request was admitted.
    pub admitted_at: Timestamp,
}

/// A running process that may have holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Its number, which its lock file is named after.
    pub id: InstanceId,
    /// Its process id, for people.
    pub pid: u32,
    /// Where its clients connect: `http://127.0.0.1:4100`.
    pub url: String,
    /// When it started.
    pub started_at: Timestamp,
    /// Keys that end with it.
    pub keys: Vec<KeySeq>,
    /// Master keys that are erased with it.
    pub masters: Vec<MasterId>,
}
