//! `till usage`, through binary and proxy: the sums are those of the events, however they are
//! grouped, and nothing that is shown harms a terminal or a spreadsheet.

use serde_json::Value;
use till::domain::cost::Cost;
use till::domain::event::{Event, EventKind};
use till::domain::ids::{InstanceId, KeySeq, MasterId};
use till::domain::rollup::{Facts, Rollup, RollupKey};
use till::domain::settlement::{Charge, Outcome};
use till::domain::time::Timestamp;
use till::store::redb::RedbStore;
use till::store::rows::{RowKey, to_bytes};
use till::store::{Scan, Store, Table, Verdict};

use crate::support::answer::{Answer, Body, Gate, events, recording};
use crate::support::home::{Home, Key};
use crate::support::http::{Connection, Request};
use crate::support::model::{INPUT, allowed, completion};
use crate::support::proxy::Proxy;
use crate::support::spent::place;
use crate::support::terminal::Terminal;
use crate::support::upstream::{Seen, Upstream};
use crate::support::wait_until;

const GROUPINGS: [&str; 7] = ["key", "master", "provider", "model", "label=team", "hour", "day"];

/// Two providers, three keys, and all that can become of a request.
struct Stage {
    _upstreams: [Upstream; 2],
    home: Home,
    red: Key,
    blue: Key,
    plain: Key,
}

impl Stage {
    fn new() -> Self {
        let openai = Upstream::new(|seen| answer(seen, &Gate::default()));
        let xai = Upstream::expecting(place("xai"), |_| Answer::replay("xai.chat.xai-text.sse"));
        let xai = xai.may_idle();
        let home = Home::with_openai(&openai);
        home.add_provider("xai", &xai);
        let prices = "prices set xai grok-3-mini --input 0.3 --output 0.5 --max-output 8192";
        home.till(prices).ok();
        let red = home.mint("openai --spend 100 --name =1+1 --label team=red,\"x\"");
        let blue = home.mint("openai xai -n 100 --spend 50 --label team=\u{202e}blue");
        let plain = home.mint("openai -n 3");
        Self { _upstreams: [openai, xai], home, red, blue, plain }
    }

    fn keys(&self) -> [&Key; 3] {
        [&self.red, &self.blue, &self.plain]
    }

    fn usage(&self, line: &str) -> Value {
        self.home.till(&format!("usage {line}")).json()
    }

    /// Asks until so many are denied: denials are written with what comes after them.
    fn denied(&self, count: u64) {
        wait_until("denials are written", || {
            self.usage("")["total"]["denied"].as_u64() == Some(count)
        });
    }
}

fn answer(seen: &Seen, gate: &Gate) -> Answer {
    let way = seen.target.split_once("?way=").map_or("", |(_, way)| way);
    match way {
        "cut" => {
            Answer::events(vec![]).body(Body::CutOff(recording("openai.chat.openai-text.sse")))
        }
        "gone" => Answer::status(200).body(Body::Nothing),
        "held" => {
            let chunks = events(&recording("openai.chat.openai-text.sse"));
            Answer::events(vec![]).body(Body::Gated(chunks, gate.clone()))
        }
        "" => completion(INPUT, allowed(seen)),
        status => Answer::status(status.parse().expect("a status")),
    }
}

