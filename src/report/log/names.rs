//! What keys and master keys are called, looked up once each.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Known;

use crate::domain::event::Event;
use crate::domain::ids::{KeySeq, MasterId};
use crate::domain::key::KeyRecord;
use crate::domain::master::Master;
use crate::domain::time::Timestamp;
use crate::ledger::Book;
use crate::store::rows::{Row, RowKey};
use crate::store::{Rows, StoreError};

use super::entry::{Entry, What};

/// The rows that were looked up. One that is gone, or cannot be read, has no name.
#[derive(Debug, Default)]
pub(super) struct Names {
    keys: HashMap<KeySeq, Option<KeyRecord>>,
    masters: HashMap<MasterId, Option<Master>>,
}

impl Names {
    /// The line with the names that belong to it.
    pub(super) fn entry(&mut self, rows: &dyn Rows, what: What) -> Result<Entry, StoreError> {
        let at = match &what {
            What::Event(_, event) => event.at,
            What::Unreadable(_) | What::Denied { .. } => Timestamp(0),
        };
        let provider = match &what {
            What::Event(_, event) => self.provider(rows, event)?,
            What::Unreadable(_) | What::Denied { .. } => None,
        };
        let mut entry = Entry { at, what, key: None, master: None, provider };
        if let Some(key) = entry.key_seq() {
            let record = self.key(rows, key)?;
            entry.key = record.map(|record| (record.id, record.name.clone()));
        }
        if let Some(id) = entry.master_id() {
            entry.master = self.master(rows, id)?.map(|master| master.name.clone());
        }
        Ok(entry)
    }

    /// The provider that an event is about: its master key's, or what its key says of a master
    /// key that is gone.
    pub(super) fn provider(
        &mut self,
        rows: &dyn Rows,
        event: &Event,
    ) -> Result<Option<String>, StoreError> {
        let Some(id) = event.master else { return Ok(None) };
        if let Some(master) = self.master(rows, id)? {
            return Ok(Some(master.provider.clone()));
        }
        let Some(key) = event.key else { return Ok(None) };
        let record = self.key(rows, key)?;
        let opened = record.and_then(|record| record.masters.iter().find(|(one, _)| *one == id));
        Ok(opened.map(|(_, provider)| provider.clone()))
    }

    fn key(&mut self, rows: &dyn Rows, seq: KeySeq) -> Result<Option<&KeyRecord>, StoreError> {
        Ok(match self.keys.entry(seq) {
            Known::Occupied(known) => known.into_mut(),
            Known::Vacant(place) => place.insert(found(rows, &seq)?),
        }
        .as_ref())
    }

    fn master(&mut self, rows: &dyn Rows, id: MasterId) -> Result<Option<&Master>, StoreError> {
        Ok(match self.masters.entry(id) {
            Known::Occupied(known) => known.into_mut(),
            Known::Vacant(place) => place.insert(found(rows, &id)?),
        }
        .as_ref())
    }
}

fn found<R: Row>(rows: &dyn Rows, key: &impl RowKey) -> Result<Option<R>, StoreError> {
    match Book::unverified().get(rows, key) {
        Err(StoreError::Damaged(_) | StoreError::Forged(_)) => Ok(None),
        found => found,
    }
}
