//! Copying rows from one store to another.

use std::ops::Bound;

use super::{Rows, RowsMut, Scan, StoreError, Table};

/// How often progress is told of.
const STEP: u64 = 1_024;

/// Writes every row of a view, as it is, into tables that are empty. Answers with how many there
/// were; `progress` is told how many more are done.
///
/// # Errors
/// Where either storage fails, or one of the tables read is damaged: its rows have an order, and a
/// number.
pub fn copy(
    from: &dyn Rows,
    to: &mut dyn RowsMut,
    progress: &dyn Fn(u64),
) -> Result<u64, StoreError> {
    let mut all: u64 = 0;
    for table in Table::ALL {
        let mut before: Option<Vec<u8>> = None;
        let mut copied: u64 = 0;
        from.scan(table, Bound::Unbounded, Bound::Unbounded, &mut |key, row| {
            // A damaged page can lead back to one that was read before.
            if before.as_deref().is_some_and(|before| before >= key) {
                let what = format!("the rows of `{}` are out of order", table.name());
                return Err(StoreError::Damaged(what));
            }
            before = Some(key.to_vec());
            to.put(table, key, row)?;
            copied = copied.saturating_add(1);
            if copied.checked_rem(STEP) == Some(0) {
                progress(STEP);
            }
            Ok(Scan::Continue)
        })?;
        if copied != from.len(table)? {
            let what = format!("rows of `{}` cannot be reached", table.name());
            return Err(StoreError::Damaged(what));
        }
        all = all.saturating_add(copied);
    }
    Ok(all)
}