fn openai(key: &Key, model: &str, way: &str) -> Request {
    let body = format!(
        r#"{{"model":"{model}","messages":[],"max_tokens":100{}}}"#,
        if matches!(way, "cut" | "held") { r#","stream":true"# } else { "" }
    );
    let way = if way.is_empty() { String::new() } else { format!("?way={way}") };
    Request::new("POST", &format!("/openai/v1/chat/completions{way}"))
        .bearer(&key.text)
        .json(body.as_bytes())
}

fn xai(key: &Key) -> Request {
    let body = br#"{"model":"grok-3-mini","messages":[],"max_tokens":1000,"stream":true}"#;
    Request::new("POST", "/xai/v1/chat/completions").bearer(&key.text).json(body)
}

fn number(sums: &Value, field: &str) -> u64 {
    let value = &sums[field];
    let found = value.as_u64().or_else(|| value["picodollars"].as_u64());
    found.unwrap_or_else(|| panic!("no {field}: {sums:#}"))
}

/// Every figure that can be added up.
const FIGURES: [&str; 12] = [
    "requests",
    "activations",
    "answered",
    "limited",
    "refused",
    "failed",
    "estimated",
    "input_tokens",
    "cached_tokens",
    "output_tokens",
    "spend",
    "denied",
];

fn figures(sums: &Value) -> [u64; 12] {
    FIGURES.map(|field| number(sums, field))
}

fn group<'a>(answer: &'a Value, id: &str) -> &'a Value {
    let groups = answer["groups"].as_array().expect("groups");
    groups.iter().find(|group| group["id"] == id).unwrap_or_else(|| panic!("no {id}: {answer:#}"))
}

/// Two proxies at once, one of which is killed with a request in flight.
fn play(stage: &Stage) {
    let (one, other) = (stage.home.proxy(), stage.home.proxy());
    let send = |proxy: &Proxy, request: Request| {
        let _ = request.try_send(proxy.address());
    };
    for proxy in [&one, &other] {
        for way in ["", "429", "404", "500", "gone", "cut"] {
            send(proxy, openai(&stage.red, "gpt-4o-mini", way));
        }
        send(proxy, openai(&stage.blue, "gpt-4o", ""));
        send(proxy, xai(&stage.blue));
    }
    for _ in 0..5 {
        send(&one, openai(&stage.plain, "gpt-4o-mini", ""));
    }
    Request::chat("till_sk_nonsense").send(one.address());
    // One hangs up, and one loses its proxy.
    let held = |proxy: &Proxy| {
        let mut client = Connection::open(proxy.address()).unwrap();
        client.start(&openai(&stage.red, "gpt-4o-mini", "held")).unwrap();
        client.chunk_after_head();
        client
    };
    drop(held(&one));
    let client = held(&other);
    other.kill();
    drop(client);
    stage.home.till("usage --verify").ok();
    for key in stage.keys() {
        stage.home.settled(key);
    }
    stage.denied(5);
    one.stop();
}

#[test]
fn every_grouping_adds_up_to_the_events_to_the_picodollar() {
    let stage = Stage::new();
    play(&stage);
    let verified = stage.home.till("usage --verify").run();
    assert_eq!(verified.code, Some(0), "{verified}");
    let told = verified.stderr.contains("the sums agree with the events of 21 requests");
    assert!(told, "{verified}");

    let total = stage.usage("")["total"].clone();
    for by in GROUPINGS {
        let answer = stage.usage(&format!("--by {by}"));
        assert_eq!(figures(&answer["total"]), figures(&total), "{by}");
        let groups = answer["groups"].as_array().unwrap();
        for (at, field) in FIGURES.iter().enumerate() {
            let sum: u64 = groups.iter().map(|group| number(group, field)).sum();
            assert_eq!(sum, figures(&total)[at], "{field} by {by}: {answer:#}");
        }
    }
    assert_eq!(number(&total, "requests"), 21);
    assert_eq!(number(&total, "limited"), 2);
    assert_eq!(number(&total, "refused"), 2);
    // Two with 500, two without an answer, one whose proxy died.
    assert_eq!(number(&total, "failed"), 5);
    assert_eq!(number(&total, "cached_tokens"), 22);
    let keys = stage.usage("");
    for key in stage.keys() {
        let spent = stage.home.spent(key);
        let row = group(&keys, &key.id);
        let of = |field| number(row, field);
        assert_eq!((of("input_tokens"), of("output_tokens"), of("spend")), spent, "{row:#}");
    }
    assert!(number(group(&keys, &stage.red.id), "estimated") >= 6);
    assert_eq!(number(group(&keys, &stage.plain.id), "requests"), 3);
}

