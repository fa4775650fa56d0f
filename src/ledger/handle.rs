//! A store, opened to be looked at and changed by operations.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::warn;

use crate::domain::clock::{Reading, judge};
use crate::domain::ids::StoreId;
use crate::domain::time::Timestamp;
use crate::store::rows::{Header, STATE_KEY, State};
use crate::store::{self, Rows, Store, StoreError, Verdict};
use crate::vault::ProxyKeys;

use super::anchor::Anchor;
use super::book::Book;
use super::clock::Clock;
use super::error::LedgerError;
use super::format::{header, header_of_any};
use super::operation::Operation;
use super::session::{ClockPolicy, Session};

/// The most events that a store keeps which no other process sees: nobody will read them.
const EVENTS_ALONE: u64 = 256;

/// Where things lie beside the store, and how strict to be.
#[derive(Clone, Debug)]
pub struct Options {
    /// The directory of lock files that belong to the store.
    pub locks: PathBuf,
    /// The directory of the anchor.
    pub state_dir: PathBuf,
    /// What to do about a store that went back.
    pub rollback: Rollback,
}

/// What to do about a store that is older than what was seen of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rollback {
    /// Does not open it.
    Refuse,
    /// Takes it as it is from now on, as the operator said.
    Accept,
    /// Opens it, and changes nothing of what was seen: stopping keys is right in any store.
    Overlook,
}

/// Events that go at once where no space is left.
const DROPPED_FOR_ROOM: u64 = 1_024;

/// An opened store.
#[derive(Clone, Debug)]
pub struct Ledger {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    header: Header,
    /// None of a store that no other process sees: nothing of it lies outside.
    outside: Option<Outside>,
    /// The newest generation that this process knows of.
    seen: Arc<AtomicU64>,
}

/// What belongs to a store and lies outside of it.
#[derive(Clone, Debug)]
struct Outside {
    anchor: Anchor,
    locks: PathBuf,
}

impl Ledger {
    /// Opens a store: reads its header, and holds its generation against the anchor. One of an
    /// older format has to be brought forward before anything else is done with it.
    ///
    /// # Errors
    /// Where the storage fails, the format is none that is known, or the store went back.
    pub fn open(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        options: Options,
    ) -> Result<Self, LedgerError> {
        let header = store::view(&*store, header_of_any)?;
        let anchor = Anchor::of(&options.state_dir, header.store);
        let outside = Some(Outside { anchor: anchor.clone(), locks: options.locks });
        let ledger = Self { store, clock, header, outside, seen: Arc::default() };
        // The anchor first: what is read after it can only be newer.
        let expected = anchor.read().map_err(|error| anchor_error(&anchor, error))?;
        let state =
            store::view(&*ledger.store, |rows| Book::unverified().get::<State>(rows, STATE_KEY))?;
        let found = state.map_or(0, |state| state.next_event.0);
        if found < expected {
            match options.rollback {
                Rollback::Refuse => return Err(LedgerError::RolledBack { found, expected }),
                Rollback::Accept => {
                    anchor.reset(found).map_err(|error| anchor_error(&anchor, error))?;
                }
                Rollback::Overlook => {}
            }
        }
        ledger.seen.store(found, Ordering::Relaxed);
        Ok(ledger)
    }

    /// Opens a store that no other process sees, and that ends with this one: one in memory.
    ///
    /// # Errors
    /// Where it has no header.
    pub fn open_alone(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Result<Self, LedgerError> {
        let header = store::view(&*store, header)?;
        Ok(Self { store, clock, header, outside: None, seen: Arc::default() })
    }

    /// The store's identity.
    #[must_use]
    pub fn store_id(&self) -> StoreId {
        self.header.store
    }

    /// When the store was made.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        self.header.created_at
    }

    /// The directory of lock files that belong to the store; none where no other process sees it.
    #[must_use]
    pub fn locks(&self) -> Option<&Path> {
        self.outside.as_ref().map(|outside| &*outside.locks)
    }

    /// The generation that was seen of the store last; none where it has no anchor.
    ///
    /// # Errors
    /// Where the anchor is there and cannot be read.
    pub fn anchored(&self) -> Result<Option<u64>, LedgerError> {
        let Some(Outside { anchor, .. }) = &self.outside else { return Ok(None) };
        anchor.read().map(Some).map_err(|error| anchor_error(anchor, error))
    }

    /// The store itself.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// Both clocks, now.
    #[must_use]
    pub fn reading(&self) -> Reading {
        self.clock.read()
    }

    /// Looks at the newest rows, and the time they are to be judged at.
    ///
    /// # Errors
    /// Where the storage fails, the format is not the newest, and what `look` returns.
    pub fn view<T>(
        &self,
        mut look: impl FnMut(&dyn Rows, Timestamp) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let reading = self.reading();
        store::view(&*self.store, |rows| {
            header(rows)?;
            let remembered = Book::unverified().get::<State>(rows, STATE_KEY)?.map(|it| it.clock);
            // A clock that is distrusted ends nothing, here as in a transaction.
            let now = judge(remembered, reading)
                .unwrap_or_else(|_| remembered.map_or(reading.wall, |last| last.wall));
            look(rows, now)
        })
    }

