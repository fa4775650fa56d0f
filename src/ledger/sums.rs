//! The sums of hours, written with the transaction whose requests they count.

use std::collections::BTreeMap;

use crate::domain::rollup::{Rollup, RollupKey};
use crate::store::{Rows, RowsMut, Scan, StoreError, Table};

use super::book::Book;
use super::session::scan_prefix;

/// Rows that the table keeps at the most: two years of an hour each for a dozen keys and models.
const MAX_ROWS: u64 = 200_000;
/// How many are dropped in one transaction at the most.
const MAX_DROPPED: u64 = 64;

/// Adds what a transaction has counted, and drops the oldest rows beyond the table's bound. A row
/// that is not as it was written begins anew: figures for people stop no request.
pub(super) fn write(
    rows: &mut dyn RowsMut,
    book: Book<'_>,
    sums: &BTreeMap<RollupKey, Rollup>,
) -> Result<(), StoreError> {
    for (about, sum) in sums {
        let mut row = match book.get::<Rollup>(rows, about) {
            Ok(row) => row.unwrap_or_default(),
            Err(StoreError::Damaged(_) | StoreError::Forged(_)) => Rollup::default(),
            Err(failure) => return Err(failure),
        };
        row.merge(sum);
        book.put(rows, about, &row)?;
    }
    if sums.is_empty() { Ok(()) } else { drop_oldest(rows) }
}

fn drop_oldest(rows: &mut dyn RowsMut) -> Result<(), StoreError> {
    let surplus = Rows::len(rows, Table::Rollups)?.saturating_sub(MAX_ROWS).min(MAX_DROPPED);
    if surplus == 0 {
        return Ok(());
    }
    let mut oldest = Vec::new();
    scan_prefix(rows, Table::Rollups, &[], &mut |key, _| {
        oldest.push(key.to_vec());
        let enough = u64::try_from(oldest.len()).is_ok_and(|count| count >= surplus);
        Ok(if enough { Scan::Stop } else { Scan::Continue })
    })?;
    oldest.iter().try_for_each(|key| rows.delete(Table::Rollups, key).map(drop))
}
