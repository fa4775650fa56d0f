//! An upstream without manners: what it does with a connection is the test's to say, byte by byte
//! or frame by frame.

use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection};
use socket2::SockRef;

use super::PATIENCE;
use super::answer::{Body, Gate};
use super::frames::{DATA, END_HEADERS, END_STREAM, Frames, HEADERS, block};
use super::model::{INPUT, completion};
use super::wire::Head;

/// What is done with one connection, or with one stream of it.
#[derive(Clone, Copy)]
pub(crate) enum Act {
    /// From the connection's first byte on.
    Bytes(fn(&mut Line) -> io::Result<()>),
    /// With a stream on which a request has come. The connection goes on, but after an error.
    Frames(fn(&mut Frames<Line>, u32) -> io::Result<()>),
}

/// Runs until it is dropped.
#[derive(Debug)]
pub(crate) struct Rough {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
}

struct Shared {
    tls: Option<Arc<ServerConfig>>,
    act: Mutex<(Act, Gate)>,
    requests: AtomicUsize,
    open: AtomicUsize,
    stopped: AtomicBool,
}

/// The upstream's end of a connection. TLS begins with the first byte that is read or said.
pub(crate) struct Line {
    socket: TcpStream,
    tls: Option<ServerConnection>,
    shared: Arc<Shared>,
}

/// The output tokens of a good answer.
pub(crate) const OUTPUT: u64 = 10;

impl Rough {
    /// Over TLS where there is a configuration; with HTTP/2 where that offers it (ALPN).
    pub(crate) fn start(tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let shared = Arc::new(Shared {
            tls,
            act: Mutex::new((GOOD, Gate::default())),
            requests: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || accept(&listener, &accepting));
        Self { address, scheme, shared }
    }

    /// What `--base-url` takes, by a name that certificates can have.
    pub(crate) fn base_url(&self, root: &str) -> String {
        format!("{}://localhost:{}{root}", self.scheme, self.address.port())
    }

    /// Does so from now on; returns what opens its [`Line::pause`].
    pub(crate) fn set(&self, act: Act) -> Gate {
        let gate = Gate::default();
        *self.shared.act.lock().unwrap() = (act, gate.clone());
        gate
    }

    /// How many requests were read.
    pub(crate) fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }

    /// How many connections have not ended.
    pub(crate) fn open(&self) -> usize {
        self.shared.open.load(Ordering::SeqCst)
    }
}

impl Drop for Rough {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes the listener, which sees that it is to end.
        let _ = TcpStream::connect(self.address);
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("requests", &self.requests).finish_non_exhaustive()
    }
}

impl Shared {
    fn act(&self) -> Act {
        self.act.lock().unwrap().0
    }
}

/// Answers as a model does, and closes the connection where that has no streams.
pub(crate) const GOOD: Act = Act::Bytes(|line| {
    line.request()?;
    let body = good_body();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    line.say(head.as_bytes())?;
    line.say(&body)
});

/// The same on a stream.
pub(crate) const GOOD_STREAM: Act = Act::Frames(|frames, stream| {
    frames.send(HEADERS, END_HEADERS, stream, &ok_head(&[]))?;
    frames.send(DATA, END_STREAM, stream, &good_body())
});

/// The header block of a success with these further fields.
pub(crate) fn ok_head(fields: &[(&str, &str)]) -> Vec<u8> {
    // `:status: 200` is entry 8 of the static table (RFC 7541, appendix A).
    let mut head = vec![0x88];
    head.extend(block(&[("content-type", "application/json")]));
    head.extend(block(fields));
    head
}

fn good_body() -> Vec<u8> {
    match completion(INPUT, OUTPUT).body {
        Body::Whole(body) => body,
        other => panic!("not whole: {other:?}"),
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(socket) = stream else { continue };
        let shared = Arc::clone(shared);
        // A peer may go whenever it likes; what matters is what it is told.
        thread::spawn(move || {
            shared.open.fetch_add(1, Ordering::SeqCst);
            drop(serve(socket, &shared));
            shared.open.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

fn serve(socket: TcpStream, shared: &Arc<Shared>) -> io::Result<()> {
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    let tls = shared.tls.clone().map(ServerConnection::new).transpose();
    let tls = tls.map_err(io::Error::other)?;
    let mut line = Line { socket, tls, shared: Arc::clone(shared) };
    match shared.act() {
        Act::Bytes(act) => {
            act(&mut line)?;
            line.end()
        }
        Act::Frames(_) => {
            let mut frames = Frames::serve(line)?;
            loop {
                let stream = frames.request()?;
                shared.requests.fetch_add(1, Ordering::SeqCst);
                match shared.act() {
                    Act::Frames(act) => act(&mut frames, stream)?,
                    Act::Bytes(_) => return Err(io::ErrorKind::InvalidInput.into()),
                }
            }
        }
    }
}

impl Line {
    /// Reads a request whole.
    pub(crate) fn request(&mut self) -> io::Result<()> {
        let mut reader = BufReader::new(&mut *self);
        let head = Head::read(&mut reader)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        assert!(!head.is_chunked(), "{head:?}");
        let mut body = vec![0; head.content_length().unwrap_or_default()];
        reader.read_exact(&mut body)?;
        self.shared.requests.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    pub(crate) fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)?;
        self.flush()
    }

    /// Sends these bytes past TLS.
    pub(crate) fn say_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.socket.write_all(bytes)
    }

    /// Waits until the test has seen what was said.
    pub(crate) fn pause(&self) {
        let gate = self.shared.act.lock().unwrap().1.clone();
        gate.pass();
    }

    /// Waits until the first bytes of the client are there, without reading them.
    pub(crate) fn hear(&self) -> io::Result<()> {
        self.socket.peek(&mut [0]).map(drop)
    }

    /// Resets the connection (RFC 9293 §3.10.7): nothing that was said may be under way.
    pub(crate) fn reset(&self) -> io::Result<()> {
        SockRef::from(&self.socket).set_linger(Some(Duration::ZERO))?;
        Err(io::ErrorKind::ConnectionReset.into())
    }

    /// Closes the connection without a word of TLS.
    pub(crate) fn hang_up(&self) -> io::Result<()> {
        self.socket.shutdown(Shutdown::Write)?;
        Err(io::ErrorKind::ConnectionAborted.into())
    }

    /// Waits until the client has gone.
    pub(crate) fn wait(&mut self) -> io::Result<()> {
        let mut buffer = [0; 4096];
        while self.socket.read(&mut buffer)? > 0 {}
        Ok(())
    }

    /// Ends it as it should be ended.
    fn end(&mut self) -> io::Result<()> {
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
            tls.complete_io(&mut self.socket)?;
        }
        self.socket.shutdown(Shutdown::Write)
    }
}

impl Read for Line {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.tls {
            Some(tls) => rustls::Stream::new(tls, &mut self.socket).read(buffer),
            None => self.socket.read(buffer),
        }
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.tls {
            Some(tls) => rustls::Stream::new(tls, &mut self.socket).write(bytes),
            None => self.socket.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.tls {
            Some(tls) => rustls::Stream::new(tls, &mut self.socket).flush(),
            None => self.socket.flush(),
        }
    }
}
