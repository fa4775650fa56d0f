//! redb's databases on one storage: one for reading, one for both.

use std::fmt;
use std::sync::Arc;

use ::redb::{
    Builder, ConcurrencyMode, Database, DatabaseError, ReadOnlyDatabase, ReadableDatabase,
    StorageBackend, TransactionError, WriteTransaction,
};

use super::backend::{Empty, Patient};
use super::deadline::{Backoff, Deadline};
use super::guard::{Contained, contained};
use super::read::View;
use super::turns::{Turns, Waiting};
use super::{Options, failure};
use crate::store::StoreError;

/// A database that can be written.
#[derive(Debug)]
pub(super) struct Writer {
    database: Contained<Database>,
    storage: Arc<dyn StorageBackend>,
    turns: Turns,
}

impl Writer {
    /// Opens the storage, and repairs it where the last writer was killed.
    ///
    /// # Errors
    /// `Busy` beside a process that does not let go; `Foreign`; `Damaged`; `Full`.
    pub(super) fn open(
        storage: Arc<dyn StorageBackend>,
        empty: Empty,
        options: Options,
    ) -> Result<Self, StoreError> {
        let backend = Patient::new(Arc::clone(&storage), empty);
        let database =
            contained(|| builder(options).create_with_backend(backend).map_err(failure::of))?;
        Ok(Self { database: Contained::new(database), storage, turns: Turns::default() })
    }

    /// Begins a transaction, as soon as no other process is in one.
    ///
    /// # Errors
    /// `Busy` when the deadline has passed; where the storage fails.
    pub(super) fn begin(&self, deadline: Deadline) -> Result<WriteTransaction, StoreError> {
        self.turns.give_way(&*self.storage);
        let mut backoff = Backoff::new();
        let mut waiting = None;
        loop {
            if let Some(txn) = self.try_begin()? {
                return Ok(txn);
            }
            waiting.get_or_insert_with(|| Waiting::announce(&*self.storage));
            if !backoff.pause(deadline) {
                return Err(StoreError::Busy);
            }
        }
    }

    /// Called when a transaction has ended.
    pub(super) fn ended(&self) {
        self.turns.wrote();
    }

    /// Closes the storage.
    ///
    /// # Errors
    /// Where its last writes fail.
    pub(super) fn close(self) -> Result<(), StoreError> {
        let database = self.database.into_inner();
        contained(|| database.close().map_err(failure::of))
    }

    fn try_begin(&self) -> Result<Option<WriteTransaction>, StoreError> {
        contained(|| match self.database.inner().try_begin_write() {
            Ok(txn) => Ok(Some(txn)),
            Err(TransactionError::WouldBlock) => Ok(None),
            Err(error) => Err(failure::of(error)),
        })
    }
}

/// A database that follows what others write.
pub(super) struct Reader {
    database: Contained<ReadOnlyDatabase>,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}

impl Reader {
    /// Opens the storage without writing to it. `None` where it has to be repaired first, which
    /// takes a writer.
    ///
    /// # Errors
    /// As [`Writer::open`].
    pub(super) fn open(
        storage: Arc<dyn StorageBackend>,
        options: Options,
    ) -> Result<Option<Self>, StoreError> {
        let backend = Patient::new(storage, Empty::Refuse);
        let database = contained(|| match builder(options).open_read_only_with_backend(backend) {
            Ok(database) => Ok(Some(database)),
            Err(DatabaseError::RepairAborted) => Ok(None),
            Err(error) => Err(failure::of(error)),
        })?;
        Ok(database.map(|database| Self { database: Contained::new(database) }))
    }
}

/// Either database, to read from. Whoever holds one keeps it open.
#[derive(Clone, Debug)]
pub(super) enum Handle {
    /// Writes too.
    Writer(Arc<Writer>),
    /// Reads alone.
    Reader(Arc<Reader>),
}

impl Handle {
    /// A view of the newest committed state.
    ///
    /// # Errors
    /// `Busy` when the deadline of the call has passed; where the storage fails.
    pub(super) fn view(&self) -> Result<View, StoreError> {
        let txn = contained(|| {
            let txn = match self {
                Self::Writer(writer) => writer.database.inner().begin_read(),
                Self::Reader(reader) => reader.database.inner().begin_read(),
            };
            txn.map_err(failure::of)
        })?;
        Ok(View::new(txn))
    }
}

fn builder(options: Options) -> Builder {
    let mut builder = Builder::new();
    builder.set_concurrency_mode(ConcurrencyMode::MultiWriter);
    builder.set_cache_size(options.cache_bytes);
    builder
}