/// A new root key signs the sums anew.
#[test]
fn a_rekey_leaves_what_was_used() {
    let stage = Stage::new();
    let proxy = stage.home.proxy();
    openai(&stage.red, "gpt-4o-mini", "").send(proxy.address()).expect(200, "");
    stage.home.settled(&stage.red);
    proxy.stop();
    let before = stage.usage("")["total"].clone();
    let new = stage.home.path("new");
    std::fs::write(&new, "another passphrase of the operator\n").unwrap();
    rustix::fs::chmod(&new, rustix::fs::Mode::RUSR).unwrap();
    stage.home.till("rekey --yes --new-passphrase-file").arg(new.to_str().unwrap()).ok();
    let run = stage.home.till("usage --verify").without("TILL_KEY_FILE");
    let after = run.env("TILL_PASSPHRASE_FILE", &new).json();
    assert_eq!(figures(&after["total"]), figures(&before));
    assert_eq!(number(&before, "requests"), 1);
}

#[test]
fn filters_and_reasons() {
    let stage = Stage::new();
    play(&stage);
    let total = |line: &str| stage.usage(line)["total"].clone();
    let xai = total("--provider xai");
    assert_eq!((number(&xai, "requests"), number(&xai, "cached_tokens")), (2, 22));
    assert_eq!(number(&total("--model grok-*"), "requests"), 2);
    assert_eq!(number(&total("--model gpt-4o"), "requests"), 2);
    assert_eq!(number(&total("--label team=\u{202e}blue"), "requests"), 4);
    let plain = total(&format!("--key {}", stage.plain.id));
    assert_eq!((number(&plain, "requests"), number(&plain, "denied")), (3, 2));
    assert_eq!(number(&total("--label team=nobody"), "requests"), 0);
    let big = total("--model gpt-4o --provider openai");
    assert_eq!(number(&big, "spend"), number(&total("--model gpt-4o"), "spend"));
    assert!(number(&big, "spend") > 0);

    let reasons = stage.usage("--by reason");
    assert_eq!(number(group(&reasons, "activation_limit"), "denied"), 2);
    assert_eq!(number(group(&reasons, "key_malformed"), "denied"), 1);
    // These were sent, and no answer came.
    assert_eq!(number(group(&reasons, "upstream_unreachable"), "denied"), 2);
    assert_eq!(reasons["total"]["denials"].as_array().unwrap().len(), 3);
    let table = stage.home.till("usage --by reason").ok();
    assert!(table.contains("every activation of the key is used"), "{table}");

    // A master key and a key that are no more are said to be.
    let before = total("");
    stage.home.till("master rm xai --revoke-keys --yes").ok();
    let masters = stage.home.till("usage --by master").ok();
    assert!(masters.contains("(removed master 2, xai)"), "{masters}");
    assert_eq!(number(&total("--provider xai"), "requests"), 2);
    // A key that is pruned is known by its number.
    for key in stage.keys() {
        stage.home.till(&format!("key revoke {}", key.id)).ok();
    }
    stage.home.till("key prune --older-than 0s --yes").ok();
    assert!(stage.home.till("usage").ok().contains("(removed key 1)"));
    assert_eq!(figures(&total("")), figures(&before));
}

#[test]
fn csv_is_read_back_and_holds_no_formula() {
    let stage = Stage::new();
    play(&stage);
    for by in GROUPINGS {
        let text = stage.home.till(&format!("usage --by {by} --csv")).ok();
        let rows = parsed(&text);
        let answer = stage.usage(&format!("--by {by}"));
        let groups = answer["groups"].as_array().unwrap();
        assert_eq!(rows.len(), groups.len() + 1, "{text}");
        for (row, group) in rows[1..].iter().zip(groups) {
            for field in FIGURES {
                let name = if field == "spend" { "spend_picodollars" } else { field };
                let at = rows[0].iter().position(|head| head == name).expect(name);
                assert_eq!(row[at], number(group, field).to_string(), "{field}: {text}");
            }
            assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{row:?}");
        }
        assert!(!text.contains('\u{202e}'), "{text}");
    }
    let keys = stage.home.till("usage --csv").ok();
    assert!(keys.contains(",'=1+1,"), "{keys}");
}

