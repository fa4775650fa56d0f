//! What is not counted but looked up, as it is at one moment.

use super::exposition::Exposition;
use super::table::{
    CPU, MAX_FDS, MEMORY, OPEN_FDS, STARTED, STORE_CHECKED, STORE_EVENTS, STORE_FREE, STORE_HOLDS,
    STORE_READY, STORE_SIZE,
};

/// What was looked up.
#[derive(Clone, Debug, Default)]
pub struct Moment {
    /// Requests that wait for the writer.
    pub waiting: u64,
    /// Of the store, when it was last looked at.
    pub store: OfStore,
    /// Of the process.
    pub process: OfProcess,
}

/// What is known of the store. What could not be found out is not written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OfStore {
    /// Whether it could be read.
    pub ready: bool,
    /// When that was, in microseconds since the epoch.
    pub checked_at: u64,
    /// The length of its file, in bytes.
    pub size: Option<u64>,
    /// What is free on its file system, in bytes.
    pub free: Option<u64>,
    /// Its holds, of all processes.
    pub holds: Option<u64>,
    /// Its events.
    pub events: Option<u64>,
}

/// What the system says of the process. What it does not say is not written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OfProcess {
    /// Processor time, in microseconds.
    pub cpu: Option<u64>,
    /// Memory, in bytes.
    pub memory: Option<u64>,
    /// Open descriptors.
    pub open_fds: Option<u64>,
    /// The most that may be open.
    pub max_fds: Option<u64>,
    /// When it started, in microseconds since the epoch.
    pub started_at: Option<u64>,
}

impl OfStore {
    pub(super) fn write(&self, text: &mut Exposition) {
        text.single(&STORE_READY, self.ready.into());
        text.single(&STORE_CHECKED, self.checked_at);
        let rest = [
            (&STORE_SIZE, self.size),
            (&STORE_FREE, self.free),
            (&STORE_HOLDS, self.holds),
            (&STORE_EVENTS, self.events),
        ];
        for (metric, value) in rest {
            if let Some(value) = value {
                text.single(metric, value);
            }
        }
    }
}

impl OfProcess {
    pub(super) fn write(&self, text: &mut Exposition) {
        let all = [
            (&CPU, self.cpu),
            (&MEMORY, self.memory),
            (&OPEN_FDS, self.open_fds),
            (&MAX_FDS, self.max_fds),
            (&STARTED, self.started_at),
        ];
        for (metric, value) in all {
            if let Some(value) = value {
                text.single(metric, value);
            }
        }
    }
}
