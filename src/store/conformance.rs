//! What every backend does alike. One suite, run against each.

use std::ops::Bound::{self, Excluded, Included, Unbounded};
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;

use super::memory::MemoryStore;
use super::redb::{Options, RedbStore};
use super::{KeyBound, Rows, RowsMut, Scan, Store, StoreError, Table, Verdict, view};

type Dump = Vec<(Table, Vec<u8>, Vec<u8>)>;

/// Runs `check` on an empty store of every kind.
fn for_each(check: fn(&dyn Store)) {
    check(&MemoryStore::new());
    let directory = tempfile::tempdir().unwrap();
    check(&redb(directory.path()));
}

fn redb(directory: &Path) -> RedbStore {
    RedbStore::create(&directory.join("store"), &mut |_| Ok(())).unwrap()
}

fn commit(store: &dyn Store, change: impl Fn(&mut dyn RowsMut) -> Result<(), StoreError>) {
    store.transact(&mut |rows| change(rows).map(|()| Verdict::Commit)).unwrap();
}

fn get(store: &dyn Store, key: &[u8]) -> Option<Vec<u8>> {
    view(store, |rows| rows.get(Table::Meta, key)).unwrap()
}

fn keys(rows: &dyn Rows, from: KeyBound<'_>, to: KeyBound<'_>) -> Vec<Vec<u8>> {
    let mut keys = Vec::new();
    rows.scan(Table::Meta, from, to, &mut |key, _| {
        keys.push(key.to_vec());
        Ok(Scan::Continue)
    })
    .unwrap();
    keys
}

fn dump(rows: &dyn Rows) -> Dump {
    let mut dump = Vec::new();
    for table in Table::ALL {
        let before = dump.len();
        rows.scan(table, Unbounded, Unbounded, &mut |key, row| {
            dump.push((table, key.to_vec(), row.to_vec()));
            Ok(Scan::Continue)
        })
        .unwrap();
        assert_eq!(rows.len(table).unwrap(), u64::try_from(dump[before..].len()).unwrap());
        let last = dump[before..].last().map(|(_, key, row)| (key.clone(), row.clone()));
        assert_eq!(rows.last(table).unwrap(), last);
    }
    dump
}

fn all(store: &dyn Store) -> Dump {
    view(store, |rows| Ok(dump(rows))).unwrap()
}

#[test]
fn an_empty_store_reads_as_empty() {
    for_each(|store| {
        assert_eq!(all(store), []);
        assert_eq!(get(store, b""), None);
    });
}

#[test]
fn a_row_is_written_over_and_deleted() {
    for_each(|store| {
        commit(store, |rows| {
            rows.put(Table::Meta, b"a", b"1")?;
            rows.put(Table::Meta, b"", b"")?;
            rows.put(Table::Keys, b"a", b"other")?;
            assert_eq!(rows.get(Table::Meta, b"a")?.unwrap(), b"1");
            rows.put(Table::Meta, b"a", b"2")
        });
        assert_eq!(get(store, b"a").unwrap(), b"2");
        assert_eq!(get(store, b"").unwrap(), b"");
        commit(store, |rows| {
            assert!(rows.delete(Table::Meta, b"a")?);
            assert!(!rows.delete(Table::Meta, b"a")?);
            assert_eq!(rows.get(Table::Meta, b"a")?, None);
            Ok(())
        });
        assert_eq!(get(store, b"a"), None);
        assert_eq!(view(store, |rows| rows.get(Table::Keys, b"a")).unwrap().unwrap(), b"other");
    });
}

