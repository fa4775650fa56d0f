//! Each row by itself: its key, its layout, its MAC.

use crate::domain::alert::{AlertCursor, Mark};
use crate::domain::alert_target::{AlertTarget, WaitingAlert};
use crate::domain::event::Event;
use crate::domain::hold::{Hold, Instance};
use crate::domain::key::{KeyRecord, Usage};
use crate::domain::master::{Brought, Master};
use crate::domain::master_usage::MasterUsage;
use crate::domain::minter::Minter;
use crate::domain::provider_row::ProviderRow;
use crate::domain::retention::{Dropped, Retention, Unlocks};
use crate::domain::rollup::Rollup;
use crate::domain::sealed::Sealed;
use crate::domain::slot::Slot;
use crate::domain::spike::{Addresses, Unusual};
use crate::domain::totals::MinterUsage;
use crate::ledger::Book;
use crate::store::rows::{
    ALERT_CURSOR_KEY, DROPPED_KEY, DenialCount, HEADER_KEY, Header, Note, RETENTION_KEY, Row,
    STATE_KEY, State, UNLOCKS_KEY, from_bytes, key_number, rollup_key, unusual_key,
};
use crate::store::{StoreError, Table};

use super::finding::{Found, Remedy};

/// Bytes of a number, of a digest and of a link.
const NUMBER: usize = 8;
const DIGEST: usize = 32;

/// Checks one row.
pub(super) fn check(book: Book<'_>, table: Table, key: &[u8], bytes: &[u8], found: &mut Found) {
    let Err(error) = row(book, table, key, bytes) else { return };
    let remedy = match table {
        Table::Keys | Table::Usage | Table::Grants | Table::KeyIndex => Remedy::Key,
        Table::Events => Remedy::Evidence,
        Table::Notes
        | Table::Denials
        | Table::Rollups
        | Table::Unusual
        | Table::Addresses
        | Table::AlertLevels => Remedy::Figures,
        _ => Remedy::Restore,
    };
    found.add(table, &shown(table, key), error.to_string(), remedy);
}

/// The row's key, as a person reads it.
pub(super) fn shown(table: Table, key: &[u8]) -> String {
    match table {
        Table::Meta | Table::Providers | Table::KeyIds => String::from_utf8_lossy(key).into_owned(),
        Table::BroughtIndex | Table::MinterIndex | Table::KeyIndex => {
            let digits = key.iter().take(NUMBER).map(|byte| format!("{byte:02x}"));
            format!("{}…", digits.collect::<String>())
        }
        _ => {
            let parts = key.len().checked_div(NUMBER).unwrap_or_default().min(3);
            let numbers = (0..parts).filter_map(|part| key_number(key, part).ok());
            numbers.map(|number| number.to_string()).collect::<Vec<_>>().join("/")
        }
    }
}

