//! What goes wrong with a store, by what can be done about it.

use std::io;
use std::path::PathBuf;

/// A failure of the storage itself.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no file at the path.
    #[error("there is no store at `{}`", .0.display())]
    Absent(PathBuf),
    /// There is a file at the path already.
    #[error("there is a file at `{}` already", .0.display())]
    Exists(PathBuf),
    /// The path names another file than the one that was opened, or none.
    #[error("the store at `{}` was replaced or removed while it was in use", .0.display())]
    Replaced(PathBuf),
    /// Another process holds a lock and did not let go in time.
    #[error("another process holds the store and does not let go")]
    Busy,
    /// Another process uses the file with another lock protocol or mode.
    #[error("another program, or another version of till, has the store open")]
    Foreign,
    /// The file or its directory is open to others, or is not ours.
    #[error("{0}")]
    Permissions(String),
    /// No room is left on the device.
    #[error("no space is left on the device of the store")]
    Full,
    /// The device cannot be written or read.
    #[error("the store cannot be read or written: {0}")]
    Io(#[source] io::Error),
    /// The file is no store, or has been damaged.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// A row is not as it was written: its MAC is wrong.
    #[error("the store was edited or is damaged: {0}")]
    Forged(String),
    /// The format is newer than this program, or unknown.
    #[error("the store has format {found}; this version of till reads {supported}")]
    Format {
        /// What the file says.
        found: u32,
        /// What this program reads.
        supported: u32,
    },
}
