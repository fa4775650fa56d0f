//! The fake upstream's side of one connection.

use std::io::{self, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use rustls::{ServerConnection, StreamOwned};

use super::PATIENCE;
use super::answer::{Answer, Body, Gate};
use super::upstream::Seen;
use super::wire::{self, Head, LAST_CHUNK};

/// Is told of everything that arrives, and says what is answered.
pub(super) trait Witness {
    /// The head of a request is here.
    fn head(&self);

    /// So many more bytes of a body are here.
    fn body(&self, count: usize);

    /// A request is here, whole.
    fn request(&self, seen: Seen) -> Answer;

    /// The other side has closed its connection while it was answered.
    fn hung_up(&self);
}

/// The other side's end of a connection.
pub(super) trait Peer: Read + Write {
    /// Whether it is closed; asked only while there is nothing to read.
    fn is_gone(&self) -> bool;
}

impl Peer for TcpStream {
    fn is_gone(&self) -> bool {
        let waiting = |error: &io::Error| {
            matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
        };
        let _ = self.set_read_timeout(Some(Duration::from_millis(1)));
        let seen = self.peek(&mut [0]);
        let _ = self.set_read_timeout(None);
        match seen {
            Ok(count) => count == 0,
            Err(error) => !waiting(&error),
        }
    }
}

impl Peer for StreamOwned<ServerConnection, TcpStream> {
    fn is_gone(&self) -> bool {
        self.sock.is_gone()
    }
}

/// Answers request after request on one connection.
pub(super) fn converse(stream: impl Peer, witness: &impl Witness) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(head) = Head::read(&mut stream)? {
        witness.head();
        let mut words = head.first.split(' ').map(str::to_owned);
        let method = words.next().unwrap_or_default();
        let target = words.next().unwrap_or_default();
        let body = read_body(&mut stream, &head, witness)?;
        let answer = witness.request(Seen { method, target, head, body });
        let sent = send(stream.get_mut(), &answer, witness);
        if !sent.inspect_err(|_| witness.hung_up())? {
            return Ok(());
        }
    }
    Ok(())
}

fn read_body(
    stream: &mut BufReader<impl Read>,
    head: &Head,
    witness: &impl Witness,
) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    if head.is_chunked() {
        while let Some(chunk) = wire::chunk(stream)? {
            witness.body(chunk.len());
            body.extend(chunk);
        }
        return Ok(body);
    }
    let mut left = head.content_length().unwrap_or_default();
    let mut buffer = vec![0; 64 * 1024];
    while left > 0 {
        let room = left.min(buffer.len());
        let count = stream.read(&mut buffer[..room])?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        witness.body(count);
        body.extend_from_slice(&buffer[..count]);
        left -= count;
    }
    Ok(body)
}

/// Sends the answer; false where the connection ends with it.
fn send(stream: &mut impl Peer, answer: &Answer, witness: &impl Witness) -> io::Result<bool> {
    match &answer.body {
        Body::Nothing => return Ok(false),
        Body::Withheld(_, gate) if !passes(stream, gate, witness) => return Ok(false),
        _ => {}
    }
    stream.write_all(&head_of(answer))?;
    match &answer.body {
        Body::Whole(body) | Body::CutOff(body) | Body::Withheld(body, _) => {
            stream.write_all(body)?;
        }
        Body::Chunks(chunks, pause) => {
            for (number, chunk) in chunks.iter().enumerate() {
                if number > 0 {
                    thread::sleep(*pause);
                }
                stream.write_all(&wire::as_chunk(chunk))?;
                stream.flush()?;
            }
            stream.write_all(LAST_CHUNK)?;
        }
        Body::Gated(chunks, gate) => {
            for (number, chunk) in chunks.iter().enumerate() {
                if number > 0 && !passes(stream, gate, witness) {
                    return Ok(false);
                }
                stream.write_all(&wire::as_chunk(chunk))?;
                stream.flush()?;
            }
            stream.write_all(LAST_CHUNK)?;
        }
        Body::Nothing => {}
    }
    stream.flush()?;
    Ok(!matches!(answer.body, Body::CutOff(_)))
}

/// Waits at the gate; false where the other side does not, or the test has forgotten the gate.
fn passes(stream: &impl Peer, gate: &Gate, witness: &impl Witness) -> bool {
    let end = Instant::now() + PATIENCE;
    while !gate.pass_within(Duration::from_millis(20)) {
        if stream.is_gone() {
            witness.hung_up();
            return false;
        }
        if Instant::now() > end {
            return false;
        }
    }
    true
}

fn head_of(answer: &Answer) -> Vec<u8> {
    let framing = match &answer.body {
        Body::Whole(body) | Body::Withheld(body, _) => ("Content-Length", body.len().to_string()),
        Body::CutOff(body) => ("Content-Length", (body.len() * 2).to_string()),
        _ => ("Transfer-Encoding", "chunked".to_owned()),
    };
    let mut head = format!("HTTP/1.1 {} Answer\r\n{}: {}\r\n", answer.status, framing.0, framing.1);
    for (name, value) in &answer.fields {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.push_str("\r\n");
    head.into_bytes()
}
