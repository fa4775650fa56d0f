//! The README's session, through the binary.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use crate::support::answer::Answer;
use crate::support::home::{Home, Key, MASTER};
use crate::support::http::Request;
use crate::support::proxy::Proxy;
use crate::support::run::TILL;
use crate::support::skip::skip;
use crate::support::upstream::Upstream;
use crate::support::{PATIENCE, wait_until};

const PASSPHRASE: &str = "correct horse battery staple";

#[test]
fn from_nothing_to_the_last_activation() {
    let upstream = Upstream::answering(Answer::replay("openai.chat.openai-text.json"));
    let home = Home::empty();
    let till = |line: &str| home.till(line).env("TILL_PASSPHRASE", PASSPHRASE);

    till("init").ok();
    assert_eq!(mode(home.store()), 0o600);
    assert_eq!(mode(home.store().parent().unwrap()), 0o700);
    till("master add openai --local --base-url")
        .arg(&upstream.base_url("/v1"))
        .arg("--from-env")
        .arg("OPENAI_API_KEY")
        .env("OPENAI_API_KEY", MASTER)
        .ok();
    let masters = till("master ls").ok();
    assert!(masters.contains("openai") && masters.contains("WXYZ"), "{masters}");
    assert!(!masters.contains(MASTER));

    let printed = till("key mint openai -n 3 --expires 2h").ok();
    let text = printed.strip_suffix('\n').expect("one line").to_owned();
    assert_eq!(text.len(), 47, "the key and nothing else: {printed}");
    assert!(text.starts_with("till_sk_"), "{printed}");

    let proxy = Proxy::start(till("proxy --listen 127.0.0.1:0"));
    let listed = till("key ls").json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
    assert_eq!(listed[0]["status"], "live");
    assert_eq!(listed[0]["providers"][0], "openai");
    assert_eq!(listed[0]["activations"]["limit"], 3);
    assert!(listed[0]["expires_at"].is_string() || listed[0]["expires_at"].is_number());
    let key = Key { id: listed[0]["id"].as_str().unwrap().to_owned(), text };

    for remaining in ["2", "1", "0"] {
        let reply = Request::chat(&key.text).send(proxy.address());
        reply.expect(200, "");
        assert_eq!(reply.field("till-activations-remaining"), remaining);
    }
    let refused = Request::chat(&key.text).send(proxy.address());
    refused.expect(402, "activation_limit");
    assert_eq!(refused.field("till-key"), key.id);
    assert_eq!(refused.field("till-activations-limit"), "3");
    assert_eq!(refused.field("till-activations-remaining"), "0");
    assert!(refused.json()["error"]["message"].as_str().unwrap().contains("all 3 activations"));
    wait_until("the key has ended", || home.show(&key)["status"] == "ended");
    let table = till("key ls").ok();
    assert!(table.contains(&key.id) && table.contains('3'), "{table}");
    assert!(!table.contains('\x1b'), "colours, but no terminal: {table}");

    let (status, said) = proxy.stop();
    assert!(status.success(), "{said}");
    assert_eq!(upstream.count(), 3);
}

/// The key's own state, by the key itself.
#[test]
fn a_key_knows_what_it_has_left() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let key = home.mint("openai -n 5");
    let proxy = home.proxy();
    Request::chat(&key.text).send(proxy.address()).expect(200, "");

    let state = || {
        let reply = Request::new("GET", "/till/v1/key").bearer(&key.text).send(proxy.address());
        reply.expect(200, "");
        reply.json()
    };
    wait_until("the request is settled", || state()["activations"]["used"] == 1);
    assert_eq!(state()["id"], key.id.as_str());
    assert_eq!(state()["activations"]["remaining"], 4);
    let url = format!("http://{}", proxy.address());
    let left = home.till("left --url").arg(&url).env("TILL_KEY", &key.text).json();
    assert_eq!(left["activations"], state()["activations"]);
    let left = home.till("left --url").arg(&url).stdin(format!("{}\n", key.text)).ok();
    assert!(left.contains('4'), "{left}");

    for path in ["/healthz", "/readyz"] {
        let reply = Request::new("GET", path).send(proxy.address());
        assert_eq!(reply.status, 200, "{path}");
    }
    Request::new("GET", "/till/v1/key").send(proxy.address()).expect(401, "key_missing");
    assert_eq!(upstream.count(), 1);
}

/// Without a terminal a proxy does nothing by itself: it says what is missing.
#[test]
fn a_first_start_without_a_terminal() {
    let home = Home::empty();
    home.till("proxy --listen 127.0.0.1:0").fails(4, &["no store", "till init"]);
    assert!(!home.store().exists());
    let home = Home::new();
    let output = home.till("proxy --no-input --listen 127.0.0.1:0").without("TILL_KEY_FILE").run();
    output.expect_failure(1, &["no secret", "TILL_KEY_FILE"]);
}

