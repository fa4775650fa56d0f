//! Bringing a store of an older format forward, tried with formats that never were: in the one
//! before the newest a master key has no row for its caps.

use std::fs::Permissions;
use std::ops::Bound;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Barrier};
use std::thread;

use super::audit::verified_events;
use super::stage::Stage;
use crate::domain::event::EventKind;
use crate::domain::ids::Revision;
use crate::domain::master::Master;
use crate::domain::master_usage::MasterUsage;
use crate::ledger::format::{Brought, Formats, bring_forward, bring_forward_in};
use crate::ledger::unlock::slots;
use crate::ledger::{Book, LedgerError, Refusal, op, scan_prefix};
use crate::store::redb::machine::{Machine, coin};
use crate::store::redb::{Options, RedbStore};
use crate::store::rows::{FORMAT, HEADER_KEY, Header, OLDEST};
use crate::store::{RowsMut, Scan, Store, StoreError, Table, Verdict, view};
use crate::vault::OperatorKeys;

const BEFORE: u32 = FORMAT - 1;
const MADE_UP: Formats<'static> = Formats { oldest: BEFORE, steps: &[give_caps] };

fn give_caps(rows: &mut dyn RowsMut, keys: &OperatorKeys) -> Result<(), LedgerError> {
    let book = Book::verified(keys.proxy.row_mac());
    let mut masters = Vec::new();
    scan_prefix(rows, Table::Masters, &[], &mut |key, row| {
        masters.push(book.read::<Master>(key, row)?.id);
        Ok(Scan::Continue)
    })?;
    for master in masters {
        book.put(rows, &master, &MasterUsage { revision: Revision(1), caps: Vec::new() })?;
    }
    Ok(())
}

fn fail(_: &mut dyn RowsMut, _: &OperatorKeys) -> Result<(), LedgerError> {
    Err(Refusal::OpensNothing.into())
}

/// Makes the store one of a format that never was.
fn make_older(stage: &Stage, format: u32) {
    let store = stage.ledger.store();
    let book = Book::verified(stage.keys.row_mac());
    let write = &mut |rows: &mut dyn RowsMut| {
        let header = book.get::<Header>(rows, HEADER_KEY)?.unwrap();
        book.put(rows, HEADER_KEY, &Header { format, ..header })?;
        let mut caps = Vec::new();
        scan_prefix(rows, Table::MasterUsage, &[], &mut |key, _| {
            caps.push(key.to_vec());
            Ok(Scan::Continue)
        })?;
        assert!(!caps.is_empty());
        for key in caps {
            rows.delete(Table::MasterUsage, &key)?;
        }
        Ok(Verdict::Commit)
    };
    store.transact(write).unwrap();
}

type All = Vec<(Table, Vec<u8>, Vec<u8>)>;

/// Every row, of whatever format.
fn all(store: &dyn Store) -> All {
    view(store, |rows| {
        let mut all = All::new();
        for table in Table::ALL {
            rows.scan(table, Bound::Unbounded, Bound::Unbounded, &mut |key, row| {
                all.push((table, key.to_vec(), row.to_vec()));
                Ok(Scan::Continue)
            })?;
        }
        Ok(all)
    })
    .unwrap()
}

fn brought(
    stage: &Stage,
    store: &dyn Store,
    formats: Formats<'_>,
) -> Result<Option<Brought>, LedgerError> {
    let locks = stage.ledger.locks();
    bring_forward_in(store, locks, &stage.operator, formats, stage.ledger.reading())
}

fn is_of_another_format<T>(outcome: Result<T, impl Into<LedgerError>>) -> bool {
    let refused = outcome.map_err(Into::into).err();
    matches!(
        refused,
        Some(LedgerError::Store(StoreError::Format { found: BEFORE, supported: FORMAT }))
    )
}

#[test]
fn the_steps_lead_from_the_oldest_format_to_the_newest() {
    let steps = u32::try_from(Formats::KNOWN.steps.len()).unwrap();
    assert_eq!((Formats::KNOWN.oldest, OLDEST + steps), (OLDEST, FORMAT));
}

