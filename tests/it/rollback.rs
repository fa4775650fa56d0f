//! Rows and stores that went back: what was ended stays ended, and what was spent stays spent.

use std::fs;

use redb::{ConcurrencyMode, Database, ReadableTable, TableDefinition};

use crate::support::answer::Answer;
use crate::support::home::Home;
use crate::support::http::Request;
use crate::support::upstream::Upstream;
use crate::support::wait_until;

/// The rows of one table, as they lie on disk.
type Rows = Vec<(Vec<u8>, Vec<u8>)>;

/// Self-destruction: the row of an ended key is brought back by hand, as it was while the key
/// lived, with the MAC that it had. The key's grant is gone, so nothing opens the master key.
#[test]
fn an_ended_key_that_is_brought_back_opens_nothing() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 2");
    let proxy = home.proxy();
    let request = Request::chat(&key.text);
    request.send(proxy.address()).expect(200, "");
    wait_until("it is settled", || home.activations(&key, "held") == 0);
    let alive = rows(&home, "usage");
    let grants = rows(&home, "grants");
    assert_eq!((alive.len(), grants.len()), (1, 1));

    request.send(proxy.address()).expect(200, "");
    wait_until("the key has ended", || home.show(&key)["status"] == "ended");
    assert_eq!(rows(&home, "grants"), [], "the grant is erased");
    assert_eq!(home.show(&key)["grants"], 0);

    // The running proxy has seen a newer revision of the row.
    put(&home, "usage", &alive);
    let refused = request.send(proxy.address());
    assert!(refused.status >= 400, "{}", refused.status);
    // A new one has not, and to it the key lives.
    drop(proxy);
    put(&home, "usage", &alive);
    assert_eq!(home.show(&key)["status"], "live");
    let proxy = home.proxy();
    for _ in 0..3 {
        let refused = request.send(proxy.address());
        assert!(refused.status >= 400, "{}", refused.status);
        assert!(!refused.denial().is_empty(), "{}", refused.text());
    }
    assert_eq!(upstream.count(), 2);
}

/// The rows of a revoked key and of its grants, put back together, are refused by whoever saw
/// that they were gone.
#[test]
fn a_running_proxy_refuses_a_row_that_went_back() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 3");
    let proxy = home.proxy();
    let request = Request::chat(&key.text);
    request.send(proxy.address()).expect(200, "");
    wait_until("it is settled", || home.activations(&key, "held") == 0);
    let (usage, grants) = (rows(&home, "usage"), rows(&home, "grants"));
    request.send(proxy.address()).expect(200, "");
    wait_until("it is settled", || home.activations(&key, "used") == 2);
    put(&home, "usage", &usage);
    put(&home, "grants", &grants);
    let refused = request.send(proxy.address());
    assert!(refused.status >= 400, "{}", refused.status);
    assert_eq!(upstream.count(), 2);
}

/// A row with one bit changed has no valid MAC.
#[test]
fn an_edited_row_is_refused() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 3");
    for table in ["usage", "keys", "grants", "key_index"] {
        let before = rows(&home, table);
        let row = &before[0].1;
        for byte in [0, row.len() / 2, row.len() - 1] {
            let mut edited = before.clone();
            edited[0].1[byte] ^= 1;
            put(&home, table, &edited);
            // A new process, which remembers nothing.
            let proxy = home.proxy();
            let refused = Request::chat(&key.text).send(proxy.address());
            assert!(refused.status >= 400, "byte {byte} of {table}: {}", refused.status);
        }
        put(&home, table, &before);
    }
    assert_eq!(upstream.count(), 0);
}

/// An old copy of the whole store is found out by the anchor outside of it.
#[test]
fn an_old_copy_of_the_store_is_refused() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 5");
    let copy = fs::read(home.store()).unwrap();
    let proxy = home.proxy();
    for _ in 0..3 {
        Request::chat(&key.text).send(proxy.address()).expect(200, "");
    }
    assert!(proxy.stop().0.success());
    fs::write(home.store(), copy).unwrap();
    let says = ["went back", "--accept-rollback"];
    home.till("proxy --listen 127.0.0.1:0").fails(7, &says);
    home.till("key mint openai -n 1").fails(7, &says);
    home.till("key mint openai -n 1 --accept-rollback").ok();
    let accepted = home.proxy();
    Request::chat(&key.text).send(accepted.address()).expect(200, "");
    assert_eq!(upstream.count(), 4);
}

fn rows(home: &Home, table: &str) -> Rows {
    let database = open(home);
    let transaction = database.begin_write().unwrap();
    let table = transaction.open_table(definition(table)).unwrap();
    let mut rows = Rows::new();
    for row in table.iter().unwrap() {
        let (key, value) = row.unwrap();
        rows.push((key.value().to_vec(), value.value().to_vec()));
    }
    rows
}

fn put(home: &Home, table: &str, rows: &Rows) {
    let database = open(home);
    let transaction = database.begin_write().unwrap();
    {
        let mut table = transaction.open_table(definition(table)).unwrap();
        for (key, value) in rows {
            table.insert(&key[..], &value[..]).unwrap();
        }
    }
    transaction.commit().unwrap();
}

fn definition(name: &str) -> TableDefinition<'_, &'static [u8], &'static [u8]> {
    TableDefinition::new(name)
}

fn open(home: &Home) -> Database {
    Database::builder()
        .set_concurrency_mode(ConcurrencyMode::MultiWriter)
        .open(home.store())
        .unwrap()
}
