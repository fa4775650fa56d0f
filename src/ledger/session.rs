//! One transaction, with what every operation needs: verified rows, the time, the audit chain.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::domain::clock::{Reading, Suspect, judge};
use crate::domain::event::Event;
use crate::domain::ids::{EventSeq, StoreId};
use crate::domain::retention::MIN_EVENTS;
use crate::domain::rollup::{Rollup, RollupKey};
use crate::domain::time::{Span, Timestamp};
use crate::store::rows::{HEADER_KEY, Header, Row, RowKey, STATE_KEY, State, key_number, to_bytes};
use crate::store::{Each, Rows, RowsMut, Scan, StoreError, Table};
use crate::vault::ProxyKeys;

use super::book::Book;
use super::error::LedgerError;
use super::format::header;
use super::retention::{self, Limits};
use super::sums;

/// How many events are dropped in one transaction, beside as many as it adds, so that no request
/// waits for a clean-up.
const MAX_DROPPED: u64 = 64;
/// How old the remembered clock reading may grow before a commit renews it.
const CLOCK_STALE: Span = Span::seconds(1);

/// An open transaction.
pub struct Session<'t> {
    rows: &'t mut dyn RowsMut,
    keys: &'t ProxyKeys,
    store: StoreId,
    state: State,
    reading: Reading,
    now: Timestamp,
    suspect: Option<Span>,
    /// How many events are kept at the most, whatever the store says.
    events: u64,
    /// How many may be dropped.
    droppable: u64,
    /// What is to be added to the sums of hours, once for all of the transaction.
    sums: BTreeMap<RollupKey, Rollup>,
    changed: bool,
}

impl std::fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("now", &self.now).finish_non_exhaustive()
    }
}

/// What a session does with a wall clock that cannot be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockPolicy {
    /// Goes by the time that was remembered, and admits nothing. For the forwarder.
    Distrust,
    /// Takes it as the time from now on. For the operator, who has unlocked the store.
    Accept,
}

impl<'t> Session<'t> {
    /// Begins on the newest rows.
    ///
    /// # Errors
    /// Where the store is damaged or of another format.
    pub fn begin(
        rows: &'t mut dyn RowsMut,
        keys: &'t ProxyKeys,
        reading: Reading,
        policy: ClockPolicy,
    ) -> Result<Self, LedgerError> {
        // The format first: the MAC says nothing of a layout that is not known.
        header(rows)?;
        let book = Book::verified(keys.row_mac());
        let header = book
            .get::<Header>(rows, HEADER_KEY)?
            .ok_or_else(|| StoreError::Damaged("it has no header".into()))?;
        let state = book
            .get::<State>(rows, STATE_KEY)?
            .ok_or_else(|| StoreError::Damaged("it has no state row".into()))?;
        let (now, suspect) = match judge(Some(state.clock), reading) {
            Ok(now) => (now, None),
            Err(_) if policy == ClockPolicy::Accept => (reading.wall, None),
            Err(Suspect(ahead)) => (state.clock.wall, Some(ahead)),
        };
        Ok(Self {
            rows,
            keys,
            store: header.store,
            state,
            reading,
            now,
            suspect,
            events: u64::MAX,
            droppable: MAX_DROPPED,
            sums: BTreeMap::new(),
            changed: false,
        })
    }

    /// The same, in a store that keeps only so many events, whatever it says.
    #[must_use]
    pub fn keeping(mut self, events: u64) -> Self {
        self.events = events;
        self
    }

    /// The time that decisions of this transaction are made at.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// How far the wall clock is ahead of what can be, where it is distrusted.
    #[must_use]
    pub fn clock_ahead(&self) -> Option<Span> {
        self.suspect
    }

