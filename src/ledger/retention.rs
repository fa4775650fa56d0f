//! Old events go, a few with each transaction; what is dropped is summed up.

use crate::domain::event::Event;
use crate::domain::ids::EventSeq;
use crate::domain::retention::{Dropped, Retention};
use crate::domain::time::Timestamp;
use crate::store::rows::{DROPPED_KEY, RETENTION_KEY, Row, RowKey, State, from_bytes};
use crate::store::{RowsMut, StoreError, Table};

use super::book::Book;

/// Bytes of the link at the end of an event's row.
const LINK: usize = 32;

/// What one transaction goes by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// So many events are kept at the most, whatever the store says.
    pub(super) events: u64,
    /// So many may be dropped.
    pub(super) drop: u64,
    /// The time that ages are told by.
    pub(super) now: Timestamp,
}

/// Drops the oldest events that are not to be kept, and remembers the link before the oldest one
/// that is.
pub(super) fn drop_old(
    rows: &mut dyn RowsMut,
    book: Book<'_>,
    state: &mut State,
    limits: Limits,
) -> Result<(), StoreError> {
    let retention: Retention = intact(book.get(&*rows, RETENTION_KEY))?.unwrap_or_default();
    let keep = retention.events.min(limits.events);
    let mut dropped: Option<Dropped> = None;
    for _ in 0..limits.drop {
        let seq = state.first_event;
        let kept = state.next_event.0.saturating_sub(seq.0);
        if kept == 0 || (kept <= keep && retention.age.is_none()) {
            break;
        }
        let bytes = rows.get(Table::Events, &seq.to_key())?;
        let parts = bytes.as_ref().and_then(|bytes| bytes.split_last_chunk::<LINK>());
        let event = parts.and_then(|(event, _)| from_bytes::<Event>(event).ok());
        let ends = |event: &Event| retention.age.map(|age| event.at.after(age));
        let aged = event.as_ref().and_then(ends).is_some_and(|end| end < limits.now);
        if kept <= keep && !aged {
            break;
        }
        let sum = match &mut dropped {
            Some(sum) => sum,
            None => dropped.insert(intact(book.get(&*rows, DROPPED_KEY))?.unwrap_or_default()),
        };
        sum.take(seq, event.as_ref());
        if let Some((_, link)) = parts {
            state.chain_tail = *link;
        }
        rows.delete(Table::Events, &seq.to_key())?;
        state.first_event = EventSeq(seq.0.saturating_add(1));
    }
    match dropped {
        Some(sum) => book.put(rows, DROPPED_KEY, &sum),
        None => Ok(()),
    }
}

/// The row, or none where it is not as it was written: what is kept of a log stops no request, and
/// `till log verify` says so.
pub(super) fn intact<R: Row>(row: Result<Option<R>, StoreError>) -> Result<Option<R>, StoreError> {
    match row {
        Err(StoreError::Damaged(_) | StoreError::Forged(_)) => Ok(None),
        row => row,
    }
}
