//! Rows and stores that went back: what was ended stays ended, and what was spent stays spent.

use std::fs;

use crate::support::answer::Answer;
use crate::support::home::Home;
use crate::support::http::Request;
use crate::support::rows::{put, rows};
use crate::support::upstream::Upstream;
use crate::support::wait_until;

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
    let alive = rows(home.store(), "usage");
    let grants = rows(home.store(), "grants");
    assert_eq!((alive.len(), grants.len()), (1, 1));

    request.send(proxy.address()).expect(200, "");
    wait_until("the key has ended", || home.show(&key)["status"] == "ended");
    assert_eq!(rows(home.store(), "grants"), [], "the grant is erased");
    assert_eq!(home.show(&key)["grants"], 0);

    // The running proxy has seen a newer revision of the row.
    put(home.store(), "usage", &alive);
    let refused = request.send(proxy.address());
    assert!(refused.status >= 400, "{}", refused.status);
    // A new one has not, and to it the key lives.
    drop(proxy);
    put(home.store(), "usage", &alive);
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
    let (usage, grants) = (rows(home.store(), "usage"), rows(home.store(), "grants"));
    request.send(proxy.address()).expect(200, "");
    wait_until("it is settled", || home.activations(&key, "used") == 2);
    put(home.store(), "usage", &usage);
    put(home.store(), "grants", &grants);
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
        let before = rows(home.store(), table);
        let row = &before[0].1;
        for byte in [0, row.len() / 2, row.len() - 1] {
            let mut edited = before.clone();
            edited[0].1[byte] ^= 1;
            put(home.store(), table, &edited);
            // A new process, which remembers nothing.
            let proxy = home.proxy();
            let refused = Request::chat(&key.text).send(proxy.address());
            assert!(refused.status >= 400, "byte {byte} of {table}: {}", refused.status);
        }
        put(home.store(), table, &before);
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