#[test]
fn an_older_format_is_brought_forward_and_touched_by_nothing_else() {
    let stage = Stage::new();
    let key = stage.mint_limited(3).record.seq;
    make_older(&stage, BEFORE);
    let store = stage.ledger.store();
    let before = all(store);
    let generation = verified(&stage).len();
    let now = stage.clock_now();
    assert!(is_of_another_format(stage.ledger.view(|_, _| Ok(()))));
    assert!(is_of_another_format(stage.admit(key, 1, 1)));
    assert!(is_of_another_format(stage.run(&op::Sweep)));
    assert!(is_of_another_format(op::kill(store, &[key], now)));
    assert!(is_of_another_format(op::kill_all(store, now)));
    assert!(is_of_another_format(op::note_failed_unlock(store, now)));
    // None that this program knows.
    assert!(is_of_another_format(bring_forward(&stage.ledger, &stage.operator)));
    assert_eq!(all(store), before);
    // Enough can be read to unlock it.
    assert_eq!(slots(&stage.ledger).unwrap().len(), 1);

    let done = brought(&stage, store, MADE_UP).unwrap().unwrap();
    assert_eq!(done.from, BEFORE);
    assert_eq!(brought(&stage, store, MADE_UP).unwrap(), None);
    stage.admit(key, 1, 1).unwrap().unwrap();
    let events = verified(&stage);
    assert_eq!(events[generation].kind, EventKind::FormatRaised);
    assert_eq!(events[generation].note, format!("from format {BEFORE}"));
    assert_eq!(done.generation, u64::try_from(generation).unwrap() + 2);
}

fn verified(stage: &Stage) -> Vec<crate::domain::event::Event> {
    // Past the ledger, which reads no older format.
    let book = Book::verified(stage.keys.row_mac());
    let mut events = Vec::new();
    let store = stage.ledger.store();
    let header = view(store, |rows| book.get::<Header>(rows, HEADER_KEY)).unwrap().unwrap();
    if header.format == FORMAT {
        return verified_events(stage, &stage.keys).unwrap();
    }
    view(store, |rows| {
        scan_prefix(rows, Table::Events, &[], &mut |key, row| {
            events.push(Book::unverified().read(key, row)?);
            Ok(Scan::Continue)
        })
    })
    .unwrap();
    events
}

#[test]
fn what_fails_on_the_way_changes_nothing() {
    let stage = Stage::new();
    make_older(&stage, BEFORE);
    let store = stage.ledger.store();
    let before = all(store);
    let failing = Formats { oldest: BEFORE, steps: &[fail] };
    let refused = brought(&stage, store, failing).unwrap_err();
    assert!(matches!(refused, LedgerError::Refused(Refusal::OpensNothing)));
    assert_eq!(all(store), before);
    // A header that was edited, so that a step is taken twice or left out.
    let mut header = before.iter().find(|(_, key, _)| key == b"header").unwrap().2.clone();
    header[3] -= 1;
    stage.overwrite(Table::Meta, b"header", &header);
    let before = all(store);
    let edited = Formats { oldest: BEFORE - 1, steps: &[give_caps, give_caps] };
    let refused = brought(&stage, store, edited).unwrap_err();
    assert!(matches!(refused, LedgerError::Store(StoreError::Forged(_))), "{refused}");
    assert_eq!(all(store), before);
}

#[test]
fn only_the_steps_that_are_still_to_be_taken_are() {
    let stage = Stage::new();
    make_older(&stage, BEFORE);
    let formats = Formats { oldest: BEFORE - 1, steps: &[fail, give_caps] };
    assert!(brought(&stage, stage.ledger.store(), formats).unwrap().is_some());
    // The two after each other, on one that is a format older.
    let stage = Stage::new();
    make_older(&stage, BEFORE - 1);
    let formats = Formats { oldest: BEFORE - 1, steps: &[give_caps, give_caps] };
    let done = brought(&stage, stage.ledger.store(), formats).unwrap().unwrap();
    assert_eq!(done.from, BEFORE - 1);
    stage.admit(stage.mint_limited(1).record.seq, 1, 1).unwrap().unwrap();
}

