//! Targets, as they stand.

use crate::domain::alert_target::AlertTarget;
use crate::ledger::{Book, scan_prefix};
use crate::store::rows::RowKey;
use crate::store::{Rows, Scan, StoreError, Table};

/// One target, and how much waits for it.
#[derive(Clone, Debug)]
pub struct TargetView {
    /// The target.
    pub target: AlertTarget,
    /// Alerts that wait to be delivered.
    pub waiting: u64,
}

/// All targets that are as they were written, in the order in which they were added.
///
/// # Errors
/// Where the storage fails.
pub fn targets(rows: &dyn Rows, book: Book<'_>) -> Result<Vec<TargetView>, StoreError> {
    let view = |target: AlertTarget| {
        let mut waiting: u64 = 0;
        scan_prefix(rows, Table::Alerts, &target.id.to_key(), &mut |_, _| {
            waiting = waiting.saturating_add(1);
            Ok(Scan::Continue)
        })?;
        Ok(TargetView { target, waiting })
    };
    all_targets(rows, book)?.into_iter().map(view).collect()
}

/// The same without what waits. One that is not as it was written stops itself alone: `till check`
/// names it.
pub(super) fn all_targets(rows: &dyn Rows, book: Book<'_>) -> Result<Vec<AlertTarget>, StoreError> {
    let mut found = Vec::new();
    scan_prefix(rows, Table::AlertTargets, &[], &mut |key, bytes| {
        found.extend(book.read(key, bytes).ok());
        Ok(Scan::Continue)
    })?;
    Ok(found)
}
