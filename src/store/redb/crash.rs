//! Power cuts and full disks at every sync and every write: what was acknowledged is there,
//! and nothing is half there.

#![expect(clippy::arithmetic_side_effects, reason = "small numbers, in tests")]

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard};

use ::redb::{BackendError, StorageBackend};

use super::{Access, Options, RedbStore, Source};
use crate::store::{Rows, RowsMut, Scan, Store, StoreError, Table, Verdict, view};

const TRANSACTIONS: u64 = 12;

#[derive(Clone, Debug)]
enum Write {
    At(u64, Vec<u8>),
    Len(u64),
}

/// A disk that keeps apart what was synced.
#[derive(Debug, Default)]
struct Disk {
    synced: Vec<u8>,
    pending: Vec<Write>,
    now: Vec<u8>,
    syncs: u64,
    writes: u64,
    /// At this sync the power goes, before anything reaches the medium.
    power_until_sync: Option<u64>,
    /// From this write on there is no room.
    room_until_write: Option<u64>,
}

impl Disk {
    fn is_off(&self) -> bool {
        self.power_until_sync.is_some_and(|last| self.syncs >= last)
    }

    fn checked(&self) -> io::Result<()> {
        if self.is_off() { Err(io::Error::other("no power")) } else { Ok(()) }
    }

    fn write(&mut self, write: Write) -> io::Result<()> {
        self.checked()?;
        self.writes += 1;
        if self.room_until_write.is_some_and(|last| self.writes >= last) {
            return Err(ErrorKind::StorageFull.into());
        }
        apply(&mut self.now, &write);
        self.pending.push(write);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.checked()?;
        self.syncs += 1;
        self.checked()?;
        self.synced.clone_from(&self.now);
        self.pending.clear();
        Ok(())
    }

    /// Turns the power on again. Of what was not synced, what `kept` says is there all the same.
    fn restart(&mut self, mut kept: impl FnMut() -> bool) {
        for write in std::mem::take(&mut self.pending) {
            if kept() {
                apply(&mut self.synced, &write);
            }
        }
        self.now.clone_from(&self.synced);
        self.power_until_sync = None;
    }
}

fn apply(bytes: &mut Vec<u8>, write: &Write) {
    match write {
        Write::Len(len) => bytes.resize(usize::try_from(*len).unwrap(), 0),
        Write::At(offset, data) => {
            let offset = usize::try_from(*offset).unwrap();
            let end = offset + data.len();
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            bytes[offset..end].copy_from_slice(data);
        }
    }
}

/// The disk, as one process at a time sees it: its locks are always free.
#[derive(Clone, Debug, Default)]
struct Machine(Arc<Mutex<Disk>>);

impl Machine {
    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap()
    }
}

impl Source for Machine {
    fn open(&self, _: Access) -> Result<Box<dyn StorageBackend>, StoreError> {
        Ok(Box::new(self.clone()))
    }
}

impl StorageBackend for Machine {
    fn len(&self) -> io::Result<u64> {
        let disk = self.disk();
        disk.checked()?;
        Ok(u64::try_from(disk.now.len()).unwrap())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let disk = self.disk();
        disk.checked()?;
        let rest = disk.now.get(usize::try_from(offset).unwrap()..);
        let data = rest.and_then(|rest| rest.get(..out.len()));
        out.copy_from_slice(data.ok_or(ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.disk().write(Write::Len(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk().sync()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.disk().write(Write::At(offset, data.to_vec()))
    }

    fn try_lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn try_lock_shared_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn unlock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn query_lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(false)
    }
}

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
    let before = machine.disk().syncs;
    machine.disk().power_until_sync = Some(before + sync);
    let running = store(&machine);
    let acknowledged = (1..=TRANSACTIONS).take_while(|n| transact(&running, *n).is_ok()).count();
    let acknowledged = u64::try_from(acknowledged).unwrap();
    drop(running);
    let was_cut = machine.disk().is_off();
    machine.disk().restart(kept);

    let restarted = store(&machine);
    let newest_now = view(&restarted, newest).unwrap();
    // The one that was under way may have made it.
    let possible = acknowledged..=acknowledged + u64::from(was_cut);
    assert!(possible.contains(&newest_now), "sync {sync}: {newest_now} of {acknowledged}");
    transact(&restarted, newest_now + 1).unwrap();
    assert_eq!(view(&restarted, newest).unwrap(), newest_now + 1);
    was_cut
}

/// Something like chance, the same in every run.
fn coin(mut seed: u64) -> impl FnMut() -> bool {
    move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        seed >> 63 == 1
    }
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
