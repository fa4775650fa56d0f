//! Upstreams that break off, talk garbage or fall silent, over HTTP/1 with and without TLS: a clear
//! answer, nothing held afterwards, the documented charge, and the next request works.
//!
//! What goes wrong in TLS is in `upstream_faults_tls.rs`, and in HTTP/2 in
//! `upstream_faults_http2.rs`. Refused connections, upstreams that hang up or are too slow, and other certificates are in
//! `failures.rs`, `deadlines.rs` and `tls.rs`.

use crate::support::faults::{Fault, Faults, Gets, Way};
use crate::support::rough::Act;

const BEFORE_THE_ANSWER: &[Fault] = &[
    (
        "reset before the head",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.reset()
        }),
    ),
    (
        "closed before the head",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.hang_up()
        }),
    ),
    (
        "reset in the middle of the head",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nContent-Ty")?;
            line.reset()
        }),
    ),
    (
        "closed in the middle of the head",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n")
        }),
    ),
    (
        "the master key in place of a status line",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"sk-master-canary-0123456789abcdefWXYZ \x1b[2J\r\n\r\n")
        }),
    ),
    (
        "bytes in place of a status line",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(&[0, 255, 22, 3, 1, 10, 13, 10, 13, 10])
        }),
    ),
    (
        "another version",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n")
        }),
    ),
    (
        "a field without end",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nX: ")?;
            line.say(&vec![b'x'; 4 << 20])?;
            line.wait()
        }),
    ),
    (
        "fields without end",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\n")?;
            line.say(&b"x: y\r\n".repeat(1 << 18))?;
            line.wait()
        }),
    ),
    (
        "two lengths",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")
        }),
    ),
    (
        "another protocol",
        Gets::NoAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
            )?;
            line.wait()
        }),
    ),
];

const IN_THE_BODY: &[Fault] = &[
    (
        "a body with its length is reset",
        Gets::HalfAnAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")?;
            line.pause();
            line.reset()
        }),
    ),
    (
        "a chunked body is reset",
        Gets::HalfAnAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")?;
            line.pause();
            line.reset()
        }),
    ),
    (
        "a chunked body ends without its last chunk",
        Gets::HalfAnAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")?;
            line.pause();
            Ok(())
        }),
    ),
    (
        "a body ends in the middle of a chunk",
        Gets::HalfAnAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nhello")?;
            line.pause();
            Ok(())
        }),
    ),
    (
        "a chunk's size is none",
        Gets::HalfAnAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")?;
            line.pause();
            line.say(b"no size\r\n0\r\n\r\n")
        }),
    ),
    (
        "a chunk's size has no end",
        Gets::HalfAnAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")?;
            line.pause();
            line.say(&[b'f'; 4096])
        }),
    ),
    (
        "a chunk is longer than its size",
        Gets::HalfAnAnswer,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")?;
            line.pause();
            line.say(b"5\r\nhello, world\r\n0\r\n\r\n")
        }),
    ),
];

const SILENT: &[Fault] = &[
    (
        "no word",
        Gets::TooLate,
        Act::Bytes(|line| {
            line.request()?;
            line.wait()
        }),
    ),
    (
        "a head byte by byte",
        Gets::TooLate,
        Act::Bytes(|line| {
            line.request()?;
            line.say(b"HTTP/1.1 200 OK\r\nX: ")?;
            loop {
                line.say(b"x")?;
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        }),
    ),
];

#[test]
fn over_http1() {
    let faults = Faults::new(Way::Plain, "");
    faults.hold(BEFORE_THE_ANSWER);
    faults.hold(IN_THE_BODY);
}

#[test]
fn over_tls() {
    let faults = Faults::new(Way::Tls, "");
    faults.hold(BEFORE_THE_ANSWER);
    faults.hold(IN_THE_BODY);
}

#[test]
fn upstreams_that_are_silent() {
    let hold = |way| Faults::new(way, "--first-byte-timeout 1s").hold(SILENT);
    std::thread::scope(|scope| {
        scope.spawn(|| hold(Way::Plain));
        hold(Way::Tls);
    });
}

/// Without TLS there is no better sign of its end than the connection's.
#[test]
fn a_body_without_a_length_ends_with_its_connection() {
    let good = Act::Bytes(|line| {
        line.request()?;
        line.say(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello")
    });
    for way in [Way::Plain, Way::Tls] {
        let faults = Faults::new(way, "");
        let reply = faults.ask(&faults.keys[0], good).unwrap();
        assert_eq!((reply.status, reply.text()), (200, "hello".to_owned()));
    }
}

/// What an upstream says after its answer is nobody's answer.
#[test]
fn an_answer_that_nobody_asked_for() {
    let twice = Act::Bytes(|line| {
        line.request()?;
        let first = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst";
        let second = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond";
        line.say(format!("{first}{second}").as_bytes())?;
        line.wait()
    });
    for way in [Way::Plain, Way::Tls] {
        let faults = Faults::new(way, "");
        for key in &faults.keys {
            let reply = faults.ask(key, twice).unwrap();
            assert_eq!((reply.status, reply.text()), (200, "first".to_owned()));
            faults.goes_on(key, "two answers to one request");
        }
    }
}
