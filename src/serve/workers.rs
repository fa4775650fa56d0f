//! One single-threaded runtime for each core, each with its own connections to the providers.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::thread::JoinHandle;

use tokio::runtime;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::connection::{self, Manner};
use super::reception::Place;
use crate::wire::App;

/// A client that has connected, and its place among those that may be.
pub(super) type Accepted = (TcpStream, SocketAddr, Place);

/// The runtimes.
#[derive(Debug)]
pub(super) struct Workers {
    inboxes: Vec<mpsc::UnboundedSender<Accepted>>,
    threads: Vec<JoinHandle<()>>,
    next: usize,
    draining: watch::Sender<bool>,
    abandoned: watch::Sender<bool>,
    done: mpsc::UnboundedReceiver<()>,
}

impl Workers {
    /// Starts `count` of them; `app` is called once on each.
    pub(super) fn start<A: App>(
        count: usize,
        manner: &Manner,
        app: impl Fn() -> A + Send + Sync + Clone + 'static,
    ) -> io::Result<Self> {
        let (draining, _) = watch::channel(false);
        let (abandoned, _) = watch::channel(false);
        let (finished, done) = mpsc::unbounded_channel();
        let mut workers =
            Self { inboxes: Vec::new(), threads: Vec::new(), next: 0, draining, abandoned, done };
        for number in 0..count.max(1) {
            let (inbox, accepted) = mpsc::unbounded_channel();
            let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
            let (app, finished, manner) = (app.clone(), finished.clone(), manner.clone());
            let draining = workers.draining.subscribe();
            let mut abandoned = workers.abandoned.subscribe();
            let thread = std::thread::Builder::new().name(format!("till-worker-{number}")).spawn(
                move || {
                    runtime.block_on(async {
                        tokio::select! {
                            () = work(accepted, app(), manner, draining) => {}
                            _ = abandoned.wait_for(|abandoned| *abandoned) => {}
                        }
                    });
                    // What is still running is dropped here, and settles itself.
                    drop(runtime);
                    let _ = finished.send(());
                },
            )?;
            workers.inboxes.push(inbox);
            workers.threads.push(thread);
        }
        Ok(workers)
    }

    /// Hands a client to the next worker.
    pub(super) fn hand(&mut self, accepted: Accepted) {
        let count = self.inboxes.len().max(1);
        self.next = self.next.wrapping_add(1).checked_rem(count).unwrap_or_default();
        if let Some(inbox) = self.inboxes.get(self.next) {
            // A worker that is gone closes the connection by dropping it.
            let _ = inbox.send(accepted);
        }
    }

    /// Lets every connection finish the request that it is at.
    pub(super) fn drain(&mut self) {
        self.inboxes.clear();
        self.draining.send_replace(true);
    }

    /// Waits until every worker has finished.
    pub(super) async fn finished(&mut self) {
        for _ in 0..self.threads.len() {
            let _ = self.done.recv().await;
        }
    }

    /// Drops what is still running, and waits for the threads.
    pub(super) fn end(self) {
        drop(self.inboxes);
        self.abandoned.send_replace(true);
        for thread in self.threads {
            let _ = thread.join();
        }
    }
}

async fn work(
    mut accepted: mpsc::UnboundedReceiver<Accepted>,
    app: impl App,
    manner: Manner,
    draining: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            client = accepted.recv() => {
                let Some((stream, peer, place)) = client else { break };
                if let Ok(stream) = tokio::net::TcpStream::from_std(stream) {
                    let (app, manner, draining) = (app.clone(), manner.clone(), draining.clone());
                    connections.spawn(async move {
                        connection::serve(stream, peer, app, manner, draining).await;
                        drop(place);
                    });
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
    while connections.join_next().await.is_some() {}
}
