//! Slots, masters and keys from their beginning to their end, through the binary.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::answer::Answer;
use crate::support::home::{Home, Key, MASTER};
use crate::support::http::Request;
use crate::support::proxy::Proxy;
use crate::support::skip::skip;
use crate::support::upstream::{Place, Upstream};

const OLD: &str = "the old passphrase";
const NEW: &str = "the new passphrase";

#[test]
fn passwd_changes_the_passphrase_and_nothing_else() {
    let home = Home::with_passphrase(OLD);
    home.till("master add openai").env("TILL_PASSPHRASE", OLD).stdin(MASTER).ok();
    secret_file(&home.path("new"), NEW);
    let new = home.path("new").to_str().unwrap().to_owned();
    home.till("passwd --new-passphrase-file").arg(&new).env("TILL_PASSPHRASE", OLD).ok();
    home.till("key mint openai -n 1").env("TILL_PASSPHRASE", OLD).fails(6, &["no unlock slot"]);
    home.till("key mint openai -n 1").env("TILL_PASSPHRASE", NEW).ok();
}

#[test]
fn slots_come_and_go() {
    let home = Home::with_passphrase(OLD);
    let file = home.path("ci-key");
    let file = file.to_str().unwrap();
    let run = home.till("unlock add key-file --name ci --file").arg(file);
    run.env("TILL_PASSPHRASE", OLD).ok();
    let mode = std::fs::metadata(file).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);

    let table = home.till("unlock ls").ok();
    assert!(table.contains("passphrase  -     "), "a slot without a name: {table}");
    let slots = home.till("unlock ls").json();
    assert_eq!(slots.as_array().map(Vec::len), Some(2), "{slots}");
    assert_eq!((&slots[0]["kind"], &slots[1]["kind"]), (&"passphrase".into(), &"key-file".into()));
    home.till("master add openai").env("TILL_KEY_FILE", file).stdin(MASTER).ok();

    let first = slots[0]["slot"].to_string();
    home.till("unlock rm --yes").arg(&first).env("TILL_KEY_FILE", file).ok();
    home.till("key mint openai -n 1").env("TILL_PASSPHRASE", OLD).fails(1, &["no secret"]);
    home.till("key mint openai -n 1").env("TILL_KEY_FILE", file).ok();
    // The last slot stays.
    let last = slots[1]["slot"].to_string();
    home.till("unlock rm --yes").arg(&last).env("TILL_KEY_FILE", file).fails(8, &["only"]);
}

#[test]
fn rekey_ends_every_key() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let old = home.mint("openai -n 50");
    secret_file(&home.path("new"), NEW);
    let new = home.path("new").to_str().unwrap().to_owned();
    home.till("rekey --new-passphrase-file").arg(&new).fails(2, &["--yes"]);
    {
        let _proxy = home.proxy();
        let run = home.till("rekey --yes --new-passphrase-file").arg(&new);
        run.fails(8, &["1 proxy runs", "stop them"]);
    }
    home.till("rekey --yes --new-passphrase-file").arg(&new).ok();
    home.till("key mint openai -n 50").fails(1, &["no secret"]);
    let with_new =
        |line: &str| home.till(line).without("TILL_KEY_FILE").env("TILL_PASSPHRASE_FILE", &new);
    let fresh = Key::of(&with_new("key mint openai -n 50").json());
    let proxy = Proxy::start(with_new("proxy --listen 127.0.0.1:0"));
    let refused = Request::chat(&old.text).send(proxy.address());
    assert!(matches!(refused.status, 401 | 403), "{}", refused.status);
    Request::chat(&fresh.text).send(proxy.address()).expect(200, "");
    assert_eq!(upstream.count(), 1);
}

#[test]
fn a_rotated_master_keeps_live_keys_working() {
    let second = "sk-second-master-0123456789abcdef";
    let upstream =
        Upstream::expecting(Place::Field("authorization", format!("Bearer {second}")), |_| {
            Answer::status(200)
        });
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 50");
    let proxy = home.proxy();
    home.till("master rotate openai").stdin(second).ok();
    Request::chat(&key.text).send(proxy.address()).expect(200, "");
    let masters = home.till("master ls").json();
    assert_eq!(masters[0]["last4"], "cdef", "{masters}");

    home.till("master rotate openai --end-keys --yes").stdin(second).ok();
    Request::chat(&key.text).send(proxy.address()).expect(403, "key_revoked");
    assert_eq!(home.show(&key)["ended_reason"], "master-gone");
}

