//! What keys and master keys are called, also those that are no more.

use std::collections::BTreeMap;

use crate::domain::ids::{KeySeq, MasterId};
use crate::domain::key::KeyRecord;
use crate::domain::master::Master;
use crate::ledger::{Book, scan_prefix};
use crate::store::{Rows, Scan, StoreError, Table};

/// Every name, read once.
#[derive(Debug)]
pub(super) struct Names {
    keys: BTreeMap<KeySeq, KeyRecord>,
    /// Name and provider of each master key; without a name where it was removed, and keys alone
    /// say what it was for.
    masters: BTreeMap<MasterId, (Option<String>, String)>,
}

impl Names {
    pub(super) fn read(rows: &dyn Rows, book: Book<'_>) -> Result<Self, StoreError> {
        let (mut keys, mut masters) = (BTreeMap::new(), BTreeMap::new());
        scan_prefix(rows, Table::Masters, &[], &mut |key, bytes| {
            let master: Master = book.read(key, bytes)?;
            masters.insert(master.id, (Some(master.name), master.provider));
            Ok(Scan::Continue)
        })?;
        scan_prefix(rows, Table::Keys, &[], &mut |key, bytes| {
            let record: KeyRecord = book.read(key, bytes)?;
            for (master, provider) in &record.masters {
                masters.entry(*master).or_insert_with(|| (None, provider.clone()));
            }
            keys.insert(record.seq, record);
            Ok(Scan::Continue)
        })?;
        Ok(Self { keys, masters })
    }

    pub(super) fn key(&self, key: KeySeq) -> Option<&KeyRecord> {
        self.keys.get(&key)
    }

    pub(super) fn master(&self, master: MasterId) -> Option<&str> {
        self.masters.get(&master)?.0.as_deref()
    }

    pub(super) fn provider_of(&self, master: MasterId) -> Option<&str> {
        self.masters.get(&master).map(|(_, provider)| provider.as_str())
    }

    /// What a denial of this key must have been for: it opens nothing else.
    pub(super) fn only_master_of(&self, key: KeySeq) -> Option<(MasterId, &str)> {
        match self.key(key)?.masters.as_slice() {
            [(master, provider)] => Some((*master, provider)),
            _ => None,
        }
    }

    pub(super) fn has_labels(&self, key: KeySeq, labels: &[(String, String)]) -> bool {
        labels.is_empty()
            || self
                .key(key)
                .is_some_and(|record| labels.iter().all(|label| record.labels.contains(label)))
    }

    /// The value of the key's label of this name.
    pub(super) fn label_of(&self, key: KeySeq, name: &str) -> Option<&str> {
        let labels = &self.key(key)?.labels;
        labels.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}
