//! Backups, what is put back out of them, and what a check finds.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::answer::Answer;
use crate::support::home::{Home, Key};
use crate::support::http::Request;
use crate::support::rows::{put, rows};
use crate::support::upstream::Upstream;
use crate::support::wait_until;

/// A store with something in every corner that a forwarder fills, and the file of a backup.
fn used(upstream: &Upstream) -> (Home, Key, PathBuf) {
    let home = Home::with_openai(upstream);
    let key = home.mint("openai -n 5 --expires 2h");
    home.mint("openai -n 9 --delegate");
    home.till("admin mint --name ci --provider openai --max-activations 5 --max-expires 1h").ok();
    let ended = home.mint("openai -n 9");
    home.till(&format!("key revoke {}", ended.id)).ok();
    home.till("master ls --verify").ok();
    let proxy = home.proxy();
    for _ in 0..2 {
        Request::chat(&key.text).send(proxy.address()).expect(200, "");
    }
    wait_until("it is settled", || home.activations(&key, "held") == 0);
    drop(proxy);
    home.till("master ls --verify").ok();
    let file = home.path("till.backup");
    (home, key, file)
}

/// `till check` ends with 7, and says this on stdout.
#[track_caller]
fn finds(home: &Home, says: &[&str]) {
    let output = home.till("check").run();
    assert_eq!(output.code, Some(7), "{output}");
    for text in says {
        assert!(output.stdout.contains(text), "no `{text}`: {output}");
    }
}

