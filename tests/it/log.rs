//! `till log`: what is in it, what is asked of it, and what never is in it.

use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::channel;

use serde_json::Value;

use crate::support::PATIENCE;
use crate::support::answer::{Answer, recording};
use crate::support::home::{Home, MASTER};
use crate::support::http::Request;
use crate::support::proxy::Proxy;
use crate::support::terminal::Terminal;
use crate::support::upstream::Upstream;
use crate::support::wait_until;

/// The lines of `till log` with these arguments.
#[track_caller]
fn lines(home: &Home, args: &str) -> Vec<Value> {
    let text = home.till(&format!("log --json {args}")).ok();
    text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

fn kinds(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["kind"].as_str().unwrap()).collect()
}

fn metered(home: &Home) -> Proxy {
    Proxy::start(home.till("proxy --listen 127.0.0.1:0 --meter-all"))
}

/// An admission and a settlement for each request, with key, master, model, status, tokens and
/// money; denials by the minute; and what the operator did.
#[test]
fn everything_that_happens_is_in_it() {
    let upstream = Upstream::new(|seen| match seen.target.as_str() {
        "/v1/models" => Answer::status(500),
        _ => Answer::json(200, &recording("openai.chat.openai-text.json")),
    });
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 2 --spend 5 --name nightly");
    let other = home.mint("openai -n 5");
    let proxy = metered(&home);
    Request::chat(&key.text).send(proxy.address()).expect(200, "");
    Request::new("GET", "/openai/v1/models").bearer(&key.text).send(proxy.address());
    wait_until("both are settled", || home.activations(&key, "used") == 2);
    for _ in 0..3 {
        Request::chat(&key.text).send(proxy.address()).expect(402, "activation_limit");
    }
    // Denials ride along in the next commit.
    Request::chat(&other.text).send(proxy.address()).expect(200, "");
    wait_until("denials are written", || {
        lines(&home, "--kind denied").iter().any(|line| line["count"] == 3)
    });
    home.till(&format!("key extend {} -n 5", other.id)).ok();
    home.till(&format!("key revoke {}", other.id)).ok();
    home.till("master ls --verify").ok();

    let all = lines(&home, "--all");
    let expected = [
        "store-created",
        "unlocked",
        "master-added",
        "key-minted",
        "instance-started",
        "admitted",
        "settled",
        "key-ended",
        "key-edited",
        "key-stopped",
        "denied",
    ];
    for kind in expected {
        assert!(kinds(&all).contains(&kind), "no {kind}: {:?}", kinds(&all));
    }
    let fields: Vec<_> = all[0].as_object().unwrap().keys().collect();
    for line in &all {
        assert_eq!(line.as_object().unwrap().keys().collect::<Vec<_>>(), fields, "every field");
        assert!(line["at"].as_str().unwrap().ends_with('Z'));
        assert_eq!(line["authenticated"] == false, {
            let kind = line["kind"].as_str().unwrap();
            matches!(kind, "key-stopped" | "unlock-failed" | "denied")
        });
    }
    let settled = lines(&home, &format!("--kind settled --key {}", key.id));
    assert_eq!(settled.len(), 2);
    let chat = settled.iter().find(|line| line["status"] == 200).unwrap();
    assert_eq!(chat["key"], *key.id);
    assert_eq!(chat["key_name"], "nightly");
    assert_eq!((&chat["master"], &chat["provider"]), (&"openai".into(), &"openai".into()));
    assert_eq!(chat["model"], "gpt-4o-mini");
    assert_eq!((&chat["input_tokens"], &chat["output_tokens"]), (&16.into(), &363.into()));
    assert_eq!(chat["estimated"], false);
    assert!(chat["spend"]["picodollars"].as_u64().unwrap() > 0);
    assert!(chat["latency_ms"].is_u64() && chat["first_byte_ms"].is_u64());
    assert!(settled.iter().any(|line| line["status"] == 500));
    let denied = lines(&home, &format!("--kind denied --key {}", key.id));
    assert_eq!(denied[0]["reason"], "activation_limit");
    let ended = lines(&home, "--kind key-ended");
    assert_eq!(ended[0]["note"], "activations");

    // For people.
    let text = home.till("log --all").ok();
    let line = text.lines().find(|line| line.contains("gpt-4o-mini")).unwrap();
    for part in [&*key.id, "`nightly`", "openai", "200", "16 in 363 out", "$0."] {
        assert!(line.contains(part), "no {part}: {line}");
    }
    assert!(text.contains("activation_limit 3 times"), "{text}");
    assert!(text.contains("(not authenticated)"), "{text}");
}

