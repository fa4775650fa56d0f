//! Everything that can be given wrongly: what is said, with which exit code, and that nothing of
//! it is done.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use crate::support::home::{Home, MASTER};
use crate::support::run::Run;

/// Nothing listens there.
const NOBODY: &str = "http://127.0.0.1:1/v1";

/// A name of 129 characters.
const LONG: &str = "\
    123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 \
    123456789 123456789 123456789 12345678X";

/// What is typed (words, and one argument with spaces), the exit code, and what is said of it:
/// what, why, and the hint.
type Transcript = (&'static str, &'static str, i32, &'static [&'static str]);

const LIMITS: &[Transcript] = &[
    ("key mint openai -n 0", "", 2, &["0", "1000000000000"]),
    ("key mint openai -n=-1", "", 2, &["-1"]),
    ("key mint openai -n -1", "", 2, &["-1", "whole number from 1"]),
    ("key mint openai -n 5 --concurrency -1", "", 2, &["-1", "whole number from 1"]),
    ("key mint openai -n 1.5", "", 2, &["1.5"]),
    ("key mint openai -n many", "", 2, &["many"]),
    ("key mint openai -n 1000000000001", "", 2, &["1000000000000"]),
    ("key mint openai -n 18446744073709551616", "", 2, &["18446744073709551616"]),
    ("key mint openai -n 99999999999999999999999", "", 2, &["99999999999999999999999"]),
    ("key mint openai -n 5 --count 0", "", 2, &["0"]),
    ("key mint openai --expires 2020-01-01T00:00Z", "", 2, &["past"]),
    ("key mint openai --expires 0s", "", 2, &["0s", "no time to come"]),
    ("key mint openai --expires 90", "", 2, &["unit"]),
    ("key mint openai --expires=-2h", "", 2, &["2h"]),
    ("key mint openai --expires tomorrow", "", 2, &["tomorrow", "2h"]),
    ("key mint openai --expires 99999999999999w", "", 2, &["too long"]),
    ("key mint openai -n 5 --rate 0/m", "", 2, &["60/m"]),
    ("key mint openai -n 5 --rate 60", "", 2, &["60/m"]),
    ("key mint openai -n 5 --rate 60/w", "", 2, &["60/m"]),
    ("key mint openai -n 5 --concurrency 0", "", 2, &["0"]),
    ("key mint openai -n 5 --concurrency 4294967296", "", 2, &["4294967296"]),
    ("key mint openai -n 5 --ip 10.0.0.0/33", "", 2, &["10.0.0.0/33"]),
    ("key mint openai -n 5 --ip here", "", 2, &["here"]),
    ("key mint openai -n 5 --allow", "POST v1/chat", 2, &["/"]),
    ("key mint openai -n 5 --allow", "post /v1/chat", 2, &["capitals"]),
    ("key mint openai -n 5 --model", "gpt-[", 2, &["gpt-["]),
    ("key mint openai -n 5 --label team", "", 2, &["team"]),
    ("key mint openai -n 5 --label a=1 --label a=2", "", 2, &["`a` is given twice"]),
    ("key mint openai -n 5 --label", "a=\u{1b}[2J", 2, &["control character"]),
    ("key mint openai -n 5 --name", "a\nb", 2, &["control character"]),
    ("key mint openai -n 5 --name", LONG, 2, &["at most 128"]),
    ("unlock add passphrase --name", LONG, 2, &["at most 128"]),
    ("key mint openai -n 5 --allow", "POST /v1/../admin", 2, &["never match", ".."]),
    ("key mint openai -n 5 --allow", "POST /v1//chat", 2, &["never match", "//"]),
    ("key mint openai -n 5 --allow", "/v1/a%2Fb", 2, &["never match", "encoded slash"]),
    ("key mint openai -n 5 --env --proxy-url", "http://a'; id; '", 2, &["http://127.0.0.1:4100"]),
    ("key mint openai -n 5 --env --proxy-url", "ftp://a.example", 2, &["http://127.0.0.1:4100"]),
    ("key edit 0 --rate 5/s --clear rate", "", 2, &["--rate", "--clear rate", "contradict"]),
    ("key edit 0 --model a --clear model", "", 2, &["--model", "--clear model"]),
    ("key edit 0 --label a=1 --unlabel a", "", 2, &["`a` is given twice"]),
    ("key extend 0", "", 2, &["--activations", "--expires"]),
    ("key mint openai -n 5 --env=github", "", 2, &["GITHUB_ENV"]),
    ("key mint openai", "", 2, &["--activations", "--expires", "--unlimited"]),
    ("key mint -n 5", "", 2, &["PROVIDER"]),
    ("key mint openai -n 5 --activation 6", "", 2, &["--activations"]),
    ("key mint openai openai -n 5", "", 2, &["openai"]),
];

