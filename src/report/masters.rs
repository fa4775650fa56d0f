//! Master keys, without anything that opens them.

use crate::domain::key::KeyRecord;
use crate::domain::master::Master;
use crate::domain::master_usage::MasterUsage;
use crate::domain::status::Status;
use crate::domain::time::Timestamp;
use crate::ledger::{Book, scan_prefix};
use crate::store::{Rows, Scan, StoreError, Table};

use super::keys::keys;

/// One master key, with how many live keys open it, and its caps.
#[derive(Clone, Debug)]
pub struct MasterView {
    /// Its row.
    pub master: Master,
    /// Live proxy keys that depend on it.
    pub live_keys: u64,
    /// Its caps, and how far they are used.
    pub usage: MasterUsage,
}

/// Every master key, in the order of their numbers.
///
/// # Errors
/// Where the storage fails, or, with a verifying book, a row is not as it was written.
pub fn masters(
    rows: &dyn Rows,
    book: Book<'_>,
    now: Timestamp,
) -> Result<Vec<MasterView>, StoreError> {
    let mut found: Vec<MasterView> = Vec::new();
    scan_prefix(rows, Table::Masters, &[], &mut |key, bytes| {
        let master: Master = book.read(key, bytes)?;
        let usage = book.get::<MasterUsage>(rows, &master.id)?;
        let gone = || StoreError::Damaged(format!("master key `{}` has no caps", master.name));
        let usage = usage.ok_or_else(gone)?.at(now);
        found.push(MasterView { master, live_keys: 0, usage });
        Ok(Scan::Continue)
    })?;
    for view in keys(rows, book, now)?.iter().filter(|view| view.status == Status::Live) {
        let KeyRecord { masters: opened, .. } = &view.record;
        for master in &mut found {
            if opened.iter().any(|(id, _)| *id == master.master.id) {
                master.live_keys = master.live_keys.saturating_add(1);
            }
        }
    }
    Ok(found)
}
