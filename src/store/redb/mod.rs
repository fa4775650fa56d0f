//! Rows in one redb file that any number of threads and processes share.
//!
//! Every process opens the file in redb's multi-writer mode; one writes at a time. Nothing here
//! waits longer than the deadline for anybody, a file that others can read or replace is refused,
//! and a failure of the storage costs the handle, not the store: the next call opens another.

mod access;
mod backend;
mod copy;
mod create;
mod deadline;
mod failure;
mod file;
mod gate;
mod guard;
mod handle;
mod handles;
mod leftovers;
mod read;
mod source;
mod stop_signal;
mod turns;
mod write;

#[cfg(test)]
mod crash;
#[cfg(test)]
pub(crate) mod machine;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub use create::Over;
pub use guard::quiet_damage;
pub use leftovers::{Left, left_beside, name_aside};
pub use source::{Access, Source};
pub use stop_signal::StopHeld;

use self::deadline::Deadline;
use self::gate::Gate;
use self::guard::contained;
use self::handle::{Handle, Writer};
use self::handles::Handles;
use self::read::View;
use self::source::PathSource;
use self::write::Changes;
use super::{Rows, RowsMut, Store, StoreError, Verdict};

/// How often the file is looked at for having been replaced.
const VERIFIED_FOR: Duration = Duration::from_secs(1);

/// How a store is opened.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How long one call waits for other threads and processes. A commit that has begun may take
    /// as long again.
    pub deadline: Duration,
    /// How much memory redb keeps pages in, in bytes.
    pub cache_bytes: usize,
}

impl Default for Options {
    /// 5 seconds and 8 MiB.
    fn default() -> Self {
        Self { deadline: Duration::from_secs(5), cache_bytes: 8 << 20 }
    }
}

/// A store in a file. It reads without writing where it can; the first transaction opens it for
/// both.
#[derive(Debug)]
pub struct RedbStore {
    source: Arc<dyn Source>,
    options: Options,
    gate: Gate,
    handles: Handles,
    /// Until when the source counts as verified.
    verified_until: Mutex<Option<Deadline>>,
}

impl RedbStore {
    /// Makes a store with all its tables and the rows that `init` writes. Its directory is made
    /// if need be, for its owner alone.
    ///
    /// A crash, or an error, leaves nothing at the path; of two that make the same store at the
    /// same time one fails.
    ///
    /// # Errors
    /// `Exists` where there is anything at the path; `Permissions` where others can write to the
    /// directory; `Full`; what `init` returns.
    pub fn create(
        path: &Path,
        init: &mut dyn FnMut(&mut dyn RowsMut) -> Result<(), StoreError>,
    ) -> Result<Self, StoreError> {
        Self::create_over(path, &Over::Nothing, init)
    }

    /// The same, in the place of a file that is there: until the new store is whole and durable
    /// that one is untouched.
    ///
    /// # Errors
    /// As [`RedbStore::create`].
    pub fn create_over(
        path: &Path,
        over: &Over,
        init: &mut dyn FnMut(&mut dyn RowsMut) -> Result<(), StoreError>,
    ) -> Result<Self, StoreError> {
        let options = Options::default();
        create::create(path, options, over, init)?;
        Self::open(path, options)
    }

    /// Opens the store at `path`.
    ///
    /// # Errors
    /// `Absent`; `Permissions` where the file or its directory is open to others, or is not what
    /// it seems; `Damaged` where it is empty. What takes reading is found when it is first read.
    pub fn open(path: &Path, options: Options) -> Result<Self, StoreError> {
        let source = PathSource::new(path)?;
        source.probe()?;
        Ok(Self::with_source(Arc::new(source), options))
    }

    /// A store in whatever storage the source opens, which has been initialised.
    #[must_use]
    pub fn with_source(source: Arc<dyn Source>, options: Options) -> Self {
        Self {
            handles: Handles::new(Arc::clone(&source), options),
            source,
            options,
            gate: Gate::default(),
            verified_until: Mutex::default(),
        }
    }

    /// Makes a store in the storage, which must be empty, with the rows that `init` writes.
    ///
    /// # Errors
    /// Where the storage fails, and what `init` returns.
    pub fn initialise(
        source: &dyn Source,
        init: &mut dyn FnMut(&mut dyn RowsMut) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        create::initialise(Arc::from(source.open(Access::Write)?), Options::default(), init)
    }