/// In a terminal it leads from nothing to the lines to paste.
#[test]
fn a_first_start_in_a_terminal() {
    let home = Home::empty();
    let Some(mut screen) = Screen::start(&home, "proxy --listen 127.0.0.1:0") else { return };
    screen.wait_for(&["new passphrase:"]);
    screen.type_line(PASSPHRASE);
    screen.wait_for(&["again"]);
    screen.type_line(PASSPHRASE);
    screen.wait_for(&["openai_api_key"]);
    screen.type_line("y");
    screen.wait_for(&["till_sk_", "openai_base_url", "listening on http://"]);
    screen.interrupt();
    assert_eq!(home.key_count(), 1);
}

/// A start that was broken off after the store was made goes on where it was.
#[test]
fn a_start_that_was_broken_off() {
    let home = Home::with_passphrase(PASSPHRASE);
    let proxy = home.till("proxy --listen 127.0.0.1:0").env("TILL_PASSPHRASE", PASSPHRASE);
    let (status, said) = Proxy::start(proxy).stop();
    assert!(status.success());
    assert!(
        said.contains("no API key is sealed yet") && said.contains("till master add"),
        "{said}"
    );
    assert!(!said.contains("till_sk_"), "{said}");

    let Some(mut screen) = Screen::start(&home, "proxy --listen 127.0.0.1:0") else { return };
    screen.wait_for(&["passphrase:"]);
    screen.type_line(PASSPHRASE);
    screen.wait_for(&["openai_api_key"]);
    screen.type_line("y");
    screen.wait_for(&["till_sk_", "openai_base_url", "listening on http://"]);
    screen.interrupt();
    assert_eq!(home.key_count(), 1);
}

/// The widest row that there may be is shown in 80 columns.
#[test]
fn tables_fit_the_terminal() {
    let home = Home::new();
    home.add_openai("http://127.0.0.1:1/v1");
    home.add_master("anthropic", "http://127.0.0.1:1");
    let name = "a name that is longer than any column of a terminal is wide, by far";
    let mint = home.till("key mint openai anthropic -n 1000000000000 --expires 9w").arg("--name");
    mint.arg(name).ok();
    let Some(mut screen) = Screen::start(&home, "key ls") else { return };
    let shown = screen.until_the_end();
    let table: Vec<&str> = shown.lines().filter(|line| !line.trim().is_empty()).collect();
    assert_eq!(table.len(), 2, "{shown}");
    let width = |line: &str| plain(line).chars().count();
    assert!(table.iter().all(|line| width(line) <= 80), "{shown}");
    assert!(shown.contains("0/1000000000000") && shown.contains("in 9w"), "{shown}");
    let piped = home.till("key ls").ok();
    for text in [name, "openai,anthropic", "LAST USE"] {
        assert!(piped.contains(text), "{piped}");
    }
}

/// A terminal of 80 columns with `till` in it, and a key of OpenAI's in its environment.
struct Screen {
    child: Child,
    keyboard: ChildStdin,
    output: ChildStdout,
    shown: String,
}

impl Screen {
    /// Starts it; none where there is no program to make a terminal with.
    fn start(home: &Home, line: &str) -> Option<Self> {
        let script = Command::new("script").arg("--version").output();
        if !script.is_ok_and(|output| output.status.success()) {
            skip("a terminal: `script` (util-linux) is not installed");
            return None;
        }
        let mut command = Command::new("script");
        command
            .args(["-qefc", &format!("stty cols 80; exec {TILL} {line}"), "/dev/null"])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home.path(""))
            .env("XDG_STATE_HOME", home.path("state"))
            .env("TERM", "xterm")
            .env("TILL_STORE", home.store())
            .env("OPENAI_API_KEY", MASTER)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let keyboard = child.stdin.take().unwrap();
        let output = child.stdout.take().unwrap();
        Some(Self { child, keyboard, output, shown: String::new() })
    }

    fn type_line(&mut self, text: &str) {
        writeln!(self.keyboard, "{text}").unwrap();
    }

    /// Waits until all of these have been shown since it was last waited for something.
    fn wait_for(&mut self, texts: &[&str]) {
        let end = Instant::now() + PATIENCE;
        let from = self.shown.len();
        while !texts.iter().all(|text| self.shown[from..].to_lowercase().contains(text)) {
            assert!(Instant::now() < end, "{}", self.shown);
            assert!(self.read() > 0, "it ended: {}", self.shown);
        }
    }

    fn read(&mut self) -> usize {
        let mut buffer = [0; 4096];
        // A terminal that nobody writes to any more is an error to some.
        let count = self.output.read(&mut buffer).unwrap_or_default();
        self.shown.push_str(&String::from_utf8_lossy(&buffer[..count]));
        count
    }

    fn until_the_end(&mut self) -> String {
        while self.read() > 0 {}
        self.shown.clone()
    }

    /// Ctrl-C, and expects a good end that has shown no secret.
    fn interrupt(mut self) {
        self.keyboard.write_all(&[3]).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}: {}", self.shown);
        assert!(!self.shown.contains(MASTER) && !self.shown.contains(PASSPHRASE), "{}", self.shown);
    }
}

/// A line without its colours.
fn plain(line: &str) -> String {
    let mut parts = line.trim_end().split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    first + &parts.map(|part| part.split_once('m').map_or("", |(_, rest)| rest)).collect::<String>()
}

fn mode(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}
