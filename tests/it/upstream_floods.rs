//! Upstreams that say too much: whatever it is, the proxy's memory stays small, and the client gets
//! what is its own.
//!
//! Uploads, and answers over HTTP/2, are in `http2_upstream.rs`; what decompresses into too much in
//! `compressed.rs`; answers that take too long in `deadlines.rs`.

use std::io;

use crate::support::faults::{Fault, Faults, Gets, Way};
use crate::support::frames::{END_HEADERS, HEADERS};
use crate::support::http::{Connection, Request};
use crate::support::rough::{Act, Line};
use crate::support::wait_until;
use crate::support::wire::{LAST_CHUNK, as_chunk};

/// Chunks of 64 KiB: 200 MiB, and 10 GB.
const LARGE: usize = 200 * 16;
const HUGE: usize = 10_000_000_000 / (64 * 1024);
const TINY: usize = 100_000;

/// What is limited in money is looked into as well.
#[test]
fn a_large_answer_takes_no_memory() {
    let large = Act::Bytes(chunks_of_64k::<LARGE>);
    for (way, key) in [(Way::Tls, 0), (Way::Plain, 1)] {
        arrives(way, key, large, LARGE << 16);
    }
}

#[test]
#[ignore = "10 GB take minutes"]
fn ten_gigabytes_take_no_memory() {
    arrives(Way::Plain, 1, Act::Bytes(chunks_of_64k::<HUGE>), HUGE << 16);
}

#[test]
fn many_tiny_chunks_arrive_whole() {
    let tiny = Act::Bytes(|line| {
        line.request()?;
        line.say(CHUNKED)?;
        for number in 0..TINY {
            line.say(format!("7\r\n{number:06}\n\r\n").as_bytes())?;
        }
        line.say(LAST_CHUNK)
    });
    let lines: Vec<_> = (0..TINY).map(|number| format!("{number:06}\n")).collect();
    let expected = lines.concat();
    let faults = Faults::new(Way::Plain, "");
    for key in &faults.keys {
        let reply = faults.ask(key, tiny).unwrap();
        assert!(reply.text() == expected, "{} bytes", reply.body.len());
        assert_small(&faults);
        faults.goes_on(key, "tiny chunks");
    }
}

/// Interim answers (RFC 9110 §15.2) are no answer, and none is kept.
#[test]
fn interim_answers_without_end() {
    let early = Act::Bytes(|line| {
        line.request()?;
        let many =
            b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n".repeat(500);
        loop {
            line.say(&many)?;
        }
    });
    let early_frames = Act::Frames(|frames, stream| {
        // `:status` is entry 8 of the static table (RFC 7541, appendix A).
        let head = [&b"\x08\x03103"[..], &b"\x00\x04link\x05hello".repeat(20)].concat();
        loop {
            frames.send(HEADERS, END_HEADERS, stream, &head)?;
        }
    });
    let hold = |(way, act)| {
        let faults = Faults::new(way, "--first-byte-timeout 1s");
        let fault: Fault = ("interim answers", Gets::TooLate, act);
        faults.hold(&[fault]);
        assert_small(&faults);
    };
    std::thread::scope(|scope| {
        for case in [(Way::Plain, early), (Way::Tls, early), (Way::Http2, early_frames)] {
            scope.spawn(move || hold(case));
        }
    });
}

/// An answer without end lasts for as long as its client does.
#[test]
fn an_answer_without_end_ends_with_its_client() {
    for way in [Way::Plain, Way::Tls] {
        let faults = Faults::new(way, "");
        for key in &faults.keys {
            faults.upstream.set(Act::Bytes(chunks_of_64k::<{ usize::MAX }>));
            let before = faults.used(key).0;
            let mut connection = Connection::open(faults.proxy.address()).unwrap();
            connection.start(&Request::chat(&key.text)).unwrap();
            connection.chunk_after_head();
            drop(connection);
            wait_until("the upstream is told", || faults.upstream.open() == 0);
            assert_eq!(faults.used(key).0, before + 1);
            faults.goes_on(key, "an answer without end");
        }
        assert_small(&faults);
    }
}

/// Reads so long an answer with this key, and keeps nothing of it.
#[track_caller]
fn arrives(way: Way, key: usize, act: Act, length: usize) {
    let faults = Faults::new(way, "");
    let key = &faults.keys[key];
    faults.upstream.set(act);
    let mut connection = Connection::open(faults.proxy.address()).unwrap();
    connection.start(&Request::chat(&key.text)).unwrap();
    let mut count = connection.chunk_after_head().len();
    while let Some(chunk) = connection.chunk().unwrap() {
        count += chunk.len();
    }
    assert_eq!(count, length);
    assert_small(&faults);
    faults.goes_on(key, "a large answer");
}

const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

fn chunks_of_64k<const COUNT: usize>(line: &mut Line) -> io::Result<()> {
    line.request()?;
    line.say(CHUNKED)?;
    let chunk = as_chunk(&vec![b'x'; 1 << 16]);
    for _ in 0..COUNT {
        line.say(&chunk)?;
    }
    line.say(LAST_CHUNK)
}

#[track_caller]
fn assert_small(faults: &Faults) {
    let peak = faults.proxy.peak_memory();
    assert!(peak < 100 << 20, "{} MiB", peak >> 20);
}
