//! The forwarder: its listener, its workers, its ledger, and its end.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use rustls::ClientConfig;
use tokio::sync::Semaphore;

use crate::ledger::{Forwarding, Ledger, LedgerError};
use crate::metrics::{Counting, Figures};
use crate::proxy::observer::Observer;
use crate::proxy::price_list::PriceList;
use crate::proxy::upstream::Upstreams;
use crate::proxy::{Deadlines, Forward, Proxy, Shares};
use crate::store::StoreError;
use crate::vault::ProxyKeys;
use crate::wire::HostNames;

use super::alerts::Post;
use super::connection::{Manner, Waits};
use super::gauges::Gauges;
use super::lookout::Lookout;
use super::metrics::MetricsServer;
use super::reception::{Reception, Size};
use super::signals::stand_still;
use super::stop::Stop;
use super::tls::ServerTls;

/// Large bodies that are read for a limit at once.
const PLANNERS: usize = 4;
/// Room for bodies that are read for a limit, in bytes: 256 MiB.
const ROOM: u64 = 256 * 1024 * 1024;

/// What a forwarder is made of.
#[derive(Debug)]
pub struct Forwarder {
    /// The store.
    pub ledger: Ledger,
    /// What it was unlocked with. The root key and the sealing key stay outside.
    pub keys: ProxyKeys,
    /// Where clients connect.
    pub listener: std::net::TcpListener,
    /// Whom to trust upstream.
    pub tls: ClientConfig,
    /// How long streams may go on once a stop was asked for.
    pub drain: Duration,
    /// The rest.
    pub options: ForwarderOptions,
}

/// How a forwarder meets its clients and its providers. The default is a loopback listener without
/// TLS.
#[derive(Debug)]
pub struct ForwarderOptions {
    /// The listener's certificate.
    pub server_tls: Option<ServerTls>,
    /// Whether clients come through a balancer that speaks the PROXY protocol.
    pub behind_balancer: bool,
    /// Names that it answers to, beside loopback's and its own addresses.
    pub allowed_hosts: Vec<String>,
    /// A proxy on the way to public providers.
    pub upstream_proxy: Option<Uri>,
    /// Clients at once, and requests; more clients wait until one leaves.
    pub connections: usize,
    /// How long an upstream may take.
    pub deadlines: Deadlines,
    /// What models cost.
    pub prices: Arc<PriceList>,
    /// Who is told what happens.
    pub observer: Observer,
    /// Whether tokens and money are read also where nothing limits them.
    pub meter_all: bool,
    /// Where the metrics are, where somebody wants them.
    pub metrics: Option<std::net::TcpListener>,
    /// Whether nobody but the command that it runs for is meant to find it.
    pub private: bool,
}

impl Default for ForwarderOptions {
    fn default() -> Self {
        Self {
            server_tls: None,
            behind_balancer: false,
            allowed_hosts: Vec::new(),
            upstream_proxy: None,
            connections: 8_192,
            deadlines: Deadlines {
                // Models that think take minutes.
                first_byte: Duration::from_mins(10),
                idle: Duration::from_mins(10),
                total: Duration::from_hours(2),
            },
            prices: Arc::new(PriceList::builtin()),
            observer: Observer::default(),
            meter_all: false,
            metrics: None,
            private: false,
        }
    }
}

impl Forwarder {
    /// Forwards until it is told to stop. Calls `ready` with its URL, and the ledger as it uses it,
    /// once clients are served.
    ///
    /// The stop is in good order: nothing more is accepted, streams finish within the deadline,
    /// everything is settled and committed.
    ///
    /// # Errors
    /// Where the store fails at start or stop, or the system gives no sockets or threads.
    pub async fn run(
        self,
        mut stop: Stop,
        ready: impl FnOnce(&str, &Arc<Forwarding>),
    ) -> Result<(), LedgerError> {
        let address = self.listener.local_addr().map_err(StoreError::Io)?;
        let ForwarderOptions { server_tls, behind_balancer, upstream_proxy, .. } = self.options;
        let scheme = if server_tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{address}");
        let found_at = if self.options.private { "" } else { &*url };
        let metrics = self.options.metrics.map(|listener| (listener, Arc::<Figures>::default()));
        let counting = metrics.as_ref().map(|(_, figures)| Counting::new(Arc::clone(figures)));
        let counting = counting.unwrap_or_default();
        let (forwarding, running) =
            Forwarding::start_counting(self.ledger.clone(), self.keys, found_at, counting.clone())?;
        let post = Post::new(&self.tls).map_err(|why| StoreError::Io(io::Error::other(why)))?;
        let shared = Arc::clone(&forwarding);
        let tls = server_tls.map(Arc::new);
        let manner = Manner { tls, behind_balancer, waits: Waits::default() };
        let (tls, deadlines) = (self.tls, self.options.deadlines);
        let hosts = HostNames(self.options.allowed_hosts.into());
        let (prices, observer) = (self.options.prices, self.options.observer);
        let meter_all = self.options.meter_all;
        let planners = Arc::new(Semaphore::new(PLANNERS));
        let places = u64::try_from(self.options.connections).unwrap_or(u64::MAX);
        let (places, room) = (Shares::new(places), Shares::new(ROOM));
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let connections = self.options.connections;
        let size = Size { threads: cores, connections, counting: counting.clone() };
        // What is read of the store may wait; nothing is served meanwhile.
        let metrics = metrics.map(|(listener, figures)| {
            let gauges = Gauges::new(self.ledger, Arc::clone(&forwarding));
            MetricsServer::start(listener, manner.clone(), hosts.clone(), figures, gauges)
        });
        let metrics = metrics.transpose().map_err(StoreError::Io)?;
        let mut reception = Reception::open(self.listener, manner, size, move || {
            let upstreams = Upstreams::new(&tls, upstream_proxy.as_ref());
            let (ledger, hosts) = (Arc::clone(&shared), hosts.clone());
            let (prices, planners) = (Arc::clone(&prices), Arc::clone(&planners));
            let (places, room) = (Arc::clone(&places), Arc::clone(&room));
            let (observer, counting) = (observer.clone(), counting.clone());
            Forward::new(Proxy {
                ledger,
                upstreams,
                hosts,
                deadlines,
                prices,
                planners,
                places,
                room,
                observer,
                counting,
                meter_all,
            })
        })
        .map_err(StoreError::Io)?;
        let lookout = Lookout::start(Arc::clone(&forwarding), post).map_err(StoreError::Io)?;
        ready(&url, &forwarding);
        reception.receive(&mut stop, || forwarding.between_transactions(stand_still)).await;
        forwarding.drain();
        reception.close(&mut stop, self.drain).await;
        lookout.stop().await;
        let stopped = forwarding.stop(running).await;
        if let Some(metrics) = metrics {
            metrics.end();
        }
        stopped
    }
}
