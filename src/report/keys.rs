//! Proxy keys, with what they have used and whether they live.

use crate::domain::ids::{KeyId, KeySeq};
use crate::domain::key::{KeyRecord, Usage};
use crate::domain::pause::Pause;
use crate::domain::status::Status;
use crate::domain::time::Timestamp;
use crate::ledger::{Book, pause_of, scan_prefix, standing};
use crate::store::rows::RowKey;
use crate::store::{Rows, Scan, StoreError, Table};

/// One key, as it stands.
#[derive(Clone, Debug)]
pub struct KeyView {
    /// What it is.
    pub record: KeyRecord,
    /// What it has used.
    pub usage: Usage,
    /// Whether it lives.
    pub status: Status,
    /// The pause that it is under, while it lives.
    pub pause: Option<Pause>,
    /// How many master keys its grants still open.
    pub grants: usize,
    /// The id of the key that it was made from, where that is still known.
    pub parent: Option<KeyId>,
}

impl KeyView {
    /// One key, if the store has it.
    ///
    /// # Errors
    /// Where the storage fails, or, with a verifying book, a row is not as it was written.
    pub fn read(
        rows: &dyn Rows,
        book: Book<'_>,
        seq: KeySeq,
        now: Timestamp,
    ) -> Result<Option<Self>, StoreError> {
        let Some(record) = book.get::<KeyRecord>(rows, &seq)? else { return Ok(None) };
        Self::of(rows, book, record, now).map(Some)
    }

    fn of(
        rows: &dyn Rows,
        book: Book<'_>,
        record: KeyRecord,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let seq = record.seq;
        let usage = book
            .get::<Usage>(rows, &seq)?
            .ok_or_else(|| StoreError::Damaged(format!("key {seq} has no usage row")))?;
        let mut grants: usize = 0;
        scan_prefix(rows, Table::Grants, &seq.to_key(), &mut |_, _| {
            grants = grants.saturating_add(1);
            Ok(Scan::Continue)
        })?;
        let status = standing(rows, book, &record, &usage, now)?;
        let pause = match status {
            Status::Live => pause_of(rows, book, &record, &usage)?,
            Status::Ended(_) => None,
        };
        let parent = match record.parent {
            Some(parent) => book.get::<KeyRecord>(rows, &parent)?.map(|parent| parent.id),
            None => None,
        };
        Ok(Self { record, usage, status, pause, grants, parent })
    }
}

/// Every key, in the order of minting.
///
/// # Errors
/// Where the storage fails, or, with a verifying book, a row is not as it was written.
pub fn keys(rows: &dyn Rows, book: Book<'_>, now: Timestamp) -> Result<Vec<KeyView>, StoreError> {
    let mut found = Vec::new();
    scan_prefix(rows, Table::Keys, &[], &mut |key, bytes| {
        found.push(KeyView::of(rows, book, book.read(key, bytes)?, now)?);
        Ok(Scan::Continue)
    })?;
    Ok(found)
}