#[test]
fn a_scan_keeps_its_bounds_and_the_order_of_bytes() {
    for_each(|store| {
        commit(store, |rows| {
            for key in [&b"b"[..], b"a", b"\xff", b"", b"aa", b"a\0"] {
                rows.put(Table::Meta, key, b"row")?;
            }
            Ok(())
        });
        let check = |rows: &dyn Rows| {
            let all: [&[u8]; 6] = [b"", b"a", b"a\0", b"aa", b"b", b"\xff"];
            assert_eq!(keys(rows, Unbounded, Unbounded), all);
            assert_eq!(keys(rows, Included(b"a"), Excluded(b"b")), all[1..4]);
            assert_eq!(keys(rows, Excluded(b"a"), Included(b"b")), all[2..5]);
            assert_eq!(keys(rows, Included(b"c"), Unbounded), all[5..]);
            // Bounds the wrong way round hold nothing between them.
            for bounds in [
                (Included(&b"b"[..]), Included(&b"a"[..])),
                (Included(b"a"), Excluded(b"a")),
                (Excluded(b"a"), Excluded(b"a")),
            ] {
                assert_eq!(keys(rows, bounds.0, bounds.1), Vec::<Vec<u8>>::new());
            }
            assert_eq!(keys(rows, Included(b"a"), Included(b"a")), all[1..2]);
        };
        view(store, |rows| {
            check(rows);
            Ok(())
        })
        .unwrap();
        store
            .transact(&mut |rows| {
                check(rows);
                Ok(Verdict::Abort)
            })
            .unwrap();
    });
}

#[test]
fn a_scan_stops_when_it_is_told_to_and_hands_an_error_through() {
    for_each(|store| {
        commit(store, |rows| {
            rows.put(Table::Meta, b"a", b"")?;
            rows.put(Table::Meta, b"b", b"")
        });
        let mut seen = 0;
        view(store, |rows| {
            rows.scan(Table::Meta, Unbounded, Unbounded, &mut |_, _| {
                seen += 1;
                Ok(Scan::Stop)
            })
        })
        .unwrap();
        assert_eq!(seen, 1);
        let outcome = view(store, |rows| {
            rows.scan(Table::Meta, Unbounded, Unbounded, &mut |_, _| {
                // Rows can be read while others are walked through.
                assert!(rows.get(Table::Meta, b"b")?.is_some());
                Err(StoreError::Forged("row".into()))
            })
        });
        assert!(matches!(outcome, Err(StoreError::Forged(_))));
        assert_eq!(all(store).len(), 2);
    });
}

#[test]
fn an_abort_and_an_error_leave_nothing() {
    for_each(|store| {
        commit(store, |rows| rows.put(Table::Meta, b"a", b"1"));
        let before = all(store);
        let change = |rows: &mut dyn RowsMut| {
            rows.put(Table::Meta, b"a", b"2")?;
            rows.put(Table::Events, b"b", b"2")?;
            rows.delete(Table::Meta, b"a")
        };
        store.transact(&mut |rows| change(rows).map(|_| Verdict::Abort)).unwrap();
        assert_eq!(all(store), before);
        let outcome = store.transact(&mut |rows| {
            change(rows)?;
            Err(StoreError::Forged("row".into()))
        });
        assert!(matches!(outcome, Err(StoreError::Forged(_))));
        assert_eq!(all(store), before);
        commit(store, |rows| rows.put(Table::Meta, b"c", b"3"));
        assert_eq!(all(store).len(), 2);
    });
}

#[test]
fn a_panic_in_a_transaction_passes_and_leaves_nothing() {
    for_each(|store| {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            store.transact(&mut |rows| {
                rows.put(Table::Meta, b"a", b"1")?;
                std::panic::resume_unwind(Box::new("ours"))
            })
        }));
        assert_eq!(outcome.unwrap_err().downcast_ref(), Some(&"ours"));
        assert_eq!(all(store), []);
        commit(store, |rows| rows.put(Table::Meta, b"a", b"2"));
        assert_eq!(get(store, b"a").unwrap(), b"2");
    });
}

#[test]
fn a_view_sees_one_state_and_the_next_view_the_next() {
    for_each(|store| {
        commit(store, |rows| rows.put(Table::Meta, b"a", b"1"));
        store
            .transact(&mut |rows| {
                rows.put(Table::Meta, b"a", b"2")?;
                assert_eq!(get(store, b"a").unwrap(), b"1");
                Ok(Verdict::Commit)
            })
            .unwrap();
        view(store, |rows| {
            commit(store, |rows| rows.put(Table::Meta, b"a", b"3"));
            assert_eq!(rows.get(Table::Meta, b"a")?.unwrap(), b"2");
            Ok(())
        })
        .unwrap();
        assert_eq!(get(store, b"a").unwrap(), b"3");
    });
}

