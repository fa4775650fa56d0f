//! Beside a process that was stopped (SIGSTOP) inside a transaction nothing hangs: commands that
//! write end with exit 5, those that look answer, requests get 503, and all goes on when it is
//! continued.

use rustix::process::Signal;

use crate::support::answer::Answer;
use crate::support::home::Home;
use crate::support::http::Request;
use crate::support::load::Load;
use crate::support::upstream::Upstream;

#[test]
fn commands_end_and_requests_are_refused() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let busy = home.mint("openai -n 100000000");
    let key = home.mint("openai -n 50");
    let (writer, other) = (home.proxy(), home.proxy());
    Request::chat(&key.text).send(other.address()).expect(200, "");

    let load = Load::start(8, &[writer.address()], &Request::chat(&busy.text));
    let keys = home.key_count();
    // The writer is in a transaction most of the time, but not always.
    let mut stopped_inside = false;
    let mut minted = 0;
    for _ in 0..100 {
        writer.pause();
        let mint = home.till("key mint openai -n 1").run();
        if mint.code == Some(5) {
            mint.expect_failure(5, &["another process", "hint"]);
            stopped_inside = true;
            break;
        }
        assert_eq!(mint.code, Some(0), "{mint}");
        minted += 1;
        writer.signal(Signal::CONT);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(stopped_inside, "the proxy was never stopped inside a transaction");

    // Looking needs no lock that the stopped process holds, and answers.
    home.till("key ls").ok();
    home.till("master ls").ok();
    for line in ["key revoke", "key extend -n 5", "stop --all --yes"] {
        let run = home.till(line);
        let run = if line.starts_with("key r") || line.starts_with("key e") {
            run.arg(&key.id)
        } else {
            run
        };
        run.fails(5, &["another process"]);
    }
    let busy_reply = Request::chat(&key.text).send(other.address());
    busy_reply.expect(503, "store_busy");
    assert!(!busy_reply.field("retry-after").is_empty());

    writer.signal(Signal::CONT);
    load.stop();
    Request::chat(&key.text).send(other.address()).expect(200, "");
    Request::chat(&key.text).send(writer.address()).expect(200, "");
    home.till("key mint openai -n 1").ok();
    assert_eq!(home.key_count(), keys + minted + 1, "a mint that failed left something");
    assert_eq!(home.show(&key)["status"], "live", "a revocation that failed left something");
    assert_eq!(home.activations(&key, "used"), 3);
}

/// Ctrl-Z of a command waits for the end of its transaction: it never stands in others' way.
#[test]
fn a_command_is_stopped_between_transactions_alone() {
    let home = Home::new();
    home.add_openai("http://127.0.0.1:1/v1");
    for pause in [40, 90, 160, 300] {
        let mut minting = home.till("key mint openai -n 1 --count 4000").spawn();
        std::thread::sleep(std::time::Duration::from_millis(pause));
        let pid = rustix::process::Pid::from_child(&minting);
        rustix::process::kill_process(pid, Signal::TSTP).unwrap();
        home.till("key mint openai -n 1").ok();
        rustix::process::kill_process(pid, Signal::KILL).unwrap();
        minting.wait().unwrap();
    }
}
