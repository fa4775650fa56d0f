//! Changes: one of redb's write transactions, its tables opened once and kept until the end.

use std::cell::{Cell, OnceCell};

use ::redb::WriteTransaction;

use super::access::{self, Bytes, definition};
use super::failure;
use super::guard::contained;
use crate::store::{Each, KeyBound, KeyedRow, Rows, RowsMut, StoreError, Table};

type Opened<'t> = ::redb::Table<'t, Bytes, Bytes>;

/// The rows with the changes of the transaction.
pub(super) struct Changes<'t> {
    tables: [OnceCell<Opened<'t>>; Table::ALL.len()],
    changed: bool,
    failed: Cell<bool>,
    txn: &'t WriteTransaction,
}

impl<'t> Changes<'t> {
    /// Nothing is changed yet.
    pub(super) fn new(txn: &'t WriteTransaction) -> Self {
        Self {
            tables: [const { OnceCell::new() }; _],
            changed: false,
            failed: Cell::new(false),
            txn,
        }
    }

    /// Makes the table, if the file does not have it.
    ///
    /// # Errors
    /// Where the storage fails.
    pub(super) fn make(&mut self, table: Table) -> Result<(), StoreError> {
        self.changed = true;
        self.table(table).map(drop)
    }

    /// Whether there is anything to commit.
    pub(super) fn has_changed(&self) -> bool {
        self.changed
    }

    /// Whether the storage failed under this transaction; its handle is then of no more use.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.get()
    }

    /// Gives the tables back to the transaction, which can then end.
    ///
    /// # Errors
    /// `Damaged` where redb panics.
    pub(super) fn close(self) -> Result<(), StoreError> {
        contained(|| {
            drop(self);
            Ok(())
        })
    }

    #[expect(clippy::indexing_slicing, reason = "`Table::index` is a place in `Table::ALL`")]
    fn table(&self, table: Table) -> Result<&Opened<'t>, StoreError> {
        let cell = &self.tables[table.index()];
        if let Some(opened) = cell.get() {
            return Ok(opened);
        }
        let opened =
            self.watch(contained(|| self.txn.open_table(definition(table)).map_err(failure::of)))?;
        Ok(cell.get_or_init(|| opened))
    }

    #[expect(clippy::indexing_slicing, reason = "`Table::index` is a place in `Table::ALL`")]
    #[expect(clippy::expect_used, reason = "`table` has filled the cell")]
    fn table_mut(&mut self, table: Table) -> Result<&mut Opened<'t>, StoreError> {
        self.table(table)?;
        Ok(self.tables[table.index()].get_mut().expect("the table has just been opened"))
    }

    fn watch<T>(&self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        outcome.map_err(|error| self.fail(error))
    }

    fn fail(&self, error: StoreError) -> StoreError {
        self.failed.set(true);
        error
    }
}

impl Rows for Changes<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.watch(access::get(self.table(table)?, key))
    }

    fn scan(
        &self,
        table: Table,
        from: KeyBound<'_>,
        to: KeyBound<'_>,
        each: &mut Each<'_>,
    ) -> Result<(), StoreError> {
        access::scan(self.table(table)?, (from, to), each, |error| self.fail(error))
    }

    fn last(&self, table: Table) -> Result<Option<KeyedRow>, StoreError> {
        self.watch(access::last(self.table(table)?))
    }

    fn len(&self, table: Table) -> Result<u64, StoreError> {
        self.watch(access::len(self.table(table)?))
    }
}

impl RowsMut for Changes<'_> {
    fn put(&mut self, table: Table, key: &[u8], row: &[u8]) -> Result<(), StoreError> {
        let opened = self.table_mut(table)?;
        let outcome = contained(|| opened.insert(key, row).map(drop).map_err(failure::of));
        self.changed = true;
        self.watch(outcome)
    }

    fn delete(&mut self, table: Table, key: &[u8]) -> Result<bool, StoreError> {
        let opened = self.table_mut(table)?;
        let outcome = contained(|| {
            let removed = opened.remove(key).map_err(failure::of)?;
            Ok(removed.is_some())
        });
        self.changed |= !matches!(outcome, Ok(false));
        self.watch(outcome)
    }
}