fn arg(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_backup_is_made_beside_a_proxy_and_is_the_store_of_a_moment() {
    let upstream = Upstream::answering(Answer::status(200));
    let (home, key, file) = used(&upstream);
    let proxy = home.proxy();
    let made = home.till("backup --json").arg(arg(&file)).ok();
    let made: Value = serde_json::from_str(&made).unwrap();
    assert!(made["rows"].as_u64().unwrap() > 20, "{made}");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    Request::chat(&key.text).send(proxy.address()).expect(200, "");
    for table in ["keys", "masters", "key_index", "grants", "slots"] {
        assert_eq!(rows(&file, table), rows(home.store(), table), "{table}");
    }
    home.till("check").arg(arg(&file)).ok();
    home.till("check").ok();
    assert_eq!(proxy.stop().0.code(), Some(0));
}

#[test]
fn a_backup_writes_over_nothing_and_never_over_the_store() {
    let home = Home::new();
    let file = home.path("till.backup");
    home.till("backup").arg(arg(&file)).ok();
    let before = fs::read(&file).unwrap();
    home.till("backup").arg(arg(&file)).fails(1, &["already", "--force"]);
    assert_eq!(fs::read(&file).unwrap(), before);
    home.till("backup --force").arg(arg(&file)).ok();
    let whole = fs::read(home.store()).unwrap();
    home.till("backup --force").arg(arg(home.store())).fails(2, &["the store itself"]);
    let link = home.path("link");
    symlink(home.store(), &link).unwrap();
    home.till("backup --force").arg(arg(&link)).fails(2, &["the store itself"]);
    fs::remove_file(&link).unwrap();
    symlink(home.path("key-file"), &link).unwrap();
    home.till("backup --force").arg(arg(&link)).fails(2, &["no regular file"]);
    home.till("backup --force").arg(arg(&home.path(""))).fails(2, &["a folder"]);
    home.till("backup").arg(arg(&home.path("none/there"))).ok();
    assert_eq!(fs::read(home.store()).unwrap(), whole);
}

#[test]
fn a_restored_store_has_no_live_keys_and_says_so_in_its_log() {
    let upstream = Upstream::answering(Answer::status(200));
    let (home, key, file) = used(&upstream);
    home.till("backup").arg(arg(&file)).ok();
    let later = home.mint("openai -n 3");
    let proxy = home.proxy();
    home.till("restore --yes --replace").arg(arg(&file)).fails(8, &["1 proxy runs", "stop them"]);
    assert!(proxy.stop().0.success());
    home.till("restore --yes").arg(arg(&file)).fails(1, &["already", "--replace"]);
    home.till("restore --replace").arg(arg(&file)).fails(2, &["--yes"]);
    let before = fs::read(home.store()).unwrap();
    let restored = home.till("restore --yes --replace --json").arg(arg(&file)).ok();
    let restored: Value = serde_json::from_str(&restored).unwrap();
    assert_eq!(restored["ended_keys"], 2, "{restored}");
    let aside = PathBuf::from(restored["put_aside"].as_str().unwrap());
    assert_eq!(fs::read(aside).unwrap(), before);
    // No `--accept-rollback`: the anchor was set back.
    home.till("check").ok();
    home.till("log verify").ok();
    assert!(home.till("log --kind store-restored").ok().contains("generation"));
    let proxy = home.proxy();
    for text in [&key.text, &later.text] {
        assert!(Request::chat(text).send(proxy.address()).status >= 400);
    }
    assert_eq!(rows(home.store(), "grants"), []);
    let fresh = home.mint("openai -n 1");
    Request::chat(&fresh.text).send(proxy.address()).expect(200, "");
}

#[test]
fn keys_are_kept_where_that_is_said() {
    let upstream = Upstream::answering(Answer::status(200));
    let (home, key, file) = used(&upstream);
    home.till("backup").arg(arg(&file)).ok();
    fs::remove_file(home.store()).unwrap();
    home.till("restore --yes --keep-keys").arg(arg(&file)).ok();
    home.till("check").ok();
    assert_eq!(home.activations(&key, "used"), 2);
    let proxy = home.proxy();
    Request::chat(&key.text).send(proxy.address()).expect(200, "");
}

#[test]
fn a_damaged_backup_is_not_restored() {
    let upstream = Upstream::answering(Answer::status(200));
    let (home, key, file) = used(&upstream);
    home.till("backup").arg(arg(&file)).ok();
    let mut edited = rows(&file, "usage");
    edited[0].1[20] ^= 1;
    put(&file, "usage", &edited);
    let whole = fs::read(home.store()).unwrap();
    let says = ["not as it was written", "usage 1", "MAC"];
    home.till("restore --yes --replace").arg(arg(&file)).fails(7, &says);
    assert_eq!(fs::read(home.store()).unwrap(), whole);
    assert_eq!(home.activations(&key, "used"), 2);
}

/// A row that went back by itself has the MAC that it had: the log tells.
#[test]
fn each_old_row_that_is_put_back_is_found() {
    let upstream = Upstream::answering(Answer::status(200));
    let (home, key, _) = used(&upstream);
    let proxy = home.proxy();
    let old = rows(home.store(), "usage");
    let others = home.mint("openai -n 2");
    Request::chat(&key.text).send(proxy.address()).expect(200, "");
    Request::chat(&others.text).send(proxy.address()).expect(200, "");
    wait_until("it is settled", || home.activations(&key, "held") == 0);
    wait_until("it is settled", || home.activations(&others, "held") == 0);
    drop(proxy);
    home.till("master ls --verify").ok();
    home.till("check").ok();
    let now = rows(home.store(), "usage");
    let mut put_back = 0;
    for row in old.iter().filter(|row| !now.contains(row)) {
        put(home.store(), "usage", std::slice::from_ref(row));
        finds(&home, &["usage 1", "the log", "put in its place"]);
        put(home.store(), "usage", &now);
        put_back += 1;
    }
    assert!(put_back > 0);
    // The record of an edited key, and one that was removed.
    let old = rows(home.store(), "keys");
    home.till(&format!("key edit {} -n 50", key.id)).ok();
    let now = rows(home.store(), "keys");
    put(home.store(), "keys", &old);
    finds(&home, &["keys 1", "edited 1 times"]);
    put(home.store(), "keys", &now);
    home.till("check").ok();
}

/// What was taken away works again where its row is back.
#[test]
fn each_removed_row_that_is_put_back_is_found() {
    let upstream = Upstream::answering(Answer::status(200));
    let (home, ..) = used(&upstream);
    let line =
        format!("master add openai --name spare --local --base-url {}", upstream.base_url(""));
    home.till(&line).stdin("sk-proj-0123456789abcdefghijklmnopqrstuvwxyz\n").ok();
    let spare = home.path("spare");
    fs::write(&spare, "a passphrase that is spare\n").unwrap();
    fs::set_permissions(&spare, fs::Permissions::from_mode(0o600)).unwrap();
    home.till("unlock add passphrase --new-passphrase-file").arg(arg(&spare)).ok();
    for (table, removes) in
        [("minters", "admin revoke ci"), ("masters", "master rm spare"), ("slots", "unlock rm 2")]
    {
        let old = rows(home.store(), table);
        home.till(&format!("{removes} --yes")).ok();
        home.till("check").ok();
        let now = rows(home.store(), table);
        assert_eq!(now.len() + 1, old.len(), "{table}");
        let whole = fs::read(home.store()).unwrap();
        put(home.store(), table, &old);
        finds(&home, &[&format!("{table} "), "the log says that it was removed"]);
        fs::write(home.store(), whole).unwrap();
        home.till("check").ok();
    }
}

#[test]
fn a_file_put_in_the_place_of_a_running_proxys_store_stops_it() {
    let upstream = Upstream::answering(Answer::status(200));
    let (home, key, file) = used(&upstream);
    home.till("backup").arg(arg(&file)).ok();
    let proxy = home.proxy();
    Request::chat(&key.text).send(proxy.address()).expect(200, "");
    fs::rename(&file, home.store()).unwrap();
    wait_until("it is noticed", || Request::chat(&key.text).send(proxy.address()).status == 503);
    let refused = Request::chat(&key.text).send(proxy.address());
    assert_eq!(refused.denial(), "store_unavailable");
}

/// The same file still, with what was in it before: whoever has seen it newer admits nothing.
#[test]
fn an_old_copy_written_into_a_running_proxys_store_stops_it() {
    let upstream = Upstream::answering(Answer::status(200));
    let (home, key, _) = used(&upstream);
    let untouched = home.mint("openai -n 3");
    let proxy = home.proxy();
    let copy = fs::read(home.store()).unwrap();
    Request::chat(&key.text).send(proxy.address()).expect(200, "");
    wait_until("it is settled", || home.activations(&key, "held") == 0);
    let served = upstream.count();
    fs::write(home.store(), copy).unwrap();
    // Nothing is remembered of a key that was not used yet.
    let refused = Request::chat(&untouched.text).send(proxy.address());
    refused.expect(503, "store_unavailable");
    Request::chat(&key.text).send(proxy.address()).expect(503, "store_unavailable");
    assert_eq!(upstream.count(), served);
}

#[test]
fn an_old_copy_put_back_is_found() {
    let home = Home::new();
    let copy = fs::read(home.store()).unwrap();
    home.add_openai("http://127.0.0.1:1/v1");
    home.till("check").ok();
    fs::write(home.store(), copy).unwrap();
    finds(&home, &["went back", "--accept-rollback"]);
}

/// The anchor is set back before the store has its place: whenever a restore dies, what lies there
/// is not taken for a copy that was put back.
#[test]
fn a_restore_that_dies_leaves_a_store_that_opens() {
    let upstream = Upstream::answering(Answer::status(200));
    let (home, key, file) = used(&upstream);
    home.till("backup").arg(arg(&file)).ok();
    home.mint("openai -n 3");
    let before = fs::read(home.store()).unwrap();
    let mut state = fs::read_dir(home.path("state/till")).unwrap();
    let anchor = fs::File::open(state.next().unwrap().unwrap().path()).unwrap();
    // It can be read meanwhile, and not be written.
    anchor.lock_shared().unwrap();
    let making = || {
        let files = fs::read_dir(home.store().parent().unwrap()).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with(".till.redb.new-")).collect::<Vec<_>>()
    };
    let mut restore = home.till("restore --yes --replace").arg(arg(&file)).spawn();
    let waits = || {
        let locks = fs::read_to_string("/proc/locks").unwrap();
        let own = format!(" {} ", restore.id());
        let waits = |line: &str| line.contains("-> FLOCK") && line.contains(&own);
        !making().is_empty() && locks.lines().any(waits)
    };
    wait_until("it waits for the anchor", waits);
    assert_eq!(fs::read(home.store()).unwrap(), before, "it has no place before that");
    restore.kill().unwrap();
    restore.wait().unwrap();
    anchor.unlock().unwrap();

    let output = home.till("check").run();
    assert_eq!(output.code, Some(0), "{output}");
    let left = making();
    assert_eq!(left.len(), 1);
    assert!(output.stderr.contains(&format!("{}`: left by a command", left[0])), "{output}");
    assert_eq!(home.activations(&key, "used"), 2);
    home.till("restore --yes --replace").arg(arg(&file)).ok();
    assert_eq!(making(), Vec::<String>::new());
}

