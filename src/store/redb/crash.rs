//! Power cuts and full disks at every sync and every write: what was acknowledged is there,
//! and nothing is half there.

#![expect(clippy::arithmetic_side_effects, reason = "small numbers, in tests")]

mod torn;

use std::collections::HashMap;
use std::ops::Bound;
use std::sync::Arc;

use super::machine::{Machine, coin};
use super::{Options, RedbStore};
use crate::store::{Rows, RowsMut, Scan, Store, StoreError, Table, Verdict, view};

const TRANSACTIONS: u64 = 12;

type Model = HashMap<(Table, Vec<u8>), Vec<u8>>;

/// What transaction `n` writes: counts, grows, writes over and deletes, in several tables.
fn script(n: u64) -> Vec<(Table, Vec<u8>, Option<Vec<u8>>)> {
    let text = |n: u64, size| vec![u8::try_from(n % 251).unwrap(); size];
    let mut steps = vec![(Table::Meta, b"n".to_vec(), Some(n.to_be_bytes().to_vec()))];
    for i in 0..=n % 5 {
        steps.push((Table::Usage, vec![u8::try_from(i).unwrap()], Some(text(n, 60))));
    }
    steps.push((Table::Events, n.to_be_bytes().to_vec(), Some(text(n, 3000))));
    if n > 3 {
        steps.push((Table::Events, (n - 3).to_be_bytes().to_vec(), None));
    }
    steps
}

fn model(after: u64) -> Model {
    let mut model = Model::new();
    for (table, key, row) in (1..=after).flat_map(script) {
        match row {
            Some(row) => drop(model.insert((table, key), row)),
            None => drop(model.remove(&(table, key))),
        }
    }
    model
}

fn transact(store: &RedbStore, n: u64) -> Result<(), StoreError> {
    store.transact(&mut |rows: &mut dyn RowsMut| {
        for (table, key, row) in script(n) {
            match row {
                Some(row) => rows.put(table, &key, &row)?,
                None => drop(rows.delete(table, &key)?),
            }
        }
        Ok(Verdict::Commit)
    })
}

/// The number of the newest transaction, all of whose rows are there, and no others.
fn newest(rows: &dyn Rows) -> Result<u64, StoreError> {
    let row = rows.get(Table::Meta, b"n")?;
    let newest = row.map_or(0, |row| u64::from_be_bytes(row.try_into().unwrap()));
    let mut seen = Model::new();
    for table in Table::ALL {
        rows.scan(table, Bound::Unbounded, Bound::Unbounded, &mut |key, row| {
            seen.insert((table, key.to_vec()), row.to_vec());
            Ok(Scan::Continue)
        })?;
    }
    assert_eq!(seen, model(newest));
    Ok(newest)
}

fn machine() -> Machine {
    let machine = Machine::default();
    RedbStore::initialise(&machine, &mut |_| Ok(())).unwrap();
    machine
}

fn store(machine: &Machine) -> RedbStore {
    RedbStore::with_source(Arc::new(machine.clone()), Options::default())
}

/// Cuts the power at the sync, and says whether there was one to cut it at.
fn cut_at(sync: u64, kept: impl FnMut() -> bool) -> bool {
    let machine = machine();
    machine.cut_at(sync);
    let running = store(&machine);
    let acknowledged = (1..=TRANSACTIONS).take_while(|n| transact(&running, *n).is_ok()).count();
    let acknowledged = u64::try_from(acknowledged).unwrap();
    drop(running);
    let was_cut = machine.is_off();

    let restarted = store(&machine.restarted(kept));
    let newest_now = view(&restarted, newest).unwrap();
    // The one that was under way may have made it.
    let possible = acknowledged..=acknowledged + u64::from(was_cut);
    assert!(possible.contains(&newest_now), "sync {sync}: {newest_now} of {acknowledged}");
    transact(&restarted, newest_now + 1).unwrap();
    assert_eq!(view(&restarted, newest).unwrap(), newest_now + 1);
    was_cut
}

#[test]
fn a_power_cut_at_any_sync_loses_nothing_acknowledged() {
    let syncs = (1..1000).take_while(|sync| cut_at(*sync, || false)).count();
    assert!(syncs > 20, "only {syncs} syncs were cut");
    for sync in 1..=u64::try_from(syncs).unwrap() {
        assert!(cut_at(sync, || true));
        for seed in 0..4 {
            assert!(cut_at(sync, coin(sync * 31 + seed)));
        }
    }
}

