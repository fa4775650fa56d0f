//! The sums of hours, held against the events that are still kept.

use std::collections::BTreeMap;

use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{KeySeq, MasterId};
use crate::domain::rollup::{Rollup, RollupKey};
use crate::domain::settlement::Outcome;
use crate::ledger::{Book, MAX_ROLLUPS, scan_prefix};
use crate::store::rows::{STATE_KEY, State, from_bytes, rollup_key};
use crate::store::{Rows, Scan, StoreError, Table};

use super::damaged;

/// Bytes of the chain's link at the end of an event.
const LINK_LEN: usize = 32;

/// Hour, key and master key.
type About = (u64, KeySeq, MasterId);

/// What was compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The first hour of which every event is kept.
    pub from: u64,
    /// Requests that stand in events, from that hour on.
    pub requests: u64,
    /// The first difference.
    pub differs: Option<Difference>,
}

/// An hour of a key and a master key whose sums are not those of its events. Both without
/// activations, which no event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The hour.
    pub hour: u64,
    /// The key: its public id, where it is still known.
    pub key: KeySeq,
    /// The master key.
    pub master: MasterId,
    /// What the sums say.
    pub sums: Rollup,
    /// What the events say.
    pub events: Rollup,
}

/// Holds the sums of hours against the events, from the first hour of which all are kept. Models
/// are added up: beyond a number of them in an hour they are counted together.
///
/// # Errors
/// Where the storage fails, or a row is not as it was written.
pub fn verify_usage(rows: &dyn Rows, book: Book<'_>) -> Result<Verified, StoreError> {
    let mut from: u64 = 0;
    let state = book.get::<State>(rows, STATE_KEY)?;
    let complete = state.is_some_and(|state| state.first_event.0 <= 1);
    let mut both: BTreeMap<About, (Rollup, Rollup)> = BTreeMap::new();
    let mut begun = complete;
    scan_prefix(rows, Table::Events, &[], &mut |_, bytes| {
        let row = bytes.get(..bytes.len().saturating_sub(LINK_LEN)).unwrap_or_default();
        let event: Event = from_bytes(row).map_err(damaged)?;
        if !begun {
            begun = true;
            from = RollupKey::hour_of(event.at).saturating_add(1);
        }
        if let Some((about, row)) = of_event(&event) {
            both.entry(about).or_default().1.merge(&row);
        }
        Ok(Scan::Continue)
    })?;
    let full = rows.len(Table::Rollups)? >= MAX_ROLLUPS;
    let mut first = true;
    scan_prefix(rows, Table::Rollups, &[], &mut |key, bytes| {
        let about = rollup_key(key).map_err(damaged)?;
        if std::mem::take(&mut first) && full {
            from = from.max(about.hour.saturating_add(1));
        }
        let row: Rollup = book.read(key, bytes)?;
        // A year of hours that no kept event is of need not be held.
        if about.hour < from {
            return Ok(Scan::Continue);
        }
        let place = (about.hour, about.key, about.master);
        both.entry(place).or_default().0.merge(&Rollup { activations: 0, ..row });
        Ok(Scan::Continue)
    })?;
    both.retain(|(hour, ..), _| *hour >= from);
    let requests = both.values().map(|(_, events)| events.sent).fold(0, u64::saturating_add);
    let differs = both.into_iter().find(|(_, (sums, events))| sums != events);
    let differs = differs.map(|((hour, key, master), (sums, events))| Difference {
        hour,
        key,
        master,
        sums,
        events,
    });
    Ok(Verified { from, requests, differs })
}

/// What one event adds, and to what; none where it is no request that was sent.
fn of_event(event: &Event) -> Option<(About, Rollup)> {
    if event.kind != EventKind::Settled {
        return None;
    }
    let (facts, key, master) = (event.facts.as_ref()?, event.key?, event.master?);
    let outcome = match event.note.parse() {
        Ok(status) => Outcome::Answered(status),
        Err(_) if event.note == "abandoned" => Outcome::Abandoned,
        Err(_) => Outcome::Unanswered,
    };
    let mut row = Rollup::default();
    row.count(outcome, false, &event.charge.unwrap_or_default(), facts);
    Some(((RollupKey::hour_of(event.at), key, master), row))
}
