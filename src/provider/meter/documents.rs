//! JSON documents condensed while their bytes pass: only the members that meters read are kept,
//! so that a body of many megabytes needs no room.

/// The members of a document that any meter reads.
const KEPT: [&[u8]; 20] = [
    b"usage",
    b"usageMetadata",
    b"usage_metadata",
    b"model",
    b"modelVersion",
    b"model_version",
    b"responseId",
    b"response_id",
    b"service_tier",
    b"serviceTier",
    b"x_groq",
    b"meta",
    b"error",
    b"output",
    b"response",
    b"candidates",
    b"promptFeedback",
    b"prompt_feedback",
    b"event_type",
    b"type",
];
/// The longest text that is kept: longer ones, which no figure is in, become empty.
const LONGEST_TEXT: usize = 256;
/// The most of one document that is kept.
const MOST_KEPT: usize = 1 << 20;
/// How deep in a document any figure lies, itself being 1: what is in deeper lists and objects is
/// left out.
const DEEPEST_KEPT: usize = 5;
/// The deepest nesting that is followed.
const DEEPEST: usize = 256;

/// Where the bytes so far end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Place {
    /// Before the first document, or behind one that stands by itself.
    #[default]
    Outside,
    /// In a list, where a document is due: behind its bracket, or behind a comma.
    InList,
    /// In a list, behind a document.
    BehindDocument,
    /// In a document.
    InDocument,
}

/// Takes JSON apart: one document, one behind the other, or a list of them.
#[derive(Debug, Default)]
pub(super) struct Documents {
    /// The brackets that are open.
    open: Vec<u8>,
    place: Place,
    /// The documents stand in a list.
    listed: bool,
    /// What is kept of the open document.
    kept: Vec<u8>,
    member: Member,
    text: Text,
    /// The next byte of the text stands behind a backslash.
    escaped: bool,
    state: State,
}

/// What becomes of the bytes at and below the top of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
enum Member {
    /// The next text is a name.
    #[default]
    NameDue,
    Kept,
    Skipped,
}

/// The text that is open, if one is.
#[derive(Debug, Default)]
enum Text {
    #[default]
    None,
    /// The name of one of the document's own members, so far.
    Name(Vec<u8>),
    /// One that is kept, from this byte of what is kept.
    Kept(usize),
    Skipped,
}

/// What the whole body is so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
enum State {
    /// It goes on, or has not begun.
    #[default]
    Unfinished,
    /// Everything that was opened is closed.
    Complete,
    /// It is no JSON, or more than is kept.
    Broken,
}

impl Documents {
    /// Reads the next bytes, and shows each document that has ended, condensed.
    pub(super) fn read(&mut self, bytes: &[u8], mut show: impl FnMut(&[u8])) {
        for byte in bytes {
            if self.state == State::Broken {
                break;
            }
            if self.take(*byte) {
                show(&self.kept);
                self.kept.clear();
            }
        }
    }

    /// Whether everything that was opened is closed, and something was.
    pub(super) const fn is_complete(&self) -> bool {
        matches!(self.state, State::Complete)
    }

    /// Where the bytes so far end.
    pub(super) const fn place(&self) -> Place {
        self.place
    }

    /// Whether a document has ended with this byte.
    fn take(&mut self, byte: u8) -> bool {
        if !matches!(self.text, Text::None) {
            self.take_text(byte);
            return false;
        }
        match byte {
            b'"' => self.start_text(),
            b'{' | b'[' => self.open(byte),
            b'}' | b']' => return self.close(byte),
            b',' if self.is_at_top() => self.member = Member::NameDue,
            b',' if self.place == Place::BehindDocument => self.place = Place::InList,
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => self.keep(byte),
        }
        false
    }

    /// How many brackets lie around each document.
    fn around(&self) -> usize {
        usize::from(self.listed)
    }

    /// Whether the document's own members are being read.
    fn is_at_top(&self) -> bool {
        self.place == Place::InDocument && self.open.len() == self.around().saturating_add(1)
    }

    /// Whether no figure lies as deep as this.
    fn is_too_deep(&self) -> bool {
        self.open.len().saturating_sub(self.around()) > DEEPEST_KEPT
    }

    fn open(&mut self, byte: u8) {
        if self.open.len() >= DEEPEST {
            self.state = State::Broken;
            return;
        }
        if self.open.is_empty() {
            self.state = State::Unfinished;
        }
        let outside = self.place != Place::InDocument && self.open.len() == self.around();
        if outside && byte == b'{' {
            self.place = Place::InDocument;
            self.member = Member::NameDue;
            self.kept.clear();
            self.kept.push(byte);
        } else if self.open.is_empty() {
            self.listed = true;
            self.place = Place::InList;
        } else {
            self.keep(byte);
        }
        self.open.push(byte);
    }

    fn close(&mut self, byte: u8) -> bool {
        let opened = self.open.pop();
        if opened != Some(if byte == b'}' { b'{' } else { b'[' }) {
            self.state = State::Broken;
            return false;
        }
        let ended = self.place == Place::InDocument && self.open.len() == self.around();
        if ended {
            self.kept.push(byte);
            self.place = if self.listed { Place::BehindDocument } else { Place::Outside };
        } else {
            self.keep(byte);
        }
        if self.open.is_empty() {
            self.state = State::Complete;
            self.listed = false;
            self.place = Place::Outside;
        }
        ended
    }

