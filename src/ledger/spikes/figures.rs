//! The figures of hours, as the rows have them. A row that is damaged is passed over: figures for
//! people stop nothing.

use std::ops::{Bound, RangeInclusive};

use crate::domain::ids::KeySeq;
use crate::domain::rollup::{Rollup, RollupKey};
use crate::domain::spike::Figures;
use crate::store::rows::{DenialCount, RowKey, from_bytes, key_number, rollup_key};
use crate::store::{Rows, Scan, StoreError, Table};

use super::super::book::Book;

const MINUTES: u64 = 60;

/// The sums of these hours whose key and master key are `wanted`.
pub(super) fn sums(
    rows: &dyn Rows,
    book: Book<'_>,
    hours: &RangeInclusive<u64>,
    wanted: impl Fn(&RollupKey) -> bool,
    mut each: impl FnMut(RollupKey, Figures),
) -> Result<(), StoreError> {
    let (from, to) = (hours.start().to_key(), hours.end().saturating_add(1).to_key());
    let bounds = (Bound::Included(&*from), Bound::Excluded(&*to));
    rows.scan(Table::Rollups, bounds.0, bounds.1, &mut |key, bytes| {
        if let Ok(about) = rollup_key(key)
            && wanted(&about)
            && let Ok(row) = book.read::<Rollup>(key, bytes)
        {
            each(about, figures_of(&row));
        }
        Ok(Scan::Continue)
    })
}

/// Hour, key and number of the denials of known keys in these hours.
pub(super) fn denials(
    rows: &dyn Rows,
    hours: &RangeInclusive<u64>,
    mut each: impl FnMut(u64, KeySeq, Figures),
) -> Result<(), StoreError> {
    let minute = |hour: u64| hour.saturating_mul(MINUTES).to_key();
    let (from, to) = (minute(*hours.start()), minute(hours.end().saturating_add(1)));
    let bounds = (Bound::Included(&*from), Bound::Excluded(&*to));
    rows.scan(Table::Denials, bounds.0, bounds.1, &mut |key, bytes| {
        let numbers = key_number(key, 0).ok().zip(key_number(key, 1).ok());
        let count = from_bytes::<DenialCount>(bytes).ok();
        if let (Some((minute, seq)), Some(DenialCount(denials))) = (numbers, count)
            && seq != 0
        {
            let hour = minute.checked_div(MINUTES).unwrap_or_default();
            each(hour, KeySeq(seq), Figures { denials, ..Figures::default() });
        }
        Ok(Scan::Continue)
    })
}

fn figures_of(row: &Rollup) -> Figures {
    Figures {
        requests: row.sent,
        spend: row.cost.spend.0,
        denials: 0,
        errors: row.sent.saturating_sub(row.answered),
    }
}
