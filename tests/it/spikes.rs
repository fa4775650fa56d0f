//! What is unusual, from a burst at a proxy to everybody who is told of it.

use std::sync::Arc;

use till::domain::cost::Cost;
use till::domain::ids::{KeySeq, MasterId};
use till::domain::money::Picodollars;
use till::domain::rollup::{Facts, Rollup, RollupKey};
use till::domain::settlement::{Charge, Outcome};
use till::domain::slot::SlotKind;
use till::ledger::unlock::unlock;
use till::ledger::{ClockPolicy, Ledger, Options, Rollback, SystemClock, number_of};
use till::store::redb::RedbStore;
use till::store::{Table, view};
use till::vault::{ProxyKeys, SlotSecret, parse_key_file};

use crate::support::answer::Answer;
use crate::support::home::{Home, Key};
use crate::support::hook::{Hook, Seen};
use crate::support::http::Request;
use crate::support::upstream::Upstream;
use crate::support::wait_until;

/// Ten days in which each of these keys was used eight hours a day, a hundred times in each, and so
/// much in this hour that three hundred are reached with the next requests but two.
fn history(home: &Home, keys: &[&Key]) {
    let (ledger, proxy_keys) = unlocked(home);
    let mut hundred = Rollup::default();
    for _ in 0..100 {
        let cost = Cost { input: 10, output: 5, spend: Picodollars(1_000) };
        let charge = Charge { cost, estimated: false };
        hundred.count(Outcome::Answered(200), true, &charge, &Facts::default());
    }
    let now = RollupKey::hour_of(ledger.reading().wall);
    for key in keys {
        let add = |session: &mut till::ledger::Session<'_>| {
            let seq = view(ledger.store(), |rows| rows.get(Table::KeyIds, key.id.as_bytes()))?;
            let seq = KeySeq(number_of(&seq.expect("the key is there"))?);
            let mut used = |hour, times| {
                let about = RollupKey { hour, key: seq, master: MasterId(1), model: String::new() };
                for _ in 0..times {
                    session.sum(about.clone(), |sum| sum.merge(&hundred));
                }
            };
            for day in 1..=10 {
                for hour in 0..8 {
                    used(now - day * 24 - hour, 1);
                }
            }
            // An hour may end while the test runs.
            used(now, 3);
            used(now + 1, 3);
            Ok(())
        };
        ledger.transact(&proxy_keys, ClockPolicy::Distrust, add).unwrap();
    }
}

/// The store of a home, and what it is unlocked with, past the binary.
pub(crate) fn unlocked(home: &Home) -> (Ledger, ProxyKeys) {
    let store = RedbStore::open(home.store(), till::store::redb::Options::default()).unwrap();
    let options = Options {
        locks: till::cli::paths::locks_dir(home.store()),
        state_dir: home.path("state/till"),
        rollback: Rollback::Refuse,
    };
    let ledger = Ledger::open(Arc::new(store), Arc::new(SystemClock), options).unwrap();
    let text = std::fs::read_to_string(home.path("key-file")).unwrap();
    let secret = SlotSecret::Random(parse_key_file(&text).unwrap());
    let keys = unlock(&ledger, SlotKind::KeyFile, &secret).unwrap().root.proxy_keys();
    (ledger, keys)
}

#[test]
fn a_burst_is_told_once_everywhere_and_pauses_the_key_that_says_so() {
    let hook = Hook::start(200);
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let loud = home.mint("openai -n 100000 --name loud");
    let paused = home.mint("openai -n 100000 --name paused --on-spike pause");
    history(&home, &[&loud, &paused]);
    let to = hook.url();
    home.till(&format!("alert add ops --local --webhook {to} --on spike")).ok();
    let (proxy, other) = (home.proxy(), home.proxy());
    for key in [&loud, &paused] {
        for proxy in [&proxy, &other] {
            Request::chat(&key.text).send(proxy.address()).expect(200, "");
        }
    }
    let told = || -> Vec<String> {
        let all = hook.seen();
        let all = all.iter().map(Seen::json).filter(|body| body["type"] == "spike");
        let ids = all.map(|body| body["key"]["id"].as_str().map(str::to_owned));
        ids.flatten().collect()
    };
    wait_until("both are told", || told().len() >= 2);
    let mut ids = told();
    ids.sort_unstable();
    let mut expected = [loud.id.clone(), paused.id.clone()];
    expected.sort_unstable();
    assert_eq!(ids, expected);

    // It is written before it is told, and the pause with it.
    for proxy in [&proxy, &other] {
        Request::chat(&paused.text).send(proxy.address()).expect(403, "key_paused");
        Request::chat(&loud.text).send(proxy.address()).expect(200, "");
    }
    home.till(&format!("key resume {}", paused.id)).ok();
    Request::chat(&paused.text).send(proxy.address()).expect(200, "");

    let usage = home.till("usage").run();
    let lines = usage.stderr.lines().filter(|line| line.starts_with("unusual: "));
    // Each key, and the master key that both went out with.
    assert_eq!(lines.count(), 3, "{usage}");
    assert!(usage.stderr.contains("in the hour, usually at most 100"), "{usage}");
    let usage = home.till("usage").json();
    let unusual = usage["unusual"].as_array().unwrap();
    let of_loud: Vec<_> = unusual.iter().filter(|one| one["key"] == loud.id).collect();
    assert_eq!(of_loud.len(), 1, "{usage:#}");
    assert_eq!((&of_loud[0]["what"], &of_loud[0]["usual"]), (&"requests".into(), &100.into()));
    assert!(unusual.iter().any(|one| one["master"] == "openai"), "{usage:#}");
    let log = home.till("log --json").ok();
    assert_eq!(log.matches("\"spike\"").count(), 3, "{log}");
    home.till("log verify").ok();

    // A new root key keeps what was told. That the sums were made up is found.
    let check = home.till("check").run();
    assert_eq!(check.code, Some(7), "{check}");
    assert!(check.stderr.contains("1 thing") && check.stdout.contains("rollups hour"), "{check}");
    proxy.stop();
    other.stop();
    let file = home.path("new");
    std::fs::write(&file, "another passphrase\n").unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&file, private).unwrap();
    home.till("rekey --yes --new-passphrase-file").arg(file.to_str().unwrap()).ok();
    let usage = home.till("usage").json();
    assert_eq!(usage["unusual"].as_array().unwrap().len(), 3, "{usage:#}");
    let alert = home.till("alert test ops").without("TILL_KEY_FILE");
    alert.env("TILL_PASSPHRASE_FILE", &file).ok();
}
