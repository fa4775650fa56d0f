//! Which of redb's databases a store has open. Opened when they are needed; one that failed is
//! dropped, and the next use opens another.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockWriteGuard};

use ::redb::StorageBackend;

use super::Options;
use super::backend::Empty;
use super::gate::Turn;
use super::handle::{Handle, Reader, Writer};
use super::source::{Access, Source};
use crate::store::StoreError;

/// The open databases of one store.
#[derive(Debug)]
pub(super) struct Handles {
    source: Arc<dyn Source>,
    options: Options,
    open: RwLock<Open>,
    /// Held while a reader is opened, so that a hundred threads open one.
    opening: Mutex<()>,
}

#[derive(Debug, Default)]
struct Open {
    writer: Option<Arc<Writer>>,
    reader: Option<Arc<Reader>>,
}

impl Handles {
    /// Nothing is open yet.
    pub(super) fn new(source: Arc<dyn Source>, options: Options) -> Self {
        Self { source, options, open: RwLock::default(), opening: Mutex::default() }
    }

    /// What can be read from: the writer if it is open, else a reader. `None` where a writer has
    /// to repair the file first.
    ///
    /// # Errors
    /// Where the storage cannot be opened.
    pub(super) fn readable(&self) -> Result<Option<Handle>, StoreError> {
        if let Some(handle) = self.opened() {
            return Ok(Some(handle));
        }
        let _opening = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = self.opened() {
            return Ok(Some(handle));
        }
        let Some(reader) = Reader::open(self.storage(Access::Read)?, self.options)? else {
            return Ok(None);
        };
        let reader = Arc::new(reader);
        self.change().reader = Some(Arc::clone(&reader));
        Ok(Some(Handle::Reader(reader)))
    }

    /// What can be written, by the thread whose turn it is.
    ///
    /// # Errors
    /// Where the storage cannot be opened.
    pub(super) fn writer(&self, _turn: &Turn<'_>) -> Result<Arc<Writer>, StoreError> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner).writer.clone();
        if let Some(writer) = open {
            return Ok(writer);
        }
        let storage = self.storage(Access::Write)?;
        let writer = Arc::new(Writer::open(storage, Empty::Refuse, self.options)?);
        let now = Open { writer: Some(Arc::clone(&writer)), reader: None };
        // Closing a reader can take a moment: not while the lock is held.
        let before = mem::replace(&mut *self.change(), now);
        drop(before);
        Ok(writer)
    }

    /// Drops a handle that failed, unless another has taken its place already.
    pub(super) fn discard(&self, handle: &Handle) {
        // The caller's own reference is the last: the handle closes without the lock held.
        let mut open = self.change();
        match handle {
            Handle::Writer(failed) => drop(open.writer.take_if(|it| Arc::ptr_eq(it, failed))),
            Handle::Reader(failed) => drop(open.reader.take_if(|it| Arc::ptr_eq(it, failed))),
        }
    }

    fn opened(&self) -> Option<Handle> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        let writer = open.writer.clone().map(Handle::Writer);
        writer.or_else(|| open.reader.clone().map(Handle::Reader))
    }

    fn change(&self) -> RwLockWriteGuard<'_, Open> {
        self.open.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn storage(&self, access: Access) -> Result<Arc<dyn StorageBackend>, StoreError> {
        self.source.open(access).map(Arc::from)
    }
}
