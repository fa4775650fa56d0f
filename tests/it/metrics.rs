//! What `till proxy --metrics` counts: what was sent, what came of it, what `till usage` says.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::answer::{Answer, Body, Gate};
use crate::support::driver::{Driver, Outcome, Step};
use crate::support::home::{Home, Key};
use crate::support::http::{Connection, Request};
use crate::support::metrics::{PATH, Scrape};
use crate::support::model::{INPUT, chat, completion, price};
use crate::support::proxy::Proxy;
use crate::support::upstream::{Seen, Upstream};
use crate::support::wait_until;

/// The body decides the answer: the output that it allows is the status, or the tokens of a 200.
fn answer(seen: &Seen) -> Answer {
    match crate::support::model::allowed(seen) {
        status @ (404 | 429 | 500) => Answer::status(u16::try_from(status).unwrap()),
        502 => Answer::status(200).body(Body::Nothing),
        output => completion(INPUT, output),
    }
}

/// A name, labels and a value, as the parser of Prometheus prints them.
type Sample = (String, Vec<(String, String)>, f64);

struct Stage {
    _upstream: Upstream,
    home: Home,
    metered: Key,
    plain: Key,
    proxy: Proxy,
}

impl Stage {
    fn new() -> Self {
        let upstream = Upstream::new(answer);
        let home = Home::with_openai(&upstream);
        home.add_master("mistral", "http://127.0.0.1:1/v1");
        let metered = home.mint("openai --spend 100");
        let plain = home.mint("openai mistral -n 7 --model gpt-4o-mini");
        let proxy = home.measured("");
        Self { _upstream: upstream, home, metered, plain, proxy }
    }

    /// Every outcome and several denials.
    fn play(&self) {
        let to = self.proxy.address();
        for output in [10, 20, 30, 404, 429, 429, 500] {
            let _ = chat(&self.metered.text, output).send(to);
        }
        chat(&self.metered.text, 502).send(to).expect(502, "upstream_unreachable");
        for output in [10, 429, 500] {
            let _ = chat(&self.plain.text, output).send(to);
        }
        let unreachable = Request::new("POST", "/mistral/v1/chat/completions");
        let body = br#"{"model":"gpt-4o-mini","messages":[]}"#;
        let unreachable = unreachable.bearer(&self.plain.text).json(body);
        unreachable.send(to).expect(502, "upstream_unreachable");
        let other = br#"{"model":"o3","messages":[]}"#;
        let denied = Request::new("POST", "/openai/v1/chat/completions").bearer(&self.plain.text);
        denied.json(other).send(to).expect(403, "scope_denied");
        for _ in 0..4 {
            let _ = chat(&self.plain.text, 10).send(to);
        }
        for _ in 0..2 {
            chat(&self.plain.text, 10).send(to).expect(402, "activation_limit");
        }
        for path in ["/openai/v1/models", "/till/v1/key"] {
            Request::new("GET", path).send(to).expect(401, "key_missing");
        }
    }
}

#[test]
fn the_figures_are_those_of_what_was_sent_and_of_till_usage() {
    let stage = Stage::new();
    stage.play();
    let scrape = stage.proxy.scrape();
    let (metered, plain) =
        (format!("key=\"{}\"", stage.metered.id), format!("key=\"{}\"", stage.plain.id));
    let requests = |key: &str, model: &str, outcome: &str| {
        let (model, outcome) = (format!("model=\"{model}\""), format!("outcome=\"{outcome}\""));
        scrape.sum("till_requests_total", &[key, &model, &outcome, "provider=\"openai\""])
    };
    for (outcome, of_metered, of_plain) in
        [("answered", 3, 5), ("limited", 2, 1), ("refused", 1, 0), ("failed", 2, 1)]
    {
        assert_eq!(requests(&metered, "gpt-4o-mini", outcome), of_metered, "{outcome}");
        assert_eq!(requests(&plain, "gpt-4o-mini", outcome), of_plain, "{outcome}");
    }
    let unreachable = [&*plain, "provider=\"mistral\"", "outcome=\"not_sent\""];
    assert_eq!(scrape.sum("till_requests_total", &unreachable), 1);
    for (key, reason, count) in [
        (&*metered, "upstream_unreachable", 1),
        (&plain, "upstream_unreachable", 1),
        (&plain, "scope_denied", 1),
        (&plain, "activation_limit", 2),
        ("key=\"unknown\"", "key_missing", 2),
    ] {
        let reason = format!("reason=\"{reason}\"");
        assert_eq!(scrape.sum("till_denials_total", &[key, &reason]), count, "{key} {reason}");
    }
    assert_eq!(scrape.sum("till_denials_total", &[]), 7);
    assert_eq!(scrape.sum("till_upstream_answer_seconds_count", &["openai"]), 14);
    assert_eq!(scrape.sum("till_upstream_first_byte_seconds_count", &["openai"]), 14);
    assert_eq!(scrape.value("till_added_latency_seconds_count"), "16");
    assert_eq!(scrape.value("till_requests_in_flight"), "0");

    agrees_with_usage(&stage);
    // A figure of the provider's, through the whole way.
    let of_metered: u64 = [10, 20, 30].map(|output| price(INPUT, output)).iter().sum();
    let said = scrape.sum("till_spend_picodollars_total", &[&metered]);
    assert!(said >= of_metered, "{said} of {of_metered}");
}