const NAMES: &[Transcript] = &[
    ("key mint opnai -n 5", "", 3, &["opnai", "openai"]),
    ("master add antropic", "", 3, &["antropic", "anthropic"]),
    ("key mint anthropic -n 5", "", 3, &["till master add anthropic"]),
    ("master rm nothing --yes", "", 3, &["nothing"]),
    ("master rotate nothing", "", 3, &["nothing"]),
    ("master add openai", "", 8, &["taken", "--name"]),
    ("master rm openai --yes", "", 8, &["1 live proxy key depends on it", "--revoke-keys"]),
    ("master rm openai", "", 8, &["1 live proxy key depends on it"]),
    ("master rotate openai --end-keys", "", 2, &["end 1 live proxy key", "--yes"]),
    ("master rm openai --revoke-keys", "", 2, &["end 1 live proxy key", "--yes"]),
    ("provider add till --url https://a.example --auth bearer", "", 2, &["till's own"]),
    ("provider add v1 --url https://a.example --auth bearer", "", 2, &["till's own"]),
    ("provider add openai --url https://a.example --auth bearer", "", 2, &["openai"]),
    ("provider add acme --url http://a.example --auth bearer", "", 2, &["--local"]),
    ("provider add acme --url https://10.0.0.1 --auth bearer", "", 2, &["--local"]),
    ("provider add acme --url a.example --auth bearer", "", 2, &["https://"]),
    ("provider add acme --url https://u:p@a.example --auth bearer", "", 2, &["user"]),
    ("provider add acme --url https://a.example --auth magic", "", 2, &["auth style", "--help"]),
    (
        "provider add acme --url https://a.example --auth bearer --header",
        "no colon",
        2,
        &["no colon"],
    ),
    ("provider rm openai --yes", "", 8, &["part of till", "why", "till master rm openai"]),
    ("provider rm openal --yes", "", 3, &["no provider `openal`", "`openai` is meant"]),
    ("key show 000000000000", "", 3, &["000000000000", "till key ls"]),
    ("key show not-an-id!", "", 3, &["not-an-id!"]),
    ("key revoke 000000000000", "", 3, &["000000000000"]),
    ("unlock rm 99 --yes", "", 3, &["99"]),
    ("key frobnicate", "", 2, &["frobnicate"]),
    ("completions tcsh", "", 2, &["tcsh", "bash"]),
    ("stop", "", 2, &["--all"]),
];

#[test]
fn limits_and_names() {
    let home = Home::new();
    home.add_openai(NOBODY);
    home.mint("openai -n 5");
    // JSON has points in time, where the table has ages, which grow meanwhile.
    let whole = || (home.key_count(), home.till("master ls").json(), home.till("provider ls").ok());
    let before = whole();
    for (line, arg, code, says) in LIMITS.iter().chain(NAMES) {
        let run = home.till(line).stdin(format!("{MASTER}\n"));
        let run = if arg.is_empty() { run } else { run.arg(arg) };
        run.fails(*code, says);
    }
    assert_eq!(before, whole(), "something was done");
}

#[test]
fn secrets() {
    let home = Home::new();
    let cases = [
        ("", "empty"),
        ("short", "8"),
        ("sk-two\nlines-0123456789\n", "line"),
        ("sk-with a space-0123456789", "space"),
        ("sk-ünïcode-0123456789", "ASCII"),
    ];
    for (secret, says) in cases {
        let output = home.till("master add openai").stdin(secret).fails(1, &["no API key", says]);
        assert!(secret.is_empty() || !output.stderr.contains(secret), "{output}");
    }
    home.till("master add openai --from-env NOT_THERE").fails(3, &["NOT_THERE"]);
    home.till("master add openai").fails(1, &["empty", "--from-env"]);
    assert_eq!(home.till("master ls").json().as_array().map(Vec::len), Some(0));
}

#[test]
fn passphrases() {
    let home = Home::with_passphrase("the right one");
    let add = || home.till("master add openai").stdin(MASTER);
    add().env("TILL_PASSPHRASE", "a wrong one").fails(6, &["no unlock slot", "hint"]);
    add().fails(1, &["no secret", "--passphrase-file"]);
    add().arg("--passphrase-file").arg("absent").fails(1, &["absent"]);
    add().env("TILL_PASSPHRASE_COMMAND", "false").fails(1, &["false"]);
    add().env("TILL_PASSPHRASE_FD", "77").fails(1, &["77"]);
    add().arg("--key-file").arg("absent").fails(6, &["key-file", "till unlock add"]);
    let open = home.path("open");
    fs::write(&open, "the right one").unwrap();
    fs::set_permissions(&open, Permissions::from_mode(0o644)).unwrap();
    add().env("TILL_PASSPHRASE_FILE", &open).fails(1, &["chmod 600"]);
    fs::set_permissions(&open, Permissions::from_mode(0o600)).unwrap();
    add().env("TILL_PASSPHRASE_FILE", &open).ok();

    let by_file = Home::new();
    let add = |file: &str| {
        by_file.till("master add openai").stdin(MASTER).env("TILL_KEY_FILE", by_file.path(file))
    };
    add("absent").fails(1, &["absent"]);
    fs::write(by_file.path("nonsense"), "nonsense").unwrap();
    fs::set_permissions(by_file.path("nonsense"), Permissions::from_mode(0o600)).unwrap();
    add("nonsense").fails(1, &["no key file", "hexadecimal"]);

    // A secret that nothing gives is a failure, as it is for every command.
    let says = ["no passphrase for the new store", "--passphrase-file", "--key-file", "terminal"];
    Home::empty().till("init").fails(1, &says);
    let short = Home::empty();
    short.till("init").env("TILL_PASSPHRASE", "seven77").fails(8, &["too short", "8"]);
    assert!(!short.store().exists());
    let both = Home::empty();
    let init = both.till("init --passphrase-file p --key-file k");
    init.fails(2, &["--passphrase-file", "--key-file", "cannot both"]);
    assert!(!both.path("k").exists() && !both.store().exists());
}

