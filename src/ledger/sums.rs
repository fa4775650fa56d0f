//! The sums of hours, written with the transaction whose requests they count.

use std::collections::BTreeMap;

use crate::domain::rollup::{Rollup, RollupKey};
use crate::store::rows::RowKey;
use crate::store::{Rows, RowsMut, Scan, StoreError, Table};

use super::book::Book;
use super::session::scan_prefix;

/// Rows that the table keeps at the most: a year of 8,760 hours in each of which 20 keys ask 5 models
/// has 876,000 of them.
pub const MAX_ROLLUPS: u64 = 1_000_000;
/// Models that one hour of a key and a master key tells apart. Clients name them: one that makes
/// names up must not push others' rows out of the table.
const MAX_MODELS: usize = 32;
/// What all further ones are counted under.
const OTHER_MODELS: &str = "(other models)";
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
        let about = &bounded(rows, about)?;
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

/// What a request is counted under: its own model, while the hour has room for another one.
fn bounded(rows: &dyn RowsMut, about: &RollupKey) -> Result<RollupKey, StoreError> {
    let key = about.to_key();
    if about.model.is_empty() || rows.get(Table::Rollups, &key)?.is_some() {
        return Ok(about.clone());
    }
    let prefix = (about.hour, (about.key, about.master)).to_key();
    let mut models: usize = 0;
    scan_prefix(rows, Table::Rollups, &prefix, &mut |_, _| {
        models = models.saturating_add(1);
        Ok(if models < MAX_MODELS { Scan::Continue } else { Scan::Stop })
    })?;
    let full = models >= MAX_MODELS;
    let model = if full { OTHER_MODELS.to_owned() } else { about.model.clone() };
    Ok(RollupKey { model, ..about.clone() })
}

fn drop_oldest(rows: &mut dyn RowsMut) -> Result<(), StoreError> {
    let surplus = Rows::len(rows, Table::Rollups)?.saturating_sub(MAX_ROLLUPS).min(MAX_DROPPED);
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
