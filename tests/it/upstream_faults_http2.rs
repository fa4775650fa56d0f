//! Upstreams that break HTTP/2 (RFC 9113), before their answer and in the middle of it: the same
//! as in `upstream_faults.rs`.

use std::io;

use crate::support::faults::{Fault, Faults, Gets, Way};
use crate::support::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, Frames, GOAWAY, HEADERS, RST_STREAM, block,
};
use crate::support::home::MASTER;
use crate::support::rough::{Act, Line, ok_head};

const NO_ERROR: u32 = 0;
const INTERNAL_ERROR: u32 = 2;
const REFUSED_STREAM: u32 = 7;
const CANCEL: u32 = 8;

const BEFORE_THE_ANSWER: &[Fault] = &[
    (
        "GOAWAY with the master key in it",
        Gets::NoAnswer,
        Act::Frames(|frames, _| {
            go_away(frames, 0, INTERNAL_ERROR)?;
            frames.stream().hang_up()
        }),
    ),
    (
        "GOAWAY without an error",
        Gets::NoAnswer,
        Act::Frames(|frames, _| {
            go_away(frames, 0, NO_ERROR)?;
            frames.stream().hang_up()
        }),
    ),
    (
        "the stream is reset",
        Gets::NoAnswer,
        Act::Frames(|frames, stream| reset(frames, stream, INTERNAL_ERROR)),
    ),
    (
        "the stream is refused",
        Gets::NoAnswer,
        Act::Frames(|frames, stream| reset(frames, stream, REFUSED_STREAM)),
    ),
    (
        "the stream is ended without an error",
        Gets::NoAnswer,
        Act::Frames(|frames, stream| reset(frames, stream, NO_ERROR)),
    ),
    ("the connection is reset", Gets::NoAnswer, Act::Frames(|frames, _| frames.stream().reset())),
    (
        "the connection is closed",
        Gets::NoAnswer,
        Act::Frames(|frames, _| frames.stream().hang_up()),
    ),
    (
        "fields that are none",
        Gets::NoAnswer,
        Act::Frames(|frames, stream| {
            frames.send(HEADERS, END_HEADERS, stream, &[0xff; 40])?;
            frames.stream().wait()
        }),
    ),
    (
        "no status",
        Gets::NoAnswer,
        Act::Frames(|frames, stream| {
            frames.send(HEADERS, END_HEADERS, stream, &block(&[("x", MASTER)]))
        }),
    ),
    (
        "fields without end",
        Gets::NoAnswer,
        Act::Frames(|frames, stream| {
            frames.send(HEADERS, 0, stream, &ok_head(&[]))?;
            loop {
                frames.send(CONTINUATION, 0, stream, &block(&[("x", "y")]).repeat(1_000))?;
            }
        }),
    ),
    (
        "a body before its head",
        Gets::NoAnswer,
        Act::Frames(|frames, stream| {
            frames.send(DATA, 0, stream, b"hello")?;
            frames.stream().wait()
        }),
    ),
    (
        "a frame that is too large",
        Gets::NoAnswer,
        Act::Frames(|frames, stream| {
            frames.send(HEADERS, END_HEADERS, stream, &vec![0; 1 << 20])?;
            frames.stream().wait()
        }),
    ),
    (
        "bytes that are no frames",
        Gets::NoAnswer,
        Act::Frames(|frames, _| {
            frames.stream().say(&[0xff; 4_096])?;
            frames.stream().wait()
        }),
    ),
];

const IN_THE_BODY: &[Fault] = &[
    (
        "the stream is reset",
        Gets::HalfAnAnswer,
        Act::Frames(|frames, stream| {
            begin(frames, stream, &[])?;
            reset(frames, stream, INTERNAL_ERROR)
        }),
    ),
    (
        "the stream is cancelled",
        Gets::HalfAnAnswer,
        Act::Frames(|frames, stream| {
            begin(frames, stream, &[])?;
            reset(frames, stream, CANCEL)
        }),
    ),
    (
        "the stream is ended without an error",
        Gets::HalfAnAnswer,
        Act::Frames(|frames, stream| {
            begin(frames, stream, &[])?;
            reset(frames, stream, NO_ERROR)
        }),
    ),
    (
        "GOAWAY with the master key in it",
        Gets::HalfAnAnswer,
        Act::Frames(|frames, stream| {
            begin(frames, stream, &[])?;
            go_away(frames, stream, INTERNAL_ERROR)?;
            frames.stream().hang_up()
        }),
    ),
    (
        "the connection is reset",
        Gets::HalfAnAnswer,
        Act::Frames(|frames, stream| {
            begin(frames, stream, &[])?;
            frames.stream().reset()
        }),
    ),
    (
        "the connection is closed",
        Gets::HalfAnAnswer,
        Act::Frames(|frames, stream| {
            begin(frames, stream, &[])?;
            frames.stream().hang_up()
        }),
    ),
    (
        "less than its length",
        Gets::HalfAnAnswer,
        Act::Frames(|frames, stream| {
            begin(frames, stream, &[("content-length", "10")])?;
            frames.send(DATA, END_STREAM, stream, b"")
        }),
    ),
    (
        "more than its length",
        Gets::HalfAnAnswer,
        Act::Frames(|frames, stream| {
            begin(frames, stream, &[("content-length", "10")])?;
            frames.send(DATA, END_STREAM, stream, b"hello, world")
        }),
    ),
];

#[test]
fn over_http2() {
    let faults = Faults::new(Way::Http2, "");
    faults.hold(BEFORE_THE_ANSWER);
    faults.hold(IN_THE_BODY);
}

#[test]
fn a_stream_that_is_silent() {
    let faults = Faults::new(Way::Http2, "--first-byte-timeout 1s");
    let silent: Fault = ("no word", Gets::TooLate, Act::Frames(|_, _| Ok(())));
    faults.hold(&[silent]);
}

/// A server that stops finishes what it has begun, and the next request goes to another connection.
#[test]
fn goaway_lets_an_answer_end() {
    let going = Act::Frames(|frames, stream| {
        begin(frames, stream, &[])?;
        go_away(frames, stream, NO_ERROR)?;
        frames.send(DATA, END_STREAM, stream, b" and good bye")?;
        frames.stream().wait()
    });
    let faults = Faults::new(Way::Http2, "");
    for key in &faults.keys {
        let reply = faults.ask(key, going).unwrap();
        assert_eq!((reply.status, reply.text()), (200, "hello and good bye".to_owned()));
        faults.goes_on(key, "GOAWAY");
    }
}

fn begin(frames: &mut Frames<Line>, stream: u32, fields: &[(&str, &str)]) -> io::Result<()> {
    frames.send(HEADERS, END_HEADERS, stream, &ok_head(fields))?;
    frames.send(DATA, 0, stream, b"hello")?;
    frames.stream().pause();
    Ok(())
}

fn reset(frames: &mut Frames<Line>, stream: u32, reason: u32) -> io::Result<()> {
    frames.send(RST_STREAM, 0, stream, &reason.to_be_bytes())
}

/// Ends the connection after this stream, with words that no client must read.
fn go_away(frames: &mut Frames<Line>, last: u32, reason: u32) -> io::Result<()> {
    let mut payload = [last.to_be_bytes(), reason.to_be_bytes()].concat();
    payload.extend(format!("{MASTER}\x1b[2J you sent {MASTER}").into_bytes());
    frames.send(GOAWAY, 0, 0, &payload)
}
