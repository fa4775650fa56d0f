//! A long run at high load, keys minted, used up and revoked all along: nothing grows. Slow, and run by
//! hand; CI runs a short one, which shows that it works.

use std::collections::VecDeque;
use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::home::{Home, Key};
use crate::support::http::{Connection, Request};
use crate::support::proxy::Proxy;
use crate::support::wire::Head;

const CLIENTS: usize = 32;
/// Keys that are minted at a time.
const BATCH: usize = 20;
/// Events that the store keeps: so few that the bound is reached early on.
const EVENTS: u64 = 20_000;

#[test]
#[ignore = "takes 30 minutes; `cargo test --release --test it soak_of_half_an_hour -- --ignored --nocapture`"]
fn soak_of_half_an_hour() {
    soak(30, Duration::from_mins(1), 5_000);
}

/// The same in a few seconds: everything in it happens, and nobody looks at what grows.
#[test]
fn a_soak_works() {
    soak(2, Duration::from_secs(1), 200);
}

/// What was seen at the end of an interval.
#[derive(Clone, Copy, Debug)]
struct Sample {
    answered: u64,
    median: Duration,
    p99: Duration,
    memory: u64,
    descriptors: usize,
    store: u64,
}

struct Scene {
    home: Home,
    /// Requests that each key is good for.
    activations: usize,
    keys: Mutex<VecDeque<Key>>,
    latencies: Mutex<Vec<Duration>>,
    ended: AtomicBool,
    failed: AtomicU64,
    used_up: AtomicU64,
    revoked: AtomicU64,
}

fn soak(intervals: usize, interval: Duration, activations: usize) {
    let upstream = Plain::start();
    let home = Home::new();
    home.add_openai(&format!("http://{upstream}/v1"));
    home.till(&format!("log retention --events {EVENTS} --yes")).ok();
    let proxy = home.proxy();
    let scene = Arc::new(Scene {
        home,
        activations,
        keys: Mutex::default(),
        latencies: Mutex::default(),
        ended: AtomicBool::new(false),
        failed: AtomicU64::new(0),
        used_up: AtomicU64::new(0),
        revoked: AtomicU64::new(0),
    });
    scene.mint();
    let mut threads = vec![spawn(&scene, Scene::keep_house)];
    for _ in 0..CLIENTS {
        let to = proxy.address();
        threads.push(spawn(&scene, move |scene| scene.ask(to)));
    }
    eprintln!(
        "| interval | requests | p50 | p99 | memory | descriptors | store |\n|---|---|---|---|---|---|---|"
    );
    let samples: Vec<Sample> = (1..=intervals)
        .map(|number| {
            std::thread::sleep(interval);
            let sample = scene.sample(&proxy);
            let Sample { answered, median, p99, memory, descriptors, store } = sample;
            let (memory, store) = (memory >> 10, store >> 10);
            eprintln!("| {number} | {answered} | {median:.1?} | {p99:.1?} | {memory} KiB | {descriptors} | {store} KiB |");
            sample
        })
        .collect();
    scene.ended.store(true, Ordering::SeqCst);
    for thread in threads {
        thread.join().expect("nobody panicked");
    }
    let count = |count: &AtomicU64| count.load(Ordering::SeqCst);
    let (used_up, revoked) = (count(&scene.used_up), count(&scene.revoked));
    eprintln!("{used_up} keys were used up, {revoked} were revoked");
    assert_eq!(count(&scene.failed), 0, "requests that failed otherwise");
    assert!(samples.iter().all(|sample| sample.answered > 0), "it stood still");
    proxy.stop();
    if intervals >= 10 {
        assert!(used_up > 0 && revoked > 0);
        flat(&samples);
    }
}

/// The last third is no larger than the second, but for a tenth.
fn flat(samples: &[Sample]) {
    let third = samples.len() / 3;
    let (before, last) = samples[third..].split_at(third);
    for number in 0..3 {
        let most =
            |samples: &[Sample]| samples.iter().map(|it| it.figures()[number]).max().unwrap();
        let ((name, before), (_, last)) = (most(before), most(last));
        assert!(last <= before + before / 10, "{name} grew from {before} to {last}");
    }
}