#[test]
fn filters_take_what_they_say() {
    let home = Home::new();
    home.add_openai("http://127.0.0.1:1/v1");
    home.add_master("anthropic", "http://127.0.0.1:1");
    let keys: Vec<_> = (0..3).map(|_| home.mint("openai -n 1")).collect();
    assert_eq!(lines(&home, "-n 2").len(), 2);
    assert_eq!(kinds(&lines(&home, "-n 2")), ["key-minted"; 2]);
    assert_eq!(lines(&home, "--kind key-minted").len(), 3);
    assert_eq!(lines(&home, &format!("--key {}", keys[1].id)).len(), 1);
    assert_eq!(kinds(&lines(&home, "--provider anthropic")), ["master-added"]);
    assert_eq!(kinds(&lines(&home, "--master openai")), ["master-added"]);
    assert_eq!(lines(&home, "--since 1h"), lines(&home, ""));
    assert_eq!(lines(&home, "--until 1h"), [] as [Value; 0]);
    assert_eq!(lines(&home, "--since 2020-01-01 --until 2021-01-01").len(), 0);
    assert_eq!(lines(&home, "--model gpt-*").len(), 0);
    assert_eq!(lines(&home, "-n 0").len(), 0);

    // What is gone is shown, and asked for, by its number.
    home.till("master rm anthropic --yes").ok();
    home.till("key revoke").arg(&keys[0].id).ok();
    home.mint("openai -n 1");
    home.till("key prune --older-than 0s --yes").ok();
    assert!(home.till("log").ok().contains("key #1 "));
    assert!(home.till("log").ok().contains("master #2 "));
    assert!(lines(&home, "--key #1").len() >= 3);
    assert_eq!(kinds(&lines(&home, "--master #2")), ["master-added", "master-removed"]);

    home.till("log --key zzzzzzzz").fails(3, &["there is no key", "hint"]);
    home.till("log --master nobody").fails(3, &["there is no master key", "hint"]);
    home.till("log --kind nonsense").fails(2, &["key-minted"]);
    home.till("log --since yesterday").fails(2, &["--since", "24h"]);
    home.till("log -n 3 verify").fails(2, &["hint"]);
    Home::empty().till("log").fails(4, &["till init"]);
}

/// Looking writes nothing; a thousand unlocks of a slot are one line an hour.
#[test]
fn looking_writes_nothing_and_unlocks_do_not_drown_the_log() {
    let home = Home::new();
    home.add_openai("http://127.0.0.1:1/v1");
    let before = lines(&home, "--all");
    for _ in 0..3 {
        home.till("key ls").ok();
        home.till("log").ok();
        home.till("key ls --verify").ok();
        home.till("log verify").ok();
    }
    assert_eq!(lines(&home, "--all"), before);
    for _ in 0..5 {
        home.mint("openai -n 1");
    }
    assert_eq!(lines(&home, "--kind unlocked").len(), 1);
}