    /// Whether something was written.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        self.changed
    }

    /// The store's identity.
    #[must_use]
    pub fn store(&self) -> StoreId {
        self.store
    }

    /// The keys that the store was unlocked with.
    #[must_use]
    pub fn keys(&self) -> &'t ProxyKeys {
        self.keys
    }

    /// The figures that number everything.
    pub fn state_mut(&mut self) -> &mut State {
        self.changed = true;
        &mut self.state
    }

    /// How far the store has come: it grows with everything that is worth an event.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.state.next_event.0
    }

    /// The bare rows, for what carries no MAC.
    #[must_use]
    pub fn rows(&self) -> &dyn Rows {
        self.rows
    }

    /// The bare rows, for what carries no MAC.
    pub fn rows_mut(&mut self) -> &mut dyn RowsMut {
        self.changed = true;
        self.rows
    }

    /// A verified row.
    ///
    /// # Errors
    /// Where the storage fails, or the row is not as it was written.
    pub fn get<R: Row>(&self, key: &(impl RowKey + ?Sized)) -> Result<Option<R>, StoreError> {
        self.book().get(self.rows, key)
    }

    /// Writes a row with its MAC.
    ///
    /// # Errors
    /// Where the storage fails.
    pub fn put<R: Row>(&mut self, key: &(impl RowKey + ?Sized), row: &R) -> Result<(), StoreError> {
        self.changed = true;
        self.book().put(self.rows, key, row)
    }

    /// Removes a row.
    ///
    /// # Errors
    /// Where the storage fails.
    pub fn delete(
        &mut self,
        table: Table,
        key: &(impl RowKey + ?Sized),
    ) -> Result<bool, StoreError> {
        self.changed = true;
        self.rows.delete(table, &key.to_key())
    }

    /// Every row of a table whose key begins with `prefix`, verified, with its key.
    ///
    /// # Errors
    /// Where the storage fails, or a row is not as it was written.
    pub fn list<R: Row>(&self, prefix: &[u8]) -> Result<Vec<(Vec<u8>, R)>, StoreError> {
        let mut found = Vec::new();
        let book = self.book();
        scan_prefix(self.rows, R::TABLE, prefix, &mut |key, bytes| {
            found.push((key.to_vec(), book.read(key, bytes)?));
            Ok(Scan::Continue)
        })?;
        Ok(found)
    }

    /// The same without those that are not as they were written, where one must not stop the others.
    ///
    /// # Errors
    /// Where the storage fails.
    pub fn list_intact<R: Row>(&self, prefix: &[u8]) -> Result<Vec<(Vec<u8>, R)>, StoreError> {
        let mut found = Vec::new();
        let book = self.book();
        scan_prefix(self.rows, R::TABLE, prefix, &mut |key, bytes| {
            found.extend(book.read(key, bytes).ok().map(|row| (key.to_vec(), row)));
            Ok(Scan::Continue)
        })?;
        Ok(found)
    }

    /// The keys of a table's rows that begin with `prefix`.
    ///
    /// # Errors
    /// Where the storage fails.
    pub fn list_keys(&self, table: Table, prefix: &[u8]) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut found = Vec::new();
        scan_prefix(self.rows, table, prefix, &mut |key, _| {
            found.push(key.to_vec());
            Ok(Scan::Continue)
        })?;
        Ok(found)
    }

    /// Appends an event to the audit log: its row carries the link that chains it to the one
    /// before.
    ///
    /// # Errors
    /// Where the storage fails.
    pub fn event(&mut self, event: &Event) -> Result<(), StoreError> {
        let seq = self.state.next_event;
        let mut bytes = to_bytes(event);
        let link = self.keys.chain().link(&self.state.chain_head, seq, &bytes);
        bytes.extend_from_slice(&link);
        self.rows.put(Table::Events, &seq.to_key(), &bytes)?;
        self.state.chain_head = link;
        self.state.next_event = EventSeq(seq.0.saturating_add(1));
        self.droppable = self.droppable.saturating_add(1);
        self.changed = true;
        Ok(())
    }

    /// Lets this transaction drop so many old events, where there are more than are to be kept.
    pub fn may_drop(&mut self, events: u64) {
        self.droppable = self.droppable.max(events);
        self.changed = true;
    }

    /// Drops so many of the oldest events in this transaction, but leaves the fewest that a store
    /// keeps; says how many go.
    pub fn drop_for_room(&mut self, events: u64) -> u64 {
        let kept = self.state.next_event.0.saturating_sub(self.state.first_event.0);
        let going = events.min(kept.saturating_sub(MIN_EVENTS));
        self.events = kept.saturating_sub(going);
        self.may_drop(going);
        going
    }

    /// Adds to the sums of an hour.
    pub fn sum(&mut self, about: RollupKey, add: impl FnOnce(&mut Rollup)) {
        add(self.sums.entry(about).or_default());
        self.changed = true;
    }

    /// Ends the session: writes the state where something changed, and says whether it did.
    ///
    /// # Errors
    /// Where the storage fails.
    pub fn finish(mut self) -> Result<bool, StoreError> {
        if !self.changed {
            return Ok(false);
        }
        self.drop_old_events()?;
        let book = self.book();
        sums::write(self.rows, book, &self.sums)?;
        let clock = self.state.clock;
        let stale = clock.wall.after(CLOCK_STALE) <= self.now;
        let other_boot = clock.boot_id != self.reading.boot_id;
        if self.suspect.is_none() && (stale || other_boot || self.now < clock.wall) {
            self.state.clock = Reading { wall: self.now, ..self.reading };
        }
        self.book().put(self.rows, STATE_KEY, &self.state)?;
        Ok(true)
    }

    fn book(&self) -> Book<'t> {
        Book::verified(self.keys.row_mac())
    }

    fn drop_old_events(&mut self) -> Result<(), StoreError> {
        let limits = Limits { events: self.events, drop: self.droppable, now: self.now };
        let book = self.book();
        retention::drop_old(self.rows, book, &mut self.state, limits)
    }
}

/// Calls `each` with the rows whose keys begin with `prefix`.
///
/// # Errors
/// Where the storage fails, and what `each` returns.
pub fn scan_prefix(
    rows: &dyn Rows,
    table: Table,
    prefix: &[u8],
    each: &mut Each<'_>,
) -> Result<(), StoreError> {
    rows.scan(table, Bound::Included(prefix), Bound::Unbounded, &mut |key, bytes| {
        if key.starts_with(prefix) { each(key, bytes) } else { Ok(Scan::Stop) }
    })
}

/// The number that a row key of one 64-bit number stands for.
///
/// # Errors
/// Where the key is no such number.
pub fn number_of(key: &[u8]) -> Result<u64, StoreError> {
    key_number(key, 0).map_err(|malformed| StoreError::Damaged(malformed.to_string()))
}
