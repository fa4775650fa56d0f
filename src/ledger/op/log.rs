//! What concerns the audit log itself: notes are folded in, unlocks are logged, what is kept is set.

use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{KeySeq, SlotId};
use crate::domain::retention::{Retention, Unlocks};
use crate::domain::time::Timestamp;
use crate::store::rows::{Note, NoteKind, RETENTION_KEY, UNLOCKS_KEY, from_bytes};
use crate::store::{Rows, Scan, StoreError, Table};

use super::super::book::Book;
use super::super::error::LedgerError;
use super::super::operation::Operation;
use super::super::retention::intact;
use super::super::session::{Session, scan_prefix};

/// The most notes that one transaction folds: the next one goes on.
const MOST: usize = 256;
/// The most events that one transaction of [`Trim`] drops.
const TRIMMED: u64 = 2_048;

/// Takes what was noted without an unlock into the log, in its order, as events that say of
/// themselves that they are not authenticated, and removes it from the notes.
#[derive(Debug)]
pub struct Fold;

/// What a fold did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Folded {
    /// How many notes it took in.
    pub notes: u64,
    /// Whether there are more.
    pub more: bool,
}

impl Fold {
    /// Whether there is anything to fold: a look without a transaction.
    ///
    /// # Errors
    /// Where the storage fails.
    pub fn is_due(rows: &dyn Rows) -> Result<bool, StoreError> {
        Ok(rows.len(Table::Notes)? > 0)
    }
}

impl Operation for Fold {
    type Outcome = Folded;

    fn apply(&self, session: &mut Session<'_>) -> Result<Folded, LedgerError> {
        let mut notes = Vec::new();
        scan_prefix(session.rows(), Table::Notes, &[], &mut |key, bytes| {
            notes.push((key.to_vec(), from_bytes::<Note>(bytes).ok()));
            Ok(if notes.len() > MOST { Scan::Stop } else { Scan::Continue })
        })?;
        let more = notes.len() > MOST;
        notes.truncate(MOST);
        for (key, note) in &notes {
            session.event(&event_of(note.as_ref(), session.now()))?;
            session.rows_mut().delete(Table::Notes, key)?;
        }
        Ok(Folded { notes: u64::try_from(notes.len()).unwrap_or(u64::MAX), more })
    }
}

/// The event that a note becomes. It may claim any time but one to come.
fn event_of(note: Option<&Note>, now: Timestamp) -> Event {
    let Some(note) = note else { return Event::new(EventKind::NoteUnreadable, now) };
    let kind = match note.kind {
        NoteKind::UnlockFailed => EventKind::UnlockFailed,
        NoteKind::KeyKilled => EventKind::KeyStopped,
    };
    let event = Event::new(kind, note.at.min(now));
    if note.key == KeySeq(0) { event } else { event.key(note.key) }
}

/// Logs that a slot unlocked the store, the first time in an hour.
#[derive(Debug)]
pub struct LogUnlock {
    /// Which.
    pub slot: SlotId,
}

impl LogUnlock {
    /// Whether it is to be logged: a look without a transaction. A row that was edited hides nothing
    /// from a book that verifies.
    ///
    /// # Errors
    /// Where the storage fails.
    pub fn is_due(
        &self,
        rows: &dyn Rows,
        book: Book<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let unlocks: Option<Unlocks> = intact(book.get(rows, UNLOCKS_KEY))?;
        Ok(unlocks.unwrap_or_default().is_due(self.slot, now))
    }
}

impl Operation for LogUnlock {
    type Outcome = ();

    fn apply(&self, session: &mut Session<'_>) -> Result<(), LedgerError> {
        let now = session.now();
        let mut unlocks: Unlocks = intact(session.get(UNLOCKS_KEY))?.unwrap_or_default();
        if !unlocks.is_due(self.slot, now) {
            return Ok(());
        }
        unlocks.logged(self.slot, now);
        session.put(UNLOCKS_KEY, &unlocks)?;
        Ok(session.event(&Event::new(EventKind::Unlocked, now).count(self.slot.0))?)
    }
}

/// Sets how much of the log is kept.
#[derive(Debug)]
pub struct SetRetention {
    /// What is kept from now on.
    pub retention: Retention,
}

impl Operation for SetRetention {
    type Outcome = ();

    fn apply(&self, session: &mut Session<'_>) -> Result<(), LedgerError> {
        let Retention { events, age } = self.retention;
        session.put(RETENTION_KEY, &self.retention)?;
        let changed = Event::new(EventKind::RetentionChanged, session.now()).count(events);
        let note =
            age.map_or_else(|| "of any age".to_owned(), |age| format!("not older than {age}"));
        Ok(session.event(&changed.note(note))?)
    }
}

/// Drops a good many of the events that are not to be kept.
#[derive(Debug)]
pub struct Trim;

impl Operation for Trim {
    type Outcome = ();

    fn apply(&self, session: &mut Session<'_>) -> Result<(), LedgerError> {
        session.may_drop(TRIMMED);
        Ok(())
    }
}
