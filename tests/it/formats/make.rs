//! Makes the files of the newest format, through the binary: a store with rows in every table, left
//! by a proxy that was killed, and what belongs to it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Map, Value, json};

use till::domain::ids::KeySeq;
use till::domain::rollup::RollupKey;
use till::domain::spike::{Figure, Finding, Found, Subject, Unusual};
use till::ledger::ClockPolicy;
use till::store::Table;
use till::store::rows::FORMAT;

use super::old::folder_of;
use super::provider::{HELD, Provider};
use crate::spikes::unlocked;
use crate::support::admin::Client;
use crate::support::home::{Home, Key, MASTER};
use crate::support::http::Request;
use crate::support::issuer::{Issuer, Signed};
use crate::support::rows::rows;
use crate::support::wait_until;

const PASSPHRASE: &str = "the passphrase of an old store";

/// Keys with every kind of limit, each under its name.
const KEYS: [(&str, &str); 7] = [
    ("plain", "openai -n 500 --label team=a --label for=ever"),
    (
        "everything",
        "openai openrouter -n 100 --tokens 1M --input-tokens 900k --output-tokens 500k --spend 5 \
         --overshoot last-call --on-cancel drain --max-price 1,4 --expires 2099-01-01T00:00Z \
         --rate 60/m --concurrency 4 --model gpt-4o* --ip 127.0.0.0/8 --count-answered --on-spike \
         pause",
    ),
    ("parent", "openai -n 200 --spend 3 --delegate=3"),
    ("paused", "openai -n 5"),
    ("revoked", "openai -n 5"),
    ("killed", "openai -n 5"),
    ("used-up", "openai -n 1"),
];

const LOOKS: [&str; 9] = [
    "key ls",
    "key ls --tree",
    "master ls",
    "admin ls",
    "alert ls",
    "provider show internal",
    "unlock ls",
    "log retention",
    "usage --since 2020-01-01 --by model",
];

