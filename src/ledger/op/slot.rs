//! `unlock add|rm` and `passwd`: unlock slots.
//!
//! A slot is bound to its number before its secret is stretched, which takes too long for a
//! transaction: the number is reserved first.

use crate::domain::event::{Event, EventKind};
use crate::domain::ids::SlotId;
use crate::domain::slot::{Slot, SlotKind};
use crate::store::Table;

use super::super::error::{LedgerError, Refusal};
use super::super::operation::Operation;
use super::super::session::Session;

/// Reserves the number of a new slot.
#[derive(Debug)]
pub struct ReserveSlot;

impl Operation for ReserveSlot {
    type Outcome = SlotId;

    fn apply(&self, session: &mut Session<'_>) -> Result<SlotId, LedgerError> {
        let state = session.state_mut();
        let id = SlotId(state.next_slot);
        state.next_slot = state.next_slot.saturating_add(1);
        Ok(id)
    }
}

/// Adds a slot that was sealed under a reserved number; perhaps instead of another.
#[derive(Debug)]
pub struct AddSlot {
    /// The new one.
    pub slot: Slot,
    /// The one that goes at the same moment.
    pub instead_of: Option<SlotId>,
}

impl Operation for AddSlot {
    type Outcome = ();

    fn apply(&self, session: &mut Session<'_>) -> Result<(), LedgerError> {
        if let Some(old) = self.instead_of {
            check_exists(session, old)?;
        }
        session.put(&self.slot.id, &self.slot)?;
        let added = Event::new(EventKind::SlotAdded, session.now()).count(self.slot.id.0);
        session.event(&added.note(self.slot.kind.name()))?;
        self.instead_of.map_or(Ok(()), |old| remove(session, old))
    }
}

/// Removes a slot, but never the last one that lasts.
#[derive(Debug)]
pub struct RemoveSlot {
    /// Which.
    pub slot: SlotId,
}

impl Operation for RemoveSlot {
    type Outcome = ();

    fn apply(&self, session: &mut Session<'_>) -> Result<(), LedgerError> {
        check_exists(session, self.slot)?;
        // A restart of the machine empties the keyring: it never stands alone.
        let lasting = session
            .list::<Slot>(&[])?
            .into_iter()
            .any(|(_, slot)| slot.id != self.slot && slot.kind != SlotKind::Keyring);
        if !lasting {
            return Err(Refusal::LastSlot.into());
        }
        remove(session, self.slot)
    }
}

fn check_exists(session: &Session<'_>, slot: SlotId) -> Result<(), LedgerError> {
    let found = session.get::<Slot>(&slot)?;
    found.map(drop).ok_or_else(|| Refusal::NoSuchSlot(slot.0).into())
}

fn remove(session: &mut Session<'_>, slot: SlotId) -> Result<(), LedgerError> {
    session.delete(Table::Slots, &slot)?;
    Ok(session.event(&Event::new(EventKind::SlotRemoved, session.now()).count(slot.0))?)
}
