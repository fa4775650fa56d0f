//! Reading for a check: what cannot be read is found, and the check goes on.

use std::ops::Bound;

use crate::domain::ids::KeySeq;
use crate::ledger::Book;
use crate::store::rows::{Row, RowKey, key_number};
use crate::store::{Rows, Scan, StoreError, Table};
use crate::vault::ProxyKeys;

use super::Progress;
use super::finding::{Found, Remedy};

/// How often progress is told of.
const STEP: u64 = 1_024;

/// What is called with each row of a table.
pub(super) type Step<'a> = dyn FnMut(&mut Found, &[u8], &[u8]) -> Result<(), StoreError> + 'a;

/// A view, and the keys that its rows are believed with.
pub(super) struct Look<'a> {
    pub(super) rows: &'a dyn Rows,
    keys: Option<&'a ProxyKeys>,
    progress: &'a Progress<'a>,
}

/// A row that was looked for.
pub(super) enum Seen<R> {
    /// It is there, as it was written.
    Row(R),
    /// It is there, and something else says what is wrong with it.
    Spoilt,
    /// It is not there.
    Missing,
}

impl<R> Seen<R> {
    /// The row, where it can be read.
    pub(super) fn row(self) -> Option<R> {
        match self {
            Self::Row(row) => Some(row),
            Self::Spoilt | Self::Missing => None,
        }
    }

    /// Whether nothing lies there.
    pub(super) const fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }
}

impl<'a> Look<'a> {
    pub(super) fn new(
        rows: &'a dyn Rows,
        keys: Option<&'a ProxyKeys>,
        progress: &'a Progress<'a>,
    ) -> Self {
        Self { rows, keys, progress }
    }

    pub(super) fn book(&self) -> Book<'a> {
        self.keys.map_or_else(Book::unverified, |keys| Book::verified(keys.row_mac()))
    }

    /// Calls `step` with every row of a table. Damage ends the walk, and is found.
    pub(super) fn each(
        &self,
        found: &mut Found,
        table: Table,
        doing: &'static str,
        step: &mut Step<'_>,
    ) -> Result<(), StoreError> {
        let mut before: Option<Vec<u8>> = None;
        let mut count: u64 = 0;
        let walked = self.rows.scan(table, Bound::Unbounded, Bound::Unbounded, &mut |key, row| {
            // A damaged page can lead back to one that was read before.
            if before.as_deref().is_some_and(|before| before >= key) {
                return Err(StoreError::Damaged("its rows are out of order".into()));
            }
            before = Some(key.to_vec());
            step(found, key, row)?;
            count = count.saturating_add(1);
            if count.checked_rem(STEP) == Some(0) {
                (self.progress)(doing, STEP);
            }
            Ok(Scan::Continue)
        });
        if let Err(error) = walked {
            return found.damage(table, error);
        }
        match self.rows.len(table) {
            Ok(len) if len == count => Ok(()),
            Ok(len) => {
                let what = format!("it has {len} rows, and {count} can be reached");
                found.add(table, "", what, Remedy::Restore);
                Ok(())
            }
            Err(error) => found.damage(table, error),
        }
    }

    /// The row under a key.
    pub(super) fn seen<R: Row>(&self, key: &(impl RowKey + ?Sized)) -> Result<Seen<R>, StoreError> {
        match self.book().get::<R>(self.rows, key) {
            Ok(Some(row)) => Ok(Seen::Row(row)),
            Ok(None) => Ok(Seen::Missing),
            Err(StoreError::Damaged(_) | StoreError::Forged(_)) => Ok(Seen::Spoilt),
            Err(error) => Err(error),
        }
    }

    /// Whether a row lies under a key.
    pub(super) fn has(
        &self,
        table: Table,
        key: &(impl RowKey + ?Sized),
    ) -> Result<bool, StoreError> {
        Ok(self.rows.get(table, &key.to_key())?.is_some())
    }
}

/// The number at a place of a row key; a key that has none was found already.
pub(super) fn number(key: &[u8], part: usize) -> Option<u64> {
    key_number(key, part).ok()
}

/// A key's number at a place of a row key.
pub(super) fn key_at(key: &[u8], part: usize) -> Option<KeySeq> {
    number(key, part).map(KeySeq)
}
