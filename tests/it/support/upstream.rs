//! A fake upstream: records every request whole, checks each for what must and must not be in it,
//! and fails the test that never reached it.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::answer::Answer;
use super::conversation::{Witness, converse};
use super::home::MASTER;
use super::wire::Head;

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
    hung_up: AtomicUsize,
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

    /// The same over TLS, with an answer of its own for each request.
    pub(crate) fn over_tls_with(
        config: Arc<ServerConfig>,
        answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(config), Place::bearer(), Box::new(answer))
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
            hung_up: AtomicUsize::new(0),
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

    /// How many answers the other side did not wait for: at a gate, or while they were sent.
    pub(crate) fn hung_up(&self) -> usize {
        self.shared.hung_up.load(Ordering::SeqCst)
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

impl Witness for Shared {
    fn head(&self) {
        self.heads.fetch_add(1, Ordering::SeqCst);
    }

    fn body(&self, count: usize) {
        self.body_bytes.fetch_add(count, Ordering::SeqCst);
    }

    fn request(&self, seen: Seen) -> Answer {
        let whole = format!("{seen:?}") + &String::from_utf8_lossy(&seen.body);
        if whole.contains("till_sk_") {
            self.fault(format!("a proxy key arrived: {whole}"));
        }
        if let Err(fault) = self.place.check(&seen) {
            self.fault(format!("{fault}: {whole}"));
        }
        let answer = (self.answer)(&seen);
        self.seen.lock().unwrap().push(seen);
        answer
    }

    fn hung_up(&self) {
        self.hung_up.fetch_add(1, Ordering::SeqCst);
    }
}

impl Shared {
    fn fault(&self, text: String) {
        self.faults.lock().unwrap().push(text);
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
            None => converse(stream, &*shared),
            Some(config) => {
                let session = ServerConnection::new(config).map_err(io::Error::other)?;
                converse(StreamOwned::new(session, stream), &*shared)
            }
        });
    }
}