#[tokio::test]
async fn beside_a_running_proxy_nothing_is_brought_forward() {
    let stage = Stage::new();
    let (forwarding, running) = stage.forwarding();
    let whole = all(stage.ledger.store());
    make_older(&stage, BEFORE);
    let before = all(stage.ledger.store());
    let refused = brought(&stage, stage.ledger.store(), MADE_UP).unwrap_err();
    assert!(matches!(refused, LedgerError::Refused(Refusal::ProxiesRun(1))), "{refused}");
    assert_eq!(all(stage.ledger.store()), before);
    for (table, key, row) in whole {
        stage.overwrite(table, &key, &row);
    }
    forwarding.stop(running).await.unwrap();
    make_older(&stage, BEFORE);
    assert!(brought(&stage, stage.ledger.store(), MADE_UP).unwrap().is_some());
}

/// Cuts the power at the sync, and says whether there was one to cut it at.
fn cut_at(older: &Machine, stage: &Stage, sync: u64, kept: impl FnMut() -> bool) -> bool {
    let machine = older.restarted(|| true);
    let open =
        |machine: &Machine| RedbStore::with_source(Arc::new(machine.clone()), Options::default());
    let before = all(&open(&machine.restarted(|| true)));
    machine.cut_at(sync);
    let done = brought(stage, &open(&machine), MADE_UP);
    let was_cut = machine.is_off();
    assert!(was_cut || done.is_ok(), "sync {sync}: {done:?}");

    let restarted = open(&machine.restarted(kept));
    let after = all(&restarted);
    let again = brought(stage, &restarted, MADE_UP).unwrap();
    // All of it was done or nothing; what was said to be done was.
    assert_eq!(again.is_some(), after == before, "sync {sync}");
    assert!(done.is_err() || again.is_none(), "sync {sync}");
    assert_ne!(all(&restarted), before);
    assert_eq!(brought(stage, &restarted, MADE_UP).unwrap(), None);
    was_cut
}

#[test]
fn a_power_cut_at_any_sync_brings_all_of_it_forward_or_nothing() {
    let machine = Machine::default();
    let stage = Stage::made_by(|init| {
        RedbStore::initialise(&machine, init).unwrap();
        Arc::new(RedbStore::with_source(Arc::new(machine.clone()), Options::default()))
    });
    make_older(&stage, BEFORE);
    let syncs = (1..100).take_while(|sync| cut_at(&machine, &stage, *sync, || false)).count();
    assert!(syncs > 1, "only {syncs} syncs were cut");
    for sync in 1..=u64::try_from(syncs).unwrap() {
        assert!(cut_at(&machine, &stage, sync, || true));
        for seed in 0..4 {
            assert!(cut_at(&machine, &stage, sync, coin(sync * 31 + seed)));
        }
    }
}

#[test]
fn of_many_at_once_one_brings_it_forward() {
    const MANY: usize = 6;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).unwrap();
    let path = folder.path().join("till.redb");
    let stage = Stage::made_by(|init| Arc::new(RedbStore::create(&path, init).unwrap()));
    make_older(&stage, BEFORE);
    let begin = Barrier::new(MANY);
    let done: Vec<_> = thread::scope(|threads| {
        let each = || {
            // A handle of its own, as in another process.
            let store = RedbStore::open(&path, Options::default()).unwrap();
            begin.wait();
            brought(&stage, &store, MADE_UP).unwrap()
        };
        let all: Vec<_> = (0..MANY).map(|_| threads.spawn(each)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(done.iter().flatten().count(), 1, "{done:?}");
    let events = verified_events(&stage, &stage.keys).unwrap();
    assert_eq!(events.iter().filter(|event| event.kind == EventKind::FormatRaised).count(), 1);
}
