//! Rows in memory: what a store does, without a file.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::{Each, KeyBound, KeyedRow, Rows, RowsMut, Scan, Store, StoreError, Table, Verdict};

type TableRows = BTreeMap<Vec<u8>, Vec<u8>>;

/// All rows at one moment. A table is copied when it is first changed.
#[derive(Clone, Debug, Default)]
struct Snapshot([Arc<TableRows>; Table::ALL.len()]);

/// A store that ends with the process. A transaction that changes a table copies it: meant for
/// tests and demonstrations, not for many rows.
#[derive(Debug, Default)]
pub struct MemoryStore {
    committed: RwLock<Snapshot>,
    /// Held for as long as a transaction runs.
    writing: Mutex<()>,
}

impl MemoryStore {
    /// A store without rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn committed(&self) -> Snapshot {
        self.committed.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Store for MemoryStore {
    fn view(
        &self,
        view: &mut dyn FnMut(&dyn Rows) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        view(&self.committed())
    }

    fn transact(
        &self,
        change: &mut dyn FnMut(&mut dyn RowsMut) -> Result<Verdict, StoreError>,
    ) -> Result<(), StoreError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rows = self.committed();
        if change(&mut rows)? == Verdict::Commit {
            *self.committed.write().unwrap_or_else(PoisonError::into_inner) = rows;
        }
        Ok(())
    }
}

impl Snapshot {
    #[expect(clippy::indexing_slicing, reason = "`Table::index` is a place in `Table::ALL`")]
    fn table(&self, table: Table) -> &TableRows {
        &self.0[table.index()]
    }

    #[expect(clippy::indexing_slicing, reason = "`Table::index` is a place in `Table::ALL`")]
    fn table_mut(&mut self, table: Table) -> &mut TableRows {
        Arc::make_mut(&mut self.0[table.index()])
    }
}

impl Rows for Snapshot {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.table(table).get(key).cloned())
    }

    fn scan(
        &self,
        table: Table,
        from: KeyBound<'_>,
        to: KeyBound<'_>,
        each: &mut Each<'_>,
    ) -> Result<(), StoreError> {
        // `BTreeMap::range` panics where the bounds are the wrong way round.
        if is_empty(from, to) {
            return Ok(());
        }
        for (key, row) in self.table(table).range::<[u8], _>((from, to)) {
            if each(key, row)? == Scan::Stop {
                break;
            }
        }
        Ok(())
    }

    fn last(&self, table: Table) -> Result<Option<KeyedRow>, StoreError> {
        Ok(self.table(table).last_key_value().map(|(key, row)| (key.clone(), row.clone())))
    }

    fn len(&self, table: Table) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.table(table).len()).unwrap_or(u64::MAX))
    }
}

impl RowsMut for Snapshot {
    fn put(&mut self, table: Table, key: &[u8], row: &[u8]) -> Result<(), StoreError> {
        self.table_mut(table).insert(key.to_vec(), row.to_vec());
        Ok(())
    }

    fn delete(&mut self, table: Table, key: &[u8]) -> Result<bool, StoreError> {
        Ok(self.table_mut(table).remove(key).is_some())
    }
}

/// Whether no key can lie between the bounds.
fn is_empty(from: KeyBound<'_>, to: KeyBound<'_>) -> bool {
    match (from, to) {
        (Bound::Included(from), Bound::Included(to)) => from > to,
        (Bound::Included(from) | Bound::Excluded(from), Bound::Excluded(to))
        | (Bound::Excluded(from), Bound::Included(to)) => from >= to,
        _ => false,
    }
}
