//! One writer at a time within the process, with a deadline.

use std::sync::{Condvar, Mutex, PoisonError};

use super::deadline::Deadline;
use crate::store::StoreError;

/// Lets one thread in. File locks do not tell the threads of one process apart.
#[derive(Debug, Default)]
pub(super) struct Gate {
    taken: Mutex<bool>,
    freed: Condvar,
}

impl Gate {
    /// Waits until no other thread is inside.
    ///
    /// # Errors
    /// `Busy` when the deadline has passed.
    pub(super) fn enter(&self, deadline: Deadline) -> Result<Turn<'_>, StoreError> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        while *taken {
            let left = deadline.remaining();
            if left.is_zero() {
                return Err(StoreError::Busy);
            }
            (taken, _) =
                self.freed.wait_timeout(taken, left).unwrap_or_else(PoisonError::into_inner);
        }
        *taken = true;
        Ok(Turn { gate: self })
    }
}

/// The right to write, of this thread alone.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    gate: &'a Gate,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.gate.taken.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.gate.freed.notify_one();
    }
}
