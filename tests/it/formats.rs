//! The formats that were promised: what an older till wrote is read by this one, for ever. What it
//! wrote lies in `tests/fixtures/formats/`, a folder for each format of the store, and is never
//! made anew: a format that moves gets a folder of its own beside it (`make.rs`).

mod layouts;
mod make;
mod old;
mod provider;

use std::fs;

use serde_json::{Value, json};

use till::store::Table;

use crate::support::admin::Client;
use crate::support::http::Request;
use crate::support::rows::rows;
use crate::support::wait_until;

use self::old::{Old, holds_all_of};
use self::provider::Provider;

/// Every table, and so every row's layout.
#[test]
fn the_old_store_has_rows_in_every_table() {
    let old = Old::of(3);
    for table in Table::ALL {
        assert_ne!(rows(old.home.store(), table.name()), [], "{}", table.name());
    }
}

/// What it showed when it was made it shows today, to the last figure, before anybody unlocks it.
#[test]
fn an_old_store_shows_what_it_showed() {
    let old = Old::of(3);
    for (line, shown) in old.looks() {
        holds_all_of(&shown, &old.home.till(&line).json(), &line);
    }
    let now = old.home.till("log --all --json").ok();
    let events: Vec<Value> = now.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    holds_all_of(&old.events(), &Value::Array(events), "log");
}

#[test]
fn an_old_store_is_whole_and_its_log_is_as_it_was_written() {
    let old = Old::of(3);
    old.home.till("check").ok();
    // Each slot opens it.
    let by_passphrase = old.home.till("check --quick").without("TILL_KEY_FILE");
    by_passphrase.env("TILL_PASSPHRASE", old.secret("passphrase")).ok();
    let checkpoint = old.file("checkpoint.json");
    old.home.till("log checkpoint --check").arg(&checkpoint).ok();
    old.home.till("log verify").ok();
    // What a process of that time had in flight is charged, and what it had noted is written down.
    let spent = old.key("plain");
    assert_eq!(old.home.activations(&spent, "held"), 0);
    assert_eq!(old.home.show(&old.key("killed"))["ended_reason"], "revoked");
    for table in ["kills", "notes", "holds", "instances"] {
        assert_eq!(rows(old.home.store(), table), [], "{table}");
    }
    old.home.till("check").ok();
}

#[test]
fn the_keys_of_an_old_store_open_what_they_opened() {
    let old = Old::of(3);
    let provider = Provider::start();
    let proxy = provider.proxy(&old.home);
    for name in ["plain", "everything", "parent", "child", "grandchild", "brought", "job"] {
        let key = old.key(name);
        let used = old.home.activations(&key, "used");
        Request::chat(&key.text).send(proxy.address()).expect(200, "");
        wait_until("it is settled", || old.home.activations(&key, "used") == used + 1);
    }
    Request::chat(&old.key("paused").text).send(proxy.address()).expect(403, "key_paused");
    for name in ["revoked", "killed", "used-up"] {
        let refused = Request::chat(&old.key(name).text).send(proxy.address());
        assert!(refused.status >= 400, "{name}: {}", refused.status);
    }
    drop(proxy);
    old.home.till("check").ok();
}

#[test]
fn admin_tokens_and_prices_of_an_old_store_hold() {
    let old = Old::of(3);
    let admin = old.home.admin();
    let client = Client { to: admin.address(), token: old.secret("admin_token") };
    let minted = client.mint(&json!({"provider": "openai", "max_activations": 2}));
    assert!(minted["scopedKey"].as_str().unwrap().starts_with("till_sk_"), "{minted}");
    let other = Client { token: format!("{}x", old.secret("admin_token")), ..client };
    assert!(other.create(&json!({"provider": "openai"})).status >= 400);
    drop(admin);
    let price = old.home.till("prices show gpt-imagined").json();
    holds_all_of(&old.expected("price"), &price, "prices show");
}

/// A backup is a store's file as well; this one was closed by who made it.
#[test]
fn an_old_backup_is_put_back() {
    let old = Old::of(3);
    let provider = Provider::start();
    let backup = old.file("till.backup");
    old.home.till("check").arg(&backup).ok();
    // The anchor of that time knows that the store had come further.
    fs::copy(&backup, old.home.store()).unwrap();
    old.home.till("key ls").fails(7, &["went back", "--accept-rollback"]);
    fs::remove_file(old.home.store()).unwrap();
    old.home.till("restore --yes --keep-keys").arg(&backup).ok();
    old.home.till("check").ok();
    let proxy = provider.proxy(&old.home);
    Request::chat(&old.key("plain").text).send(proxy.address()).expect(200, "");
}

#[test]
#[ignore = "once for each format: `cargo test --test it formats::make -- --ignored`"]
fn make_the_files_of_this_format() {
    make::make();
}