/// Nothing is minted where it could not be handed over.
#[test]
fn a_key_that_cannot_be_handed_over_is_not_minted() {
    let home = Home::new();
    home.add_openai(NOBODY);
    let mint = || home.till("key mint openai -n 5 --env=github");
    mint().fails(2, &["GITHUB_ENV"]);
    let folder = home.path("").to_str().unwrap().to_owned();
    mint().env("GITHUB_ENV", &folder).fails(1, &[&folder, "cannot be written"]);
    mint().env("GITHUB_ENV", home.path("no/such/file")).fails(1, &["cannot be written"]);
    assert_eq!(home.key_count(), 0);
}

#[test]
fn a_provider_of_a_taken_name() {
    let home = Home::new();
    let add = || home.till("provider add acme --url https://a.example --auth bearer");
    add().ok();
    let output = add().fails(8, &["`acme` is taken", "till provider rm"]);
    assert!(!output.stderr.contains("--name"), "{output}");
}

#[test]
fn ambiguous_ids() {
    let home = Home::new();
    home.add_openai(NOBODY);
    // One more key than there are first characters.
    home.till("key mint openai -n 1 --count 33").ok();
    let listed = home.till("key ls").json();
    let mut firsts: Vec<String> =
        listed.as_array().unwrap().iter().map(|key| first_of(&key["id"])).collect();
    firsts.sort();
    let shared = firsts.windows(2).find(|pair| pair[0] == pair[1]).unwrap()[0].clone();
    for verb in ["show", "revoke"] {
        home.till(&format!("key {verb} {shared}")).fails(2, &["more than one", &shared]);
    }
    let live = home.till("key ls --status live").json();
    assert_eq!(live.as_array().map(Vec::len), Some(33));
}

#[test]
fn proxy_keys_with_a_typo() {
    let home = Home::new();
    home.add_openai(NOBODY);
    let mut text = home.mint("openai -n 1").text;
    let last = if text.pop() == Some('a') { 'b' } else { 'a' };
    text.push(last);
    let output = home.till("left").env("TILL_KEY", &text).fails(2, &["typing error"]);
    assert!(!output.stderr.contains(&text), "{output}");
    home.till("left").env("TILL_KEY", "sk-proj-0123456789").fails(2, &["no proxy key"]);
    home.till("left").fails(2, &["TILL_KEY"]);
}

#[test]
fn ports_and_addresses() {
    let home = Home::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    home.till("proxy --listen").arg(&address).fails(1, &["in use", "--listen"]);
    home.till("proxy --listen 0.0.0.0:0").fails(8, &["loopback"]);
    home.till("proxy --listen nowhere").fails(2, &["nowhere"]);
    home.till("proxy --listen 127.0.0.1:0 --upstream-ca absent.pem").fails(1, &["absent.pem"]);
}

#[test]
fn upstreams_that_cannot_be_reached() {
    let home = Home::new();
    let add = home.till("master add openai --verify --base-url").arg(NOBODY).stdin(MASTER);
    add.fails(1, &["127.0.0.1:1", "why: Connection refused"]);
    assert_eq!(home.till("master ls").json().as_array().map(Vec::len), Some(0));
    let key = Home::new();
    key.add_openai(NOBODY);
    let text = key.mint("openai -n 1").text;
    key.till("left --url http://127.0.0.1:1")
        .env("TILL_KEY", text)
        .fails(1, &["till proxy", "why: Connection refused"]);
}

/// What could be undone by nothing is not done without a yes.
#[test]
fn what_needs_a_yes() {
    let home = Home::new();
    home.add_openai(NOBODY);
    for line in ["rekey", "stop --all", "master rm openai", "key prune --older-than 0s"] {
        home.till(line).fails(2, &["--yes"]);
    }
}

/// Help needs nothing: no store, no passphrase, no terminal.
#[test]
fn help_always_works() {
    for line in ["--help", "key mint --help", "proxy --help", "--version", "help key"] {
        let output = Run::till(line).env("TILL_PASSPHRASE_COMMAND", "false").run();
        assert_eq!(output.code, Some(0), "{output}");
    }
    let output = Run::till("").run();
    assert_eq!(output.code, Some(2), "{output}");
}

fn first_of(id: &serde_json::Value) -> String {
    id.as_str().unwrap()[..1].to_owned()
}
