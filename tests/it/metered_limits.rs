//! Limits on tokens and money, each alone and all together, against a model that uses all that it
//! is allowed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::support::answer::{Answer, Body, Gate};
use crate::support::home::Home;
use crate::support::http::{Connection, Reply, Request, at_once};
use crate::support::model::{INPUT, allowed, chat, completion, greedy, price};
use crate::support::spent::read;
use crate::support::upstream::Upstream;

/// What each request asks for.
const OUTPUT: u64 = 500;
/// Nothing listens there.
const NOBODY: &str = "http://127.0.0.1:1/v1";

/// Two requests that use all that was held for them bring a key to its end, and not one sooner.
#[test]
fn a_key_ends_when_its_limit_is_used() {
    let input = input_bound();
    let upstream = Upstream::new(move |seen| completion(input, allowed(seen)));
    let home = Home::with_openai(&upstream);
    let proxy = home.proxy();
    let spend = dollars(2 * price(input, OUTPUT));
    let (total, input, output) = (2 * (input + OUTPUT), 2 * input, 2 * OUTPUT);
    let cases = [
        ("-n 2".to_owned(), "activation_limit", "activations", "2 activations".to_owned()),
        (format!("--tokens {total}"), "token_limit", "tokens", format!("{total} tokens")),
        (
            format!("--input-tokens {input}"),
            "token_limit",
            "tokens",
            format!("{input} input tokens of {input} input tokens are used"),
        ),
        (
            format!("--output-tokens {output}"),
            "token_limit",
            "tokens",
            format!("{output} output tokens of {output} output tokens are used"),
        ),
        (format!("--spend {spend}"), "spend_limit", "spend", "are used".to_owned()),
        (
            format!("-n 9 --tokens 1M --input-tokens 1M --output-tokens {output} --spend 9"),
            "token_limit",
            "tokens",
            format!("{output} output tokens"),
        ),
        (
            "-n 2 --tokens 1M --input-tokens 1M --output-tokens 1M --spend 9".to_owned(),
            "activation_limit",
            "activations",
            "2 activations".to_owned(),
        ),
        (
            format!("-n 9 --tokens 1M --input-tokens 1M --output-tokens 1M --spend {spend}"),
            "spend_limit",
            "spend",
            "are used".to_owned(),
        ),
    ];
    for (limits, code, reason, figures) in cases {
        let key = home.mint(&format!("openai {limits}"));
        for number in 0..2 {
            assert_eq!(home.show(&key)["status"], "live", "{limits}");
            let reply = chat(&key.text, OUTPUT).send(proxy.address());
            reply.expect(200, "");
            assert_eq!(reply.head.get("till-clamped"), None, "{limits}, {number}");
        }
        let shown = home.settled(&key);
        assert_eq!(shown["ended_reason"], reason, "{limits}: {shown:#}");
        let reply = chat(&key.text, OUTPUT).send(proxy.address());
        reply.expect(402, code);
        assert_eq!(reply.field("x-should-retry"), "false");
        assert!(reply.text().contains(&figures), "{limits}: {}", reply.text());
    }
}

/// What cannot be paid with the least output is refused with the figures, and the key lives: given
/// more, it goes on.
#[test]
fn a_request_that_is_too_large_leaves_the_key_alive() {
    let upstream = Upstream::new(greedy);
    let home = Home::with_openai(&upstream);
    let proxy = home.proxy();
    let cases = [
        ("--tokens 300", "has 300 tokens left of 300 tokens", "--tokens 5k"),
        ("--input-tokens 300", "has 300 input tokens left of 300 input", "--input-tokens 5k"),
        ("--spend 0.0001", "has $0.0001 left of $0.0001", "--spend 1"),
    ];
    for (number, (limits, figures, more)) in cases.into_iter().enumerate() {
        let key = home.mint(&format!("openai {limits} --model gpt-4o*"));
        for _ in 0..2 {
            let reply = chat(&key.text, OUTPUT).send(proxy.address());
            reply.expect(402, "request_too_large");
            assert_eq!(reply.field("x-should-retry"), "false");
            assert!(reply.text().contains(figures), "{limits}: {}", reply.text());
        }
        assert_eq!(home.settled(&key)["status"], "live", "{limits}");
        assert_eq!((home.spent(&key), upstream.count()), ((0, 0, 0), number), "{limits}");
        home.till(&format!("key extend {} {more}", key.id)).ok();
        chat(&key.text, OUTPUT).send(proxy.address()).expect(200, "");
    }
}

/// What the provider refuses, or never got, costs nothing.
#[test]
fn a_refusal_upstream_gives_the_hold_back() {
    for status in [400, 401, 404, 429, 500, 503] {
        let upstream = Upstream::answering(Answer::status(status));
        let home = Home::with_openai(&upstream);
        let key = home.mint("openai --tokens 10k --spend 1");
        let proxy = home.proxy();
        chat(&key.text, OUTPUT).send(proxy.address()).expect(status, "");
        assert_eq!(home.spent(&key), (0, 0, 0), "{status}");
        assert_eq!(home.activations(&key, "used"), 1);
    }
    let home = Home::new();
    home.add_openai(NOBODY);
    let key = home.mint("openai --tokens 10k --spend 1");
    let proxy = home.proxy();
    for _ in 0..20 {
        chat(&key.text, OUTPUT).send(proxy.address()).expect(502, "upstream_unreachable");
    }
    assert_eq!(home.spent(&key), (0, 0, 0));
    assert_eq!(home.activations(&key, "used"), 0);
}

