//! `key prune`: old tombstones are dropped.

use crate::domain::event::{Event, EventKind};
use crate::domain::ids::KeySeq;
use crate::domain::time::Timestamp;
use crate::store::Table;

use super::super::error::{LedgerError, tolerating_damage};
use super::super::operation::Operation;
use super::super::session::Session;
use super::alert_queue::forget_marks;
use super::end::{intact_records, usage_of};

/// Drops what is left of keys that ended by a time. Their keys are unknown from then on.
#[derive(Debug)]
pub struct Prune {
    /// Keys that ended then or before.
    pub before: Timestamp,
}

impl Operation for Prune {
    /// What was dropped.
    type Outcome = Vec<KeySeq>;

    fn apply(&self, session: &mut Session<'_>) -> Result<Vec<KeySeq>, LedgerError> {
        let mut dropped = Vec::new();
        for record in intact_records(session)? {
            let Some(usage) = tolerating_damage(usage_of(session, record.seq))? else { continue };
            let kept = usage.ended.is_none_or(|ended| ended.at > self.before);
            // What is in flight below it comes back to it.
            if kept || !usage.is_at_rest() {
                continue;
            }
            session.delete(Table::KeyIndex, &record.lookup)?;
            session.delete(Table::KeyIds, &record.id)?;
            session.delete(Table::Keys, &record.seq)?;
            session.delete(Table::Usage, &record.seq)?;
            session.delete(Table::Kills, &record.seq)?;
            forget_marks(session, record.seq)?;
            session.delete(Table::Addresses, &record.seq)?;
            if let Some(minter) = record.minter {
                session.delete(Table::MinterKeys, &(minter, record.seq))?;
            }
            dropped.push(record.seq);
        }
        if !dropped.is_empty() {
            let count = u64::try_from(dropped.len()).unwrap_or(u64::MAX);
            session.event(&Event::new(EventKind::KeysPruned, session.now()).count(count))?;
        }
        Ok(dropped)
    }
}