#[test]
fn a_full_disk_is_said_and_survived() {
    for room in 1_u64.. {
        let machine = machine();
        let before = machine.disk().writes;
        machine.disk().room_until_write = Some(before + room);
        let store = store(&machine);
        let mut failed = None;
        let mut acknowledged = 0;
        for n in 1..=TRANSACTIONS {
            match transact(&store, n) {
                Ok(()) => acknowledged = n,
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        let Some(error) = failed else { break };
        assert!(matches!(error, StoreError::Full), "write {room}: {error:?}");
        // Still full: no state is made up meanwhile.
        assert!(transact(&store, acknowledged + 1).is_err());
        machine.disk().room_until_write = None;
        let newest_now = view(&store, newest).unwrap();
        assert!((acknowledged..=acknowledged + 1).contains(&newest_now));
        transact(&store, newest_now + 1).unwrap();
        assert_eq!(view(&store, newest).unwrap(), newest_now + 1);
    }
}

#[test]
fn a_transaction_without_changes_costs_no_sync() {
    let machine = machine();
    let store = store(&machine);
    transact(&store, 1).unwrap();
    let before = machine.disk().syncs;
    let look = |rows: &mut dyn RowsMut| {
        assert!(rows.get(Table::Meta, b"n")?.is_some());
        assert!(!rows.delete(Table::Notes, b"none")?);
        Ok(Verdict::Commit)
    };
    store.transact(&mut { look }).unwrap();
    assert_eq!(machine.disk().syncs, before);
}

#[test]
fn a_storage_that_lost_its_content_is_not_initialised_anew() {
    let machine = Machine::default();
    let store = store(&machine);
    assert!(matches!(view(&store, newest), Err(StoreError::Damaged(_))));
    assert!(matches!(transact(&store, 1), Err(StoreError::Damaged(_))));
    assert_eq!(machine.disk().writes, 0);
}

/// Transactions until one fails with an error of the device; what was acknowledged is there when
/// it answers again.
fn with_a_device_that_fails(fail: impl Fn(&Machine), mend: impl Fn(&Machine)) -> bool {
    let machine = machine();
    fail(&machine);
    let store = store(&machine);
    let acknowledged = (1..=TRANSACTIONS).take_while(|n| transact(&store, *n).is_ok()).count();
    let acknowledged = u64::try_from(acknowledged).unwrap();
    mend(&machine);
    let newest_now = view(&store, newest).unwrap();
    let failed = acknowledged < TRANSACTIONS;
    let possible = acknowledged..=acknowledged + u64::from(failed);
    assert!(possible.contains(&newest_now), "{newest_now} of {acknowledged}");
    transact(&store, newest_now + 1).unwrap();
    assert_eq!(view(&store, newest).unwrap(), newest_now + 1);
    let restarted = self::store(&machine.restarted(|| false));
    assert_eq!(view(&restarted, newest).unwrap(), newest_now + 1, "after a power cut");
    failed
}

#[test]
fn a_sync_that_fails_loses_nothing_acknowledged() {
    let failed = (1..1000).take_while(|sync| {
        with_a_device_that_fails(
            |machine| {
                let mut disk = machine.disk();
                disk.fails_at_sync = Some(disk.syncs + sync);
            },
            |machine| machine.disk().fails_at_sync = None,
        )
    });
    assert!(failed.count() > 20);
}

#[test]
fn a_file_system_that_becomes_read_only_loses_nothing_acknowledged() {
    let failed = (1..1000).take_while(|write| {
        with_a_device_that_fails(
            |machine| {
                let mut disk = machine.disk();
                disk.read_only_from_write = Some(disk.writes + write);
            },
            |machine| machine.disk().read_only_from_write = None,
        )
    });
    assert!(failed.count() > 20);
}

/// A copy is put in its place when it was made without an error: one that the power cut off was
/// not, whichever sync it was at, and one that was is whole after the next cut.
#[test]
fn a_copy_is_whole_before_it_has_its_name() {
    let from = machine();
    let running = store(&from);
    (1..=TRANSACTIONS).for_each(|n| transact(&running, n).unwrap());
    for sync in 1_u64.. {
        let copy = Machine::default();
        copy.cut_at(sync);
        let made = view(&running, |rows| {
            RedbStore::initialise(&copy, &mut |to| crate::store::copy(rows, to, &|_| {}).map(drop))
        });
        assert_eq!(made.is_err(), copy.is_off(), "sync {sync}: {made:?}");
        if made.is_ok() {
            let restarted = store(&copy.restarted(|| false));
            assert_eq!(view(&restarted, newest).unwrap(), TRANSACTIONS);
            assert!(sync > 2, "only {sync} syncs");
            break;
        }
    }
}

#[test]
fn the_pages_of_a_whole_store_are_as_they_were_written() {
    let machine = machine();
    let running = store(&machine);
    (1..=TRANSACTIONS).for_each(|n| transact(&running, n).unwrap());
    let check =
        |store: &RedbStore| store.check_pages_in(&|| Ok(Arc::new(Machine::default())), &|_| {});
    check(&running).unwrap();
    drop(running);
    check(&store(&machine)).unwrap();
    // Left by a writer that was killed.
    check(&store(&machine.restarted(|| false))).unwrap();
}
