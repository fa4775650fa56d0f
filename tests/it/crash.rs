//! `kill -9` of proxies under load, 240 times in all, and 10,000 times where there is time: no
//! acknowledged activation is lost, none beyond the limit is forwarded, and what the dead held is
//! settled.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::answer::Answer;
use crate::support::home::{Home, Key};
use crate::support::http::{Connection, Request};
use crate::support::load::Load;
use crate::support::proxy::Proxy;
use crate::support::upstream::Upstream;
use crate::support::wait_until;

const LIMIT: u64 = 100;
const CLIENTS: usize = 6;

#[test]
fn one_proxy_is_killed_120_times() {
    kill_one(120);
}

#[test]
fn one_of_two_proxies_is_killed_80_times() {
    kill_one_of(2, 80);
}

#[test]
fn one_of_three_proxies_is_killed_40_times() {
    kill_one_of(3, 40);
}

#[test]
#[ignore = "takes the better part of an hour; `cargo test --release --test it killed_5000_times -- --ignored`"]
fn one_proxy_is_killed_5000_times() {
    kill_one(5_000);
}

#[test]
#[ignore = "takes the better part of an hour; `cargo test --release --test it killed_5000_times -- --ignored`"]
fn one_of_three_proxies_is_killed_5000_times() {
    kill_one_of(3, 5_000);
}

/// Kills the only proxy under load, again and again; each time the next one takes over.
fn kill_one(times: u64) {
    let stage = Stage::new();
    let mut proxy = stage.home.proxy();
    for round in 0..times {
        let key = stage.home.mint("openai -n 100");
        let load = Load::start(CLIENTS, &[proxy.address()], &request(&key));
        std::thread::sleep(moment(round));
        proxy.kill();
        let acknowledged = load.stop().answered;
        stage.check_after_kill(&key, acknowledged);
        // The next process settles what the dead one held, and the next round kills that.
        proxy = stage.home.proxy();
        stage.check_settled(&key);
        stage.use_up(&key, proxy.address());
    }
}

/// Kills one of several proxies under load, again and again; those that live go on.
fn kill_one_of(proxies: usize, times: u64) {
    let stage = Stage::new();
    let mut proxies: Vec<Proxy> = (0..proxies).map(|_| stage.home.proxy()).collect();
    for round in 0..times {
        let key = stage.home.mint("openai -n 100");
        let addresses: Vec<_> = proxies.iter().map(Proxy::address).collect();
        let load = Load::start(CLIENTS, &addresses, &request(&key));
        std::thread::sleep(moment(round));
        // The oldest; so each is killed in its turn, and others look on.
        proxies.remove(0).kill();
        let acknowledged = load.stop().answered;
        stage.check_after_kill(&key, acknowledged);
        let survivor = proxies[0].address();
        proxies.push(stage.home.proxy());
        stage.check_settled(&key);
        stage.use_up(&key, survivor);
    }
}

/// A moment that differs from round to round: 0 to 60 ms, spread by a number without a common
/// divisor with them.
fn moment(round: u64) -> Duration {
    Duration::from_micros(round * 7_919 % 60_000)
}

struct Stage {
    _upstream: Upstream,
    home: Home,
    forwarded: Arc<Mutex<HashMap<String, u64>>>,
}

impl Stage {
    fn new() -> Self {
        let forwarded = Arc::new(Mutex::new(HashMap::<String, u64>::new()));
        let counting = Arc::clone(&forwarded);
        let upstream = Upstream::new(move |seen| {
            let (_, key) = seen.target.split_once("?of=").expect("which key it is");
            *counting.lock().unwrap().entry(key.to_owned()).or_default() += 1;
            Answer::status(200)
        });
        let home = Home::with_openai(&upstream);
        Self { _upstream: upstream, home, forwarded }
    }

    /// Looking works beside a dead proxy, and the store knows of everything that happened.
    fn check_after_kill(&self, key: &Key, acknowledged: u64) {
        let shown = self.home.show(key);
        let figure = |name: &str| shown["activations"][name].as_u64().expect("a figure");
        let (used, held) = (figure("used"), figure("held"));
        let forwarded = self.forwarded(key);
        assert!(acknowledged <= forwarded, "{acknowledged} answers to {forwarded} requests");
        assert!(forwarded <= used + held, "{forwarded} forwarded, but {shown}");
        assert!(used + held <= LIMIT, "{shown}");
    }

    /// Nothing stays held by the dead, and none of it is given back: it may have been sent.
    fn check_settled(&self, key: &Key) {
        wait_until("nothing is held", || self.home.activations(key, "held") == 0);
        let used = self.home.activations(key, "used");
        assert!(self.forwarded(key) <= used && used <= LIMIT, "{used} used");
    }

    /// Uses up what is left, and not one more.
    fn use_up(&self, key: &Key, proxy: SocketAddr) {
        let mut connection = Connection::open(proxy).unwrap();
        let request = request(key);
        let last = loop {
            let reply = connection.request(&request).unwrap();
            if reply.status != 200 {
                break reply;
            }
        };
        last.expect(402, "activation_limit");
        wait_until("all is used", || self.home.activations(key, "used") == LIMIT);
        assert!(self.forwarded(key) <= LIMIT, "{} forwarded", self.forwarded(key));
    }

    fn forwarded(&self, key: &Key) -> u64 {
        self.forwarded.lock().unwrap().get(&key.id).copied().unwrap_or_default()
    }
}

fn request(key: &Key) -> Request {
    let path = format!("/openai/v1/chat/completions?of={}", key.id);
    Request::new("POST", &path).bearer(&key.text).json(b"{}")
}
