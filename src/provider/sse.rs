//! Server-sent events (WHATWG HTML §9.2), read from bytes that come in any pieces.

/// The most bytes of one event that are kept. A longer one is passed over.
pub const MAX_EVENT: usize = 32 << 20;

/// One event of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// Its `event` field; empty where it has none.
    pub name: &'a [u8],
    /// Its `data` lines, joined by newlines.
    pub data: &'a [u8],
}

/// What the bytes of one step brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// The line goes on.
    More,
    /// A line ended. What came since the last event's end are comments and blank lines.
    Idle,
    /// A line of an event ended, but not the event.
    Open,
    /// A blank line ended this event.
    Event(Event<'a>),
    /// A blank line ended an event that was longer than [`MAX_EVENT`].
    Overlong,
}

/// Where in the stream the bytes so far end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Between two events.
    Between,
    /// In an event, between two of its lines.
    InEvent,
    /// In a line.
    InLine,
}

/// Takes a stream apart, line by line.
///
/// A line that ends in CR is at its end when the byte behind it is known: LF belongs to it.
#[derive(Debug, Default)]
pub struct Reader {
    line: Vec<u8>,
    name: Vec<u8>,
    data: Vec<u8>,
    event: Open,
    /// The line is complete but for the LF that may follow its CR.
    return_came: bool,
    /// The first line, which may begin with a byte order mark, is behind.
    started: bool,
    /// The line has bytes that were not kept: it is not blank.
    unkept: bool,
}

/// The event that is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
enum Open {
    /// None of its fields has come.
    #[default]
    Nothing,
    Fields,
    /// It is too long, and is only waited out.
    Overlong,
    /// It was given out: its parts make room at the next step.
    Given,
}

impl Reader {
    /// Reads up to the end of the next line: how many bytes it took, and what they brought.
    ///
    /// It may take none only where the bytes before ended in CR.
    pub fn step(&mut self, bytes: &[u8]) -> (usize, Step<'_>) {
        self.make_room();
        if self.return_came {
            let taken = usize::from(bytes.first() == Some(&b'\n'));
            let end = self.end_line();
            return (taken, self.show(end));
        }
        let at = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        let text = bytes.get(..at.unwrap_or(bytes.len())).unwrap_or_default();
        self.keep(text);
        let taken = text.len().saturating_add(usize::from(at.is_some()));
        match at.and_then(|at| bytes.get(at)) {
            Some(b'\n') => {
                let end = self.end_line();
                (taken, self.show(end))
            }
            Some(_) => {
                self.return_came = true;
                (taken, Step::More)
            }
            None => (taken, Step::More),
        }
    }

    /// The stream has ended: an event that no blank line ended counts all the same, since some
    /// upstreams leave out the last one.
    pub fn finish(&mut self) -> Step<'_> {
        self.make_room();
        let mut end = End::Idle;
        if self.return_came || self.is_in_line() {
            end = self.end_line();
        }
        if !matches!(end, End::Event | End::Overlong) {
            end = self.end_line();
        }
        self.show(end)
    }

    /// Where the bytes so far end.
    #[must_use]
    pub const fn place(&self) -> Place {
        match self.event {
            Open::Given => Place::Between,
            _ if self.is_in_line() => Place::InLine,
            Open::Fields | Open::Overlong => Place::InEvent,
            Open::Nothing => Place::Between,
        }
    }

    /// Whether the open event is longer than [`MAX_EVENT`].
    #[must_use]
    pub const fn is_overlong(&self) -> bool {
        matches!(self.event, Open::Overlong)
    }

    const fn is_in_line(&self) -> bool {
        !self.line.is_empty() || self.unkept
    }

    fn keep(&mut self, text: &[u8]) {
        let len = [self.line.len(), self.data.len(), self.name.len(), text.len()];
        if len.iter().fold(0, |sum: usize, len| sum.saturating_add(*len)) > MAX_EVENT {
            self.event = Open::Overlong;
        }
        if self.is_overlong() {
            self.unkept |= !text.is_empty();
            self.line = Vec::new();
            self.data = Vec::new();
        } else {
            self.line.extend_from_slice(text);
        }
    }

    fn end_line(&mut self) -> End {
        self.return_came = false;
        if !self.started {
            self.started = true;
            if self.line.starts_with(b"\xef\xbb\xbf") {
                self.line.drain(..3);
            }
        }
        if !self.is_in_line() {
            return self.end_event();
        }
        self.take_field();
        self.line.clear();
        self.unkept = false;
        if self.event == Open::Nothing { End::Idle } else { End::Open }
    }

    fn take_field(&mut self) {
        let colon = self.line.iter().position(|byte| *byte == b':').unwrap_or(self.line.len());
        let (field, value) = self.line.split_at_checked(colon).unwrap_or_default();
        let value = value.strip_prefix(b":").unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        // A line that begins with a colon is a comment.
        if self.event == Open::Nothing && !field.is_empty() {
            self.event = Open::Fields;
        }
        match field {
            b"data" => {
                self.data.extend_from_slice(value);
                self.data.push(b'\n');
            }
            b"event" => {
                self.name.clear();
                self.name.extend_from_slice(value);
            }
            _ => {}
        }
    }

    fn end_event(&mut self) -> End {
        if std::mem::replace(&mut self.event, Open::Given) == Open::Overlong {
            return End::Overlong;
        }
        // An event without data is none (§9.2.6).
        if self.data.pop().is_some() { End::Event } else { End::Idle }
    }

    fn show(&self, end: End) -> Step<'_> {
        match end {
            End::Idle => Step::Idle,
            End::Open => Step::Open,
            End::Event => Step::Event(Event { name: &self.name, data: &self.data }),
            End::Overlong => Step::Overlong,
        }
    }

    fn make_room(&mut self) {
        if self.event == Open::Given {
            self.event = Open::Nothing;
            self.name.clear();
            self.data.clear();
        }
    }
}

/// What the end of a line ended.
#[derive(Clone, Copy, Debug)]
enum End {
    Idle,
    Open,
    Event,
    Overlong,
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn an_event_beyond_the_bound_is_passed_over() {
        let mut reader = Reader::default();
        assert_eq!(reader.step(b"data: "), (6, Step::More));
        let piece = vec![b'x'; 1 << 20];
        for _ in 0..=32 {
            assert_eq!(reader.step(&piece).1, Step::More);
        }
        assert!(reader.is_overlong());
        assert_eq!(reader.step(b"\n").1, Step::Open);
        assert_eq!(reader.place(), Place::InEvent);
        assert_eq!(reader.step(b"\n").1, Step::Overlong);
        assert_eq!(reader.place(), Place::Between);
        reader.step(b"data: a\n");
        assert_eq!(reader.step(b"\n").1, Step::Event(Event { name: b"", data: b"a" }));
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
}
