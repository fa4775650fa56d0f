//! Fairness between processes: who has just written lets those who wait go first.
//!
//! A process that waits for redb's writer byte tries it now and then, and would hardly ever
//! meet the moment between two transactions of a busy one. So it holds a byte of its own,
//! shared, while it waits, and a process that wants to write again at once, and finds that byte
//! held, pauses first. Nobody ever waits for this byte: a process stopped while it holds it
//! costs the others that pause, and nothing else.

use std::ops::Bound;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ::redb::StorageBackend;

use super::deadline::{self, Deadline};

/// Lies in the bytes that redb leaves to backends (its `docs/design.md`, "Lock bytes": from
/// 2^62 + 896), away from those that its own file backend uses.
const WAITING: Bound<u64> = Bound::Included((1 << 62) + 960);

/// At least one attempt of whoever waits is likely to fall into it.
const PAUSE: Duration = Duration::from_millis(1);

/// A transaction this soon after the last one comes from somebody busy.
const AGAIN: Duration = Duration::from_millis(10);

/// When this process may write without a pause.
#[derive(Debug, Default)]
pub(super) struct Turns {
    busy_until: Mutex<Option<Deadline>>,
}

impl Turns {
    /// Called before a transaction: pauses if others wait and this process has just written.
    pub(super) fn give_way(&self, storage: &dyn StorageBackend) {
        let busy_until = *self.busy_until.lock().unwrap_or_else(PoisonError::into_inner);
        let busy = busy_until.is_some_and(|until| !until.is_over());
        if busy && matches!(storage.query_lock_range(WAITING, WAITING), Ok(true)) {
            deadline::sleep(PAUSE);
        }
    }

    /// Called after a transaction.
    pub(super) fn wrote(&self) {
        *self.busy_until.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Deadline::after(AGAIN));
    }
}

/// Says to other processes that this one waits, until it is dropped.
///
/// Where the storage has no such lock, or refuses it, nobody gives way; that is all.
#[derive(Debug)]
pub(super) struct Waiting<'a> {
    storage: &'a dyn StorageBackend,
    held: bool,
}

impl<'a> Waiting<'a> {
    /// Takes the byte.
    pub(super) fn announce(storage: &'a dyn StorageBackend) -> Self {
        let held = matches!(storage.try_lock_shared_range(WAITING, WAITING), Ok(true));
        Self { storage, held }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.held {
            // Another thread of this process may have released it already.
            let _ = self.storage.unlock_range(WAITING, WAITING);
        }
    }
}
