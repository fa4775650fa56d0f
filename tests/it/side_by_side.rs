//! Commands and proxies on one store at the same time.

use std::collections::HashSet;
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::answer::{Answer, Body, Gate};
use crate::support::home::{Home, Key, MASTER};
use crate::support::http::{Connection, Request};
use crate::support::load::Load;
use crate::support::proxy::Proxy;
use crate::support::run::{Run, finish};
use crate::support::upstream::Upstream;
use crate::support::wait_until;

const MINTS: usize = 100;
const PASSPHRASE: &str = "three green lanterns";

/// With a passphrase each command needs 64 MiB for a moment. They take turns, so that a hundred
/// need no 6 GB.
#[test]
fn a_hundred_mints_at_once_with_a_passphrase() {
    let home = Home::with_passphrase(PASSPHRASE);
    let with_passphrase = |run: Run| run.env("TILL_PASSPHRASE", PASSPHRASE);
    with_passphrase(home.till("master add openai")).stdin(MASTER).ok();
    let before = home.key_count();
    let most = mint_at_once(&home, with_passphrase);
    assert_eq!(home.key_count(), before + MINTS);
    assert!(most < 2 << 30, "{} MiB in all", most >> 20);
}

#[test]
fn a_hundred_mints_at_once_beside_two_busy_proxies() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let busy = home.mint("openai -n 1000000");
    let proxies = [home.proxy(), home.proxy()];
    let addresses = proxies.each_ref().map(Proxy::address);
    let load = Load::start(4, &addresses, &Request::chat(&busy.text));
    let most = mint_at_once(&home, |run| run);
    let tally = load.stop();
    assert_eq!((tally.refused, tally.broken), (0, 0), "{tally:?}");
    assert_eq!(home.key_count(), MINTS + 1);
    assert!(most < 2 << 30, "{} MiB in all", most >> 20);
    wait_until("nothing is held", || home.activations(&busy, "held") == 0);
    assert_eq!(home.activations(&busy, "used"), tally.answered);
    assert_eq!(u64::try_from(upstream.count()), Ok(tally.answered));
}

#[test]
fn looking_follows_a_running_proxy_and_a_dead_one() {
    let gate = Gate::default();
    let chunks = vec![b"data: 1\n\n".to_vec(), b"data: 2\n\n".to_vec()];
    let answer = Answer::events(vec![]).body(Body::Gated(chunks, gate.clone()));
    let upstream = Upstream::answering(answer);
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 5");
    let proxy = home.proxy();

    let mut stream = Connection::open(proxy.address()).unwrap();
    stream.start(&Request::chat(&key.text)).unwrap();
    assert_eq!(stream.head().unwrap().status, 200);
    assert_eq!(figures(&home, &key), (0, 1, 4));
    gate.open_once();
    while stream.chunk().unwrap().is_some() {}
    wait_until("the request is settled", || figures(&home, &key) == (1, 0, 4));

    stream.start(&Request::chat(&key.text)).unwrap();
    assert_eq!(stream.head().unwrap().status, 200);
    proxy.kill();
    let listed = home.till("key ls").json();
    let activations = &listed[0]["activations"];
    let sum = activations["used"].as_u64().unwrap() + activations["held"].as_u64().unwrap();
    assert_eq!(sum, 2, "{listed}");
    // The next process that opens the store for writing settles what the dead one held.
    home.mint("openai -n 1");
    wait_until("the dead one's hold is settled", || figures(&home, &key) == (2, 0, 3));
}

#[test]
fn a_revoked_key_is_refused_at_its_next_request() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 50");
    let proxy = home.proxy();
    let mut connection = Connection::open(proxy.address()).unwrap();
    connection.request(&Request::chat(&key.text)).unwrap().expect(200, "");
    // Stopping needs no unlock.
    home.till(&format!("key revoke {}", key.id)).without("TILL_KEY_FILE").ok();
    let refused = connection.request(&Request::chat(&key.text)).unwrap();
    refused.expect(403, "key_revoked");
    assert_eq!(refused.field("till-key"), key.id);
    assert_eq!(refused.field("x-should-retry"), "false");
    assert_eq!(upstream.count(), 1);
    assert_eq!(home.show(&key)["status"], "ended");
}

/// A key minted beside a running proxy works at once.
#[test]
fn a_new_key_works_at_a_proxy_that_was_there_before() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let proxy = home.proxy();
    let key = home.mint("openai -n 1");
    Request::chat(&key.text).send(proxy.address()).expect(200, "");
}

/// Starts all mints at the same moment and expects each to succeed; returns the most anonymous
/// memory that they had together, in bytes.
fn mint_at_once(home: &Home, with: impl Fn(Run) -> Run) -> u64 {
    let line = "key mint openai -n 1";
    let children: Vec<Child> = (0..MINTS).map(|_| with(home.till(line)).spawn()).collect();
    let pids: Vec<u32> = children.iter().map(Child::id).collect();
    let ended = Arc::new(AtomicBool::new(false));
    let watching = Arc::clone(&ended);
    let watcher = std::thread::spawn(move || {
        let mut most = 0;
        while !watching.load(Ordering::SeqCst) {
            most = most.max(pids.iter().map(|pid| anonymous_memory(*pid)).sum());
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        most
    });
    let mut keys = HashSet::new();
    for child in children {
        let output = finish(line.to_owned(), child);
        assert_eq!(output.code, Some(0), "{output}");
        assert!(output.stdout.starts_with("till_sk_"), "{output}");
        assert!(keys.insert(output.stdout), "the same key twice");
    }
    ended.store(true, Ordering::SeqCst);
    watcher.join().expect("the watcher")
}

fn anonymous_memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or_default() * 1_024
}

/// Used, held, remaining.
fn figures(home: &Home, key: &Key) -> (u64, u64, u64) {
    let shown = home.show(key);
    let figure = |name: &str| shown["activations"][name].as_u64().expect("a figure");
    (figure("used"), figure("held"), figure("remaining"))
}
