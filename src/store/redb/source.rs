//! Where the storage of a store comes from: its file, or whatever a test puts there.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ::redb::StorageBackend;
use ::redb::backends::FileBackend;

use super::failure;
use super::file::{self, Identity};
use crate::store::StoreError;

/// What the storage is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading alone.
    Read,
    /// Reading and writing.
    Write,
}

/// Opens the storage, as often as the store needs it: for reading, for writing, and anew after
/// a failure.
pub trait Source: fmt::Debug + Send + Sync {
    /// The storage. Each has locks of its own.
    ///
    /// # Errors
    /// Where it is absent, damaged, or open to others.
    fn open(&self, access: Access) -> Result<Box<dyn StorageBackend>, StoreError>;

    /// Says whether what was opened is still what others would open. Cheap.
    ///
    /// # Errors
    /// `Replaced` where it is not.
    fn verify(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// The file, where it is one.
    fn path(&self) -> Option<&Path> {
        None
    }
}

/// A file. What the path named when it was first opened is what it has to name ever after.
#[derive(Debug)]
pub(super) struct PathSource {
    path: PathBuf,
    identity: OnceLock<Identity>,
}

impl PathSource {
    /// The file at `path`, which stays the same if the working directory changes.
    ///
    /// # Errors
    /// Where there is no working directory to begin with.
    pub(super) fn new(path: &Path) -> Result<Self, StoreError> {
        let path = std::path::absolute(path).map_err(StoreError::Io)?;
        Ok(Self { path, identity: OnceLock::new() })
    }

    /// Opens the file and closes it again: all that can be told without reading it.
    ///
    /// # Errors
    /// As [`Source::open`].
    pub(super) fn probe(&self) -> Result<(), StoreError> {
        self.file(Access::Read).map(drop)
    }

    fn file(&self, access: Access) -> Result<std::fs::File, StoreError> {
        let (file, identity) = file::open(&self.path, access)?;
        self.same(identity)?;
        Ok(file)
    }

    fn same(&self, identity: Identity) -> Result<(), StoreError> {
        if *self.identity.get_or_init(|| identity) == identity {
            Ok(())
        } else {
            Err(StoreError::Replaced(self.path.clone()))
        }
    }
}

impl Source for PathSource {
    fn open(&self, access: Access) -> Result<Box<dyn StorageBackend>, StoreError> {
        Ok(Box::new(FileBackend::new(self.file(access)?).map_err(failure::of)?))
    }

    fn verify(&self) -> Result<(), StoreError> {
        match Identity::at(&self.path)? {
            Some(identity) => self.same(identity),
            None => Err(StoreError::Replaced(self.path.clone())),
        }
    }

    fn path(&self) -> Option<&Path> {
        Some(&self.path)
    }
}
