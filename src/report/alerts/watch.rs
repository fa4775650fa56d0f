//! Looking for what is to be told since the last look.

use std::collections::BTreeSet;
use std::ops::Bound;

use crate::domain::alert::{AlertCursor, Mark, Marked, Topic};
use crate::domain::alert_target::AlertTarget;
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{AlertId, EventSeq, KeySeq, MasterId, StoreId};
use crate::domain::key::KeyRecord;
use crate::domain::time::{Span, Timestamp};
use crate::ledger::Book;
use crate::ledger::op::{NewAlert, QueueAlerts};
use crate::store::rows::{ALERT_CURSOR_KEY, RowKey, from_bytes};
use crate::store::{Rows, Scan, StoreError, Table};

use super::super::log::head;
use super::draft::{Draft, called};
use super::targets::all_targets;
use super::{levels, tried};

/// Events that one look reads.
const PAGE: u64 = 4_096;
/// How often denials are looked at: they are written every few seconds at the most.
const DENIALS_APART: Span = Span::seconds(5);
/// Bytes of the link at the end of an event's row.
const LINK: usize = 32;

/// What a look has found.
#[derive(Debug, Default)]
pub(super) struct Finding {
    pub(super) marks: Vec<(Marked, Mark)>,
    pub(super) drafts: Vec<Draft>,
}

impl Finding {
    /// Something was told, now.
    pub(super) fn told(&mut self, marked: Marked, now: Timestamp) {
        self.marks.push((marked, Mark { at: now, ..Mark::default() }));
    }
}

/// Reads the store from look to look. What it remembers is a cache: a new one finds the same.
#[derive(Debug, Default)]
pub struct Watch {
    /// The cursor as the store has it, and how far it was read since without finding anything.
    read: Option<(AlertCursor, AlertCursor)>,
    denials_at: Option<Timestamp>,
}

impl Watch {
    /// What is to be queued; none where nothing has happened. `more` is set where there is more to
    /// read at once.
    ///
    /// # Errors
    /// Where the storage fails, or a row that decides is not as it was written.
    pub fn look(
        &mut self,
        rows: &dyn Rows,
        book: Book<'_>,
        store: StoreId,
        now: Timestamp,
    ) -> Result<Option<QueueAlerts>, StoreError> {
        if rows.len(Table::AlertTargets)? == 0 {
            *self = Self::default();
            return Ok(None);
        }
        let stored = book.get::<AlertCursor>(rows, ALERT_CURSOR_KEY)?;
        let stored = stored.ok_or_else(|| StoreError::Damaged("alerts have no cursor".into()))?;
        let mut cursor = match self.read {
            Some((known, read)) if known == stored => read,
            _ => stored,
        };
        let mut finding = Finding::default();
        events(rows, book, &mut cursor, now, &mut finding)?;
        let denials = self.denials(rows, book, now, &mut finding)?;
        pending(rows, book, &mut cursor, now, &mut finding)?;
        let alerts =
            numbered(&finding.drafts, &all_targets(rows, book)?, (store, now), &mut cursor);
        if denials {
            self.denials_at = Some(now);
        }
        let far = cursor.next_event.0.saturating_sub(stored.next_event.0) >= PAGE;
        if alerts.is_empty() && finding.marks.is_empty() && !far {
            self.read = Some((stored, cursor));
            return Ok(None);
        }
        Ok(Some(QueueAlerts { from: stored, to: cursor, marks: finding.marks, alerts }))
    }

    /// Reads from the store's own cursor at the next look: what was found was queued, or was not.
    pub fn forget(&mut self) {
        self.read = None;
    }

    fn denials(
        &self,
        rows: &dyn Rows,
        book: Book<'_>,
        now: Timestamp,
        finding: &mut Finding,
    ) -> Result<bool, StoreError> {
        let due = |at: Timestamp| now < at || now >= at.after(DENIALS_APART);
        if !self.denials_at.is_none_or(due) {
            return Ok(false);
        }
        let back = self.denials_at.map_or(tried::FIRST_LOOK, |_| tried::NEXT_LOOKS);
        let from = Timestamp(now.0.saturating_sub(back.0));
        tried::since(rows, book, from, now, finding)?;
        Ok(true)
    }
}

