//! The README's session, through the binary.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::support::answer::Answer;
use crate::support::home::{Home, Key, MASTER};
use crate::support::http::Request;
use crate::support::proxy::Proxy;
use crate::support::run::TILL;
use crate::support::skip::skip;
use crate::support::upstream::Upstream;
use crate::support::{PATIENCE, wait_until};

const PASSPHRASE: &str = "correct horse battery staple";

#[test]
fn from_nothing_to_the_last_activation() {
    let upstream = Upstream::answering(Answer::replay("openai.chat.openai-text.json"));
    let home = Home::empty();
    let till = |line: &str| home.till(line).env("TILL_PASSPHRASE", PASSPHRASE);

    till("init").ok();
    assert_eq!(mode(home.store()), 0o600);
    assert_eq!(mode(home.store().parent().unwrap()), 0o700);
    till("master add openai --local --base-url")
        .arg(&upstream.base_url("/v1"))
        .arg("--from-env")
        .arg("OPENAI_API_KEY")
        .env("OPENAI_API_KEY", MASTER)
        .ok();
    let masters = till("master ls").ok();
    assert!(masters.contains("openai") && masters.contains("WXYZ"), "{masters}");
    assert!(!masters.contains(MASTER));

    let printed = till("key mint openai -n 3 --expires 2h").ok();
    let text = printed.strip_suffix('\n').expect("one line").to_owned();
    assert_eq!(text.len(), 47, "the key and nothing else: {printed}");
    assert!(text.starts_with("till_sk_"), "{printed}");

    let proxy = Proxy::start(till("proxy --listen 127.0.0.1:0"));
    let listed = till("key ls").json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
    assert_eq!(listed[0]["status"], "live");
    assert_eq!(listed[0]["providers"][0], "openai");
    assert_eq!(listed[0]["activations"]["limit"], 3);
    assert!(listed[0]["expires_at"].is_string() || listed[0]["expires_at"].is_number());
    let key = Key { id: listed[0]["id"].as_str().unwrap().to_owned(), text };

    for remaining in ["2", "1", "0"] {
        let reply = Request::chat(&key.text).send(proxy.address());
        reply.expect(200, "");
        assert_eq!(reply.field("till-activations-remaining"), remaining);
    }
    let refused = Request::chat(&key.text).send(proxy.address());
    refused.expect(402, "activation_limit");
    assert_eq!(refused.field("till-key"), key.id);
    assert_eq!(refused.field("till-activations-limit"), "3");
    assert_eq!(refused.field("till-activations-remaining"), "0");
    assert!(refused.json()["error"]["message"].as_str().unwrap().contains("all 3 activations"));
    wait_until("the key has ended", || home.show(&key)["status"] == "ended");
    let table = till("key ls").ok();
    assert!(table.contains(&key.id) && table.contains('3'), "{table}");
    assert!(!table.contains('\x1b'), "colours, but no terminal: {table}");

    let (status, said) = proxy.stop();
    assert!(status.success(), "{said}");
    assert_eq!(upstream.count(), 3);
}

/// The key's own state, by the key itself.
#[test]
fn a_key_knows_what_it_has_left() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 5");
    let proxy = home.proxy();
    Request::chat(&key.text).send(proxy.address()).expect(200, "");

    let state = || {
        let reply = Request::new("GET", "/till/v1/key").bearer(&key.text).send(proxy.address());
        reply.expect(200, "");
        reply.json()
    };
    wait_until("the request is settled", || state()["activations"]["used"] == 1);
    assert_eq!(state()["id"], key.id.as_str());
    assert_eq!(state()["activations"]["remaining"], 4);
    let url = format!("http://{}", proxy.address());
    let left = home.till("left --url").arg(&url).env("TILL_KEY", &key.text).json();
    assert_eq!(left["activations"], state()["activations"]);
    let left = home.till("left --url").arg(&url).stdin(format!("{}\n", key.text)).ok();
    assert!(left.contains('4'), "{left}");

    for path in ["/healthz", "/readyz"] {
        let reply = Request::new("GET", path).send(proxy.address());
        assert_eq!(reply.status, 200, "{path}");
    }
    Request::new("GET", "/till/v1/key").send(proxy.address()).expect(401, "key_missing");
    assert_eq!(upstream.count(), 1);
}

/// Without a terminal a proxy does nothing by itself: it says what is missing.
#[test]
fn a_first_start_without_a_terminal() {
    let home = Home::empty();
    home.till("proxy --listen 127.0.0.1:0").fails(4, &["no store", "till init"]);
    assert!(!home.store().exists());
    let home = Home::new();
    let output = home.till("proxy --no-input --listen 127.0.0.1:0").without("TILL_KEY_FILE").run();
    output.expect_failure(1, &["no secret", "TILL_KEY_FILE"]);
}

/// In a terminal it leads from nothing to the lines to paste.
#[test]
fn a_first_start_in_a_terminal() {
    let script = Command::new("script").arg("--version").output();
    if !script.is_ok_and(|output| output.status.success()) {
        skip("a terminal: `script` (util-linux) is not installed");
        return;
    }
    let home = Home::empty();
    let mut command = Command::new("script");
    command
        .args(["-qefc", &format!("exec {TILL} proxy --listen 127.0.0.1:0"), "/dev/null"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home.path(""))
        .env("TERM", "xterm")
        .env("TILL_STORE", home.store())
        .env("OPENAI_API_KEY", MASTER)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut keyboard = child.stdin.take().unwrap();
    let mut screen = child.stdout.take().unwrap();
    let mut shown = String::new();
    let end = Instant::now() + PATIENCE;
    let mut read_until = |texts: &[&str]| {
        let mut buffer = [0; 4096];
        let lowered = |shown: &str| shown.to_lowercase();
        while !texts.iter().all(|text| lowered(&shown).contains(text)) {
            assert!(Instant::now() < end, "{shown}");
            let count = screen.read(&mut buffer).unwrap();
            assert!(count > 0, "it ended: {shown}");
            shown.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
        shown.split_off(0)
    };
    let mut all = read_until(&["new passphrase:"]);
    writeln!(keyboard, "{PASSPHRASE}").unwrap();
    all += &read_until(&["again"]);
    writeln!(keyboard, "{PASSPHRASE}").unwrap();
    all += &read_until(&["openai_api_key"]);
    writeln!(keyboard, "y").unwrap();
    all += &read_until(&["till_sk_", "openai_base_url", "listening on http://"]);
    assert!(!all.contains(MASTER) && !all.contains(PASSPHRASE), "{all}");
    // Ctrl-C.
    keyboard.write_all(&[3]).unwrap();
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}: {all}");
    assert_eq!(home.key_count(), 1);
}

fn mode(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}
