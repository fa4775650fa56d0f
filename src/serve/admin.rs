//! The admin API: its listener, its ledger, and its end.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::interval;
use tracing::warn;

use crate::admin::oidc::Issuers;
use crate::admin::{Admin, Prices, Serve};
use crate::domain::hold::Instance;
use crate::domain::time::Timestamp;
use crate::ledger::instance::InstanceLock;
use crate::ledger::op::StartInstance;
use crate::ledger::{ClockPolicy, Ledger, LedgerError, Operation};
use crate::metrics::Counting;
use crate::store::StoreError;
use crate::vault::OperatorKeys;
use crate::wire::HostNames;

use super::connection::{Manner, Waits};
use super::reception::{Reception, Size};
use super::signals::stand_still;
use super::stop::Stop;
use super::tls::ServerTls;

/// How often refused tokens are written down.
const WRITE_EVERY: Duration = Duration::from_mins(1);
/// How long requests may go on once a stop was asked for.
const DRAIN: Duration = Duration::from_secs(10);
/// Clients at once.
const CONNECTIONS: usize = 1_024;

/// What an admin server is made of.
pub struct AdminServer {
    /// The store.
    pub ledger: Ledger,
    /// What it was unlocked with.
    pub operator: OperatorKeys,
    /// Where clients connect.
    pub listener: std::net::TcpListener,
    /// The listener's certificate.
    pub server_tls: Option<ServerTls>,
    /// Whether clients come through a balancer that speaks the PROXY protocol.
    pub behind_balancer: bool,
    /// Names that it answers to, beside loopback's and its own addresses.
    pub allowed_hosts: Vec<String>,
    /// Where the proxy is that the keys are good at.
    pub proxy_url: Option<String>,
    /// What models cost.
    pub prices: Prices,
    /// The issuers of identity tokens.
    pub issuers: Issuers,
}

impl std::fmt::Debug for AdminServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AdminServer").field("listener", &self.listener).finish_non_exhaustive()
    }
}

impl AdminServer {
    /// Serves until it is told to stop. Calls `ready` with its URL once clients are served.
    ///
    /// It stands among the running processes of the store, without a URL to forward to: a new root
    /// key beside it would leave it with the old one.
    ///
    /// # Errors
    /// Where the store fails at start or stop, or the system gives no sockets or threads.
    pub async fn run(self, mut stop: Stop, ready: impl FnOnce(&str)) -> Result<(), LedgerError> {
        let address = self.listener.local_addr().map_err(StoreError::Io)?;
        let scheme = if self.server_tls.is_some() { "https" } else { "http" };
        let lock = enter(&self.ledger, &self.operator)?;
        let (ledger, keys) = (self.ledger.clone(), self.operator.proxy.clone());
        let hosts = HostNames(self.allowed_hosts.into());
        let (proxy_url, prices, issuers) = (self.proxy_url, self.prices, self.issuers);
        let admin =
            Arc::new(Admin::new(self.ledger, self.operator, hosts, proxy_url, prices, issuers));
        let manner = Manner {
            tls: self.server_tls.map(Arc::new),
            behind_balancer: self.behind_balancer,
            waits: Waits::default(),
        };
        let counting = Counting::default();
        let size = Size { threads: 1, connections: CONNECTIONS, counting };
        let served = Arc::clone(&admin);
        let mut reception =
            Reception::open(self.listener, manner, size, move || Serve::new(Arc::clone(&served)))
                .map_err(StoreError::Io)?;
        ready(&format!("{scheme}://{address}"));
        tokio::select! {
            () = reception.receive(&mut stop, stand_still) => {}
            () = write_refusals(&admin) => {}
        }
        reception.close(&mut stop, DRAIN).await;
        if let Err(failure) = admin.write_refusals() {
            warn!(%failure, "the last refusals could not be written down");
        }
        lock.stop(&ledger, &keys)
    }
}

/// Enters this process into the store.
fn enter(ledger: &Ledger, operator: &OperatorKeys) -> Result<InstanceLock, LedgerError> {
    let lock = InstanceLock::create(ledger.locks())?;
    let instance = Instance {
        id: lock.id(),
        pid: std::process::id(),
        url: String::new(),
        started_at: Timestamp::default(),
        keys: Vec::new(),
        masters: Vec::new(),
    };
    let start = StartInstance { instance };
    ledger.transact(&operator.proxy, ClockPolicy::Distrust, |session| start.apply(session))?;
    Ok(lock)
}

async fn write_refusals(admin: &Arc<Admin>) {
    let mut ticks = interval(WRITE_EVERY);
    loop {
        ticks.tick().await;
        let writing = Arc::clone(admin);
        let written = tokio::task::spawn_blocking(move || writing.write_refusals()).await;
        if let Ok(Err(failure)) = written {
            warn!(%failure, "refused tokens could not be written down");
        }
    }
}
