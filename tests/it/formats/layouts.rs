//! Rows, byte by byte: what was written is read, what is written today is what was written then,
//! and a layout that is not known is refused. So two versions of till can share a store.

use std::path::Path;

use till::domain::alert::{AlertCursor, Mark};
use till::domain::alert_target::{AlertTarget, WaitingAlert};
use till::domain::event::Event;
use till::domain::hold::{Hold, Instance};
use till::domain::key::{KeyRecord, Usage};
use till::domain::master::{Brought, Master};
use till::domain::master_usage::MasterUsage;
use till::domain::minter::Minter;
use till::domain::provider_row::ProviderRow;
use till::domain::retention::{Dropped, Retention, Unlocks};
use till::domain::rollup::Rollup;
use till::domain::sealed::Sealed;
use till::domain::slot::Slot;
use till::domain::spike::{Addresses, Unusual};
use till::domain::totals::MinterUsage;
use till::store::Table;
use till::store::rows::{
    ALERT_CURSOR_KEY, DROPPED_KEY, DenialCount, HEADER_KEY, Header, Note, RETENTION_KEY, Row,
    STATE_KEY, State, UNLOCKS_KEY, from_bytes, to_bytes,
};

use super::old::Old;
use crate::support::rows::rows;

/// Bytes of a MAC, or of a link of the log.
const TAG: usize = 32;

#[test]
fn rows_are_written_as_they_were() {
    let old = Old::of(3);
    let store = old.home.store();
    signed::<Slot>(store);
    signed::<Master>(store);
    signed::<MasterUsage>(store);
    signed::<Brought>(store);
    signed::<ProviderRow>(store);
    signed::<Minter>(store);
    signed::<MinterUsage>(store);
    signed::<KeyRecord>(store);
    signed::<Usage>(store);
    signed::<Instance>(store);
    signed::<Hold>(store);
    signed::<Rollup>(store);
    signed::<Unusual>(store);
    signed::<Addresses>(store);
    signed::<AlertTarget>(store);
    signed::<WaitingAlert>(store);
    signed::<Mark>(store);
    signed::<Event>(store);
    all_of::<Sealed>(store, Table::Grants, 0);
    all_of::<DenialCount>(store, Table::Denials, 0);
    all_of::<Note>(store, Table::Notes, 0);
    all_of::<Note>(store, Table::Kills, 0);
    let meta = rows(store, Table::Meta.name());
    let named = |name: &str| {
        let row = meta.iter().find(|(key, _)| key == name.as_bytes());
        let row = &row.unwrap_or_else(|| panic!("no {name}")).1;
        row[..row.len() - TAG].to_vec()
    };
    same::<State>(&named(STATE_KEY), STATE_KEY);
    same::<Retention>(&named(RETENTION_KEY), RETENTION_KEY);
    same::<Dropped>(&named(DROPPED_KEY), DROPPED_KEY);
    same::<Unlocks>(&named(UNLOCKS_KEY), UNLOCKS_KEY);
    same::<AlertCursor>(&named(ALERT_CURSOR_KEY), ALERT_CURSOR_KEY);
    // The header has the format of the whole store in that place.
    let header = named(HEADER_KEY);
    assert_eq!(to_bytes(&from_bytes::<Header>(&header).unwrap()), header);
    assert_eq!(header[..4], [0, 0, 0, 3]);
}

fn signed<R: Row>(store: &Path) {
    all_of::<R>(store, R::TABLE, TAG);
}

#[track_caller]
fn all_of<R: Row>(store: &Path, table: Table, tag: usize) {
    let rows = rows(store, table.name());
    assert!(!rows.is_empty(), "{}", table.name());
    for (_, row) in rows {
        same::<R>(&row[..row.len() - tag], table.name());
    }
}

/// It is read, and written again as it was; of another version it is refused.
#[track_caller]
fn same<R: Row>(row: &[u8], place: &str) {
    let read = from_bytes::<R>(row).unwrap_or_else(|bad| panic!("{place}: {bad}"));
    assert_eq!(to_bytes(&read), row, "{place}");
    assert_eq!(row[0], 1, "{place}");
    for version in [0, 2, 255] {
        let mut other = row.to_vec();
        other[0] = version;
        assert!(from_bytes::<R>(&other).is_err(), "{place}: version {version} is read");
    }
}
