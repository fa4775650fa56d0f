//! The formats that a store can have, and how one of an older format is brought forward.
//!
//! Nothing reads or writes a store of another format than the newest, but for what it takes to
//! bring it forward: opening reads the header and the state, unlocking the slots. So every layout
//! that these three have had since the oldest format stays readable; the layouts of all other rows
//! are the steps' own affair.

use std::path::Path;

use crate::domain::clock::Reading;
use crate::domain::event::{Event, EventKind};
use crate::store::rows::{FORMAT, HEADER_KEY, Header, OLDEST, RowKey, from_bytes};
use crate::store::{self, Rows, RowsMut, Store, StoreError, Table, Verdict};
use crate::vault::OperatorKeys;

use super::book::Book;
use super::error::{LedgerError, Refusal};
use super::handle::Ledger;
use super::instance::alive_beside;
use super::session::{ClockPolicy, Session};

/// Makes the rows of one format those of the next, inside a transaction: it believes a row by its
/// MAC, and signs what it writes. The header is not its affair.
pub type Step = fn(&mut dyn RowsMut, &OperatorKeys) -> Result<(), LedgerError>;

/// The formats from the oldest on that can be brought forward, and what brings each to the next.
#[derive(Clone, Copy, Debug)]
pub struct Formats<'s> {
    /// The oldest.
    pub oldest: u32,
    /// The first is for the oldest; the last leads to [`FORMAT`].
    pub steps: &'s [Step],
}

impl Formats<'static> {
    /// Those of this program. Format 3 is the first that was promised, and the newest: no step is
    /// there yet.
    pub const KNOWN: Self = Self { oldest: OLDEST, steps: &[] };
}

impl<'s> Formats<'s> {
    /// What is to be done with a store of this format; nothing is known of others.
    fn steps_from(self, format: u32) -> Option<&'s [Step]> {
        let done = format.checked_sub(self.oldest)?;
        self.steps.get(usize::try_from(done).ok()?..)
    }
}

/// The store's header, which is read before anything else and without any key.
///
/// # Errors
/// Where there is none, or the format is not the newest.
pub fn header(rows: &dyn Rows) -> Result<Header, StoreError> {
    header_of(rows, |found| found == FORMAT)
}

/// The header of a store that may still have to be brought forward.
///
/// # Errors
/// Where there is none, or the format is none that this program knows.
pub(super) fn header_of_any(rows: &dyn Rows) -> Result<Header, StoreError> {
    header_of(rows, |found| Formats::KNOWN.steps_from(found).is_some())
}

fn header_of(rows: &dyn Rows, known: impl Fn(u32) -> bool) -> Result<Header, StoreError> {
    let bytes = header_bytes(rows)?;
    let found = format_of(&bytes);
    if !known(found) {
        return Err(StoreError::Format { found, supported: FORMAT });
    }
    let row = bytes.get(..bytes.len().saturating_sub(32)).unwrap_or_default();
    from_bytes(row).map_err(|malformed| StoreError::Damaged(malformed.to_string()))
}

fn header_bytes(rows: &dyn Rows) -> Result<Vec<u8>, StoreError> {
    rows.get(Table::Meta, &HEADER_KEY.to_key())?
        .ok_or_else(|| StoreError::Damaged("it has no header: it is no store of till".into()))
}

/// It comes first in the header, and its place never moves.
fn format_of(header: &[u8]) -> u32 {
    header.first_chunk::<4>().map_or(0, |format| u32::from_be_bytes(*format))
}

/// Brings an unlocked store forward, and says which format it had; nothing where it is the newest.
///
/// # Errors
/// As [`bring_forward_in`].
pub fn bring_forward(ledger: &Ledger, keys: &OperatorKeys) -> Result<Option<u32>, LedgerError> {
    let (store, locks) = (ledger.store(), ledger.locks());
    let brought = bring_forward_in(store, locks, keys, Formats::KNOWN, ledger.reading())?;
    Ok(brought.map(|Brought { from, generation }| {
        // The commit stands whether or not the anchor could be written.
        let _ = ledger.raise_anchor(generation);
        from
    }))
}

/// A store that was brought forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Brought {
    /// The format that it had.
    pub(super) from: u32,
    /// Its generation now: whoever puts the older file back is found out.
    pub(super) generation: u64,
}

/// Takes all steps in one transaction, with the new header and an event: all of it, or nothing. Of
/// several at once the first does it.
///
/// # Errors
/// Where the format is not known, a proxy of the older version runs, a row is not as it was
/// written, or the storage fails.
pub(super) fn bring_forward_in(
    store: &dyn Store,
    locks: Option<&Path>,
    keys: &OperatorKeys,
    formats: Formats<'_>,
    reading: Reading,
) -> Result<Option<Brought>, LedgerError> {
    // Hardly ever is there anything to do: no writer's turn is taken to find that.
    if store::view(store, header_bytes).map(|header| format_of(&header))? == FORMAT {
        return Ok(None);
    }
    let mut answer = Ok(None);
    store.transact(&mut |rows| match forward(rows, locks, keys, formats, reading) {
        Ok(brought) => {
            answer = Ok(brought);
            Ok(if brought.is_some() { Verdict::Commit } else { Verdict::Abort })
        }
        Err(LedgerError::Store(error)) => Err(error),
        Err(error) => {
            answer = Err(error);
            Ok(Verdict::Abort)
        }
    })?;
    answer
}

fn forward(
    rows: &mut dyn RowsMut,
    locks: Option<&Path>,
    keys: &OperatorKeys,
    formats: Formats<'_>,
    reading: Reading,
) -> Result<Option<Brought>, LedgerError> {
    let from = format_of(&header_bytes(rows)?);
    let Some(steps) = formats.steps_from(from) else {
        return Err(StoreError::Format { found: from, supported: FORMAT }.into());
    };
    if steps.is_empty() {
        return Ok(None);
    }
    // An older proxy could read nothing any more, nor settle what it has in flight.
    match locks.map_or(Ok(0), alive_beside).map_err(StoreError::Io)? {
        0 => {}
        alive => return Err(Refusal::ProxiesRun(alive).into()),
    }
    let book = Book::verified(keys.proxy.row_mac());
    let header = book
        .get::<Header>(rows, HEADER_KEY)?
        .ok_or_else(|| StoreError::Damaged("it has no header".into()))?;
    steps.iter().try_for_each(|step| step(rows, keys))?;
    book.put(rows, HEADER_KEY, &Header { format: FORMAT, ..header })?;
    let mut session = Session::begin(rows, &keys.proxy, reading, ClockPolicy::Accept)?;
    let raised = Event::new(EventKind::FormatRaised, session.now()).count(FORMAT.into());
    session.event(&raised.note(format!("from format {from}")))?;
    let generation = session.generation();
    session.finish()?;
    Ok(Some(Brought { from, generation }))
}
