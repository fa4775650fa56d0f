//! redb's errors, as what can be done about them.

use std::fmt;
use std::io::{self, ErrorKind};

use crate::store::StoreError;

/// What the backend says when it gives up on a lock.
#[derive(Debug)]
pub(super) struct LockWait;

impl fmt::Display for LockWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("another process does not let go of a lock")
    }
}

impl std::error::Error for LockWait {}

impl From<LockWait> for io::Error {
    fn from(wait: LockWait) -> Self {
        Self::new(ErrorKind::TimedOut, wait)
    }
}

/// Any error of redb's.
pub(super) fn of(error: impl Into<::redb::Error>) -> StoreError {
    use ::redb::Error;
    match error.into() {
        Error::DatabaseAlreadyOpen | Error::LockProtocolMismatch => StoreError::Foreign,
        Error::WouldBlock | Error::TransactionInProgress => StoreError::Busy,
        Error::Io(error) => io(error),
        Error::Corrupted(message) => StoreError::Damaged(message),
        Error::UpgradeRequired(format) => {
            StoreError::Damaged(format!("the file has redb's format {format}"))
        }
        error @ (Error::TableTypeMismatch { .. }
        | Error::TableIsMultimap(_)
        | Error::TypeDefinitionChanged { .. }
        | Error::LockPoisoned(_)
        | Error::RepairAborted) => StoreError::Damaged(error.to_string()),
        Error::Unsupported => StoreError::Io(io::Error::new(
            ErrorKind::Unsupported,
            "the file system has no locks on ranges of a file",
        )),
        Error::ValueTooLarge(_) => StoreError::Io(io::Error::new(
            ErrorKind::InvalidInput,
            "a row is larger than redb can keep",
        )),
        error => StoreError::Io(io::Error::other(error.to_string())),
    }
}

/// An error of the operating system, or one that redb or the backend made into one.
pub(super) fn io(error: io::Error) -> StoreError {
    if error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<LockWait>) {
        return StoreError::Busy;
    }
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full,
        ErrorKind::InvalidData => StoreError::Damaged(error.to_string()),
        ErrorKind::UnexpectedEof => StoreError::Damaged("the file is cut short".into()),
        _ => StoreError::Io(error),
    }
}