impl Sample {
    /// What must not grow.
    fn figures(&self) -> [(&'static str, u64); 3] {
        let descriptors = u64::try_from(self.descriptors).unwrap();
        [("memory", self.memory), ("descriptors", descriptors), ("store", self.store)]
    }
}

impl Scene {
    /// Asks with one key after another, until each is used up or revoked.
    fn ask(&self, to: SocketAddr) {
        let mut connection = Connection::open(to).unwrap();
        while !self.ended.load(Ordering::SeqCst) {
            let Some(key) = self.keys.lock().unwrap().pop_front() else {
                std::thread::yield_now();
                continue;
            };
            let request = Request::chat(&key.text);
            // Some are revoked by the house before they are used up.
            while !self.ended.load(Ordering::SeqCst) {
                let start = Instant::now();
                match connection.request(&request).map(|reply| reply.status) {
                    Ok(200) => self.latencies.lock().unwrap().push(start.elapsed()),
                    Ok(402) => {
                        self.used_up.fetch_add(1, Ordering::SeqCst);
                        break;
                    }
                    // Revoked, or ended while this client waited; and the house keeps no tombstones.
                    Ok(403 | 401) => break,
                    other => {
                        eprintln!("{other:?}");
                        self.failed.fetch_add(1, Ordering::SeqCst);
                        connection = Connection::open(to).unwrap();
                        break;
                    }
                }
            }
        }
    }

    /// Mints keys where few are left, revokes some that are in use, and drops old tombstones.
    fn keep_house(&self) {
        while !self.ended.load(Ordering::SeqCst) {
            if self.keys.lock().unwrap().len() < BATCH {
                self.mint();
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn mint(&self) {
        let line = format!("key mint openai -n {} --count {BATCH}", self.activations);
        let minted = self.home.till(&line).json();
        let keys: Vec<Key> = minted.as_array().expect("a list").iter().map(Key::of).collect();
        let doomed = keys[0].id.clone();
        self.keys.lock().unwrap().extend(keys);
        std::thread::sleep(Duration::from_millis(50));
        self.home.till(&format!("key revoke {doomed}")).ok();
        self.revoked.fetch_add(1, Ordering::SeqCst);
        self.home.till("key prune --older-than 1s --yes").ok();
    }

    fn sample(&self, proxy: &Proxy) -> Sample {
        let mut latencies = std::mem::take(&mut *self.latencies.lock().unwrap());
        latencies.sort_unstable();
        let at =
            |part: usize| latencies.get(latencies.len() * part / 100).copied().unwrap_or_default();
        Sample {
            answered: latencies.len() as u64,
            median: at(50),
            p99: at(99),
            memory: proxy.memory(),
            descriptors: std::fs::read_dir(proxy.proc_path("fd")).map_or(0, Iterator::count),
            store: std::fs::metadata(self.home.store()).unwrap().len(),
        }
    }
}

fn spawn(
    scene: &Arc<Scene>,
    work: impl FnOnce(&Scene) + Send + 'static,
) -> std::thread::JoinHandle<()> {
    let scene = Arc::clone(scene);
    std::thread::spawn(move || work(&scene))
}

/// An upstream that answers everything alike and remembers nothing.
struct Plain;

impl Plain {
    fn start() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || answer(stream));
            }
        });
        address
    }
}

fn answer(stream: TcpStream) {
    const ANSWER: &[u8] =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    let mut reader = BufReader::new(stream);
    while let Ok(Some(head)) = Head::read(&mut reader) {
        let mut body = vec![0; head.content_length().unwrap_or_default()];
        if reader.read_exact(&mut body).is_err() || reader.get_mut().write_all(ANSWER).is_err() {
            break;
        }
    }
}