/// An upstream that hangs up without an answer may have billed everything.
#[test]
fn what_cannot_be_read_is_charged_whole() {
    let upstream = Upstream::answering(Answer::status(200).body(Body::Nothing));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai --tokens 10k --spend 1");
    let proxy = home.proxy();
    chat(&key.text, OUTPUT).send(proxy.address()).expect(502, "upstream_unreachable");
    let (input, output, spend) = home.spent(&key);
    assert!(input > 500, "{input}");
    assert_eq!((output, spend), (OUTPUT, price(input, OUTPUT)));
}

/// What only others hold is waited for, and then said.
#[test]
fn what_others_hold_is_waited_for() {
    let gate = Gate::default();
    let opened = gate.clone();
    let body = || match completion(INPUT, 50).body {
        Body::Whole(body) => body,
        other => panic!("{other:?}"),
    };
    let upstream =
        Upstream::new(move |_| completion(INPUT, 50).body(Body::Withheld(body(), opened.clone())));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai --tokens 5000");
    let proxy = home.proxy();
    // Without a limit of its own a request holds all that there is.
    let request = Request::chat(&key.text);
    let mut first = Connection::open(proxy.address()).unwrap();
    first.start(&request).unwrap();
    crate::support::wait_until("the first is held", || {
        home.figure(&key, "tokens", "held") == 5_000
    });

    let asked_at = Instant::now();
    let reply = request.send(proxy.address());
    reply.expect(429, "limit_held");
    assert!(asked_at.elapsed() >= Duration::from_secs(1), "{:?}", asked_at.elapsed());
    assert!(reply.field("retry-after").parse::<u64>().unwrap() >= 1);
    assert!(reply.text().contains("requests in flight hold 5000 tokens"), "{}", reply.text());

    // One that does not wait for it leaves nothing behind.
    let mut gone = Connection::open(proxy.address()).unwrap();
    gone.start(&request).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    drop(gone);

    let (to, again) = (proxy.address(), request.clone());
    let second = std::thread::spawn(move || again.send(to));
    std::thread::sleep(Duration::from_millis(300));
    assert!(!second.is_finished(), "it waits");
    gate.open(2);
    second.join().unwrap().expect(200, "");
    first.reply().unwrap().expect(200, "");
    let (input, output, _) = home.spent(&key);
    assert_eq!((input, output), (2 * INPUT, 100));
    assert_eq!((home.activations(&key, "used"), upstream.count()), (2, 2));
}

/// Hundreds at once never overrun a limit, and nearly all of it can be used.
#[test]
fn many_at_once_never_overrun() {
    for (limits, on, limit) in [
        ("--tokens 100k", "tokens", 100_000),
        ("--output-tokens 50k", "output_tokens", 50_000),
        ("--spend 0.07", "spend", 70_000_000_000),
    ] {
        let billed = Arc::new([const { AtomicU64::new(0) }; 3]);
        let counting = Arc::clone(&billed);
        let upstream = Upstream::new(move |seen| {
            let output = allowed(seen);
            let costs = [INPUT + output, output, price(INPUT, output)];
            for (sum, cost) in counting.iter().zip(costs) {
                sum.fetch_add(cost, Ordering::SeqCst);
            }
            completion(INPUT, output)
        });
        let home = Home::with_openai(&upstream);
        let key = home.mint(&format!("openai {limits}"));
        let proxy = home.proxy();
        let (to, text) = (proxy.address(), key.text.clone());
        let last = at_once(16, move |_| use_up(to, &text));
        for reply in last {
            let codes = ["request_too_large", "token_limit", "spend_limit", "limit_held"];
            assert!(codes.contains(&reply.denial()), "{}: {}", reply.status, reply.text());
        }
        let used = read(&home.settled(&key), on, "used");
        let place = ["tokens", "output_tokens", "spend"].iter().position(|name| *name == on);
        let billed = billed[place.unwrap()].load(Ordering::SeqCst);
        assert_eq!(used, billed, "{limits}");
        assert!(used <= limit, "{limits}: {used}");
        assert!(used * 100 >= limit * 95, "{limits}: {used}");
    }
}

/// Requests on one connection, until one is refused.
fn use_up(to: SocketAddr, key: &str) -> Reply {
    let mut connection = Connection::open(to).unwrap();
    let request = chat(key, OUTPUT);
    for _ in 0..60 {
        let reply = connection.request(&request).unwrap();
        if reply.status != 200 {
            return reply;
        }
    }
    panic!("the limit holds nothing");
}

/// The input tokens that are held for a request of these tests.
fn input_bound() -> u64 {
    let upstream = Upstream::new(greedy);
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai --input-tokens 1M");
    let proxy = home.proxy();
    let reply = chat(&key.text, OUTPUT).send(proxy.address());
    let left: u64 = reply.field("till-input-tokens-remaining").parse().unwrap();
    let bound = 1_000_000 - left;
    assert!((INPUT..1_000).contains(&bound), "{bound}");
    bound
}

/// Picodollars as `--spend` takes them.
fn dollars(picodollars: u64) -> String {
    format!("{}.{:012}", picodollars / 1_000_000_000_000, picodollars % 1_000_000_000_000)
}