/// Reads a page of events, and what they have touched.
fn events(
    rows: &dyn Rows,
    book: Book<'_>,
    cursor: &mut AlertCursor,
    now: Timestamp,
    finding: &mut Finding,
) -> Result<(), StoreError> {
    let head = head(rows)?;
    // A store that was put back has fewer events than were read.
    let from = cursor.next_event.min(head.next);
    let missed = head.first.0.saturating_sub(from.0);
    if missed > 0 {
        let text = format!(
            "till: {missed} events were dropped from the log before they were read for alerts"
        );
        finding.drafts.push(Draft::new(None, "log.gap", text).with("count", missed));
    }
    let from = from.max(head.first);
    let to = EventSeq(from.0.saturating_add(PAGE)).min(head.next);
    cursor.next_event = to;
    if from == to {
        return Ok(());
    }
    let (mut keys, mut masters) = (BTreeSet::new(), BTreeSet::new());
    for event in page(rows, from, to)? {
        touch(&event, &mut keys, &mut masters);
        match event.kind {
            EventKind::UnlockFailed => {
                cursor.failed_unlocks = cursor.failed_unlocks.saturating_add(1);
            }
            EventKind::AdminRefused => {
                cursor.refused = cursor.refused.saturating_add(event.count);
            }
            EventKind::Spike => finding.drafts.push(spike(rows, book, &event)?),
            _ => {}
        }
    }
    with_parents(rows, book, &mut keys)?;
    levels::of_keys(rows, book, &keys, finding)?;
    levels::of_masters(rows, book, &masters, now, finding)
}

fn page(rows: &dyn Rows, from: EventSeq, to: EventSeq) -> Result<Vec<Event>, StoreError> {
    let (from, to) = (from.to_key(), to.to_key());
    let mut found = Vec::new();
    rows.scan(Table::Events, Bound::Included(&from), Bound::Excluded(&to), &mut |_, bytes| {
        let event = bytes.split_last_chunk::<LINK>().map(|(event, _)| from_bytes::<Event>(event));
        // What cannot be read, `till log verify` names.
        found.extend(event.and_then(Result::ok));
        Ok(Scan::Continue)
    })?;
    Ok(found)
}

/// The keys and master keys whose figures an event has moved.
fn touch(event: &Event, keys: &mut BTreeSet<KeySeq>, masters: &mut BTreeSet<MasterId>) {
    if matches!(
        event.kind,
        EventKind::Settled | EventKind::KeyEnded | EventKind::KeyEdited | EventKind::KeyReturned
    ) {
        keys.extend(event.key);
    }
    if matches!(event.kind, EventKind::Settled | EventKind::MasterLimited) {
        masters.extend(event.master);
    }
}

/// Adds the parents of keys that have ended, to which their figures returned.
fn with_parents(
    rows: &dyn Rows,
    book: Book<'_>,
    keys: &mut BTreeSet<KeySeq>,
) -> Result<(), StoreError> {
    for key in keys.clone() {
        let record = levels::intact::<KeyRecord>(rows, book, &key)?;
        keys.extend(record.and_then(|record| record.parent));
    }
    Ok(())
}

fn spike(rows: &dyn Rows, book: Book<'_>, event: &Event) -> Result<Draft, StoreError> {
    let record = match event.key {
        Some(key) => levels::intact::<KeyRecord>(rows, book, &key)?,
        None => None,
    };
    let whose = record.as_ref().map(|record| format!("{}: ", called(record))).unwrap_or_default();
    let text = format!("till: something unusual: {whose}{}", event.note);
    let draft = Draft::new(Some(Topic::Spike), "spike", text);
    let draft = draft.with("what", event.note.clone()).with("count", event.count);
    Ok(match record {
        Some(record) => draft.about(record),
        None => draft,
    })
}

/// What was counted, and may be told by now.
fn pending(
    rows: &dyn Rows,
    book: Book<'_>,
    cursor: &mut AlertCursor,
    now: Timestamp,
    finding: &mut Finding,
) -> Result<(), StoreError> {
    let topic = Topic::FailedUnlock;
    for (marked, count, kind, what) in [
        (
            Marked::FailedUnlocks,
            &mut cursor.failed_unlocks,
            "unlock.failed",
            "secrets that open the store in no way were tried",
        ),
        (
            Marked::Refused,
            &mut cursor.refused,
            "admin.refused",
            "credentials that the admin API refused were tried",
        ),
    ] {
        if *count < topic.row().threshold {
            continue;
        }
        let told = levels::intact::<Mark>(rows, book, &marked)?.map(|mark| mark.at);
        if topic.is_due(told, now) {
            let times = if *count == 1 { "once".to_owned() } else { format!("{count} times") };
            let text = format!("till: {what} {times}");
            finding.drafts.push(Draft::new(Some(topic), kind, text).with("count", *count));
            finding.told(marked, now);
            *count = 0;
        }
    }
    Ok(())
}

/// The messages that somebody wants, with their numbers.
fn numbered(
    drafts: &[Draft],
    targets: &[AlertTarget],
    (store, now): (StoreId, Timestamp),
    cursor: &mut AlertCursor,
) -> Vec<NewAlert> {
    let mut alerts = Vec::new();
    for draft in drafts {
        let wanting = targets.iter().filter(|one| one.wants(draft.topic, draft.key.as_ref()));
        let targets: Vec<_> = wanting.map(|target| target.id).collect();
        if targets.is_empty() {
            continue;
        }
        let id = AlertId(cursor.next_alert.max(1));
        cursor.next_alert = id.0.saturating_add(1);
        alerts.push(NewAlert { targets, alert: draft.numbered(store, id, now) });
    }
    alerts
}