/// All that both of them know, once it is settled.
fn agrees_with_usage(stage: &Stage) {
    let usage = || stage.home.till("usage --by key").json();
    wait_until("all is settled", || usage()["total"]["requests"] == 15);
    let scrape = stage.proxy.scrape();
    let usage = usage();
    for key in [&stage.metered, &stage.plain] {
        let groups = usage["groups"].as_array().unwrap();
        let group = groups.iter().find(|group| group["id"] == key.id.as_str()).unwrap();
        let label = format!("key=\"{}\"", key.id);
        let metric = |name: &str, part: &str| scrape.sum(name, &[&label, part]);
        let outcome = |word: &str| metric("till_requests_total", &format!("outcome=\"{word}\""));
        let said = [
            ("answered", outcome("answered")),
            ("limited", outcome("limited")),
            ("refused", outcome("refused")),
            ("failed", outcome("failed")),
            ("activations", metric("till_activations_total", "")),
            ("input_tokens", metric("till_tokens_total", "direction=\"input\"")),
            ("output_tokens", metric("till_tokens_total", "direction=\"output\"")),
            ("cached_tokens", metric("till_cached_tokens_total", "")),
            ("spend", metric("till_spend_picodollars_total", "")),
        ];
        for (figure, value) in said {
            let of_usage = &group[figure];
            let of_usage = of_usage.as_u64().or_else(|| of_usage["picodollars"].as_u64());
            assert_eq!(Some(value), of_usage, "{figure} of {}: {group:#}", key.id);
        }
    }
    // What this process did in the store.
    let commits = scrape.sum("till_commits_total", &[]);
    assert_eq!(scrape.sum("till_commit_jobs_count", &[]), commits);
    assert_eq!(scrape.sum("till_commit_duration_seconds_count", &[]), commits);
    // Each was admitted and settled; what was denied at the same time may be in a batch as well.
    assert!(scrape.sum("till_commit_jobs_sum", &[]) >= 32, "{}", scrape.text);
    assert_eq!(scrape.value("till_commit_failures_total"), "0");
}

#[test]
fn what_is_in_flight_is_seen() {
    let gate = Gate::default();
    let withheld = Answer::status(200).body(Body::Withheld(b"late".to_vec(), gate.clone()));
    let upstream = Upstream::answering(withheld);
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 9");
    let proxy = home.measured("");
    let mut clients: Vec<_> = (0..3).map(|_| Connection::open(proxy.address()).unwrap()).collect();
    for client in &mut clients {
        client.start(&Request::chat(&key.text)).unwrap();
    }
    wait_until("all were sent", || upstream.count() == 3);
    let all_are = |count: &str| {
        let scrape = proxy.scrape();
        ["till_requests_in_flight", "till_connections", "till_holds"]
            .iter()
            .all(|name| scrape.value(name) == count)
    };
    wait_until("all are seen", || all_are("3"));
    assert_eq!(proxy.scrape().sum("till_requests_total", &[]), 0);
    gate.open(3);
    for client in &mut clients {
        client.reply().unwrap().expect(200, "");
    }
    drop(clients);
    wait_until("nothing is left", || all_are("0"));
    assert_eq!(proxy.scrape().sum("till_requests_total", &["model=\"unseen\""]), 3);
}

/// What the system and the store say, by what the system and the store say to others.
#[test]
fn the_process_and_its_store_are_described() {
    let home = Home::new();
    let proxy = home.measured("");
    let scrape = proxy.scrape();
    let number = |name: &str| scrape.value(name).parse::<u64>().unwrap();
    assert_eq!(number("till_store_ready"), 1);
    let length = home.store().metadata().unwrap().len();
    assert_eq!(number("till_store_size_bytes"), length);
    assert!(number("till_store_free_bytes") > 0 && number("till_store_events") > 0);
    assert_eq!(number("till_store_holds"), 0);
    let memory = number("process_resident_memory_bytes");
    assert!(memory > 1 << 20 && memory <= proxy.peak_memory(), "{memory}");
    let fds = std::fs::read_dir(proxy.proc_path("fd")).map_or(0, Iterator::count);
    assert!(fds == 0 || number("process_open_fds").abs_diff(fds as u64) < 8, "{fds}");
    assert!(number("process_max_fds") >= number("process_open_fds"));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    for name in ["process_start_time_seconds", "till_store_checked_timestamp_seconds"] {
        let (seconds, _) = scrape.value(name).split_once('.').unwrap_or((scrape.value(name), ""));
        let age = now.as_secs().abs_diff(seconds.parse().unwrap());
        assert!(age < 120, "{name}: {age} seconds");
    }
    let version = format!("till_build_info{{version=\"{}\"}} 1\n", env!("CARGO_PKG_VERSION"));
    assert!(scrape.text.contains(&version), "{}", scrape.text);
}

