//! Storage whose locks are waited for only until the deadline, and which never initialises a
//! file by accident.
//!
//! redb waits for ever for a lock, also of a process that SIGSTOP holds in the middle of a
//! transaction. Here the same locks are tried again and again until the deadline of the call.

use std::io::{self, ErrorKind};
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use ::redb::{BackendError, StorageBackend};

use super::deadline::{Backoff, Deadline};
use super::failure::LockWait;
use super::turns::Waiting;

/// How long a lock is waited for outside of any call: while a handle closes.
const CLOSING: Duration = Duration::from_millis(250);

/// What an empty file is to the one who opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Empty {
    /// A store that is about to be made.
    Initialise,
    /// A store that lost its content.
    Refuse,
}

/// A backend that loses its patience.
#[derive(Debug)]
pub(super) struct Patient {
    storage: Arc<dyn StorageBackend>,
    empty: Empty,
}

impl Patient {
    /// Wraps the storage.
    pub(super) fn new(storage: Arc<dyn StorageBackend>, empty: Empty) -> Self {
        Self { storage, empty }
    }
}

impl StorageBackend for Patient {
    /// redb initialises a file of length 0 with whatever call opens it.
    fn len(&self) -> io::Result<u64> {
        let len = self.storage.len()?;
        if len == 0 && self.empty == Empty::Refuse {
            return Err(io::Error::new(ErrorKind::InvalidData, "the file is empty"));
        }
        Ok(len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.storage.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.storage.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.storage.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.storage.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.storage.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.storage.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.storage.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        if self.storage.try_lock_range(start, end)? {
            return Ok(());
        }
        let _waiting = Waiting::announce(&*self.storage);
        wait(|| self.storage.try_lock_range(start, end))
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        wait(|| self.storage.try_lock_shared_range(start, end))
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.storage.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.storage.query_lock_range(start, end)
    }
}

/// Tries until the deadline.
fn wait(take: impl Fn() -> Result<bool, BackendError>) -> Result<(), BackendError> {
    let deadline = Deadline::current().unwrap_or_else(|| Deadline::after(CLOSING));
    let mut backoff = Backoff::new();
    while !take()? {
        if !backoff.pause(deadline) {
            return Err(BackendError::Io(LockWait.into()));
        }
    }
    Ok(())
}
