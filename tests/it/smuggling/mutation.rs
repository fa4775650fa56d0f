//! Requests that were right, changed in a few places.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::oracle::Stage;

/// What a message is made of.
const BASES: [&str; 6] = [
    "GET /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}X-A: b\r\n\r\n",
    "HEAD /openai/v1/x?a=b HTTP/1.1\r\nHost: {host}\r\n{auth}\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Content-Length: 5\r\n\r\nhello",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n",
    "PUT /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Trailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-T: 1\r\n\r\n",
    "POST /openai/v1/x HTTP/1.1\r\nHost: {host}\r\n{auth}Content-Length: 43\r\n\r\n0\r\n\r\nGET /v1/admin HTTP/1.1\r\nHost: evil\r\n\r\n",
];

/// What the last one is: the proxy ends the connection after it.
const LAST: &str =
    "GET /openai/v1/last HTTP/1.1\r\nHost: {host}\r\n{auth}Connection: close\r\n\r\n";

/// Lines that are put before another one.
const LINES: [&str; 32] = [
    "Content-Length: 0",
    "Content-Length: 5",
    "Content-Length: 6",
    "Content-Length: +5",
    "Content-Length: 5, 5",
    "Content-Length : 5",
    "Content-Length:\t5 ",
    "Content-Length: 0x5",
    "Content-Length: 00",
    "content-length:5",
    "Content_Length: 7",
    "Content-Length: 4294967301",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: CHUNKED",
    "Transfer-Encoding: identity",
    "Transfer-Encoding: x, chunked",
    "Transfer-Encoding: chunked, x",
    "Transfer-Encoding : chunked",
    "Transfer-Encoding:\x0bchunked",
    "Transfer-Encoding:\tchunked",
    " Transfer-Encoding: chunked",
    "\tfolded",
    "Connection: content-length",
    "Connection: transfer-encoding, host",
    "Connection: close",
    "Connection: keep-alive, authorization",
    "Expect: 100-continue",
    "Host: evil.example",
    "TE: trailers",
    "Trailer: Content-Length, X-T",
    "Upgrade: h2c",
    "{auth}",
];

/// Bytes that are put in.
const PIECES: [&[u8]; 30] = [
    b"\r",
    b"\n",
    b"\r\n",
    b"\r\n\r\n",
    b"\n\n",
    b"\0",
    b" ",
    b"\t",
    b"\x0b",
    b"\x0c",
    b":",
    b";",
    b",",
    b"#",
    b"?",
    b"//",
    b"/../",
    b"%0d%0a",
    b"\x7f",
    b"\x80",
    b"\xff",
    b"0",
    b"5",
    b"a",
    b"\"",
    b"\\",
    b"@evil.example",
    b"0\r\n\r\n",
    b"{",
    b"HTTP/1.1",
];

/// Texts that one of the message's own is replaced with.
const SWAPS: [(&str, &str); 30] = [
    ("HTTP/1.1", "HTTP/1.0"),
    ("HTTP/1.1", "HTTP/1.2"),
    ("HTTP/1.1", "http/1.1"),
    ("GET", "get"),
    ("POST", "POST\t"),
    ("POST", "TRACE"),
    ("POST", "CONNECT"),
    ("GET", "OPTIONS"),
    ("/openai", "http://evil.example/openai"),
    ("/openai/v1/x", "*"),
    ("/openai", "/proxy/openai"),
    ("/openai/v1", "/v1"),
    ("/x", "/x%2f..%2fy"),
    ("/x", "/x;y=z"),
    ("/x", "/x#y"),
    ("/x", "/x?"),
    ("chunked", "Chunked"),
    ("chunked", "chunked "),
    ("chunked", "\"chunked\""),
    ("chunked", "chunke"),
    ("\r\n5\r\n", "\r\n05\r\n"),
    ("\r\n5\r\n", "\r\n5 \r\n"),
    ("\r\n5\r\n", "\r\n0x5\r\n"),
    ("\r\n5\r\n", "\r\n5;a=\"b\"\r\n"),
    ("\r\n5\r\n", "\r\n5;a=\n\r\n"),
    ("\r\n0\r\n", "\r\n00\r\n"),
    ("\r\n0\r\n\r\n", "\r\n0\r\nHost: evil\r\n\r\n"),
    ("\r\n0\r\n\r\n", "\r\n0\n\n"),
    ("Host: {host}", "Host: x@{host}"),
    (": ", ":"),
];

