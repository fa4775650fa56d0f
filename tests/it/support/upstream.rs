//! A fake upstream: records every request whole, checks each for what must and must not be in it,
//! and fails the test that never reached it.

use std::io::{self, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::answer::{Answer, Body};
use super::home::MASTER;
use super::wire::{self, Head, LAST_CHUNK};

/// Stopped when dropped; then it also fails the test for whatever it saw amiss.
#[derive(Debug)]
pub(crate) struct Upstream {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
}

/// One request, as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// Path and query, byte for byte.
    pub(crate) target: String,
    pub(crate) head: Head,
    pub(crate) body: Vec<u8>,
}

/// Where the master key must stand.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// The only value of this header field.
    Field(&'static str, String),
    /// A parameter of the query.
    Query(&'static str),
}

struct Shared {
    answer: Box<dyn Fn(&Seen) -> Answer + Send + Sync>,
    place: Place,
    seen: Mutex<Vec<Seen>>,
    heads: AtomicUsize,
    body_bytes: AtomicUsize,
    connections: AtomicUsize,
    faults: Mutex<Vec<String>>,
    may_idle: AtomicBool,
    stopped: AtomicBool,
}

impl Upstream {
    /// An upstream that answers all alike, and takes the master key as a bearer token.
    pub(crate) fn answering(answer: Answer) -> Self {
        Self::new(move |_| answer.clone())
    }

    /// An upstream that takes the master key as a bearer token.
    pub(crate) fn new(answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        Self::expecting(Place::bearer(), answer)
    }

    /// An upstream that takes the master key at `place`.
    pub(crate) fn expecting(
        place: Place,
        answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::start(None, place, Box::new(answer))
    }

    /// The same over TLS.
    pub(crate) fn over_tls(config: Arc<ServerConfig>, answer: Answer) -> Self {
        Self::start(Some(config), Place::bearer(), Box::new(move |_| answer.clone()))
    }

    fn start(
        tls: Option<Arc<ServerConfig>>,
        place: Place,
        answer: Box<dyn Fn(&Seen) -> Answer + Send + Sync>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let shared = Arc::new(Shared {
            answer,
            place,
            seen: Mutex::default(),
            heads: AtomicUsize::new(0),
            body_bytes: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            faults: Mutex::default(),
            may_idle: AtomicBool::new(false),
            stopped: AtomicBool::new(false),
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || accept(&listener, tls.as_ref(), &serving));
        Self { address, scheme, shared }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What `--base-url` takes, with the provider's root.
    pub(crate) fn base_url(&self, root: &str) -> String {
        format!("{}://{}{root}", self.scheme, self.address)
    }

    /// The same by name, for certificates that name no address.
    pub(crate) fn base_url_by_name(&self, root: &str) -> String {
        format!("{}://localhost:{}{root}", self.scheme, self.address.port())
    }

    /// How many requests arrived.
    pub(crate) fn count(&self) -> usize {
        self.shared.heads.load(Ordering::SeqCst)
    }

    /// How many connections were opened.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// How many bytes of bodies arrived.
    pub(crate) fn body_bytes(&self) -> usize {
        self.shared.body_bytes.load(Ordering::SeqCst)
    }

    /// Every request whose body is complete.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// The one request that arrived.
    #[track_caller]
    pub(crate) fn only(&self) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:#?}");
        seen[0].clone()
    }

    /// It is right that nothing arrives.
    pub(crate) fn may_idle(self) -> Self {
        self.shared.may_idle.store(true, Ordering::SeqCst);
        self
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes the listener, which sees that it is to end.
        let _ = TcpStream::connect(self.address);
        if thread::panicking() {
            return;
        }
        let faults = self.shared.faults.lock().unwrap();
        assert!(faults.is_empty(), "at the upstream: {faults:#?}");
        let idle = self.count() == 0 && !self.shared.may_idle.load(Ordering::SeqCst);
        assert!(!idle, "nothing reached the upstream");
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("heads", &self.heads).finish_non_exhaustive()
    }
}

impl Place {
    pub(crate) fn bearer() -> Self {
        Self::Field("authorization", format!("Bearer {MASTER}"))
    }

    /// The master key alone in this header field.
    pub(crate) fn raw(name: &'static str) -> Self {
        Self::Field(name, MASTER.to_owned())
    }

    fn check(&self, seen: &Seen) -> Result<(), String> {
        let found = match self {
            Self::Field(name, value) => seen.head.all(name) == [value.as_str()],
            Self::Query(name) => {
                let parameter = format!("{name}={MASTER}");
                let query = seen.target.split_once('?').map_or("", |(_, query)| query);
                query.split('&').filter(|part| **part == parameter).count() == 1
            }
        };
        if found { Ok(()) } else { Err(format!("not exactly one master key at {self:?}")) }
    }
}

impl Shared {
    fn check(&self, seen: &Seen) {
        let whole = format!("{seen:?}") + &String::from_utf8_lossy(&seen.body);
        let mut faults = self.faults.lock().unwrap();
        if whole.contains("till_sk_") {
            faults.push(format!("a proxy key arrived: {whole}"));
        }
        if let Err(fault) = self.place.check(seen) {
            faults.push(format!("{fault}: {whole}"));
        }
    }
}

fn accept(listener: &TcpListener, tls: Option<&Arc<ServerConfig>>, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        shared.connections.fetch_add(1, Ordering::SeqCst);
        let (tls, shared) = (tls.cloned(), Arc::clone(shared));
        let _ = stream.set_nodelay(true);
        // A peer may go whenever it likes; what matters is what arrived.
        thread::spawn(move || match tls {
            None => converse(stream, &shared),
            Some(config) => {
                let session = ServerConnection::new(config).map_err(io::Error::other)?;
                converse(StreamOwned::new(session, stream), &shared)
            }
        });
    }
}

/// Answers request after request on one connection.
fn converse(stream: impl Read + Write, shared: &Shared) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(head) = Head::read(&mut stream)? {
        shared.heads.fetch_add(1, Ordering::SeqCst);
        let mut words = head.first.split(' ').map(str::to_owned);
        let method = words.next().unwrap_or_default();
        let target = words.next().unwrap_or_default();
        let body = read_body(&mut stream, &head, shared)?;
        let seen = Seen { method, target, head, body };
        shared.check(&seen);
        let answer = (shared.answer)(&seen);
        shared.seen.lock().unwrap().push(seen);
        thread::sleep(answer.delay);
        if !send(stream.get_mut(), &answer)? {
            return Ok(());
        }
    }
    Ok(())
}

fn read_body(
    stream: &mut BufReader<impl Read>,
    head: &Head,
    shared: &Shared,
) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    if head.is_chunked() {
        while let Some(chunk) = wire::chunk(stream)? {
            shared.body_bytes.fetch_add(chunk.len(), Ordering::SeqCst);
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
        shared.body_bytes.fetch_add(count, Ordering::SeqCst);
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
    let mut head = format!("HTTP/1.1 {} Answer\r\n", answer.status);
    for (name, value) in &answer.fields {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    match &answer.body {
        Body::Whole(body) => head.push_str(&format!("Content-Length: {}\r\n", body.len())),
        Body::CutOff(body) => head.push_str(&format!("Content-Length: {}\r\n", body.len() * 2)),
        _ => head.push_str("Transfer-Encoding: chunked\r\n"),
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
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