fn row(book: Book<'_>, table: Table, key: &[u8], bytes: &[u8]) -> Result<(), StoreError> {
    let own = |id: u64| same(key, id);
    match table {
        Table::Meta => meta(book, key, bytes),
        Table::Slots => own(book.read::<Slot>(key, bytes)?.id.0),
        Table::Masters => own(book.read::<Master>(key, bytes)?.id.0),
        Table::MasterUsage => book.read::<MasterUsage>(key, bytes).and_then(|_| of(key, NUMBER)),
        Table::Brought => book.read::<Brought>(key, bytes).and_then(|_| of(key, NUMBER)),
        Table::Providers => {
            let row = book.read::<ProviderRow>(key, bytes)?;
            if row.name.as_bytes() == key { Ok(()) } else { Err(elsewhere()) }
        }
        Table::Minters => own(book.read::<Minter>(key, bytes)?.id.0),
        Table::MinterUsage => book.read::<MinterUsage>(key, bytes).and_then(|_| of(key, NUMBER)),
        Table::Keys => own(book.read::<KeyRecord>(key, bytes)?.seq.0),
        Table::Usage => book.read::<Usage>(key, bytes).and_then(|_| of(key, NUMBER)),
        Table::Instances => own(book.read::<Instance>(key, bytes)?.id.0),
        Table::Holds => book.read::<Hold>(key, bytes).and_then(|_| of(key, 2 * NUMBER)),
        Table::Rollups => {
            rollup_key(key).map_err(|bad| damaged(&bad))?;
            book.read::<Rollup>(key, bytes).map(drop)
        }
        Table::Unusual => {
            unusual_key(key).map_err(|bad| damaged(&bad))?;
            book.read::<Unusual>(key, bytes).map(drop)
        }
        Table::Addresses => book.read::<Addresses>(key, bytes).and_then(|_| of(key, NUMBER)),
        Table::AlertTargets => book.read::<AlertTarget>(key, bytes).and_then(|_| of(key, NUMBER)),
        Table::Alerts => book.read::<WaitingAlert>(key, bytes).and_then(|_| of(key, 2 * NUMBER)),
        Table::AlertLevels => book.read::<Mark>(key, bytes).map(drop),
        Table::Events => {
            let parts = bytes.split_last_chunk::<DIGEST>();
            let (event, _) = parts.ok_or_else(|| damaged(&"it is cut short"))?;
            plain::<Event>(event).and_then(|()| of(key, NUMBER))
        }
        Table::Grants => plain::<Sealed>(bytes).and_then(|()| of(key, 2 * NUMBER)),
        Table::Kills | Table::Notes => plain::<Note>(bytes).and_then(|()| of(key, NUMBER)),
        Table::Denials => plain::<DenialCount>(bytes).and_then(|()| of(key, 3 * NUMBER)),
        Table::KeyIndex | Table::BroughtIndex | Table::MinterIndex => {
            of(key, DIGEST).and_then(|()| of(bytes, NUMBER))
        }
        Table::KeyIds => of(key, 12).and_then(|()| of(bytes, NUMBER)),
        Table::MinterKeys | Table::Expiries | Table::Children => {
            of(key, 2 * NUMBER).and_then(|()| of(bytes, 0))
        }
        Table::UsedTokens => {
            of(key, NUMBER + DIGEST)?;
            if bytes.is_empty() { Ok(()) } else { of(bytes, NUMBER) }
        }
    }
}

fn meta(book: Book<'_>, key: &[u8], bytes: &[u8]) -> Result<(), StoreError> {
    let is = |name: &str| key == name.as_bytes();
    if is(HEADER_KEY) {
        book.read::<Header>(key, bytes).map(drop)
    } else if is(STATE_KEY) {
        book.read::<State>(key, bytes).map(drop)
    } else if is(RETENTION_KEY) {
        book.read::<Retention>(key, bytes).map(drop)
    } else if is(DROPPED_KEY) {
        book.read::<Dropped>(key, bytes).map(drop)
    } else if is(UNLOCKS_KEY) {
        book.read::<Unlocks>(key, bytes).map(drop)
    } else if is(ALERT_CURSOR_KEY) {
        book.read::<AlertCursor>(key, bytes).map(drop)
    } else {
        Err(damaged(&"no row has this name"))
    }
}

/// A row without a MAC.
fn plain<R: Row>(bytes: &[u8]) -> Result<(), StoreError> {
    from_bytes::<R>(bytes).map(drop).map_err(|bad| damaged(&bad))
}

fn of(bytes: &[u8], len: usize) -> Result<(), StoreError> {
    if bytes.len() == len { Ok(()) } else { Err(damaged(&"it is too long or too short")) }
}

fn same(key: &[u8], id: u64) -> Result<(), StoreError> {
    if key == id.to_be_bytes() { Ok(()) } else { Err(elsewhere()) }
}

fn elsewhere() -> StoreError {
    damaged(&"it lies under another key than its own")
}

fn damaged(what: &impl std::fmt::Display) -> StoreError {
    StoreError::Damaged(what.to_string())
}
