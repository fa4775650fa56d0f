//! Any single edit, removal, swap, insertion and cut of the log is found and named.

#![expect(clippy::arithmetic_side_effects, reason = "small numbers, in tests")]

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::domain::clock::Reading;
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{EventSeq, SlotId, StoreId};
use crate::domain::retention::Retention;
use crate::domain::sealed::{NONCE_LEN, Sealed};
use crate::domain::slot::{Slot, SlotKind};
use crate::domain::time::{Span, Timestamp};
use crate::ledger::op::{SetRetention, Trim, create};
use crate::ledger::{Clock, Ledger, Options, Rollback};
use crate::store::memory::MemoryStore;
use crate::store::rows::RowKey;
use crate::store::{RowsMut, Store, StoreError, Table, Verdict};
use crate::vault::{ProxyKeys, RootKey};

const STORE: StoreId = StoreId([7; 16]);

/// A clock that stands still.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn read(&self) -> Reading {
        Reading { wall: Timestamp(1_800_000_000_000), boot: Span(5_000), boot_id: 1 }
    }
}

/// Opens it, though it may have gone back.
fn open(store: &Arc<MemoryStore>, dir: &std::path::Path) -> Ledger {
    let options = Options {
        locks: dir.join("locks"),
        state_dir: dir.join("state"),
        rollback: Rollback::Accept,
    };
    Ledger::open(Arc::<MemoryStore>::clone(store), Arc::new(Still), options).unwrap()
}

/// A store with a log.
struct Log {
    ledger: Ledger,
    keys: ProxyKeys,
    store: Arc<MemoryStore>,
    dir: tempfile::TempDir,
}

impl Log {
    /// A store with so many events, the first of which says that it was made.
    fn of(events: u64) -> Self {
        let keys = RootKey::random().unwrap().proxy_keys();
        let store = MemoryStore::new();
        let slot = Slot {
            id: SlotId(1),
            kind: SlotKind::KeyFile,
            kdf: None,
            root: Sealed { nonce: [0; NONCE_LEN], ciphertext: vec![0; 48] },
            name: String::new(),
            created_at: Timestamp(0),
        };
        let first = |rows: &mut dyn RowsMut| create(rows, &keys, STORE, &slot, Still.read());
        store.transact(&mut |rows| first(rows).map(|()| Verdict::Commit)).unwrap();
        let (store, dir) = (Arc::new(store), tempfile::tempdir().unwrap());
        let ledger = open(&store, dir.path());
        let log = Self { ledger, keys, store, dir };
        log.append(events - 1);
        log
    }

    /// The same, taken as it is by a process that has not seen it before.
    fn reopened(self) -> Self {
        Self { ledger: open(&self.store, self.dir.path()), ..self }
    }

