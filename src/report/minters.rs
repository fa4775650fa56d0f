//! Those who may mint without unlocking the store, with what they have minted.

use crate::domain::minter::Minter;
use crate::domain::time::Timestamp;
use crate::domain::totals::MinterUsage;
use crate::ledger::{Book, scan_prefix};
use crate::store::{Rows, Scan, StoreError, Table};

/// One of them, as it stands.
#[derive(Clone, Debug)]
pub struct MinterView {
    /// Who.
    pub minter: Minter,
    /// What it has minted.
    pub usage: MinterUsage,
}

/// All of them, in the order in which they were made.
///
/// # Errors
/// Where the storage fails, or, with a verifying book, a row is not as it was written.
pub fn minters(
    rows: &dyn Rows,
    book: Book<'_>,
    now: Timestamp,
) -> Result<Vec<MinterView>, StoreError> {
    let mut found = Vec::new();
    scan_prefix(rows, Table::Minters, &[], &mut |key, bytes| {
        let minter: Minter = book.read(key, bytes)?;
        let usage = book.get::<MinterUsage>(rows, &minter.id)?;
        let gone = || StoreError::Damaged(format!("minter `{}` has no figures", minter.name));
        let usage = usage.ok_or_else(gone)?.at(now);
        found.push(MinterView { minter, usage });
        Ok(Scan::Continue)
    })?;
    Ok(found)
}
