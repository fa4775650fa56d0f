//! Files that are no store, or not this one's: each is told apart, and none is touched.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use redb::{ConcurrencyMode, Database, ReadableTable, TableDefinition};

use till::store::rows::FORMAT;

use crate::support::home::{Home, MASTER};

/// Nothing listens there.
const NOBODY: &str = "http://127.0.0.1:1/v1";

#[test]
fn no_store() {
    let home = Home::empty();
    let lines = [
        "key ls",
        "key mint openai -n 5",
        "key revoke 000000000000",
        "master ls",
        "master add openai",
        "unlock ls",
        "proxy --listen 127.0.0.1:0",
        "stop --all --yes",
    ];
    for line in lines {
        let run = home.till(line).env("TILL_PASSPHRASE", "x").stdin(MASTER);
        run.fails(4, &["no store", "till init"]);
        assert!(!home.store().exists(), "`till {line}` made one");
    }
    // Built-in rows need no store.
    home.till("provider ls").ok();
    Home::new().till("init").env("TILL_PASSPHRASE", "x").fails(1, &["already", "--store"]);
}

#[test]
fn files_that_are_no_store() {
    let home = Home::new();
    home.add_openai(NOBODY);
    let whole = fs::read(home.store()).unwrap();
    let mut overwritten = whole.clone();
    overwritten[..4_096].fill(0x5a);
    let files = [
        ("empty", vec![]),
        ("truncated", whole[..whole.len() / 2].to_vec()),
        ("cut to a few bytes", whole[..100].to_vec()),
        ("overwritten", overwritten),
        ("another file", b"not a database, whatever its name".repeat(1_000)),
    ];
    for (case, bytes) in files {
        fs::write(home.store(), &bytes).unwrap();
        for line in ["key ls", "key mint openai -n 1", "proxy --listen 127.0.0.1:0"] {
            let output = home.till(line).run();
            assert_eq!(output.code, Some(7), "{case}: {output}");
            output.expect_failure(7, &["hint"]);
        }
        assert_eq!(fs::read(home.store()).unwrap(), bytes, "{case}: the file was changed");
    }
    fs::write(home.store(), &whole).unwrap();
    home.till("master ls").ok();
}

#[test]
fn formats_that_are_unknown() {
    let home = Home::new();
    set_format(&home, FORMAT, 99);
    home.till("key ls").fails(7, &["format 99", "newer"]);
    set_format(&home, 99, 1);
    home.till("key ls").fails(7, &["format 1", "an older version"]);

    let home = Home::empty();
    fs::create_dir(home.store().parent().unwrap()).unwrap();
    fs::set_permissions(home.store().parent().unwrap(), Permissions::from_mode(0o700)).unwrap();
    drop(Database::create(home.store()).unwrap());
    fs::set_permissions(home.store(), Permissions::from_mode(0o600)).unwrap();
    home.till("key ls").fails(7, &["no store"]);
}

#[test]
fn open_permissions() {
    let home = Home::new();
    let folder = home.store().parent().unwrap().to_owned();
    for (path, open, closed) in [(home.store(), 0o640, 0o600), (&folder, 0o777, 0o700)] {
        fs::set_permissions(path, Permissions::from_mode(open)).unwrap();
        home.till("key ls").fails(1, &["chmod", path.to_str().unwrap()]);
        fs::set_permissions(path, Permissions::from_mode(closed)).unwrap();
        home.till("key ls").ok();
    }
    // A link is not followed: it could lead anywhere.
    let elsewhere = home.path("elsewhere");
    fs::rename(home.store(), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, home.store()).unwrap();
    home.till("key ls").fails(1, &["link"]);
}

/// A program that locks the file in another way: redb before 4.3, or a backup that locks it.
#[test]
fn another_lock_protocol() {
    let home = Home::new();
    let file = File::open(home.store()).unwrap();
    file.lock().unwrap();
    home.till("key ls").fails(5, &["another", "hint"]);
    drop(file);
    home.till("key ls").ok();
}

/// An `init` that fails leaves nothing of its own behind.
#[test]
fn an_init_that_fails_leaves_nothing() {
    let init = |home: &Home| home.till("init").env("TILL_PASSPHRASE", "long enough");
    let left = |folder: &Path| {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        entries.collect::<Vec<_>>()
    };
    // Others may write to the folder.
    let home = Home::empty();
    let open = home.store().parent().unwrap().to_owned();
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, Permissions::from_mode(0o777)).unwrap();
    init(&home).fails(1, &["others can replace files", "hint: run `chmod go-w"]);
    assert!(left(&open).is_empty(), "{:?}", left(&open));
    // What is remembered outside of the store cannot be.
    let home = Home::empty();
    fs::write(home.path("file"), "").unwrap();
    init(&home).env("XDG_STATE_HOME", home.path("file/state")).fails(1, &["anchor"]);
    assert_eq!(left(&home.path("")), ["file"]);
}

/// Each kind of file that is no store of ours has a hint of its own.
#[test]
fn files_that_are_no_store_of_ours() {
    let home = Home::new();
    let link = home.path("link.redb");
    std::os::unix::fs::symlink(home.store(), &link).unwrap();
    let output = home.till("key ls --store").arg(link.to_str().unwrap()).run();
    output.expect_failure(1, &["is a symbolic link", "hint: name the file itself"]);
    assert!(!output.stderr.contains("chmod"), "{output}");
    let folder = home.path("folder.redb");
    fs::create_dir(&folder).unwrap();
    let output = home.till("key ls --store").arg(folder.to_str().unwrap()).run();
    output.expect_failure(1, &["is not a regular file", "--store"]);
    assert!(!output.stderr.contains("chmod"), "{output}");
    fs::set_permissions(home.store(), Permissions::from_mode(0o644)).unwrap();
    home.till("key ls").fails(1, &["open to other users", "hint: run `chmod 600"]);
    fs::set_permissions(home.store(), Permissions::from_mode(0o600)).unwrap();
    fs::write(home.store(), "no store").unwrap();
    let path = home.store().to_str().unwrap();
    home.till("key ls").fails(7, &["the store is damaged", path]);
}

fn open(home: &Home) -> Database {
    Database::builder()
        .set_concurrency_mode(ConcurrencyMode::MultiWriter)
        .open(home.store())
        .unwrap()
}

/// Writes another format into the store's header: it comes first there, and its place never moves.
fn set_format(home: &Home, from: u32, to: u32) {
    let database = open(home);
    let table = TableDefinition::<&[u8], &[u8]>::new("meta");
    let transaction = database.begin_write().unwrap();
    {
        let mut meta = transaction.open_table(table).unwrap();
        let mut header = meta.get(&b"header"[..]).unwrap().unwrap().value().to_vec();
        let start = header.windows(4).position(|bytes| bytes == from.to_be_bytes()).unwrap();
        header[start..start + 4].copy_from_slice(&to.to_be_bytes());
        meta.insert(&b"header"[..], &header[..]).unwrap();
    }
    transaction.commit().unwrap();
}