    fn start_text(&mut self) {
        self.text = match self.member {
            Member::NameDue if self.is_at_top() => Text::Name(Vec::new()),
            Member::Kept if self.place == Place::InDocument && !self.is_too_deep() => {
                self.kept.push(b'"');
                Text::Kept(self.kept.len())
            }
            _ => Text::Skipped,
        };
    }

    fn take_text(&mut self, byte: u8) {
        if byte == b'"' && !self.escaped {
            self.end_text();
            return;
        }
        self.escaped = byte == b'\\' && !self.escaped;
        match &mut self.text {
            Text::Name(name) if name.len() <= LONGEST_TEXT => name.push(byte),
            Text::Kept(from) if self.kept.len().saturating_sub(*from) < LONGEST_TEXT => {
                self.kept.push(byte);
            }
            Text::Kept(from) => {
                self.kept.truncate(*from);
                self.kept.push(b'"');
                self.text = Text::Skipped;
            }
            Text::Name(_) | Text::Skipped | Text::None => {}
        }
    }

    fn end_text(&mut self) {
        match std::mem::take(&mut self.text) {
            Text::Name(name) if KEPT.contains(&name.as_slice()) => {
                let comma: &[u8] = if self.kept.len() > 1 { b"," } else { b"" };
                for part in [comma, b"\"", &name, b"\""] {
                    self.kept.extend_from_slice(part);
                }
                self.member = Member::Kept;
            }
            Text::Name(_) => self.member = Member::Skipped,
            Text::Kept(_) => self.kept.push(b'"'),
            Text::Skipped | Text::None => {}
        }
    }

    fn keep(&mut self, byte: u8) {
        let left_out = self.member != Member::Kept || self.is_too_deep();
        if left_out || self.place != Place::InDocument {
            return;
        }
        self.kept.push(byte);
        if self.kept.len() > MOST_KEPT {
            self.kept = Vec::new();
            self.state = State::Broken;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str, piece: usize) -> (Vec<String>, bool) {
        let mut documents = Documents::default();
        let mut found = Vec::new();
        for piece in text.as_bytes().chunks(piece) {
            documents.read(piece, |text| found.push(String::from_utf8(text.to_vec()).unwrap()));
        }
        (found, documents.is_complete())
    }

    #[test]
    fn only_wanted_members_are_kept() {
        let long = "x".repeat(300);
        let deep = r#"{"output":[{"a":[{"b":[1,"x",{"c":2}],"d":{}}]}]}"#;
        let cases: [(String, &[&str], bool); 11] = [
            (deep.into(), &[r#"{"output":[{"a":[{"b":[],"d":{}}]}]}"#], true),
            (
                format!("[{deep},{{\"usage\":1}}]"),
                &[r#"{"output":[{"a":[{"b":[],"d":{}}]}]}"#, r#"{"usage":1}"#],
                true,
            ),
            (
                r#"{"a": {"usage": 1}, "usage": {"b": [1, "}"]}}"#.into(),
                &[r#"{"usage":{"b":[1,"}"]}}"#],
                true,
            ),
            (
                format!(r#"{{"model":"m","output":["{long}","\"{{"],"data":[1]}}"#),
                &[r#"{"model":"m","output":["","\"{"]}"#],
                true,
            ),
            (format!(r#"{{"data":"{long}"}}"#), &["{}"], true),
            (
                r#" [ {"usage":1} ,{"model":2}] "#.into(),
                &[r#"{"usage":1}"#, r#"{"model":2}"#],
                true,
            ),
            ("[{\"usage\":1},".into(), &[r#"{"usage":1}"#], false),
            ("{\"usage\":1}\n{\"x\":1}\n{".into(), &[r#"{"usage":1}"#, "{}"], false),
            (r#"{"usage":1"#.into(), &[], false),
            (r#"{"usage":1]}"#.into(), &[], false),
            (String::new(), &[], false),
        ];
        for (text, expected, complete) in cases {
            for piece in [1, 3, 1_000] {
                let (found, ended) = read(&text, piece);
                assert_eq!(found, expected, "{text}");
                assert_eq!(ended, complete, "{text}");
            }
        }
    }

    #[test]
    fn the_place_in_a_list_is_known() {
        let mut documents = Documents::default();
        let cases = [
            ("", Place::Outside),
            ("[", Place::InList),
            ("{\"a\":[{", Place::InDocument),
            ("}]}", Place::BehindDocument),
            (" ,\n", Place::InList),
            ("{}", Place::BehindDocument),
            ("]", Place::Outside),
        ];
        for (text, place) in cases {
            documents.read(text.as_bytes(), |_| {});
            assert_eq!(documents.place(), place, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic_and_pieces_make_no_difference(
            text in "([\\[\\]{}\",:1 \\\\]|\"usage\"|\"model\":)*", piece in 1..5usize,
        ) {
            prop_assert_eq!(read(&text, piece), read(&text, 1_000_000));
        }
    }
}
