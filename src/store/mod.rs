//! Rows on disk, in transactions. No rules: what a row means is decided above.
//!
//! A backend keeps bytes under bytes in a fixed set of tables. Rows are written whole; what
//! decides something carries a MAC, which the ledger makes and checks.

#[cfg(test)]
mod conformance;
mod copy;
mod error;
pub mod memory;
pub mod redb;
pub mod rows;
mod table;

use std::ops::Bound;
use std::path::Path;

pub use copy::copy;
pub use error::StoreError;
pub use table::Table;

/// One side of a range of row keys.
pub type KeyBound<'a> = Bound<&'a [u8]>;

/// What a scan does after a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    /// Goes on to the next row.
    Continue,
    /// Ends.
    Stop,
}

/// A row with the key it lies under.
pub type KeyedRow = (Vec<u8>, Vec<u8>);

/// What a scan calls with the key and the bytes of each row.
pub type Each<'a> = dyn FnMut(&[u8], &[u8]) -> Result<Scan, StoreError> + 'a;

/// A consistent view of all rows.
pub trait Rows {
    /// The row under `key`, if there is one.
    ///
    /// # Errors
    /// Where the storage fails or is damaged.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Calls `each` with the rows between the bounds, in the order of their keys.
    ///
    /// # Errors
    /// Where the storage fails or is damaged, and what `each` returns.
    fn scan(
        &self,
        table: Table,
        from: KeyBound<'_>,
        to: KeyBound<'_>,
        each: &mut Each<'_>,
    ) -> Result<(), StoreError>;

    /// The row with the greatest key.
    ///
    /// # Errors
    /// Where the storage fails or is damaged.
    fn last(&self, table: Table) -> Result<Option<KeyedRow>, StoreError>;

    /// How many rows the table has.
    ///
    /// # Errors
    /// Where the storage fails or is damaged.
    fn len(&self, table: Table) -> Result<u64, StoreError>;
}

/// A view that can be changed. The changes are seen by others when the transaction ends.
pub trait RowsMut: Rows {
    /// Writes the row under `key`, over the one that was there.
    ///
    /// # Errors
    /// Where the storage fails or is damaged.
    fn put(&mut self, table: Table, key: &[u8], row: &[u8]) -> Result<(), StoreError>;

    /// Removes the row under `key`; says whether there was one.
    ///
    /// # Errors
    /// Where the storage fails or is damaged.
    fn delete(&mut self, table: Table, key: &[u8]) -> Result<bool, StoreError>;
}

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its changes become durable, before `transact` returns.
    Commit,
    /// Its changes are dropped.
    Abort,
}

/// A place where rows are kept, shared by threads and, where the backend allows, processes.
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Runs `view` on the newest committed state.
    ///
    /// # Errors
    /// Where the state cannot be read, and what `view` returns.
    fn view(
        &self,
        view: &mut dyn FnMut(&dyn Rows) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;

    /// Runs `change` as the only writer, and makes what it did durable.
    ///
    /// `change` may run twice: it touches nothing but the transaction and what it is about to
    /// return. After an error the changes may be durable all the same (a failed sync): whoever
    /// must know reads again.
    ///
    /// # Errors
    /// Where the state cannot be read or written, and what `change` returns.
    fn transact(
        &self,
        change: &mut dyn FnMut(&mut dyn RowsMut) -> Result<Verdict, StoreError>,
    ) -> Result<(), StoreError>;

    /// The file that the rows lie in; none where that is not one of its own.
    fn path(&self) -> Option<&Path> {
        None
    }
}

/// Runs `view` and hands its answer through.
///
/// # Errors
/// As [`Store::view`].
pub fn view<T>(
    store: &dyn Store,
    mut view: impl FnMut(&dyn Rows) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut answer = None;
    store.view(&mut |rows| {
        answer = Some(view(rows)?);
        Ok(())
    })?;
    answer.ok_or(StoreError::Damaged("a view ended without an answer".into()))
}
