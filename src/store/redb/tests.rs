//! The file: what is refused, who waits for whom, and what is made.

use std::fs::{self, File, Permissions};
use std::ops::Bound;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::{Barrier, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use ::redb::backends::FileBackend;
use ::redb::{ConcurrencyMode, Database, StorageBackend};
use tempfile::TempDir;

use super::{Options, RedbStore, quiet_damage};
use crate::store::{RowsMut, Scan, Store, StoreError, Table, Verdict, view};

const SHORT: Options = Options { deadline: Duration::from_millis(100), cache_bytes: 1 << 20 };

struct Place {
    _directory: TempDir,
    path: PathBuf,
}

fn place() -> Place {
    let directory = tempfile::tempdir().unwrap();
    Place { path: directory.path().join("deep/down/store"), _directory: directory }
}

fn create(path: &Path) -> Result<RedbStore, StoreError> {
    RedbStore::create(path, &mut |rows| rows.put(Table::Meta, b"made", b"1"))
}

fn made() -> Place {
    let place = place();
    create(&place.path).unwrap();
    place
}

fn open(path: &Path) -> Result<RedbStore, StoreError> {
    RedbStore::open(path, SHORT)
}

fn put(store: &dyn Store, key: &[u8]) -> Result<(), StoreError> {
    store.transact(&mut |rows| rows.put(Table::Meta, key, b"1").map(|()| Verdict::Commit))
}

fn has(store: &dyn Store, key: &[u8]) -> Result<bool, StoreError> {
    view(store, |rows| Ok(rows.get(Table::Meta, key)?.is_some()))
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn beside(path: &Path) -> Vec<PathBuf> {
    fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn stores_are_shared_by_threads() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<RedbStore>();
}

#[test]
fn a_new_store_is_for_its_owner_alone() {
    let place = made();
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
    assert_eq!(mode(&place.path), 0o600);
    assert_eq!(mode(place.path.parent().unwrap()), 0o700);
    assert_eq!(beside(&place.path), std::slice::from_ref(&place.path));
    let store = open(&place.path).unwrap();
    assert!(has(&store, b"made").unwrap());
    assert!(put(&store, b"more").is_ok());
    assert!(has(&store, b"more").unwrap());
}

#[test]
fn nothing_is_made_over_a_file_or_when_the_first_rows_fail() {
    let place = place();
    let failed = RedbStore::create(&place.path, &mut |_| Err(StoreError::Full));
    assert!(matches!(failed, Err(StoreError::Full)));
    assert!(beside(&place.path).is_empty());

    symlink("nowhere", &place.path).unwrap();
    assert!(matches!(create(&place.path), Err(StoreError::Exists(_))));
    fs::remove_file(&place.path).unwrap();
    fs::write(&place.path, "mine").unwrap();
    assert!(matches!(create(&place.path), Err(StoreError::Exists(_))));
    assert_eq!(fs::read(&place.path).unwrap(), b"mine");
}

#[test]
fn of_many_that_make_a_store_one_wins() {
    let place = place();
    let start = Barrier::new(8);
    let outcomes: Vec<_> = thread::scope(|threads| {
        let attempts: Vec<_> = (0..8_u8)
            .map(|n| {
                let (start, path) = (&start, &place.path);
                threads.spawn(move || {
                    start.wait();
                    RedbStore::create(path, &mut |rows| rows.put(Table::Meta, b"by", &[n]))
                        .map(|_| n)
                })
            })
            .collect();
        attempts.into_iter().map(|attempt| attempt.join().unwrap()).collect()
    });
    let winners: Vec<_> = outcomes.iter().flatten().collect();
    assert_eq!(winners.len(), 1, "{outcomes:?}");
    for outcome in &outcomes {
        assert!(matches!(outcome, Ok(_) | Err(StoreError::Exists(_))), "{outcome:?}");
    }
    let by = view(&open(&place.path).unwrap(), |rows| rows.get(Table::Meta, b"by")).unwrap();
    assert_eq!(by.unwrap(), [*winners[0]]);
    assert_eq!(beside(&place.path), std::slice::from_ref(&place.path));
}

#[test]
fn what_a_dead_attempt_left_is_cleared_away() {
    let place = place();
    fs::create_dir_all(place.path.parent().unwrap()).unwrap();
    chmod(place.path.parent().unwrap(), 0o700);
    let live = File::create(place.path.with_file_name(".store.new-live")).unwrap();
    live.lock().unwrap();
    fs::write(place.path.with_file_name(".store.new-dead"), "").unwrap();
    fs::write(place.path.with_file_name("unrelated"), "").unwrap();
    create(&place.path).unwrap();
    let mut left = beside(&place.path);
    left.sort();
    let names = [".store.new-live", "store", "unrelated"];
    assert_eq!(left, names.map(|name| place.path.with_file_name(name)));

    // A crash between `link` and `unlink`, where the file system cannot rename.
    drop(live);
    fs::hard_link(&place.path, place.path.with_file_name(".store.new-0")).unwrap();
    open(&place.path).unwrap();
    assert_eq!(beside(&place.path).len(), 2);
}

#[test]
fn a_file_that_is_not_ours_alone_is_refused() {
    let refused = |spoil: fn(&Path)| {
        let place = made();
        spoil(&place.path);
        match open(&place.path) {
            Err(StoreError::Permissions(message)) => message,
            outcome => panic!("{outcome:?}"),
        }
    };
    assert!(refused(|path| chmod(path, 0o640)).contains("chmod 600"));
    assert!(refused(|path| chmod(path.parent().unwrap(), 0o770)).contains("chmod go-w"));
    let second = refused(|path| fs::hard_link(path, path.with_extension("b")).unwrap());
    assert!(second.contains("hard link"));
    let link = refused(|path| {
        fs::rename(path, path.with_extension("b")).unwrap();
        symlink(path.with_extension("b"), path).unwrap();
    });
    assert!(link.contains("symbolic link"));
    let directory = refused(|path| {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
    });
    assert!(directory.contains("not a regular file"));
}

#[test]
fn others_may_write_to_a_directory_in_which_only_owners_remove() {
    let place = made();
    let directory = place.path.parent().unwrap();
    chmod(directory, 0o1777);
    open(&place.path).unwrap();
}

#[test]
fn a_missing_an_empty_and_a_strange_file_are_told_apart() {
    let place = made();
    assert!(matches!(open(&place.path.with_extension("b")), Err(StoreError::Absent(_))));
    assert!(matches!(open(&place.path.join("under")), Err(StoreError::Absent(_))));

    let whole = fs::read(&place.path).unwrap();
    for content in [&b"no store"[..], &[0; 8192], &whole[..100], &whole[..whole.len() / 2]] {
        fs::write(&place.path, content).unwrap();
        let store = open(&place.path).unwrap();
        let seen = has(&store, b"made");
        assert!(matches!(seen, Err(StoreError::Damaged(_))), "{} {seen:?}", content.len());
        assert!(matches!(put(&store, b"a"), Err(StoreError::Damaged(_))));
        assert_eq!(fs::read(&place.path).unwrap(), content);
    }

    fs::write(&place.path, whole).unwrap();
    let store = open(&place.path).unwrap();
    fs::write(&place.path, "").unwrap();
    assert!(matches!(put(&store, b"a"), Err(StoreError::Damaged(_))));
    assert!(matches!(open(&place.path), Err(StoreError::Damaged(_))));
    assert_eq!(fs::metadata(&place.path).unwrap().len(), 0);
}

#[test]
fn damage_is_an_error_and_never_a_panic() {
    quiet_damage();
    let place = made();
    let store = open(&place.path).unwrap();
    for n in 0..200_u8 {
        put(&store, &[n; 40]).unwrap();
    }
    drop(store);
    let whole = fs::read(&place.path).unwrap();
    for page in 0..whole.len() / 4096 {
        for fill in [0x00, 0xff, 0x5a] {
            let mut damaged = whole.clone();
            damaged[page * 4096..][..4096].fill(fill);
            fs::write(&place.path, damaged).unwrap();
            let store = open(&place.path).unwrap();
            // What redb does not notice is the concern of the MACs in the rows.
            let _ = view(&store, |rows| {
                let mut count = 0_u64;
                let all = Bound::Unbounded;
                rows.scan(Table::Meta, all, all, &mut |_, _| {
                    count += 1;
                    Ok(if count > 1000 { Scan::Stop } else { Scan::Continue })
                })
            });
            let _ = put(&store, b"a");
        }
    }
}

#[test]
fn a_file_put_in_the_place_of_an_open_one_is_noticed() {
    let place = made();
    let store = open(&place.path).unwrap();
    let copy = place.path.with_extension("b");
    fs::copy(&place.path, &copy).unwrap();
    fs::rename(&copy, &place.path).unwrap();
    assert!(matches!(has(&store, b"made"), Err(StoreError::Replaced(_))));
    assert!(matches!(put(&store, b"a"), Err(StoreError::Replaced(_))));
    fs::remove_file(&place.path).unwrap();
    assert!(matches!(put(&store, b"a"), Err(StoreError::Replaced(_))));
}

#[test]
fn unknown_tables_stay_and_missing_ones_read_as_empty() {
    const STRANGE: ::redb::TableDefinition<u64, u64> = ::redb::TableDefinition::new("strange");
    let place = made();
    let raw = || {
        let mut builder = Database::builder();
        builder.set_concurrency_mode(ConcurrencyMode::MultiWriter);
        builder.open(&place.path).unwrap()
    };
    let database = raw();
    let txn = database.try_begin_write().unwrap();
    txn.open_table(STRANGE).unwrap().insert(1, 2).unwrap();
    txn.delete_table(super::access::definition(Table::Notes)).unwrap();
    txn.commit().unwrap();
    drop(database);

    let store = open(&place.path).unwrap();
    view(&store, |rows| {
        assert_eq!(rows.len(Table::Notes)?, 0);
        assert_eq!(rows.last(Table::Notes)?, None);
        rows.get(Table::Notes, b"a")
    })
    .unwrap();
    let write = |rows: &mut dyn RowsMut| rows.put(Table::Notes, b"a", b"1");
    store.transact(&mut |rows| write(rows).map(|()| Verdict::Commit)).unwrap();
    assert_eq!(view(&store, |rows| rows.len(Table::Notes)).unwrap(), 1);
    drop(store);

    let txn = raw().try_begin_write().unwrap();
    assert_eq!(txn.open_table(STRANGE).unwrap().remove(1).unwrap().unwrap().value(), 2);
}

#[test]
fn another_way_of_locking_is_foreign() {
    let place = made();
    let exclusive = Database::open(&place.path).unwrap();
    let store = open(&place.path).unwrap();
    assert!(matches!(has(&store, b"made"), Err(StoreError::Foreign)));
    assert!(matches!(put(&store, b"a"), Err(StoreError::Foreign)));
    drop(exclusive);
    assert!(has(&store, b"made").unwrap());
    put(&store, b"a").unwrap();
}

#[test]
fn nobody_waits_longer_than_the_deadline() {
    let place = made();
    let (inside, is_inside) = mpsc::channel();
    let (leave, may_leave) = mpsc::channel::<()>();
    thread::scope(|threads| {
        let path = &place.path;
        threads.spawn(move || {
            let holder = open(path).unwrap();
            holder
                .transact(&mut |rows| {
                    rows.put(Table::Meta, b"held", b"1")?;
                    inside.send(()).unwrap();
                    may_leave.recv().unwrap();
                    Ok(Verdict::Commit)
                })
                .unwrap();
        });
        is_inside.recv().unwrap();
        // One that was never open, whose opening alone takes the writer's lock.
        let store = open(&place.path).unwrap();
        assert!(matches!(put(&store, b"a"), Err(StoreError::Busy)));
        assert!(has(&store, b"made").unwrap());
        assert!(!has(&store, b"held").unwrap());
        leave.send(()).unwrap();
        put(&store, b"a").unwrap();
        assert!(has(&store, b"held").unwrap());
        assert!(has(&store, b"a").unwrap());
    });
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long it takes is what is tested")]
fn threads_that_queue_for_a_lock_give_up_together() {
    const THREADS: usize = 20;
    // What a process stopped in the middle of a commit holds: redb's lock on the header.
    const HEADER: (Bound<u64>, Bound<u64>) = (Bound::Included(0), Bound::Excluded(320));
    let place = made();
    let file = File::options().read(true).write(true).open(&place.path).unwrap();
    let stopped = FileBackend::new(file).unwrap();
    let store = open(&place.path).unwrap();
    put(&store, b"a").unwrap();
    assert!(stopped.try_lock_range(HEADER.0, HEADER.1).unwrap());
    let (done, is_done) = mpsc::channel();
    let begun_at = Instant::now();
    thread::scope(|threads| {
        for n in 0..THREADS {
            let (store, done) = (&store, done.clone());
            threads.spawn(move || {
                let outcome = if n == 0 { put(store, b"b") } else { has(store, b"a").map(drop) };
                done.send(outcome).unwrap();
            });
        }
        for _ in 0..THREADS {
            let outcome = is_done.recv().unwrap();
            assert!(matches!(outcome, Err(StoreError::Busy)), "{outcome:?}");
        }
    });
    // One after the other they would take 2 seconds.
    assert!(begun_at.elapsed() < SHORT.deadline * 10);
    let newcomer = open(&place.path).unwrap();
    assert!(matches!(has(&newcomer, b"a"), Err(StoreError::Busy)));
    assert!(matches!(put(&newcomer, b"b"), Err(StoreError::Busy)));
    stopped.unlock_range(HEADER.0, HEADER.1).unwrap();
    for store in [store, newcomer] {
        put(&store, b"b").unwrap();
        assert!(has(&store, b"b").unwrap());
    }
}

#[test]
fn a_busy_writer_lets_others_in() {
    // Syncs of a loaded disk are slow, and nine wait for each other: starving takes longer still.
    let patient = Options { deadline: Duration::from_mins(1), ..Options::default() };
    let place = made();
    let busy = RedbStore::open(&place.path, patient).unwrap();
    thread::scope(|threads| {
        let (stop, stopped) = mpsc::channel::<()>();
        threads.spawn(move || {
            while stopped.try_recv().is_err() {
                // At every moment but those between two transactions the store is taken.
                put(&busy, b"busy").unwrap();
            }
        });
        let guests: Vec<_> = (0..8_u8)
            .map(|n| {
                let path = &place.path;
                threads.spawn(move || {
                    let guest = RedbStore::open(path, patient).unwrap();
                    for turn in 0..3 {
                        put(&guest, &[n, turn]).unwrap();
                    }
                })
            })
            .collect();
        for guest in guests {
            guest.join().unwrap();
        }
        stop.send(()).unwrap();
    });
    let store = open(&place.path).unwrap();
    assert_eq!(view(&store, |rows| rows.len(Table::Meta)).unwrap(), 2 + 24);
}
