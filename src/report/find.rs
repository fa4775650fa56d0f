//! Keys by their ids, which may be shortened while they are unambiguous.

use crate::domain::ids::{KeyId, KeySeq};
use crate::domain::key::KeyRecord;
use crate::ledger::{Book, number_of, scan_prefix};
use crate::store::{Rows, Scan, StoreError, Table};

/// Several keys' ids begin with the text: some of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ambiguous(pub Vec<String>);

/// Why a key was not found.
#[derive(Debug)]
pub enum FindError {
    /// No key's id begins with the text.
    Unknown,
    /// Several do.
    Ambiguous(Ambiguous),
    /// The storage failed.
    Store(StoreError),
}

impl From<StoreError> for FindError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The key whose id begins with `text`, in either case.
///
/// # Errors
/// Where there is none, or more than one, or the storage fails.
pub fn find_key(rows: &dyn Rows, text: &str) -> Result<KeySeq, FindError> {
    let prefix = text.to_ascii_lowercase();
    if prefix.is_empty() || prefix.len() > KeyId::LEN {
        return Err(FindError::Unknown);
    }
    let mut found: Vec<(String, KeySeq)> = Vec::new();
    scan_prefix(rows, Table::KeyIds, prefix.as_bytes(), &mut |key, seq| {
        let id = String::from_utf8_lossy(key).into_owned();
        found.push((id, KeySeq(number_of(seq)?)));
        Ok(if found.len() < 5 { Scan::Continue } else { Scan::Stop })
    })?;
    match found.as_slice() {
        [] => Err(FindError::Unknown),
        [(id, seq)] => {
            // The index carries no MAC: an entry that names another key must not redirect anybody.
            match Book::unverified().get::<KeyRecord>(rows, seq)? {
                Some(record) if record.id.as_str() == id => Ok(*seq),
                _ => {
                    let what = format!("the id `{id}` leads to another key");
                    Err(FindError::Store(StoreError::Forged(what)))
                }
            }
        }
        several => {
            let ids = several.iter().map(|(id, _)| id.clone()).collect();
            Err(FindError::Ambiguous(Ambiguous(ids)))
        }
    }
}
