//! What a process remembers of keys between transactions.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::ids::{KeySeq, MasterId, Revision};
use crate::domain::key::{KeyRecord, Usage};
use crate::domain::master_usage::MasterUsage;
use crate::store::StoreError;

use super::super::error::LedgerError;
use super::super::session::Session;

/// What a process remembers of keys between transactions: records, which are read again when
/// their revision moves, and the newest revision of each usage row.
#[derive(Debug, Default)]
pub struct RecordCache {
    records: HashMap<KeySeq, Arc<KeyRecord>>,
    seen: HashMap<KeySeq, Revision>,
    masters: HashMap<MasterId, Revision>,
}

impl RecordCache {
    /// Keys that are remembered at the most; beyond it everything is forgotten at once.
    const CAPACITY: usize = 65_536;

    /// Remembers what a committed transaction made of a key's usage row.
    pub fn committed(&mut self, key: KeySeq, revision: Revision) {
        if self.seen.len() >= Self::CAPACITY {
            self.seen.clear();
        }
        self.seen.insert(key, revision);
    }

    /// Remembers what a committed transaction made of a master key's caps.
    pub fn committed_master(&mut self, master: MasterId, revision: Revision) {
        self.masters.insert(master, revision);
    }

    /// Forgets the record of a key that has ended: a proxy sees many of them in its days. That
    /// its figures must not go back stays.
    pub(super) fn forget(&mut self, key: KeySeq) {
        self.records.remove(&key);
    }

    /// The caps of a master key; none where it was removed.
    ///
    /// # Errors
    /// Where the storage fails, or the row is not as it was written.
    pub(super) fn master_usage(
        &self,
        session: &Session<'_>,
        master: MasterId,
    ) -> Result<Option<MasterUsage>, LedgerError> {
        let usage = session.get::<MasterUsage>(&master)?;
        let seen = self.masters.get(&master).copied().unwrap_or_default();
        if usage.as_ref().is_some_and(|usage| usage.revision < seen) {
            let message = format!("the figures of master key {} went back", master.0);
            return Err(StoreError::Forged(message).into());
        }
        Ok(usage)
    }

    /// The record that these figures of the key belong to.
    ///
    /// # Errors
    /// Where the storage fails, a row is not as it was written, or the figures are older than
    /// those that were seen.
    pub(super) fn record(
        &mut self,
        session: &Session<'_>,
        key: KeySeq,
        usage: &Usage,
    ) -> Result<Arc<KeyRecord>, LedgerError> {
        if self.seen.get(&key).is_some_and(|seen| usage.revision < *seen) {
            return Err(StoreError::Forged(format!("the figures of key {key} went back")).into());
        }
        let revision = usage.record;
        if let Some(record) = self.records.get(&key)
            && record.revision == revision
        {
            return Ok(Arc::clone(record));
        }
        let record = session.get::<KeyRecord>(&key)?;
        let record = record.ok_or_else(|| damaged(key, "has no record"))?;
        if record.revision != revision {
            return Err(damaged(key, "has figures of another revision").into());
        }
        if self.records.len() >= Self::CAPACITY {
            self.records.clear();
        }
        let record = Arc::new(record);
        self.records.insert(key, Arc::clone(&record));
        Ok(record)
    }
}

fn damaged(key: KeySeq, what: &str) -> StoreError {
    StoreError::Damaged(format!("key {key} {what}"))
}
