//! The limits of a `till run`: how they are set, and what happens when one is reached.

use std::fs;
use std::thread;

use crate::support::answer::Answer;
use crate::support::home::{Home, Key, MASTER};
use crate::support::http::Request;
use crate::support::model::{chat, greedy};
use crate::support::run::Run;
use crate::support::session::Session;
use crate::support::upstream::Upstream;
use crate::support::wait_until;

fn answering() -> Upstream {
    Upstream::answering(Answer::status(200))
}

/// A session on a store, whose key can be extended from outside.
fn with_store(upstream: &Upstream, flags: &str) -> (Home, Session) {
    let home = Home::with_openai(upstream);
    let session = Session::start(home.till(&format!("run {flags} --")));
    (home, session)
}

/// The one key of the store.
fn key_of(home: &Home, session: &Session) -> Key {
    let listed = home.till("key ls").json();
    let id = listed[0]["id"].as_str().expect("a key").to_owned();
    Key { id, text: session.key().to_owned() }
}

#[test]
fn without_limits_it_prints_the_default_and_keeps_it() {
    let upstream = answering().may_idle();
    let (home, session) = with_store(&upstream, "");
    session.await_said("limited to 200 activations and 24 hours");
    let shown = home.show(&key_of(&home, &session));
    assert_eq!(shown["activations"]["limit"], 200, "{shown}");
    assert!(!shown["expires_at"].is_null(), "{shown}");
    assert!(session.end(0).stderr.contains("used 0 of 200 activations"));

    // Any limit of one's own stands in its place.
    for flags in ["-n 5", "--expires 1h", "--tokens 5k", "--spend 1", "--unlimited"] {
        let run = Home::empty().run_with_openai(&upstream, flags).arg("true");
        let output = run.run();
        assert_eq!(output.code, Some(0), "{output}");
        assert!(!output.stderr.contains("limited to"), "{flags}: {output}");
    }
}

/// `fail`: the command sees the provider's own error, and goes on.
#[test]
fn at_the_limit_requests_fail_as_the_providers_own_would() {
    let upstream = answering();
    let session = Session::start(Home::empty().run_with_openai(&upstream, "-n 2"));
    for _ in 0..2 {
        session.chat().expect(200, "");
    }
    for _ in 0..2 {
        let reply = session.chat();
        reply.expect(402, "activation_limit");
        assert_eq!(reply.json()["error"]["code"], "activation_limit");
    }
    session.await_said("all 2 activations of the key are used");
    let output = session.end(3);
    assert_eq!(output.code, Some(3), "{output}");
    assert_eq!(output.stderr.matches("all 2 activations").count(), 1, "{output}");
    assert_eq!(upstream.count(), 2);
}

#[test]
fn tokens_and_money_are_limits_too() {
    let upstream = Upstream::new(greedy);
    for (flags, denial) in [("--tokens 1300", "token"), ("--spend 0.0007", "spend")] {
        let session = Session::start(Home::empty().run_with_openai(&upstream, flags));
        let send = || chat(session.key(), 500).send(session.address());
        send().expect(200, "");
        wait_until("it is settled", || {
            let reply = send();
            let code = reply.denial().to_owned();
            assert!(reply.status == 402 || code == "limit_held", "{code}");
            code == format!("{denial}_limit") || code == "request_too_large"
        });
        session.end(0);
    }
}

#[test]
fn at_the_limit_the_command_can_be_ended() {
    let upstream = answering();
    let run = Home::empty().run_with_openai(&upstream, "-n 1 --on-limit kill");
    let session = Session::start(run);
    session.chat().expect(200, "");
    // The answer may come, or the end of everything.
    let _ = Request::chat(session.key()).try_send(session.address());
    let output = session.wait();
    assert_eq!(output.code, Some(124), "{output}");
    assert!(output.stderr.contains("the command is ended"), "{output}");
    assert!(output.stderr.contains("used 1 of 1 activations"), "{output}");

    // A command that ends by itself has its own code.
    let run = Home::empty().run_with_openai(&upstream, "-n 1 --on-limit kill");
    let session = Session::start(run);
    session.chat().expect(200, "");
    assert_eq!(session.end(7).code, Some(7));
}

