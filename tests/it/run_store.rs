//! `till run` beside a store: whose keys it takes, what it leaves there, and what it shares.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::support::answer::Answer;
use crate::support::home::{Home, Key, MASTER};
use crate::support::http::{Connection, Request, at_once};
use crate::support::model::{INPUT, allowed, chat, completion};
use crate::support::session::Session;
use crate::support::upstream::{Place, Upstream};

/// A key of the environment that the store does not know.
const FOREIGN: &str = "sk-foreign-canary-0123456789abcdefABCD";

/// An upstream that takes this key as a bearer token.
fn taking(key: &str) -> Upstream {
    let place = Place::Field("authorization", format!("Bearer {key}"));
    Upstream::expecting(place, |_| Answer::status(200)).may_idle()
}

#[track_caller]
fn masters(home: &Home) -> Vec<String> {
    let masters = home.till("master ls").json();
    let names = masters.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap());
    names.map(str::to_owned).collect()
}

/// The one key of the store, as `key ls` shows it.
#[track_caller]
fn only_key(home: &Home) -> serde_json::Value {
    let listed = home.till("key ls").json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
    listed[0].clone()
}

#[test]
fn a_run_on_a_store_needs_no_key_in_the_environment() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let session = Session::start(home.till("run -n 5 --"));
    assert_eq!(session.variable("OPENAI_API_KEY"), session.key());
    session.chat().expect(200, "");
    let key = only_key(&home);
    assert_eq!((&key["name"], &key["status"]), (&"run sh".into(), &"live".into()), "{key}");

    assert_eq!(session.end(0).code, Some(0));
    let key = only_key(&home);
    assert_eq!(key["status"], "ended", "{key}");
    assert_eq!(key["activations"]["used"], 1, "{key}");
    assert_eq!(masters(&home), ["openai"]);
}

/// A key that only the environment has is sealed for as long as the run.
#[test]
fn a_key_of_the_environment_leaves_the_store_with_the_run() {
    let openai = Upstream::answering(Answer::status(200));
    let anthropic =
        Upstream::expecting(Place::Field("x-api-key", FOREIGN.to_owned()), |_| Answer::status(200));
    let home = Home::with_openai(&openai);
    let start = || {
        let run = home.till("run -n 5 --").env("ANTHROPIC_API_KEY", FOREIGN);
        Session::start(run.env("ANTHROPIC_BASE_URL", anthropic.base_url("")))
    };
    let session = start();
    session.chat().expect(200, "");
    let request = Request::new("POST", "/anthropic/v1/messages")
        .field("x-api-key", session.key())
        .json(br#"{"model":"claude-sonnet-4-5","max_tokens":5,"messages":[]}"#);
    request.send(session.address()).expect(200, "");
    let beside = masters(&home);
    assert_eq!(beside.len(), 2, "{beside:?}");
    assert!(
        beside.iter().any(|name| name.starts_with("run-") && name.ends_with("-anthropic")),
        "{beside:?}"
    );
    assert_eq!(session.end(0).code, Some(0));
    assert_eq!(masters(&home), ["openai"]);

    // One that is killed leaves it to the next command that unlocks the store.
    let mut session = start();
    session.kill_till();
    home.mint("openai -n 1");
    assert_eq!(masters(&home), ["openai"]);
}

#[test]
fn keys_of_the_environment_go_before_the_stores_unless_those_are_named() {
    let (stores, own) = (taking(MASTER), taking(FOREIGN));
    let home = Home::with_openai(&stores);
    let start = |flags: &str| {
        let run = home.till(&format!("run -n 5 {flags} --")).env("OPENAI_API_KEY", FOREIGN);
        Session::start(run.env("OPENAI_BASE_URL", own.base_url("/v1")))
    };
    let session = start("");
    session.chat().expect(200, "");
    assert_eq!((stores.count(), own.count()), (0, 1));
    session.end(0);

    let session = start("--only openai");
    session.chat().expect(200, "");
    assert_eq!((stores.count(), own.count()), (1, 1));
    session.end(0);

    let session = start("--no-store");
    session.chat().expect(200, "");
    assert_eq!((stores.count(), own.count()), (1, 2));
    session.end(0);
    assert_eq!(masters(&home), ["openai"]);
}

/// A variable with the store's own key goes where the store says.
#[test]
fn a_variable_that_holds_a_master_key_is_known_by_its_value() {
    let upstream = taking(MASTER);
    let home = Home::with_openai(&upstream);
    let session = Session::start(home.till("run -n 5 --").env("SOME_NAME", MASTER));
    assert_eq!(session.variable("SOME_NAME"), session.key());
    session.chat().expect(200, "");
    session.end(0);
}

/// Two runs and a proxy on one store share exactly what their master key may be used for.
#[test]
fn runs_and_proxies_share_the_caps_of_a_master_key() {
    const OUTPUT: u64 = 500;
    const CAP: u64 = 20_000;
    let billed = Arc::new(AtomicU64::new(0));
    let counting = Arc::clone(&billed);
    let upstream = Upstream::new(move |seen| {
        let output = allowed(seen);
        counting.fetch_add(INPUT + output, Ordering::SeqCst);
        completion(INPUT, output)
    });
    let home = Home::with_openai(&upstream);
    home.till(&format!("master limit openai --tokens {CAP}")).ok();
    let key = home.mint("openai -n 5000");
    let proxy = home.proxy();
    let runs = [(); 2].map(|()| Session::start(home.till("run -n 5000 --summary json --")));
    let [first, second] = runs.each_ref().map(|run| (run.address(), run.key().to_owned()));
    let callers = [(proxy.address(), key.text.clone()), first, second];
    let refusals = at_once(6, move |number| {
        let (address, key) = &callers[number % 3];
        let (mut connection, request) = (Connection::open(*address).unwrap(), chat(key, OUTPUT));
        loop {
            let reply = connection.request(&request).unwrap();
            if reply.status != 200 {
                return reply.denial().to_owned();
            }
        }
    });
    for code in refusals {
        assert!(["master_limit", "limit_held"].contains(&&*code), "{code}");
    }
    let billed = billed.load(Ordering::SeqCst);
    assert!((CAP * 9 / 10..=CAP).contains(&billed), "{billed}");
    let (input, output, _) = home.spent(&Key { id: key.id, text: String::new() });
    let of_runs = runs.map(|run| {
        let said = run.end(0).stderr;
        let summary: serde_json::Value =
            serde_json::from_str(said.lines().last().unwrap()).unwrap_or_else(|_| panic!("{said}"));
        let figure = |name: &str| summary[name].as_u64().unwrap();
        figure("input_tokens") + figure("output_tokens")
    });
    assert_eq!(input + output + of_runs.iter().sum::<u64>(), billed);
}

/// A till that is killed cannot end its key: another forwarder of the store takes it all the same
/// for no moment.
#[test]
fn a_runs_key_is_good_at_its_own_forwarder_alone() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let proxy = home.proxy();
    let session = Session::start(home.till("run -n 5 --"));
    session.chat().expect(200, "");
    Request::chat(session.key()).send(proxy.address()).expect(403, "key_revoked");
    session.end(0);
    assert_eq!(upstream.count(), 1);
}
