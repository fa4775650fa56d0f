//! Rows with their MACs: written with one, and believed only with one.

use crate::store::rows::{Row, RowKey, from_bytes, to_bytes};
use crate::store::{Rows, RowsMut, StoreError};
use crate::vault::RowMacKey;

/// Bytes of a MAC at the end of a row.
const TAG_LEN: usize = 32;

/// Reads and writes rows that decide something.
///
/// Without the MAC key it reads all the same, and believes what it reads: good enough to look,
/// never to decide.
#[derive(Clone, Copy, Debug)]
pub struct Book<'k> {
    mac: Option<&'k RowMacKey>,
}

impl<'k> Book<'k> {
    /// A book that verifies.
    #[must_use]
    pub fn verified(mac: &'k RowMacKey) -> Self {
        Self { mac: Some(mac) }
    }

    /// A book that looks.
    #[must_use]
    pub fn unverified() -> Self {
        Self { mac: None }
    }

    /// The row under `key`.
    ///
    /// # Errors
    /// Where the storage fails, or the row is not as it was written.
    pub fn get<R: Row>(
        self,
        rows: &dyn Rows,
        key: &(impl RowKey + ?Sized),
    ) -> Result<Option<R>, StoreError> {
        let key = key.to_key();
        match rows.get(R::TABLE, &key)? {
            Some(bytes) => self.read(&key, &bytes).map(Some),
            None => Ok(None),
        }
    }

    /// The row of these bytes, found under `key`.
    ///
    /// # Errors
    /// Where the row is not as it was written.
    pub fn read<R: Row>(self, key: &[u8], bytes: &[u8]) -> Result<R, StoreError> {
        let table = R::TABLE.name();
        let damaged = |what| StoreError::Damaged(format!("a row of `{table}`: {what}"));
        let (row, tag) =
            bytes.split_last_chunk::<TAG_LEN>().ok_or_else(|| damaged("it is cut short".into()))?;
        if let Some(mac) = self.mac
            && !mac.verify(table, key, row, tag)
        {
            return Err(StoreError::Forged(format!("a row of `{table}` has a wrong MAC")));
        }
        from_bytes(row).map_err(|malformed| damaged(malformed.to_string()))
    }

    /// Writes the row under `key`.
    ///
    /// # Errors
    /// Where the storage fails.
    pub fn put<R: Row>(
        self,
        rows: &mut dyn RowsMut,
        key: &(impl RowKey + ?Sized),
        row: &R,
    ) -> Result<(), StoreError> {
        let Some(mac) = self.mac else {
            return Err(StoreError::Forged("a row cannot be written without an unlock".into()));
        };
        let key = key.to_key();
        let mut bytes = to_bytes(row);
        let tag = mac.tag(R::TABLE.name(), &key, &bytes);
        bytes.extend_from_slice(&tag);
        rows.put(R::TABLE, &key, &bytes)
    }
}
