//! The first rows of a store.

use crate::domain::clock::Reading;
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{EventSeq, SlotId, StoreId};
use crate::domain::slot::Slot;
use crate::store::rows::{FORMAT, HEADER_KEY, Header, STATE_KEY, State};
use crate::store::{RowsMut, StoreError};
use crate::vault::ProxyKeys;

use super::super::book::Book;
use super::super::error::LedgerError;
use super::super::session::{ClockPolicy, Session};

/// Writes the first rows: header, state, one unlock slot, one event.
///
/// # Errors
/// Where the storage fails.
pub fn create(
    rows: &mut dyn RowsMut,
    keys: &ProxyKeys,
    store: StoreId,
    slot: &Slot,
    reading: Reading,
) -> Result<(), StoreError> {
    let book = Book::verified(keys.row_mac());
    let header = Header { format: FORMAT, store, created_at: reading.wall };
    let state = State {
        next_key: 1,
        next_master: 1,
        next_slot: slot.id.0.saturating_add(1),
        next_minter: 1,
        first_event: EventSeq(1),
        next_event: EventSeq(1),
        chain_tail: [0; 32],
        chain_head: [0; 32],
        clock: reading,
    };
    book.put(rows, HEADER_KEY, &header)?;
    book.put(rows, STATE_KEY, &state)?;
    book.put(rows, &slot.id, slot)?;
    let seal = |session: &mut Session<'_>| {
        session.event(&Event::new(EventKind::StoreCreated, reading.wall).count(SlotId(1).0))
    };
    match Session::begin(rows, keys, reading, ClockPolicy::Accept) {
        Ok(mut session) => {
            seal(&mut session)?;
            session.finish().map(drop)
        }
        Err(LedgerError::Store(error)) => Err(error),
        Err(error) => Err(StoreError::Damaged(error.to_string())),
    }
}
