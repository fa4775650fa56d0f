//! A store whose commits fail, some before and some after they have become durable.

use std::collections::VecDeque;
use std::io;
use std::sync::Mutex;

use super::stage::{Init, in_memory};
use crate::store::memory::MemoryStore;
use crate::store::{Rows, RowsMut, Store, StoreError, Verdict};

/// What becomes of one transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is durable, and said to be.
    Kept,
    /// It is durable, and said to have failed.
    KeptUnsaid,
    /// It is gone, and said to be.
    Lost,
}

/// Rows in memory. Each transaction that changes something meets the next fate.
#[derive(Debug)]
pub(super) struct Unreliable {
    rows: MemoryStore,
    fates: Mutex<VecDeque<Fate>>,
}

impl Unreliable {
    pub(super) fn new(init: &mut Init<'_>) -> Self {
        Self { rows: in_memory(init), fates: Mutex::default() }
    }

    /// What becomes of the next transactions; those after them are kept.
    pub(super) fn meets(&self, fates: impl IntoIterator<Item = Fate>) {
        self.fates.lock().unwrap().extend(fates);
    }

    /// From now on everything is kept.
    pub(super) fn recovers(&self) {
        self.fates.lock().unwrap().clear();
    }
}

impl Store for Unreliable {
    fn view(
        &self,
        view: &mut dyn FnMut(&dyn Rows) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.rows.view(view)
    }

    fn transact(
        &self,
        change: &mut dyn FnMut(&mut dyn RowsMut) -> Result<Verdict, StoreError>,
    ) -> Result<(), StoreError> {
        let mut fate = Fate::Kept;
        self.rows.transact(&mut |rows| {
            let verdict = change(rows)?;
            if verdict == Verdict::Abort {
                return Ok(verdict);
            }
            fate = self.fates.lock().unwrap().pop_front().unwrap_or(Fate::Kept);
            Ok(if fate == Fate::Lost { Verdict::Abort } else { Verdict::Commit })
        })?;
        match fate {
            Fate::Kept => Ok(()),
            Fate::KeptUnsaid | Fate::Lost => Err(StoreError::Io(io::Error::other("no answer"))),
        }
    }
}
