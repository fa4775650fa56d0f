//! What is done with the whole of a store: copied row by row, and its pages checked.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use ::redb::{ConcurrencyMode, Database, DatabaseError, ReadableDatabase, StorageBackend};

use super::access::{self, definition};
use super::backend::{Empty, Patient};
use super::create::{self, Over, Temporary};
use super::deadline::Deadline;
use super::file::Identity;
use super::guard::{Contained, contained};
use super::source::Access;
use super::{Options, RedbStore, failure};
use crate::store::rows::STATE_KEY;
use crate::store::{Store, StoreError, Table, Verdict, copy};

/// How much is read at once of a file that is copied.
const PIECE: usize = 1 << 20;

impl RedbStore {
    /// Copies the rows of this moment into a new file, while others go on reading and writing:
    /// its free pages, and what they still hold, stay behind. Answers with how many rows there
    /// are; `progress` is told of more that are done.
    ///
    /// # Errors
    /// `Exists` where the path leads to this store, or to something that is to stay; where either
    /// storage fails. Nothing is left at the path then that was not there before.
    pub fn back_up(
        &self,
        path: &Path,
        over: &Over,
        progress: &dyn Fn(u64),
    ) -> Result<u64, StoreError> {
        let mut copied = 0;
        self.view(&mut |rows| {
            create::create(path, Options::default(), over, &mut |to| {
                copied = copy(rows, to, progress)?;
                Ok(())
            })
        })?;
        Ok(copied)
    }

    /// Whether the path leads to the file at the other path, under whatever name.
    ///
    /// # Errors
    /// Where one of them cannot be looked at.
    pub fn is_same_file(path: &Path, other: &Path) -> Result<bool, StoreError> {
        let follow = |path: &Path| match fs::metadata(path) {
            Ok(metadata) => Ok(Some(Identity::of(&metadata))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::Io(error)),
        };
        let (one, two) = (follow(path)?, follow(other)?);
        Ok(one.is_some() && one == two)
    }

    /// Checks every page that is in use against its checksum, and what is in use against what the
    /// file takes to be in use: on a private copy beside `beside`, which is removed again.
    /// `progress` is told of the bytes that are copied.
    ///
    /// # Errors
    /// `Damaged` where the file is; where it cannot be read, or the copy not made.
    pub fn check_pages(&self, beside: &Path, progress: &dyn Fn(u64)) -> Result<(), StoreError> {
        let temporary = Temporary::new(beside)?;
        self.check_pages_in(&|| temporary.storage(), progress)
    }

    /// The same, with the copy in another storage.
    ///
    /// # Errors
    /// As [`RedbStore::check_pages`].
    pub(super) fn check_pages_in(
        &self,
        storage: &dyn Fn() -> Result<Arc<dyn StorageBackend>, StoreError>,
        progress: &dyn Fn(u64),
    ) -> Result<(), StoreError> {
        let mut newest = None;
        let copy = storage()?;
        self.view(&mut |rows| {
            newest = rows.get(Table::Meta, STATE_KEY.as_bytes())?;
            self.copy_bytes(&*copy, progress)
        })?;
        let Err(first) = self.check_copy(copy, newest.as_ref()) else { return Ok(()) };
        // Others may have written while it was copied: again, in the turn of a writer.
        let copy = storage()?;
        let copied = self.transact(&mut |rows| {
            newest = rows.get(Table::Meta, STATE_KEY.as_bytes())?;
            self.copy_bytes(&*copy, progress)?;
            Ok(Verdict::Abort)
        });
        match copied {
            Ok(()) => self.check_copy(copy, newest.as_ref()),
            // One that cannot be written is written by nobody.
            Err(StoreError::Permissions(_) | StoreError::Io(_)) => Err(first),
            Err(error) => Err(error),
        }
    }

    fn check_copy(
        &self,
        copy: Arc<dyn StorageBackend>,
        newest: Option<&Vec<u8>>,
    ) -> Result<(), StoreError> {
        let deadline = Deadline::after(self.options.deadline);
        let _scope = deadline.enter();
        let backend = Patient::new(copy, Empty::Refuse);
        let damaged = |what: &str| StoreError::Damaged(what.to_owned());
        let database = contained(|| {
            let mut builder = Database::builder();
            builder.set_concurrency_mode(ConcurrencyMode::MultiWriter);
            builder.set_cache_size(self.options.cache_bytes);
            builder.set_check_integrity_on_open(true);
            builder.create_with_backend(backend).map_err(failure::of)
        })?;
        let mut database = Contained::new(database);
        let clean = contained(|| match database.inner_mut().check_integrity() {
            Ok(clean) => Ok(clean),
            Err(DatabaseError::Storage(error)) => Err(failure::of(error)),
            Err(error) => Err(failure::of(error)),
        })?;
        if !clean {
            return Err(damaged("what its pages hold is not what it takes to be in use"));
        }
        // Where the newest commit is damaged, the one before it is opened.
        let opened = contained(|| {
            let txn = database.inner().begin_read().map_err(failure::of)?;
            let table = txn.open_table(definition(Table::Meta)).map_err(failure::of)?;
            access::get(&table, STATE_KEY.as_bytes())
        })?;
        if opened.as_ref() == newest {
            Ok(())
        } else {
            Err(damaged("its newest commit cannot be read"))
        }
    }

    /// Copies the file as it lies there.
    fn copy_bytes(
        &self,
        to: &dyn StorageBackend,
        progress: &dyn Fn(u64),
    ) -> Result<(), StoreError> {
        let from = self.source.open(Access::Read)?;
        let len = from.len().map_err(failure::io)?;
        to.set_len(0).map_err(failure::io)?;
        to.set_len(len).map_err(failure::io)?;
        let mut piece = vec![0; PIECE];
        let mut done: u64 = 0;
        while done < len {
            let left = usize::try_from(len.saturating_sub(done)).unwrap_or(usize::MAX);
            piece.truncate(left);
            from.read(done, &mut piece).map_err(failure::io)?;
            to.write(done, &piece).map_err(failure::io)?;
            let more = u64::try_from(piece.len()).unwrap_or(u64::MAX);
            done = done.saturating_add(more);
            progress(more);
        }
        Ok(())
    }
}
