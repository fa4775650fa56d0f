//! Claims: what only one process of a store does at a time.
//!
//! A claim is a lock on a file beside the store. The system lets go of it when its process dies,
//! however it dies, and whoever asks next has it. The file stays: were it removed, two processes
//! could each hold a lock on a file of that name.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};

use super::handle::Ledger;

/// A claim that is held; dropping it lets go.
#[derive(Debug)]
pub struct Claim {
    /// None where no other process sees the store.
    _lock: Option<File>,
}

impl Claim {
    /// Takes the claim of this name; none where somebody holds it. In a store that no other process
    /// sees it is given at once.
    ///
    /// # Errors
    /// Where the file cannot be made or locked.
    pub fn take(ledger: &Ledger, name: &str) -> io::Result<Option<Self>> {
        let Some(locks) = ledger.locks() else { return Ok(Some(Self { _lock: None })) };
        DirBuilder::new().recursive(true).mode(0o700).create(locks)?;
        let path = locks.join(format!("{name}.lock"));
        let file =
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _lock: Some(file) })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}
