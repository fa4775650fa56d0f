//! Streams as the standard has them, and however they are cut.

use super::*;
use proptest::prelude::*;

type Events = Vec<(String, String)>;

fn events(pieces: &[&[u8]]) -> Events {
    let mut reader = Reader::default();
    let mut events = Vec::new();
    let mut note = |step: Step<'_>| {
        if let Step::Event(Event { name, data }) = step {
            let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
            events.push((text(name), text(data)));
        }
    };
    for piece in pieces {
        let mut rest = *piece;
        while !rest.is_empty() {
            let (taken, step) = reader.step(rest);
            note(step);
            rest = &rest[taken..];
        }
    }
    note(reader.finish());
    events
}

#[test]
fn streams_are_read_as_the_standard_has_it() {
    let cases: [(&str, &[(&str, &str)]); 12] = [
        ("data: a\n\n", &[("", "a")]),
        ("data: a\r\n\r\ndata: b\r\n\r\n", &[("", "a"), ("", "b")]),
        ("data: a\r\rdata: b\r\r", &[("", "a"), ("", "b")]),
        ("data: a\r\n\ndata: b\n\r\n", &[("", "a"), ("", "b")]),
        ("\u{feff}data: a\n\n", &[("", "a")]),
        ("data: a\n\n\u{feff}data: b\n\n", &[("", "a")]),
        ("event: x\ndata: a\ndata:b\ndata:  c\n\n", &[("x", "a\nb\n c")]),
        ("event: x\n\ndata: a\n\n", &[("", "a")]),
        (": note\ndata: a\n:\n\n", &[("", "a")]),
        ("data\n\ndata\ndata\n\ndata:", &[("", ""), ("", "\n"), ("", "")]),
        ("id: 1\nretry: 2\nother: 3\ndata: \u{e9}\u{1f600}\n\n", &[("", "\u{e9}\u{1f600}")]),
        ("data: a\n\n\n\ndata: b", &[("", "a"), ("", "b")]),
    ];
    for (stream, expected) in cases {
        let expected: Events =
            expected.iter().map(|(name, data)| ((*name).into(), (*data).into())).collect();
        assert_eq!(events(&[stream.as_bytes()]), expected, "{stream:?}");
        let single: Vec<&[u8]> = stream.as_bytes().chunks(1).collect();
        assert_eq!(events(&single), expected, "{stream:?}, byte by byte");
    }
}

/// The data that came in parts, and whether the event ended.
fn parts(pieces: &[&[u8]]) -> (Vec<u8>, bool) {
    let mut reader = Reader::default();
    let (mut all, mut ended) = (Vec::new(), false);
    for piece in pieces {
        let mut rest = *piece;
        while !rest.is_empty() {
            let (taken, step) = reader.step(rest);
            match step {
                Step::Part(data) => all.extend_from_slice(data),
                Step::Overlong => ended = true,
                Step::Event(_) => panic!("the event is too long"),
                Step::More | Step::Idle | Step::Open => {}
            }
            rest = &rest[taken..];
        }
        let most = MAX_EVENT.saturating_add(piece.len());
        assert!(reader.data.len() <= most, "the data is kept");
        assert!(reader.line.len() <= MAX_EVENT, "the line is kept");
    }
    (all, ended)
}

#[test]
fn an_event_beyond_the_bound_comes_in_parts() {
    let long = "x".repeat(MAX_EVENT);
    let cases = [
        (format!("data: {long}\n\n"), format!("{long}\n")),
        (format!("\u{feff}data:{long}\r\n\r\n"), format!("{long}\n")),
        (format!("data: a\nid: {long}\ndata:b\ndata\n\n"), "a\nb\n\n".into()),
        (
            format!("event: e\ndata: {long}\n: {long}\ndata: {long}\n\n"),
            format!("{long}\n{long}\n"),
        ),
    ];
    for (stream, data) in cases {
        for piece in [1, 1_000, 70_000, usize::MAX] {
            let pieces: Vec<&[u8]> = stream.as_bytes().chunks(piece).collect();
            assert!(parts(&pieces) == (data.clone().into_bytes(), true), "{piece}");
        }
    }
}

#[test]
fn an_event_after_a_long_one_is_whole_again() {
    let mut reader = Reader::default();
    let long = ["data: ", &"x".repeat(MAX_EVENT)].concat();
    assert!(matches!(reader.step(long.as_bytes()), (_, Step::Part(_))));
    assert!(reader.is_overlong());
    assert_eq!(reader.step(b"\n").1, Step::Part(b"\n"));
    assert_eq!(reader.place(), Place::InEvent);
    assert_eq!(reader.step(b"\n").1, Step::Overlong);
    assert_eq!(reader.place(), Place::Between);
    reader.step(b"data: a\n");
    assert_eq!(reader.open_bytes(), 8);
    assert_eq!(reader.step(b"\n").1, Step::Event(Event { name: b"", data: b"a" }));
    assert_eq!(reader.open_bytes(), 0);
}

#[test]
fn the_place_is_known_after_each_step() {
    let mut reader = Reader::default();
    let cases: [(&[u8], Place); 6] = [
        (b"", Place::Between),
        (b": note", Place::InLine),
        (b"\n", Place::Between),
        (b"data: a", Place::InLine),
        (b"\n", Place::InEvent),
        (b"\n", Place::Between),
    ];
    for (bytes, place) in cases {
        let _ = reader.step(bytes);
        assert_eq!(reader.place(), place, "{bytes:?}");
    }
}

proptest! {
    #[test]
    fn pieces_make_no_difference(
        stream in "([de:a \r\n]|data:|event:|\u{feff}|\u{e9})*", cuts in prop::collection::vec(1..8usize, 1..9),
    ) {
        let mut pieces = Vec::new();
        let mut rest = stream.as_bytes();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, others) = rest.split_at(*cut.min(&rest.len()));
            pieces.push(piece);
            rest = others;
        }
        prop_assert_eq!(events(&pieces), events(&[stream.as_bytes()]));
    }
}
