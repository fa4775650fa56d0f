//! No byte of a key is in anything that till writes: not in what it says, at any level, nor in
//! the store, nor in what a process shows of itself.

mod arguments;
mod commands;
mod lines;
mod panics;
mod scene;
mod typed;
mod witness;

use std::path::Path;

use crate::support::answer::{Answer, Body};
use crate::support::home::{Home, MASTER};
use crate::support::http::{Connection, Request};
use crate::support::proxy::Proxy;
use crate::support::upstream::{Place, Upstream};

#[test]
fn keys_are_seen_by_the_upstream_alone() {
    let upstream = Upstream::new(|seen| match seen.target.as_str() {
        "/v1/models" => Answer::status(500),
        "/v1/responses" => Answer::status(200).body(Body::Nothing),
        _ => Answer::status(200),
    });
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 5 --name canary");
    let proxy = Proxy::start(home.till("-v proxy --listen 127.0.0.1:0").env("RUST_LOG", "trace"));
    let to = proxy.address();
    let mut replies = vec![
        Request::chat(&key.text).send(to),
        Request::new("GET", &format!("/openai/v1/models?key={}", key.text)).send(to),
        Request::new("POST", "/openai/v1/responses").bearer(&key.text).body(b"{}").send(to),
        Request::new("GET", "/openai/v1/../x").bearer(&key.text).send(to),
        Request::new("GET", "/openai/v1/models").bearer(&format!("{}x", key.text)).send(to),
    ];
    home.till(&format!("key revoke {}", key.id)).ok();
    replies.push(Request::chat(&key.text).send(to));

    let mut written = vec![("the log".to_owned(), proxy.said().into_bytes())];
    for reply in &replies {
        written.push(("an answer".to_owned(), format!("{reply:?}{}", reply.text()).into_bytes()));
    }
    for line in ["key ls", "-v key ls", "master ls", "key ls --json", "master ls --json"] {
        let output = home.till(line).run();
        assert_eq!(output.code, Some(0), "{output}");
        written.push((line.to_owned(), output.to_string().into_bytes()));
    }
    for name in ["cmdline", "environ"] {
        // It may well be that nobody can read it.
        let shown = std::fs::read(proxy.proc_path(name)).unwrap_or_default();
        written.push((name.to_owned(), shown));
    }
    files(&home.path(""), &mut written);

    let secret = &key.text["till_sk_".len()..];
    // Neither whole nor in longer parts.
    for (place, bytes) in &written {
        for canary in [MASTER, &MASTER[..24], secret, &secret[..16], &secret[16..32]] {
            let found = bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
            assert!(!found, "{canary} in {place}: {}", String::from_utf8_lossy(bytes));
        }
    }
}

/// A provider may take its key in the query: whatever breaks on the way, no message repeats it.
#[test]
fn a_key_in_a_query_is_in_no_message() {
    let upstream = Upstream::expecting(Place::Query("key"), |seen| {
        match seen.target.split('?').next().unwrap() {
            "/nothing" => Answer::status(200).body(Body::Nothing),
            "/cut" => Answer::status(200).body(Body::CutOff(b"half".to_vec())),
            "/moved" => Answer::status(302).field("Location", &seen.target),
            "/echo" => Answer::json(500, seen.target.as_bytes()),
            _ => Answer::status(404),
        }
    });
    let home = Home::new();
    for (name, url) in [("acme", upstream.base_url("")), ("gone", "http://127.0.0.1:1".to_owned())]
    {
        home.till(&format!("provider add {name} --local --auth query:key --url {url}")).ok();
        home.till(&format!("master add {name}")).stdin(format!("{MASTER}\n")).ok();
    }
    let key = home.mint("acme gone -n 50 --allow /**");
    let proxy = Proxy::start(home.till("-vv proxy --listen 127.0.0.1:0").env("RUST_LOG", "trace"));
    let mut written = Vec::new();
    let paths = ["acme/nothing", "acme/cut", "acme/moved", "acme/echo", "acme/none", "gone/x"];
    for path in paths {
        let request = Request::new("GET", &format!("/{path}?q=1")).bearer(&key.text);
        let mut connection = Connection::open(proxy.address()).unwrap();
        connection.start(&request).unwrap();
        let answer = connection.head().unwrap();
        let head = format!("{answer:?}");
        let said = head + &format!("{:?}", connection.body_of(answer));
        written.push((path.to_owned(), said.into_bytes()));
    }
    let (_, said) = proxy.stop();
    written.push(("the log".to_owned(), said.into_bytes()));
    files(&home.path(""), &mut written);
    for (place, bytes) in &written {
        for canary in [MASTER, &MASTER[..24]] {
            let found = bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
            assert!(!found, "{canary} in {place}: {}", String::from_utf8_lossy(bytes));
        }
    }
}

#[test]
fn a_proxy_leaves_no_core_file() {
    let proxy = Home::new().proxy();
    let limits = String::from_utf8(proxy.proc_file("limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let figures: Vec<&str> = core.split_whitespace().skip(4).take(2).collect();
    assert_eq!(figures, ["0", "0"], "{core}");
}

fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap_or_default()));
        }
    }
}
