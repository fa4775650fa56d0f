//! Stopping keys without an unlock, and what else is noted without one.
//!
//! A kill row carries no MAC: whoever can write the file can stop keys, and nothing more. It fails
//! closed. Whoever unlocks the store next writes the end into the key's own row.

use std::collections::BTreeSet;

use crate::domain::ids::KeySeq;
use crate::domain::key::Usage;
use crate::domain::time::Timestamp;
use crate::store::rows::{Note, NoteKind, RowKey, key_number, to_bytes};
use crate::store::{RowsMut, Scan, Store, StoreError, Table, Verdict};

use super::super::book::Book;
use super::super::format::header;
use super::super::session::{number_of, scan_prefix};

/// The most notes that are kept.
const MAX_NOTES: u64 = 4_096;

/// Stops these keys, and all that were made from them: a kill row each, and their grants erased.
///
/// # Errors
/// Where the storage fails, or the format is not the newest.
pub fn kill(store: &dyn Store, keys: &[KeySeq], at: Timestamp) -> Result<(), StoreError> {
    store.transact(&mut |rows| {
        header(rows)?;
        for seq in with_all_below(rows, keys)? {
            if keys.contains(&seq) || !has_ended(rows, seq) {
                kill_one(rows, seq, at)?;
            }
        }
        Ok(Verdict::Commit)
    })
}

/// Stops every key that lives when the transaction begins; answers with how many there were.
///
/// # Errors
/// Where the storage fails, or the format is not the newest.
pub fn kill_all(store: &dyn Store, at: Timestamp) -> Result<u64, StoreError> {
    let mut killed: u64 = 0;
    store.transact(&mut |rows| {
        header(rows)?;
        killed = 0;
        let mut keys = Vec::new();
        scan_prefix(rows, Table::Keys, &[], &mut |key, _| {
            keys.push(KeySeq(number_of(key)?));
            Ok(Scan::Continue)
        })?;
        for seq in keys {
            if !has_ended(rows, seq) {
                kill_one(rows, seq, at)?;
                killed = killed.saturating_add(1);
            }
        }
        Ok(Verdict::Commit)
    })?;
    Ok(killed)
}

/// These keys and those below them, each once. The index carries no MAC: with an edited one other
/// keys are stopped too, as with a kill row.
fn with_all_below(rows: &dyn RowsMut, keys: &[KeySeq]) -> Result<BTreeSet<KeySeq>, StoreError> {
    let mut found: BTreeSet<KeySeq> = keys.iter().copied().collect();
    let mut open: Vec<KeySeq> = keys.to_vec();
    while let Some(parent) = open.pop() {
        scan_prefix(rows, Table::Children, &parent.to_key(), &mut |key, _| {
            let child = key_number(key, 1);
            let child = KeySeq(child.map_err(|bad| StoreError::Damaged(bad.to_string()))?);
            if found.insert(child) {
                open.push(child);
            }
            Ok(Scan::Continue)
        })?;
    }
    Ok(found)
}

/// Whether a key's own row says that it has ended, or a kill row stands against it. No clock is
/// asked, which may be wrong; and one whose rows cannot be read is stopped like a live one.
fn has_ended(rows: &dyn RowsMut, seq: KeySeq) -> bool {
    let killed = rows.get(Table::Kills, &seq.to_key()).is_ok_and(|row| row.is_some());
    let usage = Book::unverified().get::<Usage>(rows, &seq);
    killed || usage.is_ok_and(|usage| usage.is_some_and(|usage| usage.ended.is_some()))
}

fn kill_one(rows: &mut dyn RowsMut, seq: KeySeq, at: Timestamp) -> Result<(), StoreError> {
    let note = Note { at, kind: NoteKind::KeyKilled, key: seq };
    rows.put(Table::Kills, &seq.to_key(), &to_bytes(&note))?;
    let mut grants = Vec::new();
    scan_prefix(rows, Table::Grants, &seq.to_key(), &mut |key, _| {
        grants.push(key.to_vec());
        Ok(Scan::Continue)
    })?;
    for grant in grants {
        rows.delete(Table::Grants, &grant)?;
    }
    append(rows, &note)
}

/// Notes that somebody tried to unlock the store and could not.
///
/// # Errors
/// Where the storage fails, or the format is not the newest.
pub fn note_failed_unlock(store: &dyn Store, at: Timestamp) -> Result<(), StoreError> {
    let note = Note { at, kind: NoteKind::UnlockFailed, key: KeySeq(0) };
    store.transact(&mut |rows| {
        header(rows)?;
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