/// A client that makes models up has 19 of them beside `other` if they exist, and none if they do
/// not.
#[test]
fn names_of_models_are_bounded() {
    let upstream = Upstream::new(|seen: &Seen| {
        let body: Value = serde_json::from_slice(&seen.body).unwrap();
        let exists = body["model"].as_str().unwrap().starts_with("real");
        Answer::status(if exists { 200 } else { 404 })
    });
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 1000 --model *");
    let proxy = home.measured("");
    let mut client = Connection::open(proxy.address()).unwrap();
    for number in 0..100 {
        for name in ["real", "made-up \\\"{}\\n\\u0007\\\\ ä"] {
            let body = format!(r#"{{"model":"{name} {number}","messages":[]}}"#);
            let request = Request::new("POST", "/openai/v1/chat/completions").bearer(&key.text);
            client.request(&request.json(body.as_bytes())).unwrap();
        }
    }
    let scrape = proxy.scrape();
    assert_eq!(scrape.sum("till_requests_total", &[]), 200, "{}", scrape.text);
    assert_eq!(scrape.series("till_requests_total", &["model=\"real "]).count(), 19);
    assert_eq!(scrape.sum("till_requests_total", &["model=\"real "]), 19);
    let other = scrape.series("till_requests_total", &["model=\"other\""]);
    assert_eq!(other.map(|(_, value)| value).collect::<Vec<_>>(), ["81", "100"]);
    assert!(!scrape.text.contains("made-up"), "{}", scrape.text);
}

/// Prometheus's own parser for Python reads the same, in both formats.
#[test]
fn the_official_parser_reads_it() {
    let Some(driver) = Driver::of("python") else { return };
    let answer = Answer::json(200, b"{}");
    let odd = Upstream::answering(answer);
    let home = Home::with_openai(&odd);
    let key = home.mint("openai -n 1000 --model *");
    let proxy = home.measured("");
    let names = ["a \"b\" {c=\"d\"} \\ e", "line\nend", "bell\u{7}\r\u{2028}ä\u{202e}", "#", ""];
    for name in names {
        let body = serde_json::json!({"model": name, "messages": []}).to_string();
        let request = Request::new("POST", "/openai/v1/chat/completions").bearer(&key.text);
        let _ = request.json(body.as_bytes()).send(proxy.address());
    }
    Request::new("GET", "/").send(proxy.address()).expect(404, "no_route");
    let text = Request::new("GET", PATH).send(proxy.metrics());
    assert_eq!(text.field("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3";
    let open = Request::new("GET", PATH).field("Accept", accept).send(proxy.metrics());
    assert!(open.field("content-type").starts_with("application/openmetrics-text; version=1.0.0"));
    let files = [("TEXT", &text), ("OPEN_METRICS", &open)].map(|(name, reply)| {
        let path = home.path(name);
        std::fs::write(&path, &reply.body).unwrap();
        (name.to_owned(), path.to_str().unwrap().to_owned())
    });
    let code = include_str!("../python/metrics.py").to_owned();
    let step = Step { code, environment: BTreeMap::from(files) };
    let outcomes = driver.run(&[step], &home.path("home-of-the-parser"));
    let [Outcome::Printed(printed)] = outcomes.as_slice() else { panic!("{outcomes:#?}") };
    let read: Vec<Sample> = serde_json::from_str(printed).unwrap();
    let models: Vec<_> = read
        .iter()
        .filter(|(name, ..)| name == "till_requests_total")
        .filter_map(|(_, labels, _)| labels.iter().find(|(name, _)| name == "model"))
        .map(|(_, model)| model.as_str())
        .collect();
    // Control characters are gone; nothing else is.
    for model in ["a \"b\" {c=\"d\"} \\ e", "lineend", "bell\u{2028}ä\u{202e}", "#"] {
        assert!(models.contains(&model), "{model}: {models:?}");
    }
    assert_eq!(read.len(), Scrape::of(&text).text.lines().filter(|l| !l.starts_with('#')).count());
}
