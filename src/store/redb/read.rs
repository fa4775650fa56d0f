//! A view: one of redb's read transactions, its tables opened when they are first asked for.

use std::cell::{Cell, OnceCell};

use ::redb::{ReadOnlyTable, ReadTransaction, TableError};

use super::access::{self, Bytes, definition};
use super::failure;
use super::guard::contained;
use crate::store::{Each, KeyBound, KeyedRow, Rows, StoreError, Table};

/// `None` where the file has no such table: it reads as empty.
type Opened = Option<ReadOnlyTable<Bytes, Bytes>>;

/// The rows as they were when the transaction began.
pub(super) struct View {
    tables: [OnceCell<Opened>; Table::ALL.len()],
    failed: Cell<bool>,
    txn: ReadTransaction,
}

impl View {
    /// A view of what the transaction sees.
    pub(super) fn new(txn: ReadTransaction) -> Self {
        Self { tables: [const { OnceCell::new() }; _], failed: Cell::new(false), txn }
    }

    /// Whether the storage failed under this view; its handle is then of no more use.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.get()
    }

    /// Ends the view.
    ///
    /// # Errors
    /// `Damaged` where redb panics.
    pub(super) fn close(self) -> Result<(), StoreError> {
        contained(|| {
            drop(self);
            Ok(())
        })
    }

    fn table(&self, table: Table) -> Result<Option<&ReadOnlyTable<Bytes, Bytes>>, StoreError> {
        #[expect(clippy::indexing_slicing, reason = "`Table::index` is a place in `Table::ALL`")]
        let cell = &self.tables[table.index()];
        if let Some(opened) = cell.get() {
            return Ok(opened.as_ref());
        }
        let opened = self.watch(contained(|| match self.txn.open_table(definition(table)) {
            Ok(opened) => Ok(Some(opened)),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(failure::of(error)),
        }))?;
        Ok(cell.get_or_init(|| opened).as_ref())
    }

    fn watch<T>(&self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        outcome.map_err(|error| self.fail(error))
    }

    fn fail(&self, error: StoreError) -> StoreError {
        self.failed.set(true);
        error
    }
}

impl Rows for View {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.table(table)? {
            Some(table) => self.watch(access::get(table, key)),
            None => Ok(None),
        }
    }

    fn scan(
        &self,
        table: Table,
        from: KeyBound<'_>,
        to: KeyBound<'_>,
        each: &mut Each<'_>,
    ) -> Result<(), StoreError> {
        match self.table(table)? {
            Some(table) => access::scan(table, (from, to), each, |error| self.fail(error)),
            None => Ok(()),
        }
    }

    fn last(&self, table: Table) -> Result<Option<KeyedRow>, StoreError> {
        match self.table(table)? {
            Some(table) => self.watch(access::last(table)),
            None => Ok(None),
        }
    }

    fn len(&self, table: Table) -> Result<u64, StoreError> {
        match self.table(table)? {
            Some(table) => self.watch(access::len(table)),
            None => Ok(0),
        }
    }
}