    fn append(&self, events: u64) {
        let policy = crate::ledger::ClockPolicy::Accept;
        let append = |session: &mut crate::ledger::Session<'_>| {
            for number in 0..events {
                let event = Event::new(EventKind::KeyEdited, Still.read().wall).count(number);
                session.event(&event)?;
            }
            Ok(())
        };
        self.ledger.transact(&self.keys, policy, append).unwrap();
    }

    fn verified(&self, wanted: Option<EventSeq>) -> Verified {
        self.ledger.view(|rows, _| verify(rows, &self.keys, wanted, &|_| {})).unwrap()
    }

    fn faults(&self) -> Vec<Fault> {
        self.verified(None).faults
    }

    fn row(&self, seq: u64) -> Vec<u8> {
        let row = self.ledger.view(|rows, _| rows.get(Table::Events, &seq.to_key()));
        row.unwrap().unwrap()
    }

    fn change(&self, change: impl Fn(&mut dyn RowsMut) -> Result<(), StoreError>) {
        let store = self.ledger.store();
        store.transact(&mut |rows| change(rows).map(|()| Verdict::Commit)).unwrap();
    }

    fn put(&self, seq: u64, row: &[u8]) {
        self.change(|rows| rows.put(Table::Events, &seq.to_key(), row));
    }

    fn remove(&self, from: u64, to: u64) {
        self.change(|rows| {
            (from..=to).try_for_each(|seq| rows.delete(Table::Events, &seq.to_key()).map(drop))
        });
    }

    fn retain(&self, events: u64) {
        let retention = Retention { events, age: None };
        self.ledger.run(&self.keys, &SetRetention { retention }).unwrap();
        self.ledger.run(&self.keys, &Trim).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The fault says which event it is, wherever the log begins.
    #[test]
    fn whatever_is_done_to_one_event_is_found_and_named(
        trimmed: bool,
        at in 0u64..20,
        other in 0u64..20,
        byte: prop::sample::Index,
        bit in 0u8..8,
    ) {
        let log = Log::of(29);
        if trimmed {
            log.retain(20);
        }
        let first = log.verified(None).first.0;
        let last = log.verified(None).next.0 - 1;
        prop_assert_eq!(log.faults(), vec![]);
        let (seq, other) = (first + at, first + other);
        let row = log.row(seq);

        let mut edited = row.clone();
        edited[byte.index(row.len())] ^= 1 << bit;
        log.put(seq, &edited);
        let faults = log.faults();
        prop_assert!(matches!(faults[0], Fault::Edited(found, _) if found.0 == seq), "{faults:?}");
        log.put(seq, &row);

        log.remove(seq, seq);
        prop_assert_eq!(log.faults(), vec![Fault::Missing(EventSeq(seq), EventSeq(seq))]);
        log.put(seq, &row);

        log.remove(seq, last);
        prop_assert_eq!(log.faults(), vec![Fault::Missing(EventSeq(seq), EventSeq(last))]);
        log.remove(first, last);
        prop_assert_eq!(log.faults(), vec![Fault::Missing(EventSeq(first), EventSeq(last))]);
        drop(log);

        let log = Log::of(29);
        let (seq, other) = (1 + at.min(other - first), 1 + at.max(other - first));
        if seq != other {
            let (one, two) = (log.row(seq), log.row(other));
            log.put(seq, &two);
            log.put(other, &one);
            let faults = log.faults();
            let moved = |place: u64, origin: u64| {
                faults.iter().any(|fault| matches!(
                    fault,
                    Fault::Moved(to, from, _) if (to.0, from.0) == (place, origin)
                ))
            };
            prop_assert!(moved(seq, other), "{faults:?}");
            log.put(seq, &one);
            log.put(other, &two);
        }
        log.put(30 + at, &row);
        let faults = log.faults();
        prop_assert!(
            matches!(faults[..], [Fault::Inserted(found, _)] if found.0 == 30 + at),
            "{faults:?}"
        );
    }
}

/// The summary ends where the log begins, and counts every event that is not in it any more.
#[test]
fn what_is_dropped_is_summed_up() {
    let log = Log::of(50);
    log.retain(10);
    log.append(25);
    let verified = log.verified(None);
    assert_eq!(verified.faults, []);
    let dropped = verified.dropped.unwrap();
    assert_eq!(verified.next.0 - verified.first.0, 10);
    assert_eq!((dropped.first.0, dropped.last.0 + 1), (1, verified.first.0));
    assert_eq!(dropped.count(), verified.first.0 - 1);
    assert_eq!(dropped.kinds[&EventKind::StoreCreated.number()], 1);
    assert_eq!(dropped.kinds[&EventKind::RetentionChanged.number()], 1);

    // Events that are taken away as if they had been dropped are missed by the state row, and by
    // the summary.
    let summary = crate::store::rows::DROPPED_KEY.to_key();
    log.change(|rows| rows.delete(Table::Meta, &summary).map(drop));
    assert_eq!(log.faults(), [Fault::Summary(verified.first)]);
    log.change(|rows| rows.put(Table::Meta, &summary, &[1; 90]));
    assert_eq!(log.faults(), [Fault::Row(crate::store::rows::DROPPED_KEY)]);
}

