//! Reading redb's tables, whichever kind of transaction they belong to.

use ::redb::{ReadableTable, TableDefinition};

use super::failure;
use super::guard::contained;
use crate::store::{Each, KeyBound, KeyedRow, Scan, StoreError, Table};

/// Keys and rows are bytes.
pub(super) type Bytes = &'static [u8];

/// The table as redb knows it.
pub(super) fn definition(table: Table) -> TableDefinition<'static, Bytes, Bytes> {
    TableDefinition::new(table.name())
}

/// The row under `key`.
///
/// # Errors
/// Where the storage fails or is damaged.
pub(super) fn get(
    table: &impl ReadableTable<Bytes, Bytes>,
    key: &[u8],
) -> Result<Option<Vec<u8>>, StoreError> {
    contained(|| {
        let row = table.get(key).map_err(failure::of)?;
        Ok(row.map(|row| row.value().to_vec()))
    })
}

/// Calls `each` with the rows between the bounds.
///
/// # Errors
/// Where the storage fails or is damaged (`failed` then hears of it), and what `each` returns.
pub(super) fn scan(
    table: &impl ReadableTable<Bytes, Bytes>,
    (from, to): (KeyBound<'_>, KeyBound<'_>),
    each: &mut Each<'_>,
    failed: impl Fn(StoreError) -> StoreError,
) -> Result<(), StoreError> {
    let mut rows =
        contained(|| table.range::<&[u8]>((from, to)).map_err(failure::of)).map_err(&failed)?;
    // `each` is not redb's: its panics are not damage, so they pass.
    while let Some((key, row)) =
        contained(|| rows.next().transpose().map_err(failure::of)).map_err(&failed)?
    {
        let (key, row) = contained(|| Ok((key.value(), row.value()))).map_err(&failed)?;
        if each(key, row)? == Scan::Stop {
            break;
        }
    }
    Ok(())
}

/// The row with the greatest key.
///
/// # Errors
/// Where the storage fails or is damaged.
pub(super) fn last(
    table: &impl ReadableTable<Bytes, Bytes>,
) -> Result<Option<KeyedRow>, StoreError> {
    contained(|| {
        let last = table.last().map_err(failure::of)?;
        Ok(last.map(|(key, row)| (key.value().to_vec(), row.value().to_vec())))
    })
}

/// How many rows the table has.
///
/// # Errors
/// Where the storage fails or is damaged.
pub(super) fn len(table: &impl ReadableTable<Bytes, Bytes>) -> Result<u64, StoreError> {
    contained(|| table.len().map_err(failure::of))
}
