//! The keys of a store, read again where something has happened to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::ids::{InstanceId, KeySeq};
use crate::domain::key::EndCause;
use crate::domain::status::{Status, status};
use crate::domain::time::Timestamp;
use crate::ledger::{Book, number_of, scan_prefix};
use crate::report::{KeyView, keys};
use crate::store::{Rows, Scan, StoreError, Table};

use super::rates::Rate;
use super::watched::Watched;

/// More keys in a line from parent to child than there can be.
const DEEPEST: usize = 64;

/// Every key, as it was when it was last read.
#[derive(Debug, Default)]
pub(super) struct Keys {
    known: BTreeMap<KeySeq, Arc<Watched>>,
}

impl Keys {
    /// Reads every key.
    pub(super) fn read_all(&mut self, rows: &dyn Rows, now: Timestamp) -> Result<(), StoreError> {
        let found = keys(rows, Book::unverified(), now)?;
        self.known = found.into_iter().map(|view| (view.record.seq, wrapped(view))).collect();
        Ok(())
    }

    /// Reads these keys, and those above them, whose figures change with theirs.
    pub(super) fn read_again(
        &mut self,
        rows: &dyn Rows,
        touched: impl IntoIterator<Item = KeySeq>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut open: Vec<KeySeq> = touched.into_iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(seq) = open.pop() {
            if !seen.insert(seq) {
                continue;
            }
            match KeyView::read(rows, Book::unverified(), seq, now)? {
                Some(view) => {
                    open.extend(view.record.parent);
                    self.known.insert(seq, wrapped(view));
                }
                None => drop(self.known.remove(&seq)),
            }
        }
        Ok(())
    }

    /// The keys that are no more what they were at `now`, though no event says so: those that
    /// were stopped without an unlock, whose time is over, whose run or parent has ended.
    pub(super) fn judge(
        &mut self,
        rows: &dyn Rows,
        now: Timestamp,
        mut run_is_over: impl FnMut(InstanceId) -> bool,
    ) -> Result<(), StoreError> {
        let mut killed = BTreeSet::new();
        scan_prefix(rows, Table::Kills, &[], &mut |key, _| {
            killed.insert(KeySeq(number_of(key)?));
            Ok(Scan::Continue)
        })?;
        let own = |key: &Watched| {
            let record = &key.view.record;
            status(record, &key.view.usage, killed.contains(&record.seq), now)
        };
        let mut changed = Vec::new();
        for (seq, key) in &self.known {
            let mut judged = own(key);
            if judged == Status::Live && self.is_below_an_ended_one(key, own) {
                judged = Status::Ended(EndCause::ParentEnded);
            }
            if judged == Status::Live && key.view.record.ends_with.is_some_and(&mut run_is_over) {
                judged = Status::Ended(EndCause::RunOver);
            }
            if judged != key.view.status {
                changed.push((*seq, judged));
            }
        }
        for (seq, judged) in changed {
            if let Some(key) = self.known.get_mut(&seq) {
                Arc::make_mut(key).view.status = judged;
            }
        }
        Ok(())
    }

    /// The keys with their rates.
    pub(super) fn with_rates(&mut self, rates: &BTreeMap<KeySeq, Rate>) -> Vec<Arc<Watched>> {
        for (seq, key) in &mut self.known {
            let rate = rates.get(seq).copied().unwrap_or_default();
            if key.rate != rate {
                Arc::make_mut(key).rate = rate;
            }
        }
        self.known.values().cloned().collect()
    }

    fn is_below_an_ended_one(&self, key: &Watched, own: impl Fn(&Watched) -> Status) -> bool {
        let mut next = key.view.record.parent;
        for _ in 0..DEEPEST {
            let Some(seq) = next else { return false };
            let Some(above) = self.known.get(&seq) else { return true };
            if own(above) != Status::Live {
                return true;
            }
            next = above.view.record.parent;
        }
        true
    }
}

fn wrapped(view: KeyView) -> Arc<Watched> {
    Arc::new(Watched { view, rate: Rate::default() })
}
