//! The rows of keys against what the audit log says of them: an old row put back, with the MAC
//! that it had, is as it was written, and is found here.
//!
//! A key is held against the log where that still has everything since the key was minted.

use std::collections::BTreeMap;

use crate::domain::cost::Cost;
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{KeyId, KeySeq, Revision};
use crate::domain::key::{KeyRecord, Usage};
use crate::domain::limits::Counting;
use crate::domain::settlement::{Outcome, counts};
use crate::store::rows::{from_bytes, key_number};
use crate::store::{StoreError, Table};

use super::finding::{Found, Remedy};
use super::look::{Look, Seen};
use super::removed::Removed;

/// Bytes of the chain's link at the end of an event.
const LINK: usize = 32;

/// What the log tells of a key.
#[derive(Clone, Copy, Default)]
struct Told {
    /// Activations, where what was sent counts, and where what was answered does.
    sent: u64,
    counted: u64,
    /// Activations that came back from keys below it.
    returned: u64,
    attempts: u64,
    answered: u64,
    cost: Cost,
    edits: u64,
    ended: bool,
    /// Something that it used is not told of.
    partly: bool,
}

/// Reads the log, and holds the keys that were minted in it against it.
pub(super) fn check(look: &Look<'_>, found: &mut Found) -> Result<(), StoreError> {
    let mut told: BTreeMap<KeySeq, Told> = BTreeMap::new();
    let mut removed = Removed::default();
    // What a key used that was dropped since went to one that is not known.
    let mut unknown = false;
    look.each(found, Table::Events, "the log", &mut |_, _, bytes| {
        let row = bytes.get(..bytes.len().saturating_sub(LINK)).unwrap_or_default();
        let Ok(event) = from_bytes::<Event>(row) else { return Ok(()) };
        removed.take(&event);
        match (event.kind, event.key) {
            // It ends every key at once, and says so of none.
            (EventKind::Rekeyed, _) => told.clear(),
            (EventKind::KeyMinted, Some(seq)) => drop(told.insert(seq, Told::default())),
            (EventKind::KeyReturned, Some(seq)) => {
                let child = told.get(&seq).copied();
                match parent_of(look, &event)? {
                    Some(parent) => {
                        if let Some(parent) = told.get_mut(&parent) {
                            parent.take_in(child, event.count);
                        }
                    }
                    None => unknown = true,
                }
            }
            (_, Some(seq)) => {
                if let Some(told) = told.get_mut(&seq) {
                    told.take(&event);
                }
            }
            (_, None) => {}
        }
        Ok(())
    })?;
    removed.hold_against(look, found)?;
    for (seq, told) in told {
        let record = look.seen::<KeyRecord>(&seq)?;
        match (record, look.seen::<Usage>(&seq)?) {
            (Seen::Row(record), Seen::Row(usage)) => {
                told.hold_against(&record, &usage, unknown, found);
            }
            // One that has ended can have been pruned.
            (Seen::Missing, Seen::Missing) if !told.ended => {
                let what = "the log says that the key was minted and has not ended, and it is gone";
                found.add(Table::Keys, &seq.to_string(), what, Remedy::Restore);
            }
            _ => {}
        }
    }
    Ok(())
}

/// The key that a child's figures went to.
fn parent_of(look: &Look<'_>, event: &Event) -> Result<Option<KeySeq>, StoreError> {
    let id = event.note.strip_prefix("to ").and_then(|id| id.parse::<KeyId>().ok());
    let Some(id) = id else { return Ok(None) };
    let row = look.rows.get(Table::KeyIds, id.as_bytes())?;
    Ok(row.and_then(|row| key_number(&row, 0).ok()).map(KeySeq))
}

impl Told {
    fn take(&mut self, event: &Event) {
        let one = |count: &mut u64, more: bool| *count = count.saturating_add(u64::from(more));
        match event.kind {
            EventKind::KeyEdited => one(&mut self.edits, true),
            EventKind::KeyEnded => self.ended = true,
            EventKind::Settled => {
                let outcome = outcome(&event.note);
                let sent = outcome != Outcome::NotSent;
                one(&mut self.attempts, sent);
                one(&mut self.answered, matches!(outcome, Outcome::Answered(200..=399)));
                one(&mut self.sent, sent && counts(Counting::Sent, outcome));
                one(&mut self.counted, sent && counts(Counting::Answered, outcome));
                self.cost = self.cost.plus(event.charge.unwrap_or_default().cost);
            }
            _ => {}
        }
    }

    /// What a child used, which had returned everything of its own children by then.
    fn take_in(&mut self, child: Option<Self>, used: u64) {
        self.returned = self.returned.saturating_add(used);
        let Some(child) = child else {
            self.partly = true;
            return;
        };
        self.partly |= child.partly;
        self.attempts = self.attempts.saturating_add(child.attempts);
        self.answered = self.answered.saturating_add(child.answered);
        self.cost = self.cost.plus(child.cost);
    }

    fn hold_against(&self, record: &KeyRecord, usage: &Usage, unknown: bool, found: &mut Found) {
        let row = format!("{} ({})", record.seq, record.id);
        let mut add = |table, what: String| found.add(table, &row, what, Remedy::Evidence);
        if self.ended != usage.ended.is_some() {
            let (says, log) =
                if self.ended { ("lives", "has ended") } else { ("has ended", "lives") };
            let what = format!("it says that the key {says}; the log, that it {log}: {OLD}");
            add(Table::Usage, what);
        }
        if record.revision != Revision(self.edits.saturating_add(1)) {
            let times = self.edits;
            let what = format!(
                "it is of revision {}; the log says that it was edited {times} times: {OLD}",
                record.revision
            );
            add(Table::Keys, what);
        }
        if self.partly || (unknown && self.returned > 0) {
            return;
        }
        let own = match record.limits.counting {
            Counting::Sent => self.sent,
            Counting::Answered => self.counted,
        };
        let used = self.returned.saturating_add(own);
        // An edit can change what uses an activation up.
        let pairs = [
            ("activations", usage.used, if self.edits == 0 { used } else { usage.used }),
            ("requests", usage.attempts, self.attempts),
            ("answers", usage.answered, self.answered),
            ("input tokens", usage.cost.input, self.cost.input),
            ("output tokens", usage.cost.output, self.cost.output),
            ("picodollars", usage.cost.spend.0, self.cost.spend.0),
        ];
        for (of, says, log) in pairs {
            if says != log {
                add(Table::Usage, format!("it says {says} {of}; the log, {log}: {OLD}"));
            }
        }
    }
}

/// What most probably happened.
const OLD: &str = "an older row was put in its place, or the log was cut";

/// How a request ended, as the log writes it.
fn outcome(note: &str) -> Outcome {
    match (note, note.parse()) {
        (_, Ok(status)) => Outcome::Answered(status),
        ("not-sent", _) => Outcome::NotSent,
        ("abandoned", _) => Outcome::Abandoned,
        _ => Outcome::Unanswered,
    }
}
