//! Walking the chain: an event that was edited, removed, inserted or put elsewhere is found and
//! named.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::domain::event::Event;
use crate::domain::ids::EventSeq;
use crate::domain::retention::{Dropped, Retention};
use crate::ledger::{Book, number_of};
use crate::store::rows::{DROPPED_KEY, RETENTION_KEY, STATE_KEY, State, from_bytes};
use crate::store::{Rows, Scan, StoreError, Table};
use crate::vault::ProxyKeys;

use super::fault::Fault;

/// Bytes of the link at the end of an event's row.
const LINK: usize = 32;
/// Faults that are named at the most.
const MOST: usize = 20;
/// How far from its place an event is looked for that lies in another's.
const NEAR: u64 = 32;
/// How often progress is told of.
const STEP: u64 = 1_024;

/// What a walk found.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The oldest event that is kept.
    pub first: EventSeq,
    /// The store's generation.
    pub next: EventSeq,
    /// The link before the oldest event.
    pub tail: [u8; LINK],
    /// The newest event's link.
    pub head: [u8; LINK],
    /// How many of the events are not authenticated.
    pub unauthenticated: u64,
    /// What is known of dropped events.
    pub dropped: Option<Dropped>,
    /// The link of the event that was asked for, where it is kept.
    pub link: Option<[u8; LINK]>,
    /// What is wrong, the first [`MOST`] of it.
    pub faults: Vec<Fault>,
}

/// Walks the chain from the oldest event that is kept to the newest. `wanted` is an event whose
/// link is asked for; `progress` is told how many events were looked at.
///
/// # Errors
/// Where the storage fails, or the state row is not as it was written: then nothing can be said.
pub fn verify(
    rows: &dyn Rows,
    keys: &ProxyKeys,
    wanted: Option<EventSeq>,
    progress: &dyn Fn(u64),
) -> Result<Verified, StoreError> {
    let book = Book::verified(keys.row_mac());
    let state = book.get::<State>(rows, STATE_KEY)?;
    let state = state.ok_or_else(|| StoreError::Damaged("it has no state row".into()))?;
    let mut walk = Walk::new(rows, keys, state, wanted);
    let mut seen: u64 = 0;
    rows.scan(Table::Events, Bound::Unbounded, Bound::Unbounded, &mut |key, row| {
        walk.step(key, row)?;
        seen = seen.saturating_add(1);
        if seen.checked_rem(STEP) == Some(0) {
            progress(STEP);
        }
        Ok(Scan::Continue)
    })?;
    walk.end();
    match book.get::<Retention>(rows, RETENTION_KEY) {
        Err(StoreError::Damaged(_) | StoreError::Forged(_)) => {
            walk.fault(Fault::Row(RETENTION_KEY));
        }
        retention => drop(retention?),
    }
    let mut verified = walk.done;
    match book.get::<Dropped>(rows, DROPPED_KEY) {
        Ok(dropped) => verified.dropped = dropped,
        Err(StoreError::Damaged(_) | StoreError::Forged(_)) => {
            verified.faults.push(Fault::Row(DROPPED_KEY));
            return Ok(verified);
        }
        Err(failure) => return Err(failure),
    }
    let (begins, ends) = match &verified.dropped {
        Some(dropped) => (dropped.first.0, dropped.last.0),
        None => (1, 0),
    };
    let whole = u64::from(verified.first.0 > 1);
    let count = verified.dropped.as_ref().map_or(0, Dropped::count);
    if ends.saturating_add(1) != verified.first.0 || begins != 1 || (whole == 1 && count != ends) {
        verified.faults.push(Fault::Summary(verified.first));
    }
    Ok(verified)
}

/// A walk on its way.
struct Walk<'a> {
    rows: &'a dyn Rows,
    keys: &'a ProxyKeys,
    wanted: Option<EventSeq>,
    /// The link before the event that comes next; none after one that is missing.
    before: Option<[u8; LINK]>,
    expected: EventSeq,
    done: Verified,
}

impl<'a> Walk<'a> {
    fn new(
        rows: &'a dyn Rows,
        keys: &'a ProxyKeys,
        state: State,
        wanted: Option<EventSeq>,
    ) -> Self {
        let done = Verified {
            first: state.first_event,
            next: state.next_event,
            tail: state.chain_tail,
            head: state.chain_head,
            unauthenticated: 0,
            dropped: None,
            link: None,
            faults: Vec::new(),
        };
        let (before, expected) = (Some(state.chain_tail), state.first_event);
        Self { rows, keys, wanted, before, expected, done }
    }

    fn fault(&mut self, fault: Fault) {
        if self.done.faults.len() < MOST {
            self.done.faults.push(fault);
        }
    }

    fn step(&mut self, key: &[u8], row: &[u8]) -> Result<(), StoreError> {
        let (8, Ok(number)) = (key.len(), number_of(key)) else {
            self.fault(Fault::Foreign);
            return Ok(());
        };
        let seq = EventSeq(number);
        let (bytes, link) = match row.split_last_chunk::<LINK>() {
            Some((bytes, link)) => (bytes, *link),
            None => (row, [0; LINK]),
        };
        let event = from_bytes::<Event>(bytes).ok();
        let at = event.as_ref().map(|event| event.at);
        if seq < self.done.first || seq >= self.done.next {
            self.fault(Fault::Inserted(seq, at));
            return Ok(());
        }
        if seq > self.expected {
            self.fault(Fault::Missing(self.expected, EventSeq(number.saturating_sub(1))));
            self.before = None;
        }
        let chain = self.keys.chain();
        if let Some(before) = self.before
            && chain.link(&before, seq, bytes) != link
            && self.done.faults.len() < MOST
        {
            let fault = match self.origin(seq, bytes, &link)? {
                Some(origin) => Fault::Moved(seq, origin, at),
                None => Fault::Edited(seq, at),
            };
            self.fault(fault);
        }
        let marked = event.is_some_and(|event| !event.kind.is_authenticated());
        self.done.unauthenticated = self.done.unauthenticated.saturating_add(u64::from(marked));
        if self.wanted == Some(seq) {
            self.done.link = Some(link);
        }
        self.before = Some(link);
        self.expected = EventSeq(number.saturating_add(1));
        Ok(())
    }

    /// What is missing at the end, and whether the newest event is the one that the state knows.
    fn end(&mut self) {
        let last = EventSeq(self.done.next.0.saturating_sub(1));
        if self.expected < self.done.next {
            self.fault(Fault::Missing(self.expected, last));
        } else if self.before.is_some_and(|link| link != self.done.head) {
            self.fault(Fault::Head(last));
        }
    }

    /// The number that a row was written under which lies under another one not far from there.
    fn origin(
        &self,
        place: EventSeq,
        bytes: &[u8],
        link: &[u8; LINK],
    ) -> Result<Option<EventSeq>, StoreError> {
        let near = place.0.saturating_sub(NEAR).max(1)..place.0.saturating_add(NEAR);
        let mut links = BTreeMap::from([(0, self.done.tail)]);
        for number in near.clone() {
            let key = number.to_be_bytes();
            if let Some(row) = self.rows.get(Table::Events, &key)?
                && let Some(link) = row.last_chunk::<LINK>()
            {
                links.insert(number, *link);
            }
        }
        let chain = self.keys.chain();
        let mut elsewhere = near.filter(|number| *number != place.0);
        Ok(elsewhere.find_map(|number| {
            let seq = EventSeq(number);
            let fits = links.values().any(|before| chain.link(before, seq, bytes) == *link);
            fits.then_some(seq)
        }))
    }
}