/// Neither bodies nor queries nor credentials are in it, and nothing of it moves a cursor.
#[test]
fn nothing_of_a_request_is_in_it_that_is_nobodys_business() {
    let upstream = Upstream::answering(Answer::json(200, br#"{"answer":"answer-canary"}"#));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 5");
    let proxy = metered(&home);
    let body = b"{\"model\":\"gpt\\u001b[2Jevil\",\"messages\":[{\"role\":\"user\",\"content\":\"prompt-canary\"}]}";
    let path = "/openai/v1/chat/completions?secret=query-canary";
    Request::new("POST", path)
        .bearer(&key.text)
        .field("User-Agent", "agent-canary")
        .json(body)
        .send(proxy.address())
        .expect(200, "");
    wait_until("it is settled", || home.activations(&key, "used") == 1);
    drop(proxy);
    let secret = &key.text["till_sk_".len()..];
    for args in ["log --all", "log --all --json", "log --all --quiet"] {
        let text = home.till(args).ok();
        for canary in
            ["prompt-canary", "answer-canary", "query-canary", "agent-canary", secret, MASTER]
        {
            assert!(!text.contains(canary), "{canary}: {text}");
        }
        assert!(!text.contains('\u{1b}'), "{text}");
    }
    home.has_nowhere(&["prompt-canary", "answer-canary", "query-canary", "agent-canary"]);
}

#[test]
fn a_narrow_terminal_gets_whole_lines() {
    let home = Home::new();
    home.add_openai("http://127.0.0.1:1/v1");
    home.mint("openai -n 5 --name a-name-that-is-much-too-long-for-such-a-terminal");
    let Some(terminal) = Terminal::of(&home.till("log --quiet")) else { return };
    let shown = terminal.resize(24, 40).play();
    assert_eq!(shown.code, 0, "{}", shown.text);
    assert!(shown.text.contains("key-minted"), "{}", shown.text);
    for line in shown.text.lines() {
        let line = line.trim_end();
        assert!(line.chars().filter(|c| !c.is_control()).count() <= 60, "{line:?}");
    }
}

/// It shows what two proxies do as it is done, and ends when nobody reads any more.
#[test]
fn it_is_followed_beside_two_proxies() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 100");
    let mut child = home.till("log -f -n 0 --json --kind settled,denied").spawn();
    let (sender, seen) = channel();
    let stdout = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok).take(6) {
            sender.send(serde_json::from_str::<Value>(&line).unwrap()).unwrap();
        }
        // Here the pipe is closed.
    });
    let proxies = [home.proxy(), home.proxy()];
    for _ in 0..2 {
        for proxy in &proxies {
            Request::chat(&key.text).send(proxy.address()).expect(200, "");
        }
    }
    let mut instances = std::collections::BTreeSet::new();
    for _ in 0..4 {
        let line = seen.recv_timeout(PATIENCE).expect("a settlement is shown");
        assert_eq!((&line["kind"], &line["status"]), (&"settled".into(), &200.into()));
        instances.insert(line["instance"].as_str().unwrap().to_owned());
    }
    assert_eq!(instances.len(), 2);
    for proxy in &proxies {
        Request::chat(&key.text).send(proxy.address()).expect(200, "");
    }
    reader.join().unwrap();
    let mut status = None;
    wait_until("it ends by itself", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    assert!(status.unwrap().success());
}

/// Events that are dropped under it do not end it; Ctrl-C does.
#[test]
fn it_goes_on_when_events_are_dropped_and_ends_with_ctrl_c() {
    let home = Home::new();
    home.add_openai("http://127.0.0.1:1/v1");
    let mut child = home.till("log -f -n 0 --json --kind key-minted").spawn();
    let (sender, seen) = channel();
    let stdout = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            sender.send(serde_json::from_str::<Value>(&line).unwrap()).unwrap();
        }
    });
    home.till("key mint openai -n 1 --count 300").ok();
    home.till("log retention --events 100 --yes").ok();
    let last = home.mint("openai -n 1");
    loop {
        let line = seen.recv_timeout(PATIENCE).expect("it goes on");
        if line["key"] == *last.id {
            break;
        }
    }
    assert!(child.try_wait().unwrap().is_none());
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    assert!(!said.contains("panicked") && !said.contains("error"), "{said}");
    home.till("log verify").ok();
}
