//! `kill -9` of proxies with answers in flight: what they held is charged, the next start says so,
//! and no limit is overrun.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::answer::{Answer, Body, Gate, events, recording};
use crate::support::home::{Home, Key};
use crate::support::http::{Connection, Request};
use crate::support::load::Load;
use crate::support::model::{INPUT, allowed, completion, price};
use crate::support::spent::read;
use crate::support::upstream::Upstream;

const KILLS: u64 = 10;
const CLIENTS: usize = 4;
const TOKENS: u64 = 30_000;
const SPEND: u64 = 20_000_000_000;

#[test]
fn what_a_dead_proxy_held_is_charged_and_said() {
    // Whoever comes next says it: a command, or a proxy.
    for by_proxy in [false, true] {
        let gate = Gate::default();
        let chunks = events(&recording("openai.chat.openai-text.sse"));
        let answer = Answer::events(vec![]).body(Body::Gated(chunks, gate));
        let upstream = Upstream::answering(answer);
        let home = Home::with_openai(&upstream);
        let key = home.mint("openai --tokens 100k --spend 1");
        let proxy = home.proxy();
        let body = br#"{"model":"gpt-4o-mini","messages":[],"max_tokens":2000,"stream":true}"#;
        let request = Request::new("POST", "/openai/v1/chat/completions").bearer(&key.text);
        let mut client = Connection::open(proxy.address()).unwrap();
        client.start(&request.json(body)).unwrap();
        client.chunk_after_head();
        let held = figures(&home, &key, "held");
        assert_eq!(held[1], 2_000);
        proxy.kill();

        // Looking changes nothing.
        assert_eq!(figures(&home, &key, "held"), held);
        let said = if by_proxy {
            home.proxy().stop().1
        } else {
            home.till("key mint openai -n 1").run().stderr
        };
        let tokens = held[0] + held[1];
        let expected =
            format!("charged 1 request that a dead proxy had in flight: up to {tokens} tokens");
        assert!(said.contains(&expected), "nothing of {expected:?}: {said}");
        assert_eq!(figures(&home, &key, "used"), held);
        assert_eq!(figures(&home, &key, "held"), [0; 3]);
    }
}

#[test]
fn proxies_that_are_killed_under_load_overrun_nothing() {
    let stage = Stage::new();
    let mut proxy = stage.home.proxy();
    for round in 0..KILLS {
        let key = stage.home.mint(&format!("openai --tokens {TOKENS} --spend 0.02"));
        let load = Load::start(CLIENTS, &[proxy.address()], &request(&key));
        std::thread::sleep(Duration::from_micros(20_000 + round * 7_919 % 60_000));
        proxy.kill();
        load.stop();
        stage.check(&key);
        proxy = stage.home.proxy();
        stage.home.settled(&key);
        stage.check(&key);
        // What is left can be used, up to the limit and not beyond.
        let mut connection = Connection::open(proxy.address()).unwrap();
        while connection.request(&request(&key)).unwrap().status == 200 {}
        stage.home.settled(&key);
        stage.check(&key);
    }
}

struct Stage {
    _upstream: Upstream,
    home: Home,
    /// Tokens and picodollars that the upstream has billed, by key.
    billed: Arc<Mutex<HashMap<String, (u64, u64)>>>,
}

impl Stage {
    fn new() -> Self {
        let billed = Arc::new(Mutex::new(HashMap::<String, (u64, u64)>::new()));
        let counting = Arc::clone(&billed);
        let upstream = Upstream::new(move |seen| {
            let (_, key) = seen.target.split_once("?of=").expect("which key it is");
            let output = allowed(seen);
            let mut all = counting.lock().unwrap();
            let sum = all.entry(key.to_owned()).or_default();
            sum.0 += INPUT + output;
            sum.1 += price(INPUT, output);
            drop(all);
            // Long enough for a kill to come in between.
            std::thread::sleep(Duration::from_millis(2));
            completion(INPUT, output)
        });
        let home = Home::with_openai(&upstream);
        Self { _upstream: upstream, home, billed }
    }

    /// Used and held are together at least what was billed, and never beyond the limits.
    fn check(&self, key: &Key) {
        let shown = self.home.show(key);
        let sum = |limit| read(&shown, limit, "used") + read(&shown, limit, "held");
        let (tokens, spend) = self.billed.lock().unwrap().get(&key.id).copied().unwrap_or_default();
        assert!(tokens <= sum("tokens") && sum("tokens") <= TOKENS, "{tokens} billed: {shown:#}");
        assert!(spend <= sum("spend") && sum("spend") <= SPEND, "{spend} billed: {shown:#}");
    }
}

fn request(key: &Key) -> Request {
    let body = br#"{"model":"gpt-4o-mini","messages":[],"max_completion_tokens":300}"#;
    let path = format!("/openai/v1/chat/completions?of={}", key.id);
    Request::new("POST", &path).bearer(&key.text).json(body)
}

/// Input and output tokens and picodollars.
fn figures(home: &Home, key: &Key, figure: &str) -> [u64; 3] {
    let shown = home.show(key);
    ["input_tokens", "output_tokens", "spend"].map(|limit| read(&shown, limit, figure))
}