#[test]
fn a_master_with_live_keys_stays() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 50");
    home.till("master rm openai --yes").fails(8, &["1 live", "--revoke-keys"]);
    // That there is no such master key is said before anything is asked.
    home.till("master rotate absent --end-keys").fails(3, &["no master key `absent`"]);
    home.till("master rm absent").fails(3, &["no master key `absent`"]);
    assert_eq!(home.show(&key)["status"], "live");
    home.till("master rm openai --revoke-keys --yes").ok();
    assert_eq!(home.show(&key)["status"], "ended");
    assert_eq!(home.till("master ls").json().as_array().map(Vec::len), Some(0));
    home.till("key mint openai -n 1").fails(3, &["till master add openai"]);
}

#[test]
fn live_keys_are_edited_and_ended_ones_never() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 1 --name first --label team=a");
    let proxy = home.proxy();
    let edit = |line: &str| home.till(line).arg(&key.id);
    edit("key edit --name second -n 2 --label team=b").ok();
    let shown = home.show(&key);
    assert_eq!((&shown["name"], &shown["labels"]["team"]), (&"second".into(), &"b".into()));
    edit("key extend -n 1 --expires 1h").ok();
    assert_eq!(home.activations(&key, "limit"), 3);
    for _ in 0..2 {
        Request::chat(&key.text).send(proxy.address()).expect(200, "");
    }
    edit("key edit -n 1").fails(8, &["2"]);
    Request::chat(&key.text).send(proxy.address()).expect(200, "");
    Request::chat(&key.text).send(proxy.address()).expect(402, "activation_limit");
    edit("key extend -n 5").fails(8, &["ended"]);
    edit("key edit --name third").fails(8, &["ended"]);
    edit("key revoke").ok();
    assert_eq!(home.show(&key)["ended_reason"], "activations", "the first end stays");
    assert_eq!(upstream.count(), 3);
}

#[test]
fn stop_all_revokes_every_live_key_without_an_unlock() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let keys: Vec<_> = (0..5).map(|_| home.mint("openai -n 5")).collect();
    let proxy = home.proxy();
    home.till("stop --all").without("TILL_KEY_FILE").fails(2, &["--yes"]);
    home.till("stop --all --yes").without("TILL_KEY_FILE").ok();
    for key in &keys {
        Request::chat(&key.text).send(proxy.address()).expect(403, "key_revoked");
    }
    let live = home.till("key ls --status live").json();
    assert_eq!(live.as_array().map(Vec::len), Some(0), "{live}");
}

/// What an ended key has not used is not left either.
#[test]
fn an_ended_key_has_nothing_left() {
    let home = Home::new();
    home.add_openai("http://127.0.0.1:1/v1");
    let key = home.mint("openai -n 5");
    assert_eq!(home.activations(&key, "remaining"), 5);
    home.till(&format!("key revoke {}", key.id)).ok();
    assert_eq!(home.activations(&key, "remaining"), 0);
    let shown = home.till(&format!("key show {}", key.id)).ok();
    assert!(shown.contains(" 0 remaining of 5"), "{shown}");
    let listed = home.till("key ls").ok();
    assert!(listed.contains(" revoked ") && !listed.contains("ended"), "{listed}");
}

#[test]
fn verbose_says_which_store_and_how_it_was_unlocked() {
    let home = Home::new();
    home.add_openai("http://127.0.0.1:1/v1");
    let key = home.mint("openai -n 5");
    home.till(&format!("key revoke {}", key.id)).ok();
    let output = home.till("key mint openai -n 1 -v").run();
    let store = format!("the store is `{}`", home.store().display());
    let says = [&*store, "unlocked with slot 1: a key-file", "0 dead proxies, 1 ended key\n"];
    for text in says {
        assert!(output.stderr.contains(text), "nothing of {text:?}: {output}");
    }
    assert!(output.stdout.starts_with("till_sk_"), "{output}");
    for line in ["key mint openai -n 1", "key mint openai -n 1 -v --quiet"] {
        let output = home.till(line).run();
        assert!(output.stderr.is_empty(), "{output}");
    }
}

/// The keyring holds one secret for a store: a second one takes the place of the first.
#[test]
fn a_store_has_one_keyring_slot() {
    let home = Home::new();
    let add = home.till("unlock add keyring --name one").run();
    if add.code != Some(0) {
        add.expect_failure(1, &["keyring cannot be used"]);
        let slots = home.till("unlock ls").json();
        assert_eq!(slots.as_array().map(Vec::len), Some(1), "half done: {slots}");
        skip("the kernel's keyring cannot be used here");
        return;
    }
    home.till("unlock add keyring --name two").ok();
    let slots = home.till("unlock ls").json();
    assert_eq!(slots.as_array().map(Vec::len), Some(2), "{slots}");
    assert_eq!((&slots[1]["kind"], &slots[1]["name"]), (&"keyring".into(), &"two".into()));
    let add = home.till("master add openai").without("TILL_KEY_FILE").stdin(MASTER);
    add.ok();
    let slot = slots[1]["slot"].to_string();
    home.till("unlock rm --yes").arg(&slot).ok();
    home.till("key mint openai -n 1").without("TILL_KEY_FILE").fails(1, &["no secret"]);
    home.till("key mint openai -n 1").ok();
}