#[test]
fn a_request_waits_until_the_key_is_extended() {
    let upstream = answering();
    let (home, session) = with_store(&upstream, "-n 1 --on-limit wait=1m");
    session.chat().expect(200, "");
    let key = key_of(&home, &session);
    let (request, to) = (Request::chat(&key.text), session.address());
    let waiting = thread::spawn(move || request.send(to));
    session.await_said(&format!(
        "the request waits for 1m: raise the limit with `till key extend {}",
        key.id
    ));
    assert_eq!(upstream.count(), 1);
    home.till(&format!("key extend {} -n 1", key.id)).ok();
    waiting.join().unwrap().expect(200, "");
    assert_eq!(upstream.count(), 2);
    let output = session.end(0);
    assert!(output.stderr.contains("used 2 of 2 activations: 2 answers"), "{output}");
}

/// It waits for no longer than its key may be used, and the pause ends nothing.
#[test]
fn a_request_that_waits_is_refused_once_its_key_is_paused() {
    let upstream = answering();
    let (home, session) = with_store(&upstream, "-n 1 --on-spike pause --on-limit wait=10m");
    session.chat().expect(200, "");
    let key = key_of(&home, &session);
    let (request, to) = (Request::chat(&key.text), session.address());
    let waiting = thread::spawn(move || request.send(to));
    session.await_said("the request waits for 10m");
    home.till(&format!("key pause {}", key.id)).ok();
    waiting.join().unwrap().expect(403, "key_paused");
    let shown = home.show(&key);
    assert_eq!((&shown["status"], &shown["on_spike"]), (&"paused".into(), &"pause".into()));
    home.till(&format!("key extend {} -n 1", key.id)).ok();
    home.till(&format!("key resume {}", key.id)).ok();
    session.chat().expect(200, "");
    session.end(0);
}

#[test]
fn a_wait_that_runs_out_ends_the_key() {
    let upstream = answering();
    let (home, session) = with_store(&upstream, "-n 1 --on-limit wait=1s");
    session.chat().expect(200, "");
    let key = key_of(&home, &session);
    session.chat().expect(402, "activation_limit");
    let shown = home.show(&key);
    assert_eq!(shown["status"], "ended", "{shown}");
    // Nobody waits for a key that has ended.
    session.chat().expect(402, "activation_limit");
    session.end(0);
}

#[test]
fn without_a_store_nobody_could_end_a_wait() {
    Home::empty()
        .till("run --on-limit wait=10m -n 2 -- true")
        .env("OPENAI_API_KEY", MASTER)
        .fails(125, &["`--on-limit wait` needs a store", "till init", "--on-limit fail"]);
}

#[test]
fn a_command_of_the_operators_own_is_called_at_the_limit() {
    let upstream = answering();
    let home = Home::with_openai(&upstream);
    let file = home.path("told");
    let hook = format!("sh -c 'env >\"$0\".new; mv \"$0\".new \"$0\"' {}", file.display());
    let run: Run = home.till("run -n 1 --on-limit-command").arg(&hook).arg("--");
    let session = Session::start(run.env("ANTHROPIC_API_KEY", MASTER));
    session.chat().expect(200, "");
    session.chat().expect(402, "activation_limit");
    wait_until("the command is called", || file.exists());
    let told = fs::read_to_string(&file).unwrap();
    let key = key_of(&home, &session);
    let lines: Vec<&str> = told.lines().collect();
    for line in [&*format!("TILL_KEY_ID={}", key.id), "TILL_DENIAL=activation_limit"] {
        assert!(lines.contains(&line), "no {line}: {told}");
    }
    let message = lines.iter().find_map(|line| line.strip_prefix("TILL_MESSAGE=")).unwrap();
    assert!(message.contains("all 1 activations of the key are used"), "{message}");
    assert!(!told.contains(MASTER) && !told.contains(&key.text), "{told}");

    // It is called once, and one that is not there is said.
    fs::remove_file(&file).unwrap();
    session.chat().expect(402, "activation_limit");
    session.end(0);
    assert!(!file.exists());
    let run = home.till("run -n 1 --on-limit-command no-such-command --");
    let session = Session::start(run);
    session.chat().expect(200, "");
    session.chat().expect(402, "activation_limit");
    session.await_said("warning: `--on-limit-command` could not be run");
}