    /// The newest state, through a handle that works: one that failed earlier is replaced once.
    fn begin_view(&self, deadline: Deadline) -> Result<(Handle, View), StoreError> {
        let handle = self.readable(deadline)?;
        match handle.view() {
            Ok(view) => return Ok((handle, view)),
            Err(StoreError::Busy) => return Err(StoreError::Busy),
            Err(_) => self.handles.discard(&handle),
        }
        drop(handle);
        let handle = self.readable(deadline)?;
        let view = handle.view().inspect_err(|error| self.discard_after(error, &handle))?;
        Ok((handle, view))
    }

    fn readable(&self, deadline: Deadline) -> Result<Handle, StoreError> {
        if let Some(handle) = self.handles.readable()? {
            return Ok(handle);
        }
        // The last writer was killed, and no other runs: opening as one repairs the file.
        let turn = self.gate.enter(deadline)?;
        self.handles.writer(&turn).map(Handle::Writer)
    }

    /// A transaction, through a handle that works: one that failed earlier is replaced once.
    fn begin_change(
        &self,
        turn: &gate::Turn<'_>,
        deadline: Deadline,
    ) -> Result<(Arc<Writer>, ::redb::WriteTransaction), StoreError> {
        let writer = self.handles.writer(turn)?;
        match writer.begin(deadline) {
            Ok(txn) => return Ok((writer, txn)),
            Err(StoreError::Busy) => return Err(StoreError::Busy),
            Err(_) => self.handles.discard(&Handle::Writer(writer)),
        }
        let writer = self.handles.writer(turn)?;
        let txn = writer.begin(deadline).inspect_err(|error| {
            self.discard_after(error, &Handle::Writer(Arc::clone(&writer)));
        })?;
        Ok((writer, txn))
    }

    fn discard_after(&self, error: &StoreError, handle: &Handle) {
        // Waiting in vain does no harm to a handle.
        if !matches!(error, StoreError::Busy) {
            self.handles.discard(handle);
        }
    }

    fn verify_now_and_then(&self) -> Result<(), StoreError> {
        let Ok(mut verified_until) = self.verified_until.try_lock() else {
            // Another thread is at it.
            return Ok(());
        };
        if verified_until.is_none_or(Deadline::is_over) {
            self.source.verify()?;
            *verified_until = Some(Deadline::after(VERIFIED_FOR));
        }
        Ok(())
    }
}

impl Store for RedbStore {
    fn view(
        &self,
        view: &mut dyn FnMut(&dyn Rows) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let deadline = Deadline::after(self.options.deadline);
        let _scope = deadline.enter();
        self.verify_now_and_then()?;
        let (handle, rows) = self.begin_view(deadline)?;
        let outcome = view(&rows);
        if rows.has_failed() {
            self.handles.discard(&handle);
        }
        outcome.and(rows.close())
    }

    fn transact(
        &self,
        change: &mut dyn FnMut(&mut dyn RowsMut) -> Result<Verdict, StoreError>,
    ) -> Result<(), StoreError> {
        let deadline = Deadline::after(self.options.deadline);
        let _scope = deadline.enter();
        let turn = self.gate.enter(deadline)?;
        self.verify_now_and_then()?;
        let _held = StopHeld::new();
        let (writer, txn) = self.begin_change(&turn, deadline)?;
        let mut rows = Changes::new(&txn);
        let verdict = change(&mut rows);
        let failed = rows.has_failed();
        // Nothing to make durable where nothing was changed.
        let commits = matches!(verdict, Ok(Verdict::Commit)) && rows.has_changed();
        // However long `change` took, the commit has a deadline of its own.
        let _scope = Deadline::after(self.options.deadline).enter();
        let ended = rows.close().and_then(|()| end(txn, commits));
        writer.ended();
        if failed || ended.is_err() {
            self.handles.discard(&Handle::Writer(writer));
        }
        verdict.and(ended)
    }

    fn path(&self) -> Option<&Path> {
        self.source.path()
    }
}

fn end(txn: ::redb::WriteTransaction, commits: bool) -> Result<(), StoreError> {
    contained(|| {
        if commits { txn.commit().map_err(failure::of) } else { txn.abort().map_err(failure::of) }
    })
}