#[test]
fn prune_drops_old_tombstones_alone() {
    let home = Home::new();
    home.add_openai("http://127.0.0.1:1/v1");
    let (dead, live) = (home.mint("openai -n 5"), home.mint("openai -n 5"));
    home.till(&format!("key revoke {}", dead.id)).ok();
    home.till("key prune --older-than 1h --yes").ok();
    assert_eq!(home.key_count(), 2, "it has not ended an hour ago");
    home.till("key prune --older-than 0s --yes").ok();
    assert_eq!(home.key_count(), 1);
    assert_eq!(home.show(&live)["status"], "live");
    home.till(&format!("key show {}", dead.id)).fails(3, &["no"]);
}

#[test]
fn minting_many_and_listing_them() {
    let home = Home::new();
    home.add_openai("http://127.0.0.1:1/v1");
    let printed = home.till("key mint openai -n 5 --count 20 --name batch --label run=7").ok();
    assert_eq!(printed.lines().count(), 20);
    assert!(printed.lines().all(|line| line.starts_with("till_sk_")), "{printed}");
    home.mint("openai -n 5");
    let count = |line: &str| home.till(line).json().as_array().map(Vec::len);
    assert_eq!(count("key ls"), Some(21));
    assert_eq!(count("key ls --label run=7"), Some(20));
    assert_eq!(count("key ls --provider anthropic"), Some(0));
    assert_eq!(count("key ls --status ended"), Some(0));
    let id = home.till("key ls").json()[0]["id"].as_str().unwrap().to_owned();
    // An id may be shortened while only one key has it.
    let shown = home.till(&format!("key show {}", &id[..11])).json();
    assert_eq!(shown["id"], id.as_str());
}

#[test]
fn mint_prints_lines_for_each_shell() {
    let home = Home::new();
    home.add_openai("http://127.0.0.1:1/v1");
    let cases = [
        ("sh", "export OPENAI_API_KEY="),
        ("fish", "set -gx OPENAI_API_KEY "),
        ("dotenv", "OPENAI_API_KEY="),
        ("github", "::add-mask::till_sk_"),
    ];
    for (form, line) in cases {
        let file = home.path("github-env");
        let mint = home.till(&format!("key mint openai -n 1 --env={form}"));
        let mut printed = mint.env("GITHUB_ENV", file.to_str().unwrap()).ok();
        if form == "github" {
            assert!(!printed.contains("OPENAI_API_KEY"), "the log would show it: {printed}");
            printed += &std::fs::read_to_string(file).unwrap();
        }
        assert!(printed.contains(line), "{form}: {printed}");
        assert!(printed.contains("OPENAI_BASE_URL"), "{form}: {printed}");
        assert!(printed.contains("/openai/v1"), "{form}: {printed}");
    }
}

#[test]
fn any_http_api_is_added_by_hand() {
    let upstream = Upstream::expecting(Place::raw("x-acme-key"), |_| Answer::status(200));
    let home = Home::new();
    let url = upstream.base_url("/api");
    let add = home.till("provider add acme --local --auth header:X-Acme-Key --url").arg(&url);
    add.arg("--header").arg("Acme-Version: 7").ok();
    home.till("master add acme").stdin(MASTER).ok();
    let key = home.mint("acme -n 5");
    let proxy = home.proxy();
    let request = Request::new("GET", "/acme/things?a=1").bearer(&key.text);
    request.send(proxy.address()).expect(200, "");
    let seen = upstream.only();
    let own_place = Request::new("GET", "/acme/things").field("x-acme-key", &key.text);
    own_place.send(proxy.address()).expect(200, "");
    assert_eq!(seen.target, "/api/things?a=1");
    assert_eq!(seen.head.all("acme-version"), ["7"]);
    home.till("provider rm acme --yes").fails(8, &["master"]);
    home.till("master rm acme --revoke-keys --yes").ok();
    home.till("provider rm acme --yes").ok();

    let table = home.till("provider ls").json();
    let names: Vec<_> = table.as_array().unwrap().iter().map(|row| row["name"].clone()).collect();
    assert_eq!(names.len(), 23, "{table}");
}

fn secret_file(path: &Path, text: &str) {
    std::fs::write(path, format!("{text}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}