/// What is left beside a store is told, and is no fault.
#[test]
fn what_lies_beside_a_store_is_noted() {
    let upstream = Upstream::answering(Answer::status(200));
    let (home, key, file) = used(&upstream);
    let clean = home.till("check --json").ok();
    let clean: Value = serde_json::from_str(&clean).unwrap();
    assert_eq!(clean["notes"], serde_json::json!([]), "{clean}");
    home.till("backup").arg(arg(&file)).ok();
    home.till("restore --yes --replace --keep-keys").arg(arg(&file)).ok();
    let proxy = home.proxy();
    Request::chat(&key.text).send(proxy.address()).expect(200, "");
    proxy.kill();
    fs::write(home.store().with_file_name(".till.redb.new-0123456789abcdef"), "").unwrap();
    let told = home.till("check --json --no-unlock").ok();
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&told["clean"], &told["count"]), (&true.into(), &0.into()), "{told}");
    let notes: Vec<&str> = told["notes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|note| note["what"].as_str().unwrap())
        .collect();
    for (note, says) in notes.iter().zip(["left by a command", "put aside", "a process that died"])
    {
        assert!(note.contains(says), "{notes:?}");
    }
    assert_eq!(notes.len(), 3, "{notes:?}");
    let shown = home.till("check --no-unlock").run();
    assert_eq!(shown.code, Some(0), "{shown}");
    assert_eq!(shown.stderr.matches("note: `").count(), 3, "{shown}");
    // One that runs is none.
    let proxy = home.proxy();
    let told = home.till("check --json --no-unlock").ok();
    assert!(!told.contains("a process that died"), "{told}");
    drop(proxy);
}
