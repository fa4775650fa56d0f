//! Caps on a master key hold over all its proxy keys and all proxies.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::support::home::Home;
use crate::support::http::{Connection, Request, at_once};
use crate::support::model::{INPUT, allowed, chat, completion, greedy, price};
use crate::support::spent::read;
use crate::support::upstream::Upstream;
use crate::support::wait_until;

/// What each request asks for.
const OUTPUT: u64 = 500;

/// Keys of every kind, on two proxies, many at once: nothing goes beyond the caps, and nearly all
/// of the tightest can be used.
#[test]
fn two_keys_on_two_proxies_never_overrun() {
    for (caps, tightest) in [
        ("--tokens 50k --spend 0.05 --output-tokens 1M", "tokens"),
        ("--tokens 1M --spend 0.035 --input-tokens 1M", "spend"),
    ] {
        let billed = Arc::new([const { AtomicU64::new(0) }; 2]);
        let counting = Arc::clone(&billed);
        let upstream = Upstream::new(move |seen| {
            let output = allowed(seen);
            counting[0].fetch_add(INPUT + output, Ordering::SeqCst);
            counting[1].fetch_add(price(INPUT, output), Ordering::SeqCst);
            completion(INPUT, output)
        });
        let home = Home::with_openai(&upstream);
        home.till(&format!("master limit openai {caps}")).ok();
        // One that is limited in activations alone is metered all the same.
        let keys =
            ["-n 5000", "--tokens 900k"].map(|limits| home.mint(&format!("openai {limits}")));
        let proxies = [home.proxy(), home.proxy()];
        let to = [proxies[0].address(), proxies[1].address()];
        let texts = keys.clone().map(|key| key.text);
        let codes = at_once(8, move |number| {
            let mut connection = Connection::open(to[number % 2]).unwrap();
            let request = chat(&texts[number / 2 % 2], OUTPUT);
            loop {
                let reply = connection.request(&request).unwrap();
                if reply.status != 200 {
                    return (reply.status, reply.denial().to_owned());
                }
            }
        });
        for (status, code) in codes {
            assert!(["master_limit", "limit_held"].contains(&&*code), "{caps}: {status} {code}");
            assert_eq!(status, 429);
        }
        let used = keys.each_ref().map(|key| home.spent(key));
        assert!(used.iter().all(|(input, ..)| *input > 0), "both were used: {used:?}");
        let tokens: u64 = used.iter().map(|(input, output, _)| input + output).sum();
        let spend: u64 = used.iter().map(|(_, _, spend)| spend).sum();
        let billed = billed.each_ref().map(|sum| sum.load(Ordering::SeqCst));
        assert_eq!([tokens, spend], billed, "{caps}");
        let caps = home.till("master limit openai").json();
        for (on, sum) in [("tokens", tokens), ("spend", spend)] {
            let cap = caps.as_array().unwrap().iter().find(|cap| cap["on"] == on).unwrap();
            let figure = |name| figure(cap, name);
            assert_eq!((figure("used"), figure("held")), (sum, 0), "{cap:#}");
            assert!(sum <= figure("limit"), "{cap:#}");
            assert!(on != tightest || sum * 100 >= figure("limit") * 95, "{cap:#}");
        }
    }
}

/// A window says when it begins anew; a cap that is raised or lifted opens at once.
#[test]
fn a_window_says_when_it_ends_and_caps_can_be_lifted() {
    let upstream = Upstream::new(greedy);
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 50");
    let proxy = home.proxy();
    let send = || chat(&key.text, OUTPUT).send(proxy.address());
    for (cap, raised, name, seconds) in [
        ("--tokens 1300/h", "--tokens 5M/h", "tokens/h", 3_600),
        ("--spend 0.0007/d", "--spend 20/d", "spend/d", 86_400),
    ] {
        away_from_the_end_of(seconds);
        home.till(&format!("master limit openai {cap}")).ok();
        send().expect(200, "");
        wait_until("it is settled", || home.activations(&key, "held") == 0);
        let reply = send();
        reply.expect(429, "master_limit");
        let wait: u64 = reply.field("retry-after").parse().unwrap();
        assert!(wait.abs_diff(rest_of(seconds)) <= 5, "{name}: {wait} of {}", rest_of(seconds));
        assert!(reply.text().contains("are used"), "{}", reply.text());
        assert_eq!(home.show(&key)["status"], "live");

        home.till(&format!("master limit openai {raised}")).ok();
        send().expect(200, "");
        home.till(&format!("master limit openai {cap}")).ok();
        send().expect(429, "master_limit");
        home.till(&format!("master limit openai --clear {name}")).ok();
        send().expect(200, "");
    }
}

/// A cap brings the output down as a key's own limit does, and what could never be paid is said.
#[test]
fn a_cap_clamps_and_refuses_what_is_too_large() {
    let upstream = Upstream::new(greedy);
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 50");
    let proxy = home.proxy();
    home.till("master limit openai --output-tokens 100").ok();
    let reply = chat(&key.text, OUTPUT).send(proxy.address());
    reply.expect(200, "");
    assert_eq!(reply.field("till-clamped"), "max_completion_tokens=100");
    assert_eq!(home.spent(&key).1, 100);
    home.till("master limit openai --clear output-tokens").ok();

    home.till("master limit openai --tokens 300/d").ok();
    chat(&key.text, OUTPUT).send(proxy.address()).expect(402, "request_too_large");
    // Nothing bounds this, and a cap allows no overshoot.
    let soft = home.mint("openai --tokens 1M --overshoot last-call");
    let body = br#"{"model":"gpt-5","input":"x","tools":[{"type":"file_search"}]}"#;
    let request = Request::new("POST", "/openai/v1/responses").bearer(&soft.text).json(body);
    request.send(proxy.address()).expect(403, "unmetered");
    assert_eq!(upstream.count(), 1);
}

fn figure(cap: &Value, name: &str) -> u64 {
    read(&serde_json::json!({"cap": cap}), "cap", name)
}

/// Seconds until the windows of this length begin anew.
fn rest_of(seconds: u64) -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    seconds - now % seconds
}

/// Does not begin where a window is about to end.
fn away_from_the_end_of(seconds: u64) {
    while rest_of(seconds) < 30 {
        std::thread::sleep(Duration::from_secs(1));
    }
}
