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
    /// Records that are remembered at the most, of a kilobyte each; beyond it all of them are
    /// forgotten at once, and read again.
    const RECORDS: usize = 8_192;
    /// Revisions that are remembered at the most; beyond it all are forgotten at once.
    const REVISIONS: usize = 65_536;

    /// Remembers what a committed transaction made of a key's usage row.
    pub fn committed(&mut self, key: KeySeq, revision: Revision) {
        if self.seen.len() >= Self::REVISIONS {
            self.seen.clear();
        }
        self.seen.insert(key, revision);
    }

    /// Remembers what a committed transaction made of a master key's caps.
    pub fn committed_master(&mut self, master: MasterId, revision: Revision) {
        if self.masters.len() >= Self::REVISIONS {
            self.masters.clear();
        }
        self.masters.insert(master, revision);
    }

    /// Forgets the record of a key that has ended: a proxy sees many of them in its days. That
    /// its figures must not go back stays.
    pub(super) fn forget(&mut self, key: KeySeq) {
        self.records.remove(&key);
    }

    /// How many records are remembered.
    #[cfg(test)]
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.records.len()
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

    /// The record that these figures of the key belong to. That of a key that has ended is not
    /// remembered, however often it is asked for.
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
        let has_ended = usage.ended.is_some();
        let remembered =
            if has_ended { self.records.remove(&key) } else { self.records.get(&key).cloned() };
        if let Some(record) = remembered.filter(|record| record.revision == revision) {
            return Ok(record);
        }
        let record = session.get::<KeyRecord>(&key)?;
        let record = record.ok_or_else(|| damaged(key, "has no record"))?;
        if record.revision != revision {
            return Err(damaged(key, "has figures of another revision").into());
        }
        let record = Arc::new(record);
        if has_ended {
            return Ok(record);
        }
        if self.records.len() >= Self::RECORDS {
            self.records.clear();
        }
        self.records.insert(key, Arc::clone(&record));
        Ok(record)
    }
}

fn damaged(key: KeySeq, what: &str) -> StoreError {
    StoreError::Damaged(format!("key {key} {what}"))
}