/// Records of RFC 4180.
fn parsed(text: &str) -> Vec<Vec<String>> {
    assert!(text.ends_with("\r\n"), "{text:?}");
    let mut rows = vec![vec![String::new()]];
    let mut quoted = false;
    let mut rest = text.trim_end_matches("\r\n").chars().peekable();
    while let Some(c) = rest.next() {
        let row = rows.last_mut().unwrap();
        match c {
            '"' if quoted && rest.peek() == Some(&'"') => {
                row.last_mut().unwrap().push(rest.next().unwrap());
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(String::new()),
            '\r' if !quoted => {
                assert_eq!(rest.next(), Some('\n'));
                rows.push(vec![String::new()]);
            }
            _ => row.last_mut().unwrap().push(c),
        }
    }
    rows
}

#[test]
fn every_width_and_character_set() {
    let stage = Stage::new();
    play(&stage);
    let lines =
        ["--by key", "--by hour", "--by label=team", "--by reason", "--plot", "--plot=spend"];
    for line in lines {
        for utf8 in [true, false] {
            let script = format!("stty cols 40 rows 20; exec \"$TILL\" usage {line}");
            let run = stage.home.sh(&script).env("TERM", "dumb");
            let run = run.env("LC_ALL", if utf8 { "C.UTF-8" } else { "C" });
            let Some(terminal) = Terminal::of(&run) else { return };
            let shown = terminal.play();
            assert_eq!(shown.code, 0, "{}", shown.text);
            let data = shown.text.split("\r\n\r\n").next().unwrap();
            for row in data.lines() {
                assert!(row.chars().count() <= 40, "{line}: {row:?} in {}", shown.text);
            }
            assert!(!shown.text.contains(['\u{1b}', '\u{202e}']), "{}", shown.text);
            assert!(utf8 || shown.text.is_ascii(), "{}", shown.text);
        }
    }
    // What is piped has a width of its own.
    let plot = stage.home.till("usage --plot=tokens").env("LC_ALL", "C.UTF-8").ok();
    assert!(plot.starts_with("tokens: "), "{plot}");
    assert!(plot.contains('█') && plot.lines().count() > 10, "{plot}");
    assert!(plot.lines().all(|line| line.chars().count() <= 80), "{plot}");
    let table = stage.home.till("usage").env("LC_ALL", "C.UTF-8").run();
    assert!(table.stdout.contains('≤') && table.stderr.contains("an upper bound"), "{table}");
    assert!(table.stdout.contains("FIRST BYTE") && table.stderr.contains("UTC"), "{table}");
    let labels = stage.home.till("usage --by label=team").ok();
    assert!(labels.contains("\\u{202e}blue"), "{labels}");
}

#[test]
fn nothing_and_nonsense() {
    let home = Home::new();
    let empty = home.till("usage").run();
    assert_eq!((empty.code, empty.stdout.as_str()), (Some(0), ""), "{empty}");
    assert!(empty.stderr.contains("nothing was sent or denied from "), "{empty}");
    let none = home.till("usage --by model --since 3d --until 2d").json();
    assert_eq!(none["groups"], Value::Array(Vec::new()), "{none}");
    assert_eq!(figures(&none["total"]), [0; 12]);
    assert_eq!(home.till("usage --csv").ok().lines().count(), 1);
    assert!(home.till("usage --plot").run().stderr.contains("nothing was sent"));
    home.till("usage --verify").ok();
    home.till("usage --by colour").fails(2, &["it is one of key, master"]);
    home.till("usage --since yesterday").fails(2, &["`--since` is no time", "neither a span"]);
    home.till("usage --since 2999-01-01").fails(2, &["is yet to come"]);
    home.till("usage --since 1d --until 2d").fails(2, &["`--until` is before `--since`"]);
    home.till("usage --csv --json").fails(2, &["cannot be used with"]);
    home.till("usage --plot --json").fails(2, &["cannot be used with"]);
    home.till("usage --by reason --model a").fails(2, &["says nothing of reasons"]);
    home.till("usage --key abcdefghjkmn").fails(3, &["there is no key"]);
    Home::empty().till("usage").fails(4, &["there is no store"]);
}

#[test]
fn a_sum_that_is_not_that_of_the_events_is_found() {
    let stage = Stage::new();
    let proxy = stage.home.proxy();
    openai(&stage.red, "gpt-4o-mini", "").send(proxy.address()).expect(200, "");
    openai(&stage.blue, "gpt-4o-mini", "").send(proxy.address()).expect(200, "");
    xai(&stage.blue).send(proxy.address()).expect(200, "");
    stage.home.settled(&stage.red);
    stage.home.settled(&stage.blue);
    proxy.stop();
    stage.home.till("usage --verify").ok();
    let store = RedbStore::open(stage.home.store(), till::store::redb::Options::default()).unwrap();
    let mut first = None;
    let mut find = |rows: &dyn till::store::Rows| {
        let all = std::ops::Bound::Unbounded;
        rows.scan(Table::Rollups, all, all, &mut |key, row| {
            first = Some((key.to_vec(), row.to_vec()));
            Ok(Scan::Stop)
        })
    };
    store.view(&mut find).unwrap();
    let (place, mut row) = first.expect("a row of sums");
    let change = |row: Option<&[u8]>| {
        store
            .transact(&mut |rows| {
                match row {
                    Some(row) => rows.put(Table::Rollups, &place, row)?,
                    None => drop(rows.delete(Table::Rollups, &place)?),
                }
                Ok(Verdict::Commit)
            })
            .unwrap();
    };
    // Edited: its MAC says so. Looking believes it.
    row[8] ^= 1;
    change(Some(&row));
    stage.home.till("usage").ok();
    stage.home.till("usage --verify").fails(7, &["MAC"]);
    // Gone: the events say so, and whose it was.
    change(None);
    let says = [
        "are not those of its events",
        &*format!("key `{}`", stage.red.id),
        "the sums say 0 requests",
        "the events 1 request, 300 and 100 tokens",
    ];
    stage.home.till("usage --verify").fails(7, &says);
}

/// The sizes in `docs/usage.md` are those of rows as they are written.
#[test]
fn the_document_says_how_large_rows_are() {
    let (model, cost) = ("gpt-4o-mini", Cost::default());
    let (at, link, place) = (Timestamp(1), 32, 8);
    let event = |kind| {
        let event = Event::new(kind, at).key(KeySeq(1)).master(MasterId(1)).by(InstanceId(1));
        event.charge(Charge { cost, estimated: true })
    };
    let size = |event: &Event| to_bytes(event).len() + link + place;
    let facts = Facts { model: model.to_owned(), first_byte: Some(1), ..Facts::default() };
    let admitted = size(&event(EventKind::Admitted));
    let settled = size(&event(EventKind::Settled).facts(facts.clone()).note("200"));
    let request = admitted + settled;
    let mut sum = Rollup::default();
    for latency in (0..10).map(|number| 1_000 << number) {
        let facts = Facts { latency, first_byte: Some(latency), ..facts.clone() };
        sum.count(Outcome::Answered(200), true, &Charge::default(), &facts);
    }
    let (key, master, model) = (KeySeq(1), MasterId(1), model.to_owned());
    let about = RollupKey { hour: 1, key, master, model };
    let sums = about.to_key().len() + to_bytes(&sum).len() + link;
    let year = 365 * 24 * 3_600 * request / 100_000_000;
    let stated = [
        format!("two events, {admitted} and {settled} bytes"),
        format!("{}.{} GB a year", year / 10, year % 10),
        format!("the last 500,000 events: {} MB", 250_000 * request / 1_000_000),
        format!("{sums} bytes with answers in ten different times"),
        format!("{}.{} MB a year", 8_760 * sums / 1_000_000, 8_760 * sums / 100_000 % 10),
    ];
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/usage.md");
    let document = std::fs::read_to_string(path).unwrap();
    let words = document.split_whitespace().collect::<Vec<_>>().join(" ");
    for text in stated {
        assert!(words.contains(&text), "docs/usage.md should say: {text}");
    }
}