    /// Applies one operation of the operator's, durably.
    ///
    /// # Errors
    /// Where the rules refuse it or the storage fails; then nothing of it was done.
    pub fn run<O: Operation>(&self, keys: &ProxyKeys, op: &O) -> Result<O::Outcome, LedgerError> {
        self.transact(keys, ClockPolicy::Accept, |session| op.apply(session))
    }

    /// Takes back what was seen of the store, as far as this is older: before a copy that had come so
    /// far gets its place. Where that does not come to pass, the next who opens it raises it again.
    ///
    /// # Errors
    /// Where the anchor cannot be written.
    pub fn lower_anchor(&self, state_dir: &Path, generation: u64) -> Result<(), LedgerError> {
        let anchor = Anchor::of(state_dir, self.store_id());
        anchor.lower(generation).map_err(|error| anchor_error(&anchor, error))
    }

    /// Runs `apply` in one transaction, durably, and raises the anchor.
    ///
    /// # Errors
    /// As [`Ledger::run`].
    pub fn transact<T>(
        &self,
        keys: &ProxyKeys,
        policy: ClockPolicy,
        apply: impl FnMut(&mut Session<'_>) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let (answer, generation) = self.commit(keys, policy, apply)?;
        // The commit stands whether or not the anchor could be written; a proxy warns of it.
        let _ = self.raise_anchor(generation);
        Ok(answer)
    }

    /// Runs `apply` in one transaction, durably; answers with the store's generation after it.
    ///
    /// # Errors
    /// As [`Ledger::run`].
    pub fn commit<T>(
        &self,
        keys: &ProxyKeys,
        policy: ClockPolicy,
        mut apply: impl FnMut(&mut Session<'_>) -> Result<T, LedgerError>,
    ) -> Result<(T, u64), LedgerError> {
        let reading = self.reading();
        let kept = if self.outside.is_some() { u64::MAX } else { EVENTS_ALONE };
        let mut answer = None;
        let mut attempt = |rows: &mut dyn store::RowsMut| {
            let session = Session::begin(rows, keys, reading, policy)?;
            self.refuse_older(session.generation())?;
            let mut session = session.keeping(kept);
            let value = apply(&mut session)?;
            let generation = session.generation();
            Ok((value, generation, session.finish()?))
        };
        let written = self.store.transact(&mut |rows| match attempt(rows) {
            Ok((value, generation, changed)) => {
                answer = Some(Ok((value, generation)));
                Ok(if changed { Verdict::Commit } else { Verdict::Abort })
            }
            Err(LedgerError::Store(error)) => Err(error),
            Err(error) => {
                answer = Some(Err(error));
                Ok(Verdict::Abort)
            }
        });
        if matches!(written, Err(StoreError::Full)) {
            self.make_room(keys, reading);
        }
        written?;
        if let Some(Ok((_, generation))) = &answer {
            self.seen.fetch_max(*generation, Ordering::Relaxed);
        }
        answer.unwrap_or_else(|| {
            Err(StoreError::Damaged("a transaction ended without an answer".into()).into())
        })
    }

    /// Refuses a store that went back since this process has seen it: an older copy that was written
    /// into the file itself, which is the same file still.
    fn refuse_older(&self, found: u64) -> Result<(), LedgerError> {
        let expected = self.seen.load(Ordering::Relaxed);
        if found < expected {
            return Err(LedgerError::RolledBack { found, expected });
        }
        Ok(())
    }

    /// On a full disk the count wins: old events go, so that what comes next finds room inside the
    /// store. What has just failed is not tried again here: it may be durable all the same.
    fn make_room(&self, keys: &ProxyKeys, reading: Reading) {
        let mut dropped = 0;
        let made = self.store.transact(&mut |rows| {
            let session = Session::begin(rows, keys, reading, ClockPolicy::Distrust);
            let Ok(mut session) = session else { return Ok(Verdict::Abort) };
            dropped = session.drop_for_room(DROPPED_FOR_ROOM);
            if dropped == 0 {
                return Ok(Verdict::Abort);
            }
            session.finish().map(|_| Verdict::Commit)
        });
        match made {
            Ok(()) if dropped > 0 => {
                warn!(events = dropped, "no space is left: the audit log's oldest events went");
            }
            Ok(()) => {}
            Err(failure) => warn!(%failure, "no space is left, and none could be made"),
        }
    }

    /// Remembers how far the store has come, outside the store; and how far others have seen it.
    ///
    /// # Errors
    /// Where the anchor cannot be written: commits stand all the same.
    pub fn raise_anchor(&self, generation: u64) -> Result<(), LedgerError> {
        let Some(Outside { anchor, .. }) = &self.outside else { return Ok(()) };
        let seen = anchor.raise(generation).map_err(|error| anchor_error(anchor, error))?;
        self.seen.fetch_max(seen, Ordering::Relaxed);
        Ok(())
    }
}

fn anchor_error(anchor: &Anchor, error: std::io::Error) -> LedgerError {
    LedgerError::Anchor { path: anchor.path().to_owned(), error }
}
