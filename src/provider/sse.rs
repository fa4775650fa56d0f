//! Server-sent events (WHATWG HTML §9.2), read from bytes that come in any pieces.

#[cfg(test)]
mod tests;

/// The most bytes of one event that are kept, its line ends among them. A longer one is given out
/// in parts.
pub const MAX_EVENT: usize = 1 << 20;
/// As much of a line as tells whether it is data: a byte order mark and `data: `.
const TELLING: usize = 9;

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
    /// The event is longer than [`MAX_EVENT`]: this is the next part of its data, perhaps empty.
    Part(&'a [u8]),
    /// A blank line ended an event that came in parts.
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
    /// The bytes of the open event so far, as they came.
    length: usize,
    /// The line is complete but for the LF that may follow its CR.
    return_came: bool,
    /// The first line, which may begin with a byte order mark, is behind.
    started: bool,
    rest: Rest,
}

/// What becomes of the rest of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
enum Rest {
    /// It is kept until the line ends.
    #[default]
    Kept,
    /// It is data of an event that is given out in parts.
    Data,
    /// Nothing: another field of such an event.
    Dropped,
}

/// The event that is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
enum Open {
    /// None of its fields has come.
    #[default]
    Nothing,
    Fields,
    /// It is too long, and is given out in parts.
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
                (taken, self.show(End::None))
            }
            None => (taken, self.show(End::None)),
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

    /// How many bytes of an event are kept that has not ended.
    #[must_use]
    pub const fn open_bytes(&self) -> usize {
        match self.event {
            Open::Fields => self.length,
            // A comment, as far as is known, or the first field.
            Open::Nothing => self.line.len(),
            Open::Overlong | Open::Given => 0,
        }
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
        !self.line.is_empty() || !matches!(self.rest, Rest::Kept)
    }

    fn keep(&mut self, text: &[u8]) {
        self.length = self.length.saturating_add(text.len());
        if self.length > MAX_EVENT {
            self.event = Open::Overlong;
        }
        match self.rest {
            Rest::Kept => self.line.extend_from_slice(text),
            Rest::Data => self.data.extend_from_slice(text),
            Rest::Dropped => {}
        }
        if self.is_overlong() && self.line.len() >= TELLING {
            self.pass_line_on();
        }
    }

    /// The line is too long to be kept: it is data from here on, or nothing.
    fn pass_line_on(&mut self) {
        self.pass_mark();
        let line = std::mem::take(&mut self.line);
        self.rest = Rest::Dropped;
        if let Some(value) = line.strip_prefix(b"data:") {
            self.data.extend_from_slice(value.strip_prefix(b" ").unwrap_or(value));
            self.rest = Rest::Data;
        }
    }

    /// A byte order mark is no part of the first line (§9.2.5).
    fn pass_mark(&mut self) {
        if !std::mem::replace(&mut self.started, true) && self.line.starts_with(b"\xef\xbb\xbf") {
            self.line.drain(..3);
        }
    }

    fn end_line(&mut self) -> End {
        self.return_came = false;
        self.pass_mark();
        if !self.is_in_line() {
            return self.end_event();
        }
        self.length = self.length.saturating_add(1);
        match std::mem::take(&mut self.rest) {
            Rest::Kept => self.take_field(),
            Rest::Data => self.data.push(b'\n'),
            Rest::Dropped => {}
        }
        self.line.clear();
        if self.event == Open::Nothing {
            self.length = 0;
            End::Idle
        } else {
            End::Open
        }
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
            End::None | End::Open if self.is_overlong() => Step::Part(&self.data),
            End::None => Step::More,
            End::Idle => Step::Idle,
            End::Open => Step::Open,
            End::Event => Step::Event(Event { name: &self.name, data: &self.data }),
            End::Overlong => Step::Overlong,
        }
    }

    fn make_room(&mut self) {
        if self.event == Open::Given {
            self.event = Open::Nothing;
            self.length = 0;
            self.name.clear();
            self.data.clear();
        } else if self.is_overlong() {
            self.data.clear();
        }
    }
}

/// What the end of a line ended.
#[derive(Clone, Copy, Debug)]
enum End {
    /// The line goes on.
    None,
    Idle,
    Open,
    Event,
    Overlong,
}
