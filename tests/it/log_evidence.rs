//! What the audit log proves: edited, removed and reordered events are named, older stores are
//! found, what happened without an unlock is taken in, and what is dropped is summed up.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::support::home::Home;
use crate::support::rows::{put, remove, rows};

fn home() -> Home {
    let home = Home::new();
    home.add_openai("http://127.0.0.1:1/v1");
    for _ in 0..6 {
        home.mint("openai -n 1");
    }
    home
}

#[test]
fn an_event_that_is_edited_removed_or_put_elsewhere_is_named() {
    let home = home();
    let verified = home.till("log verify").ok();
    assert!(verified.contains("as it was written"), "{verified}");
    let events = rows(home.store(), "events");
    let (key, row) = events[4].clone();

    let mut edited = row.clone();
    // The last byte of its time.
    edited[8] ^= 1;
    put(home.store(), "events", &[(key.clone(), edited)]);
    home.till("log verify").fails(7, &["event 5 was edited", "20"]);
    home.till("log checkpoint").fails(7, &["event 5 was edited"]);
    // It is shown all the same.
    home.till("log").ok();

    remove(home.store(), "events", &key);
    home.till("log verify").fails(7, &["event 5 was removed"]);
    let next = events[5].clone();
    put(home.store(), "events", &[(key.clone(), next.1.clone()), (next.0.clone(), row.clone())]);
    home.till("log verify").fails(7, &["in the place of event 5 lies event 6"]);
    put(home.store(), "events", &[(key, row), next]);
    home.till("log verify").ok();

    let last = events.last().unwrap().clone();
    remove(home.store(), "events", &last.0);
    home.till("log verify").fails(7, &[&format!("event {} was removed", events.len())]);
    put(home.store(), "events", &[last, (vec![0, 0, 0, 0, 0, 0, 3, 0], vec![1; 80])]);
    home.till("log verify").fails(7, &["event 768", "lies where there is none"]);
}

#[test]
fn a_checkpoint_finds_a_store_that_went_back() {
    let home = home();
    let copy = std::fs::read(home.store()).unwrap();
    home.mint("openai -n 1");
    let file = home.path("checkpoint.json");
    let path = file.to_str().unwrap();
    home.till("log checkpoint").arg(path).ok();
    home.till("log checkpoint").arg(path).fails(1, &["not there yet"]);
    let text = std::fs::read_to_string(&file).unwrap();
    let checkpoint: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(text.lines().count(), 1);
    let fields: Vec<_> = checkpoint.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["at", "generation", "head", "mac", "store"]);
    let check = || home.till("log checkpoint --check").arg(path);
    assert!(check().ok().contains("goes on"));
    home.mint("openai -n 1");
    assert!(check().ok().contains("goes on"));
    home.till("log checkpoint --check -").stdin(text.clone()).ok();

    // An older copy, and nothing beside it that remembers.
    std::fs::write(home.store(), copy).unwrap();
    check().fails(7, &["went back"]);
    std::fs::remove_dir_all(home.path("state")).unwrap();
    check().fails(7, &["the store went back", "generation"]);
    for _ in 0..4 {
        home.mint("openai -n 1");
    }
    check().fails(7, &["another past"]);

    std::fs::write(&file, text.replace("\"generation\":1", "\"generation\":2")).unwrap();
    check().fails(7, &["not vouched for"]);
    std::fs::write(&file, "{}").unwrap();
    check().fails(2, &["no checkpoint"]);
    std::fs::write(&file, text).unwrap();
    Home::new().till("log checkpoint --check").arg(path).fails(2, &["another store"]);
    home.till("log checkpoint --check /nowhere").fails(1, &["cannot be read", "hint"]);
}

#[test]
fn what_happened_without_an_unlock_is_taken_in_at_the_next_one() {
    let home = Home::with_passphrase("the right one");
    let wrong = || home.till("master ls --verify").env("TILL_PASSPHRASE", "the wrong one");
    for _ in 0..3 {
        wrong().fails(6, &["opens no unlock slot"]);
    }
    let failures = || home.till("log --kind unlock-failed --json").ok();
    assert_eq!(failures(), "", "they are no events yet");
    let verify = || home.till("log verify").env("TILL_PASSPHRASE", "the right one").ok();
    assert!(verify().contains("3 of them happened without an unlock"));
    assert_eq!(failures().lines().count(), 3);
    for line in failures().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["authenticated"], false);
    }
    verify();
    assert_eq!(failures().lines().count(), 3, "once each");
}

#[test]
fn what_is_kept_can_be_said_and_the_rest_is_summed_up() {
    let home = home();
    let before = home.till("log retention").json();
    assert_eq!((&before["max_events"], &before["max_age"]), (&500_000.into(), &Value::Null));
    home.till("key mint openai -n 1 --count 200").ok();
    home.till("log retention --events 100").fails(2, &["--yes"]);
    home.till("log retention --events 100 --age 30d --yes").ok();
    let kept = home.till("log retention").json();
    assert_eq!((&kept["max_events"], &kept["max_age"]), (&100.into(), &"4w2d".into()));
    assert_eq!(kept["events"], 100);
    home.till("key mint openai -n 1 --count 50").ok();
    let all = home.till("log --all --json").ok();
    let first: Value = serde_json::from_str(all.lines().next().unwrap()).unwrap();
    assert_eq!(first["kind"], "dropped");
    assert_eq!((&first["first_seq"], &first["kinds"]["master-added"]), (&1.into(), &1.into()));
    assert_eq!(first["count"], first["last_seq"]);
    assert_eq!(all.lines().count(), 101);
    let text = home.till("log --all").ok();
    assert!(text.starts_with(&format!("{} older events dropped", first["count"])), "{text}");
    let verified = home.till("log verify").json();
    assert_eq!(
        (&verified["events"], &verified["dropped"]["count"]),
        (&100.into(), &first["count"])
    );
    home.till("log retention --age none").ok();
    assert_eq!(home.till("log retention").json()["max_age"], Value::Null);
    for bad in ["--events 99", "--events x", "--age 5", "--age 1s"] {
        home.till(&format!("log retention {bad}")).fails(2, &["error"]);
    }
    // Another root key vouches for it all.
    home.till("log retention --events 150").ok();
    let file = home.path("passphrase");
    std::fs::write(&file, "another passphrase\n").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    home.till("rekey --yes --new-passphrase-file").arg(file.to_str().unwrap()).ok();
    let verify = home.till("log verify --json").without("TILL_KEY_FILE");
    let verified = verify.env("TILL_PASSPHRASE_FILE", &file).ok();
    let verified: Value = serde_json::from_str(&verified).unwrap();
    assert_eq!(verified["dropped"]["first_seq"], 1);
    assert_eq!(home.till("log retention").json()["max_events"], 150);
}
