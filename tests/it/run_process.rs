//! The process that `till run` starts: exit codes, streams, signals, and what it leaves behind.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;

use rustix::process::Signal;

use crate::support::answer::Answer;
use crate::support::home::{Home, MASTER};
use crate::support::http::Request;
use crate::support::run::Run;
use crate::support::session::Session;
use crate::support::upstream::Upstream;

/// Runs a line of shell with the tests' key in the environment, which nothing uses.
fn run(flags: &str, script: &str) -> Run {
    let run = Home::empty().till(&format!("run --quiet {flags} --")).arg("sh").arg("-c");
    run.arg(script).env("OPENAI_API_KEY", MASTER)
}

fn answering() -> Upstream {
    Upstream::answering(Answer::status(200)).may_idle()
}

#[test]
fn it_ends_with_the_commands_code() {
    for (script, code) in [
        ("exit 0", 0),
        ("exit 3", 3),
        ("exit 255", 255),
        ("kill -TERM $$", 143),
        ("kill -9 $$", 137),
    ] {
        let output = run("", script).run();
        assert_eq!(output.code, Some(code), "{script}: {output}");
    }
}

#[test]
fn a_command_that_cannot_be_started_has_the_codes_of_a_shell() {
    let home = Home::empty();
    let plain = home.path("plain");
    fs::write(&plain, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&plain, fs::Permissions::from_mode(0o644)).unwrap();
    let cases: [(&str, i32, &str); 4] = [
        ("no-such-command", 127, "`no-such-command` is not there"),
        ("/no/such/command", 127, "`/no/such/command` is not there"),
        (plain.to_str().unwrap(), 126, "cannot be executed: Permission denied"),
        ("/", 126, "cannot be executed"),
    ];
    for (command, code, says) in cases {
        let run = home.till("run --").arg(command).env("OPENAI_API_KEY", MASTER);
        run.fails(code, &[says, "hint"]);
    }
    assert_eq!(fs::read_dir(home.path("")).unwrap().count(), 1);
}

#[test]
fn without_dashes_or_a_command_it_is_a_usage_error() {
    for line in ["run", "run --", "run true", "run -n 5 true", "run --on-limit stop -- true"] {
        Home::empty().till(line).env("OPENAI_API_KEY", MASTER).fails(2, &[]);
    }
}

#[test]
fn streams_pass_through_as_they_are() {
    let output = run("", "cat; echo to stderr >&2").stdin(b"in\0put\n".to_vec()).run();
    assert_eq!((output.code, output.stdout.as_str()), (Some(0), "in\0put\n"), "{output}");
    assert_eq!(output.stderr, "to stderr\n");
}

#[test]
fn it_stands_in_a_pipeline_and_ends_with_it() {
    let home = Home::empty();
    let script = "printf 'b\\na\\n' | \"$TILL\" run -q -- sort | \"$TILL\" run -q -- head -n 1; \
                  \"$TILL\" run -q -- yes | head -n 1; \
                  { \"$TILL\" run -q -- yes; echo $? >&2; } | true";
    let output = home.sh(script).env("OPENAI_API_KEY", MASTER).run();
    assert_eq!((output.code, output.stdout.as_str()), (Some(0), "a\ny\n"), "{output}");
    // 128 and SIGPIPE's number.
    assert_eq!(output.stderr, "141\n");
}

#[test]
fn signals_for_till_reach_the_command() {
    let script = "for s in TERM HUP INT USR1 USR2 WINCH; do trap \"echo got $s >&2\" $s; done; \
                  trap 'exit 9' QUIT; env; echo; while :; do sleep 0.02; done";
    let session = Session::of(run("", script));
    for (signal, name) in [
        (Signal::TERM, "TERM"),
        (Signal::HUP, "HUP"),
        (Signal::INT, "INT"),
        (Signal::USR1, "USR1"),
        (Signal::USR2, "USR2"),
        (Signal::WINCH, "WINCH"),
    ] {
        session.signal(signal);
        session.await_said(&format!("got {name}\n"));
    }
    session.signal(Signal::QUIT);
    let output = session.wait();
    assert_eq!(output.code, Some(9), "{output}");
    assert_eq!(output.stderr.matches("got ").count(), 6, "{output}");
}

