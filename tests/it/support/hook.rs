//! A receiver of alerts.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;

/// A receiver, which answers with whatever status it is told to.
#[derive(Debug)]
pub(crate) struct Hook {
    address: SocketAddr,
    status: Arc<AtomicU16>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn field(&self, name: &str) -> &str {
        let lines = self.head.lines();
        let found =
            lines.filter_map(|line| line.split_once(": ")).find(|(known, _)| *known == name);
        found.unwrap_or_else(|| panic!("no {name}: {}", self.head)).1
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Hook {
    pub(crate) fn start(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let status = Arc::new(AtomicU16::new(status));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let hook = Self { address, status: Arc::clone(&status), seen: Arc::clone(&seen) };
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let mut client = BufReader::new(client);
                let (mut head, mut line) = (String::new(), String::new());
                while client.read_line(&mut line).is_ok_and(|read| read > 2) {
                    head.push_str(&line.replace("\r\n", "\n"));
                    line.clear();
                }
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
                if client.read_exact(&mut body).is_ok() {
                    let body = String::from_utf8(body).unwrap();
                    seen.lock().unwrap().push(Seen { head, body });
                }
                let code = status.load(Ordering::SeqCst);
                // 0 stands for one that never answers.
                if code == 0 {
                    std::mem::forget(client);
                    continue;
                }
                let _ = write!(
                    client.get_mut(),
                    "HTTP/1.1 {code} -\r\nlocation: http://127.0.0.1:1/x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                );
            }
        });
        hook
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook?token=secret", self.address)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// The percentages that were told, each message once: what was taken when a proxy stopped, and
    /// not written down any more, comes again.
    pub(crate) fn new_levels(&self) -> Vec<u64> {
        let mut ids = Vec::new();
        let mut all = self.seen();
        all.retain(|seen| {
            let id = seen.field("webhook-id").to_owned();
            let is_new = !ids.contains(&id);
            ids.push(id);
            is_new
        });
        let told = all.iter().map(Seen::json).filter(|body| body["type"] == "limit.reached");
        told.map(|body| body["percent"].as_u64().unwrap()).collect()
    }

    /// The percentages that were told.
    pub(crate) fn levels(&self) -> Vec<u64> {
        let all = self.seen();
        let told = all.iter().map(Seen::json).filter(|body| body["type"] == "limit.reached");
        told.map(|body| body["percent"].as_u64().unwrap()).collect()
    }
}
