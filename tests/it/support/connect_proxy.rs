//! A proxy that knows CONNECT alone (RFC 9110 §9.3.6), and keeps all that it sees.

use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::wire::Head;

/// Runs for as long as the test process.
#[derive(Debug)]
pub(crate) struct ConnectProxy {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Head>>>,
    /// Everything that came from the client after CONNECT.
    passed: Arc<Mutex<Vec<u8>>>,
}

impl ConnectProxy {
    /// Connects whatever is asked for to `target`; refuses everything where there is none.
    pub(crate) fn start(target: Option<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().unwrap();
        let (seen, passed) = <(Arc<Mutex<Vec<Head>>>, Arc<Mutex<Vec<u8>>>)>::default();
        let (heads, bytes) = (Arc::clone(&seen), Arc::clone(&passed));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (heads, bytes) = (Arc::clone(&heads), Arc::clone(&bytes));
                thread::spawn(move || relay(client, target, &heads, &bytes));
            }
        });
        Self { address, seen, passed }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The heads of all requests.
    pub(crate) fn seen(&self) -> Vec<Head> {
        self.seen.lock().unwrap().clone()
    }

    /// Whether the text went through, as anybody on the way could read it.
    pub(crate) fn has_read(&self, text: &str) -> bool {
        let passed = self.passed.lock().unwrap();
        passed.windows(text.len()).any(|window| window == text.as_bytes())
    }

    /// How many bytes went through towards the target.
    pub(crate) fn bytes_passed(&self) -> usize {
        self.passed.lock().unwrap().len()
    }
}

fn relay(
    client: TcpStream,
    target: Option<SocketAddr>,
    seen: &Mutex<Vec<Head>>,
    passed: &Mutex<Vec<u8>>,
) -> Option<()> {
    let mut from_client = BufReader::new(client);
    let head = Head::read(&mut from_client).ok()??;
    seen.lock().unwrap().push(head);
    let mut client = from_client.get_ref().try_clone().ok()?;
    let Some(target) = target else {
        return client.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").ok();
    };
    let mut upstream = TcpStream::connect(target).ok()?;
    let mut from_upstream = upstream.try_clone().ok()?;
    client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").ok()?;
    thread::spawn(move || std::io::copy(&mut from_upstream, &mut client));
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = from_client.read(&mut buffer).ok()?;
        if count == 0 {
            return upstream.shutdown(std::net::Shutdown::Write).ok();
        }
        passed.lock().unwrap().extend_from_slice(&buffer[..count]);
        upstream.write_all(&buffer[..count]).ok()?;
    }
}
