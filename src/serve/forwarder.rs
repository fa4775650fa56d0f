//! The forwarder: its listener, its workers, its ledger, and its end.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use crate::ledger::{Forwarding, Ledger, LedgerError};
use crate::proxy::upstream::Upstreams;
use crate::proxy::{App, HostNames, Proxy};
use crate::store::StoreError;
use crate::vault::ProxyKeys;

use super::signals::{Asked, Signals, stand_still};
use super::workers::Workers;

/// What a forwarder is made of.
#[derive(Debug)]
pub struct Forwarder {
    /// The store.
    pub ledger: Ledger,
    /// What it was unlocked with. The root key and the sealing key stay outside.
    pub keys: ProxyKeys,
    /// Where clients connect.
    pub listener: TcpListener,
    /// Whom to trust upstream.
    pub tls: ClientConfig,
    /// How long streams may go on once a stop was asked for.
    pub drain: Duration,
}

/// What ends a forwarder: signals, or whoever started it.
#[derive(Debug)]
pub enum Stop {
    /// Ctrl-C, SIGTERM; a second one ends at once.
    Signals(Signals),
    /// The other end of this channel.
    Told(tokio::sync::oneshot::Receiver<()>),
}

impl Forwarder {
    /// Forwards until it is told to stop. Calls `ready` with the address once clients are served.
    ///
    /// The stop is in good order: nothing more is accepted, streams finish within the deadline,
    /// everything is settled and committed.
    ///
    /// # Errors
    /// Where the store fails at start or stop, or the system gives no sockets or threads.
    pub async fn run(
        self,
        mut stop: Stop,
        ready: impl FnOnce(SocketAddr),
    ) -> Result<(), LedgerError> {
        let address = self.listener.local_addr().map_err(StoreError::Io)?;
        let (forwarding, running) = Forwarding::start(self.ledger, self.keys, address)?;
        let shared = Arc::clone(&forwarding);
        let (tls, hosts) = (self.tls, HostNames { listen: address.ip() });
        raise_descriptor_limit();
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let mut workers = Workers::start(cores, move || {
            let upstreams = Upstreams::new(&tls);
            App::new(Proxy { ledger: Arc::clone(&shared), upstreams, hosts })
        })
        .map_err(StoreError::Io)?;
        let listener = tokio::net::TcpListener::from_std(self.listener).map_err(StoreError::Io)?;
        ready(address);
        loop {
            tokio::select! {
                client = listener.accept() => match client.and_then(|(stream, peer)| {
                    Ok((stream.into_std()?, peer))
                }) {
                    Ok(client) => workers.hand(client),
                    Err(error) => {
                        warn!(%error, "a connection could not be accepted");
                        // Out of descriptors: trying again at once would only burn the processor.
                        sleep(Duration::from_millis(50)).await;
                    }
                },
                asked = stop.asked() => match asked {
                    Asked::Stop => break,
                    Asked::Pause => forwarding.between_transactions(stand_still),
                },
            }
        }
        drop(listener);
        info!("stopping: requests in flight may finish");
        forwarding.drain();
        workers.drain();
        tokio::select! {
            finished = timeout(self.drain, workers.finished()) => {
                if finished.is_err() {
                    warn!("requests were cut off at the deadline");
                }
            }
            () = stop.insisted() => warn!("requests were cut off"),
        }
        workers.end();
        forwarding.stop(running).await
    }
}

/// Each request takes two descriptors, and the usual soft limit of 1,024 is soon reached.
fn raise_descriptor_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // Where it is refused, the proxy has what it had.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}

impl Stop {
    async fn asked(&mut self) -> Asked {
        match self {
            Self::Signals(signals) => signals.next().await,
            Self::Told(told) => {
                // A teller that is gone has told enough.
                let _ = told.await;
                Asked::Stop
            }
        }
    }

    async fn insisted(&mut self) {
        match self {
            Self::Signals(signals) => while signals.next().await != Asked::Stop {},
            Self::Told(_) => std::future::pending().await,
        }
    }
}
