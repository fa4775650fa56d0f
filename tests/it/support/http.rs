//! A client that sends exactly the bytes it is told, and many of them at once.

use std::io::{self, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use super::PATIENCE;
use super::wire::{self, Head};

/// A request in the making.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    first: String,
    fields: Vec<(String, String)>,
    body: Vec<u8>,
}

/// An answer, whole.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: Head,
    pub(crate) body: Vec<u8>,
}

/// One connection, kept alive for as long as both sides like.
#[derive(Debug)]
pub(crate) struct Connection {
    reader: BufReader<TcpStream>,
    host: String,
}

impl Request {
    /// A request without a body; the target is sent as it stands.
    pub(crate) fn new(method: &str, target: &str) -> Self {
        let first = format!("{method} {target} HTTP/1.1");
        Self { first, fields: Vec::new(), body: Vec::new() }
    }

    /// A chat completion at `/openai/v1/chat/completions`, the request that most tests make.
    pub(crate) fn chat(key: &str) -> Self {
        let body = br#"{"model":"gpt-4o-mini","messages":[{"role":"user","content":"hello"}]}"#;
        Self::new("POST", "/openai/v1/chat/completions").bearer(key).json(body)
    }

    pub(crate) fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn bearer(self, key: &str) -> Self {
        self.field("Authorization", &format!("Bearer {key}"))
    }

    pub(crate) fn json(self, body: &[u8]) -> Self {
        self.field("Content-Type", "application/json").body(body)
    }

    pub(crate) fn body(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }

    /// Sends it over a connection of its own.
    #[track_caller]
    pub(crate) fn send(&self, to: SocketAddr) -> Reply {
        self.try_send(to).unwrap_or_else(|error| panic!("{}: {error}", self.first))
    }

    /// The same, where the other side may die.
    pub(crate) fn try_send(&self, to: SocketAddr) -> io::Result<Reply> {
        Connection::open(to)?.request(self)
    }

    fn bytes(&self, host: &str) -> Vec<u8> {
        let mut bytes = format!("{}\r\nHost: {host}\r\n", self.first).into_bytes();
        for (name, value) in &self.fields {
            bytes.extend(format!("{name}: {value}\r\n").into_bytes());
        }
        if !self.body.is_empty() {
            bytes.extend(format!("Content-Length: {}\r\n", self.body.len()).into_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

impl Connection {
    pub(crate) fn open(to: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(to)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self { reader: BufReader::new(stream), host: to.to_string() })
    }

    /// Sends a request and reads its answer.
    pub(crate) fn request(&mut self, request: &Request) -> io::Result<Reply> {
        let bytes = request.bytes(&self.host);
        self.write(&bytes)?;
        self.reply()
    }

    /// Sends these bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.reader.get_mut().write_all(bytes)
    }

    /// What writes into the connection while its answer is read elsewhere.
    pub(crate) fn writer(&self) -> io::Result<TcpStream> {
        self.reader.get_ref().try_clone()
    }

    /// Sends a request's head and what it has of a body, without waiting for anything.
    pub(crate) fn start(&mut self, request: &Request) -> io::Result<()> {
        let bytes = request.bytes(&self.host);
        self.write(&bytes)
    }

    /// The head of the next answer.
    pub(crate) fn head(&mut self) -> io::Result<Reply> {
        let head = Head::read(&mut self.reader)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let status = head.first.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or(io::ErrorKind::InvalidData)?;
        Ok(Reply { status, head, body: Vec::new() })
    }

    /// The next chunk of a chunked answer; none at its end.
    pub(crate) fn chunk(&mut self) -> io::Result<Option<Vec<u8>>> {
        wire::chunk(&mut self.reader)
    }

    /// The head of an answer with success, and its first chunk.
    #[track_caller]
    pub(crate) fn chunk_after_head(&mut self) -> Vec<u8> {
        self.head().expect("a head").expect(200, "");
        self.chunk().expect("a chunk").expect("not the end")
    }

    /// Everything until the other side ends the connection.
    pub(crate) fn rest(&mut self) -> io::Result<Vec<u8>> {
        let mut rest = Vec::new();
        self.reader.read_to_end(&mut rest).map(|_| rest)
    }

    /// How long to wait for bytes.
    pub(crate) fn set_patience(&self, patience: Duration) {
        self.reader.get_ref().set_read_timeout(Some(patience)).expect("not zero");
    }

    /// The next answer, whole.
    pub(crate) fn reply(&mut self) -> io::Result<Reply> {
        let head = self.head()?;
        self.body_of(head)
    }

    /// The answer whose head was read, whole.
    pub(crate) fn body_of(&mut self, mut reply: Reply) -> io::Result<Reply> {
        if reply.head.is_chunked() {
            while let Some(chunk) = self.chunk()? {
                reply.body.extend(chunk);
            }
        } else if let Some(length) = reply.head.content_length() {
            reply.body.resize(length, 0);
            self.reader.read_exact(&mut reply.body)?;
        } else if reply.status != 204 && reply.status != 304 {
            self.reader.read_to_end(&mut reply.body)?;
        }
        Ok(reply)
    }
}

impl Reply {
    /// The first value of a header field; empty where there is none.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.head.get(name).unwrap_or_default()
    }

    /// The code of a denial; empty where it is none.
    pub(crate) fn denial(&self) -> &str {
        self.field("till-denial")
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// Expects the status and, of a denial, the code.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16, code: &str) -> &Self {
        let found = (self.status, self.denial());
        assert_eq!(found, (status, code), "{:?}\n{}", self.head, self.text());
        self
    }
}

/// Runs `job` with the numbers below `count` at the same moment, each in a thread of its own.
pub(crate) fn at_once<T: Send + 'static>(
    count: usize,
    job: impl Fn(usize) -> T + Send + Sync + 'static,
) -> Vec<T> {
    let job = Arc::new(job);
    let start = Arc::new(Barrier::new(count));
    let spawn = |number| {
        let (job, start) = (Arc::clone(&job), Arc::clone(&start));
        let work = move || {
            start.wait();
            job(number)
        };
        std::thread::Builder::new().stack_size(256 * 1024).spawn(work).expect("a thread")
    };
    let threads: Vec<_> = (0..count).map(spawn).collect();
    threads.into_iter().map(|thread| thread.join().expect("a job that did not panic")).collect()
}