/// Writes them; nothing that is there is written over.
pub(super) fn make() {
    let folder = folder_of(FORMAT);
    assert!(!folder.join("till.redb").exists(), "they are made once, and never again");
    fs::create_dir_all(&folder).unwrap();
    let home = Home::new();
    let mut keys = Map::new();
    let admin_token = set_up(&home);
    let provider = Provider::start();
    for (name, flags) in KEYS {
        let minted = home.till(&format!("key mint {flags} --name {name}")).json();
        keys.insert(name.to_owned(), told(&Key::of(&minted)));
    }
    let proxy = provider.proxy(&home);
    let key = |keys: &Map<String, Value>, name: &str| Key::of(&keys[name]);
    let child = |parent: &Key, wish: Value| {
        let request = Request::new("POST", "/till/v1/keys").bearer(&parent.text);
        let reply = request.json(wish.to_string().as_bytes()).send(proxy.address());
        assert_eq!(reply.status, 201, "{}", reply.text());
        told(&Key::of(&reply.json()))
    };
    let wish = json!({"max_activations": 20, "max_spend": "0.50", "delegate": 1, "name": "c"});
    keys.insert("child".into(), child(&key(&keys, "parent"), wish));
    let wish = json!({"max_activations": 5, "max_spend": "0.10", "name": "g"});
    keys.insert("grandchild".into(), child(&key(&keys, "child"), wish));
    mint_by_others(&home, &admin_token, &mut keys);
    for name in ["everything", "parent", "child", "grandchild", "brought", "job", "used-up"] {
        Request::chat(&key(&keys, name).text).send(proxy.address()).expect(200, "");
    }
    for _ in 0..60 {
        Request::chat(&key(&keys, "plain").text).send(proxy.address()).expect(200, "");
    }
    // Denials: of a key that has ended, and of one that is none.
    for text in [&key(&keys, "used-up").text, &format!("till_sk_{}", "2".repeat(39))] {
        assert!(Request::chat(text).send(proxy.address()).status >= 400);
    }
    home.till(&format!("key pause {}", key(&keys, "paused").id)).ok();
    home.till(&format!("key revoke {}", key(&keys, "revoked").id)).ok();
    home.till("log retention --events 100 --yes").ok();
    for table in ["alerts", "alert_levels", "addresses", "denials", "log_dropped"] {
        wait_until(table, || match table {
            "log_dropped" => {
                rows(home.store(), "meta").iter().any(|(key, _)| key == b"log_dropped")
            }
            _ => !rows(home.store(), table).is_empty(),
        });
    }
    assert!(proxy.stop().0.success());
    tell_of_something_unusual(&home);
    home.till("master ls --verify").ok();
    home.till("check").ok();
    home.till("log checkpoint").arg(home.path("checkpoint.json").to_str().unwrap()).ok();
    home.till("backup").arg(home.path("till.backup").to_str().unwrap()).ok();
    let price = lasting(home.till("prices show gpt-imagined").json());
    // The end: a proxy is killed with a request in flight, a key is stopped without an unlock, and
    // somebody guesses a passphrase.
    let proxy = provider.proxy(&home);
    let before = provider.count();
    let held = json!({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": HELD}]});
    let request = Request::new("POST", "/openai/v1/chat/completions");
    let request = request.bearer(&key(&keys, "plain").text).json(held.to_string().as_bytes());
    let address = proxy.address();
    std::thread::spawn(move || request.try_send(address));
    wait_until("it is in flight", || provider.count() > before);
    proxy.kill();
    home.till(&format!("key revoke {}", key(&keys, "killed").id)).ok();
    let guess = home.till("master ls --verify").without("TILL_KEY_FILE");
    guess.env("TILL_PASSPHRASE", "a guess").fails(6, &[]);

    for table in Table::ALL {
        assert_ne!(rows(home.store(), table.name()), [], "{}", table.name());
    }
    let state = home.path("state/till");
    let anchor = fs::read_dir(&state).unwrap().map(|entry| entry.unwrap().file_name());
    let anchor = anchor.map(|name| name.into_string().unwrap());
    let anchor = anchor.into_iter().find(|name| name.starts_with("anchor-")).unwrap();
    let mut looks = Map::new();
    for line in LOOKS {
        looks.insert(line.to_owned(), lasting(home.till(line).json()));
    }
    let log = home.till("log --all --json").ok();
    fs::write(folder.join("events.jsonl"), log).unwrap();
    let expected = json!({"anchor": anchor, "looks": looks, "price": price});
    let secrets = json!({"passphrase": PASSPHRASE, "admin_token": admin_token, "keys": keys});
    for (name, value) in [("expected.json", expected), ("secrets.json", secrets)] {
        let text = serde_json::to_string_pretty(&value).unwrap() + "\n";
        fs::write(folder.join(name), text).unwrap();
    }
    for (from, name) in [
        (home.store().to_owned(), "till.redb"),
        (home.prices(), "prices.json"),
        (state.join(&anchor), "anchor"),
        (home.path("key-file"), "key-file"),
        (home.path("checkpoint.json"), "checkpoint.json"),
        (home.path("till.backup"), "till.backup"),
    ] {
        fs::write(folder.join(name), fs::read(from).unwrap()).unwrap();
    }
}

/// Without what depends on the time or the place of the look.
fn lasting(shown: Value) -> Value {
    match shown {
        Value::Object(fields) => {
            let lasts = |name: &str| !["resets_at", "until", "file"].contains(&name);
            let fields = fields.into_iter().filter(|(name, _)| lasts(name));
            fields.map(|(name, value)| (name, lasting(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(lasting).collect(),
        value => value,
    }
}

/// Slots, master keys with caps, providers, minters, prices and a target of alerts. Answers with an
/// admin token.
fn set_up(home: &Home) -> String {
    let passphrase = home.path("passphrase");
    fs::write(&passphrase, format!("{PASSPHRASE}\n")).unwrap();
    fs::set_permissions(&passphrase, fs::Permissions::from_mode(0o600)).unwrap();
    home.till("unlock add passphrase --name words --new-passphrase-file")
        .arg(passphrase.to_str().unwrap())
        .ok();
    for (name, auth) in [
        ("internal", "bearer"),
        ("one", "raw"),
        ("two", "basic"),
        ("three", "header:X-Api-Key"),
        ("four", "query:appid"),
    ] {
        let url = format!("https://{name}.example.com/v2");
        let add = home.till(&format!("provider add {name} --url {url} --auth {auth} --header"));
        let add = add.arg("Accept: application/json");
        if name == "two" {
            add.arg("--keep-cookies").ok()
        } else {
            add.ok()
        };
    }
    for (name, secret) in [
        ("openai", MASTER),
        ("anthropic", "sk-ant-old-0123456789abcdefWXYZ"),
        ("openrouter", "sk-or-old-0123456789abcdefWXYZ"),
    ] {
        home.till(&format!("master add {name}")).stdin(format!("{secret}\n")).ok();
    }
    home.till("master add internal --header")
        .arg("X-Account: 7")
        .stdin("sk-internal-old-0123456789abcdef\n")
        .ok();
    home.till("master rotate internal").stdin("sk-internal-new-0123456789abcdef\n").ok();
    home.till("master limit openai --spend 500 --tokens 900M").ok();
    home.till("master limit anthropic --spend 20/d --tokens 5M/h --input-tokens 1M/m").ok();
    home.till("prices set openai gpt-imagined --input 1.25 --output 9.5 --max-output 4096").ok();
    home.till("alert add ops --local --webhook http://127.0.0.1:1/hook").ok();
    home.till("alert add team --slack - --on limit,spike --key ci-* --label team=b")
        .stdin("https://hooks.slack.com/services/T0/B0/old\n")
        .ok();
    home.token(
        "ci",
        "--provider openai --may-bring-keys --max-activations 5 --max-live-keys 9 \
         --total-keys 1000 --max-delegate 1",
    )
}

/// Keys that a token and a job of CI mint.
fn mint_by_others(home: &Home, token: &str, keys: &mut Map<String, Value>) {
    let issuer = Issuer::start();
    let url = issuer.url();
    home.till(&format!(
        "admin trust github --issuer {url} --local --repo octo/app --provider openai \
         --max-activations 50 --total-activations 1000"
    ))
    .ok();
    let admin = home.admin();
    let client = Client { to: admin.address(), token: token.to_owned() };
    let brought = client.mint(&json!({"provider": "openai", "upstream_key": MASTER}));
    keys.insert("brought".into(), minted(&brought));
    let claims = json!({"aud": "till", "repository": "octo/app", "ref": "refs/heads/main"});
    let job = Client { token: issuer.token(Signed::Rs256, &claims), ..client };
    keys.insert("job".into(), minted(&job.mint(&json!({"provider": "openai"}))));
    assert!(admin.stop().0.success());
}

/// What is kept of a key.
fn told(key: &Key) -> Value {
    json!({"id": key.id, "key": key.text})
}

/// What the admin API calls otherwise than `till key mint`.
fn minted(key: &Value) -> Value {
    json!({"id": key["id"], "key": key["scopedKey"]})
}

/// Days of history would be needed to see something.
fn tell_of_something_unusual(home: &Home) {
    let (ledger, keys) = unlocked(home);
    let hour = RollupKey::hour_of(ledger.reading().wall);
    let finding = Finding { figure: Figure::Requests, amount: 60, usual: 5, quiet: false };
    let found = vec![
        Found::Figure(finding),
        Found::Model("gpt-4o-mini".to_owned()),
        Found::Address("127.0.0.0/24".to_owned()),
        Found::ManyAddresses,
    ];
    ledger
        .transact(&keys, ClockPolicy::Accept, |session| {
            let about = (hour, Subject::Key(KeySeq(1)));
            Ok(session.put(&about, &Unusual { found: found.clone(), paused: false })?)
        })
        .unwrap();
}
