//! The fake upstream's side of one connection.

use std::io::{self, BufReader, Read, Write};
use std::thread;

use super::answer::{Answer, Body};
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
}

/// Answers request after request on one connection.
pub(super) fn converse(stream: impl Read + Write, witness: &impl Witness) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(head) = Head::read(&mut stream)? {
        witness.head();
        let mut words = head.first.split(' ').map(str::to_owned);
        let method = words.next().unwrap_or_default();
        let target = words.next().unwrap_or_default();
        let body = read_body(&mut stream, &head, witness)?;
        let answer = witness.request(Seen { method, target, head, body });
        if !send(stream.get_mut(), &answer)? {
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
fn send(stream: &mut impl Write, answer: &Answer) -> io::Result<bool> {
    if matches!(answer.body, Body::Nothing) {
        return Ok(false);
    }
    stream.write_all(&head_of(answer))?;
    match &answer.body {
        Body::Whole(body) | Body::CutOff(body) => stream.write_all(body)?,
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
                if number > 0 && !gate.pass() {
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

fn head_of(answer: &Answer) -> Vec<u8> {
    let framing = match &answer.body {
        Body::Whole(body) => ("Content-Length", body.len().to_string()),
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