#[test]
fn threads_read_while_others_write_one_at_a_time() {
    for_each(|store| {
        const THREADS: u64 = 4;
        const TURNS: u64 = 25;
        let count = |rows: &dyn Rows| {
            let row = rows.get(Table::Meta, b"n").unwrap();
            row.map_or(0, |row| u64::from_be_bytes(row.try_into().unwrap()))
        };
        std::thread::scope(|threads| {
            for _ in 0..THREADS {
                threads.spawn(|| {
                    for _ in 0..TURNS {
                        commit(store, |rows| {
                            let next = count(rows) + 1;
                            rows.put(Table::Meta, b"n", &next.to_be_bytes())
                        });
                    }
                });
                threads.spawn(|| {
                    let mut newest = 0;
                    for _ in 0..TURNS {
                        let seen = view(store, |rows| Ok(count(rows))).unwrap();
                        assert!(seen >= newest);
                        newest = seen;
                    }
                });
            }
        });
        assert_eq!(view(store, |rows| Ok(count(rows))).unwrap(), THREADS * TURNS);
    });
}

#[derive(Clone, Debug)]
enum Step {
    Put(usize, Vec<u8>, Vec<u8>),
    Delete(usize, Vec<u8>),
    Get(usize, Vec<u8>),
    Scan(usize, Bound<Vec<u8>>, Bound<Vec<u8>>),
    Last(usize),
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    vec(prop_oneof![Just(0), Just(1), Just(0xff)], 0..4)
}

fn bound() -> impl Strategy<Value = Bound<Vec<u8>>> {
    prop_oneof![Just(Unbounded), key().prop_map(Included), key().prop_map(Excluded)]
}

fn step() -> impl Strategy<Value = Step> {
    // Two tables are enough to tell tables apart.
    let table = 0..2_usize;
    prop_oneof![
        4 => (table.clone(), key(), vec(any::<u8>(), 0..40)).prop_map(|(t, k, r)| Step::Put(t, k, r)),
        2 => (table.clone(), key()).prop_map(|(t, k)| Step::Delete(t, k)),
        1 => (table.clone(), key()).prop_map(|(t, k)| Step::Get(t, k)),
        1 => (table.clone(), bound(), bound()).prop_map(|(t, from, to)| Step::Scan(t, from, to)),
        1 => table.prop_map(Step::Last),
    ]
}

fn transaction() -> impl Strategy<Value = (Vec<Step>, Verdict)> {
    let verdict = prop_oneof![3 => Just(Verdict::Commit), 1 => Just(Verdict::Abort)];
    (vec(step(), 0..20), verdict)
}

/// What the steps of a transaction answer.
fn run(store: &dyn Store, steps: &[Step], verdict: Verdict) -> Vec<String> {
    let mut answers = Vec::new();
    store
        .transact(&mut |rows| {
            answers.clear();
            for step in steps {
                answers.push(match step {
                    Step::Put(t, key, row) => format!("{:?}", rows.put(Table::ALL[*t], key, row)?),
                    Step::Delete(t, key) => format!("{:?}", rows.delete(Table::ALL[*t], key)?),
                    Step::Get(t, key) => format!("{:?}", rows.get(Table::ALL[*t], key)?),
                    Step::Last(t) => format!("{:?}", rows.last(Table::ALL[*t])?),
                    Step::Scan(t, from, to) => {
                        let mut seen = Vec::new();
                        let (from, to) =
                            (from.as_ref().map(Vec::as_slice), to.as_ref().map(Vec::as_slice));
                        rows.scan(Table::ALL[*t], from, to, &mut |key, row| {
                            seen.push((key.to_vec(), row.to_vec()));
                            Ok(Scan::Continue)
                        })?;
                        format!("{seen:?}")
                    }
                });
            }
            Ok(verdict)
        })
        .unwrap();
    answers
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn redb_and_memory_agree(transactions in vec(transaction(), 1..12), reopened in 0..12_usize) {
        let directory = tempfile::tempdir().unwrap();
        let mut redb = redb(directory.path());
        let memory = MemoryStore::new();
        for (n, (steps, verdict)) in transactions.iter().enumerate() {
            if n == reopened {
                redb = RedbStore::open(&directory.path().join("store"), Options::default()).unwrap();
            }
            prop_assert_eq!(run(&redb, steps, *verdict), run(&memory, steps, *verdict));
            prop_assert_eq!(all(&redb), all(&memory));
        }
    }
}
