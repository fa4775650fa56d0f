//! Stopping keys without an unlock, and what else is noted without one.
//!
//! A kill row carries no MAC: whoever can write the file can stop keys, and nothing more. It fails
//! closed. Whoever unlocks the store next writes the end into the key's own row.

use crate::domain::ids::KeySeq;
use crate::domain::time::Timestamp;
use crate::store::rows::{Note, NoteKind, RowKey, to_bytes};
use crate::store::{RowsMut, Scan, Store, StoreError, Table, Verdict};

use super::super::session::{number_of, scan_prefix};

/// The most notes that are kept.
const MAX_NOTES: u64 = 4_096;

/// Stops these keys: a kill row each, and their grants erased.
///
/// # Errors
/// Where the storage fails.
pub fn kill(store: &dyn Store, keys: &[KeySeq], at: Timestamp) -> Result<(), StoreError> {
    store.transact(&mut |rows| {
        for seq in keys {
            let note = Note { at, kind: NoteKind::KeyKilled, key: *seq };
            rows.put(Table::Kills, &seq.to_key(), &to_bytes(&note))?;
            let mut grants = Vec::new();
            scan_prefix(rows, Table::Grants, &seq.to_key(), &mut |key, _| {
                grants.push(key.to_vec());
                Ok(Scan::Continue)
            })?;
            for grant in grants {
                rows.delete(Table::Grants, &grant)?;
            }
            append(rows, &note)?;
        }
        Ok(Verdict::Commit)
    })
}

/// Notes that somebody tried to unlock the store and could not.
///
/// # Errors
/// Where the storage fails.
pub fn note_failed_unlock(store: &dyn Store, at: Timestamp) -> Result<(), StoreError> {
    let note = Note { at, kind: NoteKind::UnlockFailed, key: KeySeq(0) };
    store.transact(&mut |rows| {
        append(rows, &note)?;
        Ok(Verdict::Commit)
    })
}

fn append(rows: &mut dyn RowsMut, note: &Note) -> Result<(), StoreError> {
    let last = rows.last(Table::Notes)?;
    let number = last.map_or(Ok(0), |(key, _)| number_of(&key))?.saturating_add(1);
    rows.put(Table::Notes, &number.to_key(), &to_bytes(note))?;
    if let Some(old) = number.checked_sub(MAX_NOTES) {
        rows.delete(Table::Notes, &old.to_key())?;
    }
    Ok(())
}