/// A checkpoint finds a store that went back, and one that went back and then came as far.
#[test]
fn a_checkpoint_tells_a_store_that_went_back_or_another_way() {
    let log = Log::of(5);
    let old: Vec<_> = (1..=5).map(|seq| log.row(seq)).collect();
    let state = log.ledger.view(|rows, _| rows.get(Table::Meta, b"state")).unwrap().unwrap();
    log.append(3);
    let now = Still.read().wall;
    let checkpoint = Checkpoint::new(STORE, &log.verified(None), &log.keys, now);
    let text = serde_json::to_string(&checkpoint).unwrap();
    let checkpoint = Checkpoint::parse(&text, STORE).unwrap();
    let held = |log: &Log, checkpoint: &Checkpoint| {
        check(checkpoint, STORE, &log.verified(Some(checkpoint.event())), &log.keys)
    };
    assert_eq!(held(&log, &checkpoint), Ok(Checked::GoesOn));
    log.append(4);
    assert_eq!(held(&log, &checkpoint), Ok(Checked::GoesOn));
    let edited = [
        Checkpoint { generation: 5, ..checkpoint.clone() },
        Checkpoint { at: "2020-01-01T00:00:00Z".into(), ..checkpoint.clone() },
        Checkpoint { head: checkpoint.mac.clone(), ..checkpoint.clone() },
        Checkpoint { mac: checkpoint.head.clone(), ..checkpoint.clone() },
    ];
    for edited in edited {
        assert_eq!(held(&log, &edited), Err(NotTrue::Unvouched), "{edited:?}");
    }
    let bad = ["", "{}", "[1]", "null", &text.replace("\"head\":\"", "\"head\":\"x")];
    for bad in bad {
        assert!(
            matches!(Checkpoint::parse(bad, STORE), Err(NotACheckpoint::Malformed(_))),
            "{bad}"
        );
    }
    let other = Checkpoint::parse(&text, StoreId([8; 16]));
    assert!(matches!(other, Err(NotACheckpoint::OtherStore(_))));

    // As it was at five events, and then other ones.
    log.remove(6, 12);
    log.change(|rows| rows.put(Table::Meta, b"state", &state));
    assert_eq!(held(&log, &checkpoint), Err(NotTrue::RolledBack));
    let log = log.reopened();
    log.append(1);
    assert_eq!(held(&log, &checkpoint), Err(NotTrue::RolledBack));
    for number in 0..4 {
        let event = Event::new(EventKind::KeyEnded, now).count(number);
        let policy = crate::ledger::ClockPolicy::Accept;
        log.ledger.transact(&log.keys, policy, |session| Ok(session.event(&event)?)).unwrap();
    }
    assert_eq!(log.faults(), []);
    assert_eq!(old[4], log.row(5));
    assert_eq!(held(&log, &checkpoint), Err(NotTrue::Forked));

    let log = Log::of(20);
    let checkpoint = Checkpoint::new(STORE, &log.verified(None), &log.keys, now);
    log.append(20);
    log.retain(21);
    assert_eq!(log.verified(None).first, EventSeq(21));
    assert_eq!(held(&log, &checkpoint), Ok(Checked::GoesOn), "the link before the oldest is known");
    log.append(1);
    assert_eq!(held(&log, &checkpoint), Ok(Checked::Dropped));
}

#[test]
fn a_log_is_read_to_its_end_page_by_page() {
    let log = Log::of(9_000);
    let (mut next, mut seen) = (EventSeq(0), Vec::new());
    loop {
        let found = log.ledger.view(|rows, _| page(rows, &Filter::default(), next)).unwrap();
        seen.extend(found.entries.iter().filter_map(Entry::seq));
        next = found.next;
        if found.is_last {
            break;
        }
    }
    assert_eq!(seen, (1..=9_000).map(EventSeq).collect::<Vec<_>>());
    let look = |filter: &Filter, count| {
        let page = log.ledger.view(|rows, _| last(rows, filter, count)).unwrap();
        page.entries.iter().filter_map(Entry::seq).map(|seq| seq.0).collect::<Vec<_>>()
    };
    assert_eq!(look(&Filter::default(), 2), [8_999, 9_000]);
    let made = Kind::from_name("store-created").unwrap();
    assert_eq!(look(&Filter { kinds: vec![made], ..Filter::default() }, 2), [1]);
    assert_eq!(look(&Filter::default(), 0), [0; 0]);
    let at = Some(Still.read().wall);
    assert_eq!(look(&Filter { since: at, ..Filter::default() }, 1), [9_000]);
    assert_eq!(look(&Filter { until: at, ..Filter::default() }, 1), [0; 0]);
}