#[test]
fn a_signal_that_ends_the_command_is_told() {
    let session = Session::start(Home::empty().run_with_openai(&answering(), "-n 4"));
    session.signal(Signal::TERM);
    let output = session.wait();
    assert_eq!(output.code, Some(143), "{output}");
    assert!(output.stderr.contains("used 0 of 4 activations"), "{output}");
}

#[test]
fn a_command_that_starts_others_shares_its_key_with_them() {
    let script = "sh -c 'sh -c \"env; echo; read code; exit \\$code\"; exit $?'; exit $?";
    let upstream = answering();
    let run = Home::empty().run_with_openai(&upstream, "-n 4").arg("sh").arg("-c").arg(script);
    let session = Session::of(run);
    session.chat().expect(200, "");
    let output = session.end(5);
    assert_eq!(output.code, Some(5), "{output}");
    assert!(output.stderr.contains("used 1 of 4 activations: 1 answer"), "{output}");
}

/// What the command leaves running has a key that ended with it.
#[test]
fn what_outlives_the_command_is_refused() {
    let upstream = answering();
    let home = Home::with_openai(&upstream);
    let proxy = home.proxy();
    // It keeps none of the command's streams, which would keep the test waiting.
    let script =
        "env; echo LEFT=$(sleep 60 >/dev/null 2>&1 & echo $!); echo; read code; exit $code";
    let session = Session::of(home.till("run -n 4 --").arg("sh").arg("-c").arg(script));
    let (address, key) = (session.address(), session.key().to_owned());
    let left = session.variable("LEFT").to_owned();
    session.chat().expect(200, "");
    assert_eq!(session.end(0).code, Some(0));
    assert!(fs::exists(format!("/proc/{left}")).unwrap(), "it is ended with the command");
    Run::program("kill").arg(&left).ok();
    assert!(Request::chat(&key).try_send(address).is_err());
    // Nor does another forwarder take it.
    Request::chat(&key).send(proxy.address()).expect(403, "key_revoked");
    assert_eq!(upstream.count(), 1);
}

#[test]
fn a_till_that_is_killed_takes_its_key_with_it() {
    let upstream = answering();
    let home = Home::with_openai(&upstream);
    let mut session = Session::start(home.till("run -n 4 --"));
    let (address, key) = (session.address(), session.key().to_owned());
    session.chat().expect(200, "");
    session.kill_till();
    assert!(TcpStream::connect(address).is_err());
    // Before anybody has tidied up.
    let listed = home.till("key ls").json();
    assert_eq!(
        (&listed[0]["status"], &listed[0]["ended_reason"]),
        (&"ended".into(), &"run-over".into()),
        "{listed}"
    );
    let proxy = home.proxy();
    Request::chat(&key).send(proxy.address()).expect(403, "key_revoked");
    let listed = home.till("key ls").json();
    assert_eq!(listed[0]["status"], "ended", "{listed}");
    assert_eq!(upstream.count(), 1);
}

#[test]
fn a_port_is_taken_from_the_range() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    run(&format!("--port {port}"), "true")
        .fails(125, &[&format!("no port from {port} to {port} is free"), "--port 4200-4299"]);
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let home = Home::empty();
    let session =
        Session::start(home.run_with_openai(&answering(), &format!("-n 1 --port {free}")));
    assert_eq!(session.address().port(), free);
    for typed in ["0", "70000", "5-4", "x", "4200-"] {
        run(&format!("--port {typed}"), "true").fails(2, &["4200-4299"]);
    }
}

#[test]
fn a_step_of_ci_without_a_terminal_asks_nothing() {
    let run = Home::empty().till("run --only openai -- true").env("CI", "true").stdin("");
    run.fails(125, &["there is no real key", "hint"]);
}
