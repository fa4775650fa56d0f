//! Clients are taken up and handed to the workers, until a stop.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tracing::{error, info, warn};

use crate::metrics::{Connected, Counting};
use crate::wire::App;

use super::connection::Manner;
use super::signals::Asked;
use super::stop::Stop;
use super::workers::{Accepted, Workers};

/// How much is served at once, and where it is counted.
#[derive(Clone, Debug)]
pub(super) struct Size {
    /// Runtimes.
    pub(super) threads: usize,
    /// Clients; more wait until one leaves.
    pub(super) connections: usize,
    /// Whether it is known how many there are.
    pub(super) counting: Counting,
}

/// A client's place among those that may be.
#[derive(Debug)]
pub(super) struct Place {
    _place: OwnedSemaphorePermit,
    _counted: Connected,
}

/// A listener with its workers.
#[derive(Debug)]
pub(super) struct Reception {
    listener: TcpListener,
    manner: Manner,
    workers: Workers,
    places: Arc<Semaphore>,
    counting: Counting,
}

impl Reception {
    /// Starts the workers; `app` is called once on each.
    ///
    /// # Errors
    /// Where the system gives no threads.
    pub(super) fn open<A: App>(
        listener: std::net::TcpListener,
        manner: Manner,
        size: Size,
        app: impl Fn() -> A + Send + Sync + Clone + 'static,
    ) -> io::Result<Self> {
        raise_descriptor_limit();
        let workers = Workers::start(size.threads, &manner, app)?;
        let listener = TcpListener::from_std(listener)?;
        let places = Arc::new(Semaphore::new(size.connections));
        Ok(Self { listener, manner, workers, places, counting: size.counting })
    }

    /// Takes clients up until a stop is asked for. Calls `pause` where the terminal asks the process
    /// to stand still.
    pub(super) async fn receive(&mut self, stop: &mut Stop, pause: impl Fn()) {
        loop {
            tokio::select! {
                client = accept(&self.listener, &self.places, &self.counting) => match client {
                    Ok(client) => self.workers.hand(client),
                    Err(error) => {
                        warn!(%error, "a connection could not be accepted");
                        // Out of descriptors: trying again at once would only burn the processor.
                        sleep(Duration::from_millis(50)).await;
                    }
                },
                asked = stop.asked() => match asked {
                    Asked::Stop => return,
                    Asked::Pause => pause(),
                    Asked::Reload => reload(&self.manner),
                },
            }
        }
    }

    /// Takes nobody up any more, and lets requests finish within `drain`, or until a second stop.
    pub(super) async fn close(mut self, stop: &mut Stop, drain: Duration) {
        drop(self.listener);
        info!("stopping: requests in flight may finish");
        self.workers.drain();
        tokio::select! {
            finished = timeout(drain, self.workers.finished()) => {
                if finished.is_err() {
                    warn!("requests were cut off at the deadline");
                }
            }
            () = stop.insisted() => warn!("requests were cut off"),
        }
        self.workers.end();
    }
}

/// Takes the next client up, once there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
    counting: &Counting,
) -> io::Result<Accepted> {
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    let place = Place { _place: place, _counted: counting.connection() };
    Ok((stream.into_std()?, peer, place))
}

/// Reads the certificate again; where that fails, the old one stays.
fn reload(manner: &Manner) {
    match manner.tls.as_ref().map(|tls| tls.reload()) {
        Some(Ok(())) => info!("the certificate was read again"),
        Some(Err(error)) => error!(%error, "the certificate was not read again; the old one stays"),
        None => info!("there is no certificate to read again"),
    }
}

/// Each request takes two descriptors, and the usual soft limit of 1,024 is soon reached.
fn raise_descriptor_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // Where it is refused, the proxy has what it had.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}
