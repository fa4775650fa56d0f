//! A full disk while minting and while forwarding, and after there is room again.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use crate::support::answer::Answer;
use crate::support::home::Home;
use crate::support::http::{Connection, Request, at_once};
use crate::support::skip::skip;
use crate::support::upstream::Upstream;
use crate::support::wait_until;

#[test]
fn minting_leaves_nothing_half_done() {
    let Some(disk) = Disk::mounted() else { return };
    let home = Home::with_store_at(disk.path.join("store/till.redb"));
    home.add_openai("http://127.0.0.1:1/v1");
    home.mint("openai -n 5");
    disk.fill();
    home.till("key mint openai -n 1 --count 10000").fails(1, &["no space", "hint"]);
    assert_eq!(home.key_count(), 1);
    disk.free();
    home.mint("openai -n 5");
    assert_eq!(home.key_count(), 2);
}

/// Requests that cannot be paid for on the disk are refused, and none of them is lost or counted
/// twice.
#[test]
fn forwarding_stops_and_goes_on() {
    let Some(disk) = Disk::mounted() else { return };
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_store_at(disk.path.join("store/till.redb"));
    home.add_openai(&upstream.base_url("/v1"));
    let key = home.mint("openai -n 1000000");
    let proxy = home.proxy();
    let request = Request::chat(&key.text);
    request.send(proxy.address()).expect(200, "");

    disk.fill();
    let (to, asking) = (proxy.address(), Arc::new(request.clone()));
    let refusals = at_once(16, move |_| {
        let mut connection = Connection::open(to).unwrap();
        // What is free inside the store is used up first.
        for _ in 0..20_000 {
            let reply = connection.request(&asking).unwrap();
            if reply.status != 200 {
                return Some(reply);
            }
        }
        None
    });
    for refusal in refusals {
        refusal.expect("the disk is full").expect(503, "store_unavailable");
    }
    assert!(home.till("key ls").run().code == Some(0), "looking needs no room");

    disk.free();
    wait_until("it goes on", || request.send(proxy.address()).status == 200);
    wait_until("nothing is held", || home.activations(&key, "held") == 0);
    let forwarded = u64::try_from(upstream.count()).unwrap();
    assert_eq!(home.activations(&key, "used"), forwarded);
    home.mint("openai -n 5");
}

/// The count wins: where the disk is full, the oldest events go, which is said, and requests go on;
/// what has gone is summed up, and the rest of the log holds.
#[test]
fn old_events_go_first() {
    let Some(disk) = Disk::mounted() else { return };
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_store_at(disk.path.join("store/till.redb"));
    home.add_openai(&upstream.base_url("/v1"));
    let key = home.mint("openai -n 1000000");
    let proxy = home.proxy();
    let request = Arc::new(Request::chat(&key.text));
    let to = proxy.address();
    let load = |each: usize| {
        let asking = Arc::clone(&request);
        let refused = at_once(16, move |_| {
            let mut connection = Connection::open(to).unwrap();
            (0..each).filter(|_| connection.request(&asking).unwrap().status != 200).count()
        });
        refused.into_iter().sum::<usize>()
    };
    assert_eq!(load(100), 0);
    disk.fill();
    let dropped = || home.till("log retention").json()["dropped"]["count"].as_u64().unwrap_or(0);
    for _ in 0..60 {
        load(200);
        if dropped() > 0 {
            break;
        }
    }
    assert!(dropped() > 0, "nothing was dropped");
    assert!(proxy.said().contains("oldest events"), "{}", proxy.said());
    let refused = load(300);
    println!("{refused} of 4800 were refused, {} events dropped", dropped());
    disk.free();
    wait_until("it goes on", || request.send(to).status == 200);
    wait_until("nothing is held", || home.activations(&key, "held") == 0);
    let forwarded = u64::try_from(upstream.count()).unwrap();
    assert_eq!(home.activations(&key, "used"), forwarded);
    home.till("log verify").ok();
}

/// A small disk of its own, which only root can make.
struct Disk {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Disk {
    fn mounted() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=16m,mode=0700", "till-test"]).arg(&path);
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        if !mounted {
            skip("a full disk: `mount` needs root");
            return None;
        }
        Some(Self { path, _folder: folder })
    }

    /// Takes every byte that is free.
    fn fill(&self) {
        let mut file = OpenOptions::new().create(true).append(true).open(self.filler()).unwrap();
        for size in [1 << 16, 1 << 12, 1] {
            while file.write_all(&vec![b'x'; size]).is_ok() {}
        }
    }

    fn free(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> PathBuf {
        Path::new(&self.path).join("filler")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a proxy of a test that failed may still have the store open.
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}