/// One change.
#[derive(Clone, Debug)]
enum Change {
    /// A line before the line that stands at some place.
    Line(Index, Index),
    Piece(Index, Index),
    Swap(Index),
    /// One byte is left out.
    Drop(Index),
    /// A line's end is another.
    LineEnd(Index, bool),
    /// A line stands twice.
    Twice(Index),
    /// The rest is cut off.
    Cut(Index),
}

/// How a case is made.
#[derive(Clone, Debug)]
pub(super) struct Recipe {
    bases: Vec<Index>,
    changes: Vec<Change>,
    at: Index,
}

/// Recipes of one to three requests and up to three changes.
pub(super) fn recipe() -> impl Strategy<Value = Recipe> {
    let index = any::<Index>;
    let change = prop_oneof![
        6 => (index(), index()).prop_map(|(line, at)| Change::Line(line, at)),
        4 => (index(), index()).prop_map(|(piece, at)| Change::Piece(piece, at)),
        4 => index().prop_map(Change::Swap),
        2 => index().prop_map(Change::Drop),
        2 => (index(), any::<bool>()).prop_map(|(at, lone)| Change::LineEnd(at, lone)),
        1 => index().prop_map(Change::Twice),
        1 => index().prop_map(Change::Cut),
    ];
    (vec(index(), 0..=2), vec(change, 0..=3), index()).prop_map(|(bases, changes, at)| Recipe {
        bases,
        changes,
        at,
    })
}

impl Recipe {
    /// The client's bytes, and where its first write ends.
    pub(super) fn bytes(&self, stage: &Stage) -> (Vec<u8>, usize) {
        let bases = self.bases.iter().map(|base| *base.get(&BASES)).chain([LAST]);
        let mut text = bases.collect::<String>().into_bytes();
        for change in &self.changes {
            change.make(&mut text);
        }
        // The marks are ASCII, and what is none stays as it is.
        let filled = |mark: &str| stage.filled(mark);
        let bytes =
            replaced(&replaced(&text, b"{host}", &filled("{host}")), b"{auth}", &filled("{auth}"));
        let cut = self.at.index(bytes.len() + 1);
        (bytes, cut)
    }
}

impl Change {
    fn make(&self, text: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        match self {
            Self::Line(line, at) => {
                let line = format!("{}\r\n", line.get(&LINES));
                let at = line_at(text, at.index(text.len()));
                text.splice(at..at, line.into_bytes());
            }
            Self::Piece(piece, at) => {
                let at = at.index(text.len());
                text.splice(at..at, piece.get(&PIECES).iter().copied());
            }
            Self::Swap(swap) => {
                let (from, to) = swap.get(&SWAPS);
                if let Some(at) = find(text, from.as_bytes()) {
                    text.splice(at..at + from.len(), to.bytes());
                }
            }
            Self::Drop(at) => drop(text.remove(at.index(text.len()))),
            Self::LineEnd(at, lone) => {
                let end = line_end(text, at.index(text.len()));
                if end >= 2 {
                    text.remove(if *lone { end - 2 } else { end - 1 });
                }
            }
            Self::Twice(at) => {
                let at = at.index(text.len());
                let line = text[line_at(text, at)..line_end(text, at)].to_vec();
                let at = line_at(text, at);
                text.splice(at..at, line);
            }
            Self::Cut(at) => text.truncate(at.index(text.len())),
        }
    }
}

/// Where the line that has this byte begins.
fn line_at(text: &[u8], at: usize) -> usize {
    text[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)
}

/// Where it ends, with its LF.
fn line_end(text: &[u8], at: usize) -> usize {
    text[at..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |end| at + end + 1)
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

fn replaced(text: &[u8], mark: &[u8], with: &[u8]) -> Vec<u8> {
    let (mut rest, mut done) = (text, Vec::new());
    while let Some(at) = find(rest, mark) {
        done.extend_from_slice(&rest[..at]);
        done.extend_from_slice(with);
        rest = &rest[at + mark.len()..];
    }
    done.extend_from_slice(rest);
    done
}
