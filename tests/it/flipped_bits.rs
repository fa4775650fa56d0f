//! Bits flipped anywhere in the file: found by a check, or nothing that is read is another; and no
//! row that was changed is believed by whoever holds the root key.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;

use till::domain::slot::SlotKind;
use till::ledger::{Ledger, Options, Rollback, SystemClock, unlock::unlock};
use till::report::check::{Found, check};
use till::store::redb::{RedbStore, quiet_damage};
use till::store::{Rows, Scan, StoreError, Table, view};
use till::vault::{ProxyKeys, SlotSecret, parse_key_file};

use crate::support::answer::Answer;
use crate::support::home::Home;
use crate::support::http::Request;
use crate::support::upstream::Upstream;
use crate::support::wait_until;

/// Every row, by its table and key.
type All = BTreeMap<(usize, Vec<u8>), Vec<u8>>;

#[test]
fn hundreds_of_them() {
    flip(250);
}

#[test]
#[ignore = "takes minutes"]
fn thousands_of_them() {
    flip(5_000);
}

fn flip(count: u64) {
    quiet_damage();
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 50");
    for _ in 0..40 {
        home.mint("openai -n 5 --expires 2h");
    }
    let proxy = home.proxy();
    for _ in 0..5 {
        Request::chat(&key.text).send(proxy.address()).expect(200, "");
    }
    wait_until("it is settled", || home.activations(&key, "held") == 0);
    assert!(proxy.stop().0.success());
    let keys = unlocked(&home);
    let whole = fs::read(home.store()).unwrap();
    let rows = all(home.store()).unwrap();
    assert!(rows.len() > 200, "{}", rows.len());

    let bits = u64::try_from(whole.len()).unwrap() * 8;
    let (mut seed, mut found, mut unread) = (0x7461_6c6c_u64, 0, 0);
    for flip in 0..count {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Every fourth in the first page, where the file says what it is.
        let range = if flip % 4 == 0 { 4_096 * 8 } else { bits };
        let bit = (seed >> 20) % range;
        let mut flipped = whole.clone();
        flipped[usize::try_from(bit / 8).unwrap()] ^= 1 << (bit % 8);
        fs::write(home.store(), &flipped).unwrap();
        if is_found(home.store(), &keys) {
            found += 1;
        } else {
            let now = all(home.store()).unwrap_or_else(|error| panic!("bit {bit}: {error}"));
            assert!(now == rows, "bit {bit} of {bits} changed rows, and no check finds it");
            unread += 1;
        }
        // A page that was damaged is found or not: what it says is not believed.
        fs::write(home.store(), &flipped).unwrap();
        if let Ok(now) = all(home.store()) {
            for ((table, key), row) in now {
                let table = Table::ALL[table];
                let before = rows.get(&(table.index(), key.clone()));
                assert!(
                    before == Some(&row) || !vouched(&keys, table, &key, &row),
                    "bit {bit}: a row of `{}` is believed that was never written",
                    table.name()
                );
            }
        }
    }
    assert!(found > 0 && unread > 0, "{found} found, {unread} in nobody's way");
    fs::write(home.store(), &whole).unwrap();
    home.till("check").ok();
}

/// Whether the pages or the rows say that something is wrong.
fn is_found(path: &Path, keys: &ProxyKeys) -> bool {
    let Ok(store) = RedbStore::open(path, till::store::redb::Options::default()) else {
        return true;
    };
    let mut found = Found::new();
    let read = view(&store, |rows| check(rows, Some(keys), &mut found, &|_, _| {}));
    read.is_err() || found.count() > 0 || store.check_pages(path, &|_| {}).is_err()
}

/// Whether a row carries a MAC, and it is right.
fn vouched(keys: &ProxyKeys, table: Table, key: &[u8], row: &[u8]) -> bool {
    row.split_last_chunk::<32>()
        .is_some_and(|(row, tag)| keys.row_mac().verify(table.name(), key, row, tag))
}

fn all(path: &Path) -> Result<All, StoreError> {
    let store = RedbStore::open(path, till::store::redb::Options::default())?;
    view(&store, |rows| read(rows))
}

fn read(rows: &dyn Rows) -> Result<All, StoreError> {
    let mut all = All::new();
    let mut count = 0_u32;
    for table in Table::ALL {
        rows.scan(table, Bound::Unbounded, Bound::Unbounded, &mut |key, row| {
            all.insert((table.index(), key.to_vec()), row.to_vec());
            count += 1;
            // A damaged page can lead back to one that was read before.
            Ok(if count > 10_000 { Scan::Stop } else { Scan::Continue })
        })?;
    }
    Ok(all)
}

fn unlocked(home: &Home) -> ProxyKeys {
    let store = RedbStore::open(home.store(), till::store::redb::Options::default()).unwrap();
    let options = Options {
        locks: home.path("store/till.redb.locks"),
        state_dir: home.path("elsewhere"),
        rollback: Rollback::Refuse,
    };
    let ledger = Ledger::open(Arc::new(store), Arc::new(SystemClock), options).unwrap();
    let text = fs::read_to_string(home.path("key-file")).unwrap();
    let secret = SlotSecret::Random(parse_key_file(&text).unwrap());
    unlock(&ledger, SlotKind::KeyFile, &secret).unwrap().root.proxy_keys()
}
