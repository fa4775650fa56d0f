//! Clients that ask again and again until they are told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use super::http::{Connection, Request};

/// Clients at work, each on one connection.
#[derive(Debug)]
pub(crate) struct Load {
    ended: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Tally>>,
}

/// How the requests ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// With a 200.
    pub(crate) answered: u64,
    /// With any other status.
    pub(crate) refused: u64,
    /// With a broken connection, which ends the client.
    pub(crate) broken: u64,
}

impl Load {
    /// Starts the clients, evenly spread over the proxies.
    pub(crate) fn start(clients: usize, proxies: &[SocketAddr], request: &Request) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let client = |number: usize| {
            let (to, request) = (proxies[number % proxies.len()], request.clone());
            let ended = Arc::clone(&ended);
            std::thread::spawn(move || ask(to, &request, &ended))
        };
        let clients = (0..clients).map(client).collect();
        Self { ended, clients }
    }

    /// Ends the clients, after the request that each is at.
    pub(crate) fn stop(self) -> Tally {
        self.ended.store(true, Ordering::SeqCst);
        let mut sum = Tally::default();
        for client in self.clients {
            let tally = client.join().expect("a client that did not panic");
            sum.answered += tally.answered;
            sum.refused += tally.refused;
            sum.broken += tally.broken;
        }
        sum
    }
}

fn ask(to: SocketAddr, request: &Request, ended: &AtomicBool) -> Tally {
    let mut tally = Tally::default();
    let Ok(mut connection) = Connection::open(to) else {
        return Tally { broken: 1, ..tally };
    };
    while !ended.load(Ordering::SeqCst) {
        match connection.request(request) {
            Ok(reply) if reply.status == 200 => tally.answered += 1,
            Ok(_) => tally.refused += 1,
            Err(_) => return Tally { broken: 1, ..tally },
        }
    }
    tally
}
