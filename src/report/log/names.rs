//! What keys and master keys are called, looked up once each.

use std::collections::HashMap;

use crate::domain::event::Event;
use crate::domain::ids::{KeySeq, MasterId};
use crate::domain::key::KeyRecord;
use crate::domain::master::Master;
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
        let blank = |at| Entry { at, what: what.clone(), key: None, master: None, provider: None };
        let mut entry = match &what {
            What::Event(_, event) => blank(event.at),
            What::Unreadable(_) | What::Denied { .. } => blank(Default::default()),
        };
        if let Some(key) = entry.key_seq() {
            let record = self.key(rows, key)?;
            entry.key = record.map(|record| (record.id, record.name.clone()));
        }
        if let Some(id) = entry.master_id() {
            entry.master = self.master(rows, id)?.map(|master| master.name.clone());
        }
        if let What::Event(_, event) = &what {
            entry.provider = self.provider(rows, event)?;
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
        if !self.keys.contains_key(&seq) {
            self.keys.insert(seq, found(rows, &seq)?);
        }
        Ok(self.keys.get(&seq).and_then(Option::as_ref))
    }

    fn master(&mut self, rows: &dyn Rows, id: MasterId) -> Result<Option<&Master>, StoreError> {
        if !self.masters.contains_key(&id) {
            self.masters.insert(id, found(rows, &id)?);
        }
        Ok(self.masters.get(&id).and_then(Option::as_ref))
    }
}

fn found<R: Row>(rows: &dyn Rows, key: &impl RowKey) -> Result<Option<R>, StoreError> {
    match Book::unverified().get(rows, key) {
        Err(StoreError::Damaged(_) | StoreError::Forged(_)) => Ok(None),
        found => found,
    }
}
