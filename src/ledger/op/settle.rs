//! The end of a request: its hold is replaced by what was used.

use std::collections::HashSet;

use crate::domain::event::{Event, EventKind};
use crate::domain::hold::Hold;
use crate::domain::ids::{HoldId, InstanceId, KeySeq};
use crate::domain::key::Usage;
use crate::domain::settlement::{Outcome, settle};
use crate::store::Table;
use crate::store::rows::{RowKey, key_number};

use super::super::error::{LedgerError, tolerating_damage};
use super::super::operation::Operation;
use super::super::session::Session;
use super::end::bury;
use super::record_cache::RecordCache;

/// Settles one hold. One that is settled already stays as it is, so that a settlement that comes
/// late, or twice, does nothing.
#[derive(Clone, Copy, Debug)]
pub struct Settle {
    /// Which.
    pub hold: HoldId,
    /// How its request ended.
    pub outcome: Outcome,
}

impl Operation for Settle {
    /// The key and its figures after it; none where the hold was settled before.
    type Outcome = Option<(KeySeq, Usage)>;

    fn apply(&self, session: &mut Session<'_>) -> Result<Self::Outcome, LedgerError> {
        self.apply_with(session, &mut RecordCache::default())
    }
}

impl Settle {
    /// The same, by a process that remembers: figures that went back must not become newer ones.
    ///
    /// # Errors
    /// As [`Operation::apply`].
    pub fn apply_with(
        &self,
        session: &mut Session<'_>,
        cache: &mut RecordCache,
    ) -> Result<Option<(KeySeq, Usage)>, LedgerError> {
        let Some(hold) = session.get::<Hold>(&self.hold)? else { return Ok(None) };
        let Some(usage) = session.get::<Usage>(&hold.key)? else { return Ok(None) };
        let record = cache.record(session, hold.key, &usage)?;
        let mut next = settle(&record, &usage, self.outcome, session.now());
        next.revision = usage.revision.next();
        session.delete(Table::Holds, &self.hold)?;
        session.put(&hold.key, &next)?;
        let settled = Event::new(EventKind::Settled, session.now())
            .key(hold.key)
            .by(self.hold.instance)
            .count(self.hold.number);
        session.event(&settled.note(word(self.outcome)))?;
        if usage.ended.is_none()
            && let Some(ended) = next.ended
        {
            bury(session, &record, ended.cause)?;
        }
        Ok(Some((hold.key, next)))
    }
}

/// Releases every hold of an instance that it knows nothing of: admissions of a commit that failed
/// and became durable all the same.
///
/// # Errors
/// Where the storage fails, or a row is not as it was written.
pub(crate) fn release_unknown(
    session: &mut Session<'_>,
    instance: InstanceId,
    known: &HashSet<u64>,
    cache: &mut RecordCache,
) -> Result<(), LedgerError> {
    for key in session.list_keys(Table::Holds, &instance.to_key())? {
        let number = key_number(&key, 1)?;
        if !known.contains(&number) {
            let hold = HoldId { instance, number };
            // One on a key whose rows were edited stays as it is.
            let settle = Settle { hold, outcome: Outcome::NotSent };
            tolerating_damage(settle.apply_with(session, cache))?;
        }
    }
    Ok(())
}

/// The outcome as the log writes it.
fn word(outcome: Outcome) -> String {
    match outcome {
        Outcome::NotSent => "not-sent".to_owned(),
        Outcome::Answered(status) => status.to_string(),
        Outcome::Unanswered => "unanswered".to_owned(),
        Outcome::Abandoned => "abandoned".to_owned(),
    }
}
