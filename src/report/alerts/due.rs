//! What is to be delivered now.

use crate::domain::alert_retry::is_due;
use crate::domain::alert_target::{AlertTarget, WaitingAlert};
use crate::domain::ids::TargetId;
use crate::domain::time::Timestamp;
use crate::ledger::{Book, scan_prefix};
use crate::store::rows::RowKey;
use crate::store::{Rows, Scan, StoreError, Table};

use super::targets::all_targets;

/// The targets for which something waits that may be tried now.
///
/// # Errors
/// Where the storage fails, or a row is not as it was written.
pub fn ready(rows: &dyn Rows, book: Book<'_>, now: Timestamp) -> Result<Vec<TargetId>, StoreError> {
    if rows.len(Table::Alerts)? == 0 {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for target in all_targets(rows, book)? {
        if next_due(rows, book, target.id, now)?.is_some() {
            found.push(target.id);
        }
    }
    Ok(found)
}

/// The oldest alert that waits for a target and can be read, where it may be tried now.
///
/// # Errors
/// Where the storage fails, or a row is not as it was written.
pub fn next_due(
    rows: &dyn Rows,
    book: Book<'_>,
    id: TargetId,
    now: Timestamp,
) -> Result<Option<(AlertTarget, WaitingAlert)>, StoreError> {
    let target = book.get::<AlertTarget>(rows, &id)?;
    let Some(target) = target.filter(|target| is_due(target.delivery.next_at, now)) else {
        return Ok(None);
    };
    let mut oldest = None;
    scan_prefix(rows, Table::Alerts, &id.to_key(), &mut |key, bytes| {
        // One that is not as it was written is passed over: it holds the others up no more than that.
        oldest = book.read::<WaitingAlert>(key, bytes).ok();
        Ok(if oldest.is_some() { Scan::Stop } else { Scan::Continue })
    })?;
    Ok(oldest.map(|alert| (target, alert)))
}
