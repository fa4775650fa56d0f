//! Whether a key lives, by its own rows and by those of the keys that it was made from.

use crate::domain::delegation::MAX_GENERATIONS;
use crate::domain::ids::KeySeq;
use crate::domain::key::{EndCause, KeyRecord, Usage};
use crate::domain::pause::{Pause, pause};
use crate::domain::status::{Status, status};
use crate::domain::time::Timestamp;
use crate::store::rows::RowKey;
use crate::store::{Rows, StoreError, Table};

use super::book::Book;

/// A key above another, as its rows have it.
#[derive(Clone, Debug)]
pub(super) struct Forebear {
    /// What it is.
    pub(super) record: KeyRecord,
    /// What it has used.
    pub(super) usage: Usage,
    /// Whether a kill row stands against it.
    pub(super) killed: bool,
}

/// The keys above one, the nearest first; none where one of them is gone.
///
/// # Errors
/// Where the storage fails, or, with a verifying book, a row is not as it was written.
pub(super) fn forebears(
    rows: &dyn Rows,
    book: Book<'_>,
    record: &KeyRecord,
) -> Result<Option<Vec<Forebear>>, StoreError> {
    let mut found = Vec::new();
    let mut next = record.parent;
    while let Some(seq) = next {
        if found.len() >= usize::from(MAX_GENERATIONS) {
            return Err(too_deep(record.seq));
        }
        let (record, usage) = (book.get::<KeyRecord>(rows, &seq)?, book.get::<Usage>(rows, &seq)?);
        let (Some(record), Some(usage)) = (record, usage) else { return Ok(None) };
        next = record.parent;
        found.push(Forebear { record, usage, killed: is_killed(rows, seq)? });
    }
    Ok(Some(found))
}

/// The state of a key at `now`, with everything that can end it: a key does not outlive the one
/// that it was made from, whether or not anybody has written that down yet.
///
/// # Errors
/// As [`forebears`].
pub fn standing(
    rows: &dyn Rows,
    book: Book<'_>,
    record: &KeyRecord,
    usage: &Usage,
    now: Timestamp,
) -> Result<Status, StoreError> {
    let own = status(record, usage, is_killed(rows, record.seq)?, now);
    if own != Status::Live || record.parent.is_none() {
        return Ok(own);
    }
    Ok(below(forebears(rows, book, record)?.as_deref(), now))
}

/// The state of a key that has not ended by itself, below these.
pub(super) fn below(above: Option<&[Forebear]>, now: Timestamp) -> Status {
    let lives = |one: &Forebear| status(&one.record, &one.usage, one.killed, now) == Status::Live;
    match above {
        Some(above) if above.iter().all(lives) => Status::Live,
        _ => Status::Ended(EndCause::ParentEnded),
    }
}

/// The pause that a key is under: its own, or that of the nearest key above it.
///
/// # Errors
/// As [`forebears`].
pub fn pause_of(
    rows: &dyn Rows,
    book: Book<'_>,
    record: &KeyRecord,
    usage: &Usage,
) -> Result<Option<Pause>, StoreError> {
    let above = forebears(rows, book, record)?;
    Ok(pause_below(record, usage, above.as_deref()))
}

/// The pause of a key below these.
pub(super) fn pause_below(
    record: &KeyRecord,
    usage: &Usage,
    above: Option<&[Forebear]>,
) -> Option<Pause> {
    let above = above.unwrap_or_default().iter().map(|one| (&one.record, &one.usage));
    pause(std::iter::once((record, usage)).chain(above))
}

/// Whether a kill row stands against the key.
pub(super) fn is_killed(rows: &dyn Rows, seq: KeySeq) -> Result<bool, StoreError> {
    Ok(rows.get(Table::Kills, &seq.to_key())?.is_some())
}

/// More generations than any key can have.
pub(super) fn too_deep(seq: KeySeq) -> StoreError {
    StoreError::Damaged(format!("key {seq} has more keys above it than there can be"))
}
