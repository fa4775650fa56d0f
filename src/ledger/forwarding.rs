//! What a forwarder does with the ledger: finds out whose a request is, has it admitted, opens the
//! master key for it, and settles it exactly once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::{Instant, timeout};
use tracing::warn;

use crate::domain::denial::{Denial, Reason};
use crate::domain::hold::Instance;
use crate::domain::ids::{InstanceId, KeySeq, MasterId};
use crate::domain::key::{EndCause, KeyRecord, Usage};
use crate::domain::key_text::KeyText;
use crate::domain::master::Master;
use crate::domain::master_usage::MasterUsage;
use crate::domain::pause::Pause;
use crate::domain::provider_row::ProviderRow;
use crate::domain::sealed::Sealed;
use crate::domain::status::{Status, status};
use crate::domain::time::Timestamp;
use crate::metrics::Counting;
use crate::store::rows::{RowKey, from_bytes};
use crate::store::{StoreError, Table};
use crate::vault::{AlertKey, MasterContext, ProxyKeys, SecretText, open_secret, open_via_grant};

use super::admission::Admission;
use super::book::Book;
use super::desk::{Desk, denial_of, draining};
use super::error::LedgerError;
use super::handle::Ledger;
use super::instance::{InstanceLock, recover_dead};
use super::op::{Admit, Delegate, EndKeys, Fold, Minted, NotMade, StartInstance, Sweep};
use super::operation::Operation;
use super::session::{ClockPolicy, number_of};
use super::standing::{below, forebears, is_killed, pause_below};
use super::writer::Writer;

/// How long a request waits for what others hold.
const HELD_PATIENCE: Duration = Duration::from_secs(2);
/// How often it looks meanwhile, where nobody tells it.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The ledger as a forwarder uses it. Cheap to share.
#[derive(Debug)]
pub struct Forwarding {
    ledger: Ledger,
    keys: ProxyKeys,
    desk: Arc<Desk>,
    instance: InstanceId,
    draining: AtomicBool,
}

/// Whose a request is.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The key.
    pub record: KeyRecord,
    /// Its figures, as they were when the request came.
    pub usage: Usage,
    /// The keys that it was made from, the nearest first.
    pub above: Vec<KeyRecord>,
    /// The pause that the key is under, where it is under one.
    pub pause: Option<Pause>,
    /// When that was.
    pub now: Timestamp,
}

impl Caller {
    /// The key that it goes back to: itself, or the first of those that it was made from.
    #[must_use]
    pub fn root(&self) -> KeySeq {
        self.above.last().unwrap_or(&self.record).seq
    }

    /// Whether the key, or one that it was made from, is limited to models.
    #[must_use]
    pub fn is_limited_to_models(&self) -> bool {
        let mut all = std::iter::once(&self.record).chain(&self.above);
        all.any(|key| !key.scope.models.is_empty())
    }
}

/// A master key, and what goes with it.
#[derive(Clone, Debug)]
pub struct OfMaster {
    /// The key.
    pub master: Master,
    /// Its provider's row, where that was added.
    pub row: Option<ProviderRow>,
    /// The caps on it.
    pub usage: MasterUsage,
}

/// A master key, opened for one request.
#[derive(Debug)]
pub struct Opened {
    /// The credential.
    pub secret: SecretText,
}

/// A running forwarder's hold on the store: its lock file, and the thread that writes.
#[derive(Debug)]
pub struct Running {
    lock: InstanceLock,
    thread: std::thread::JoinHandle<()>,
}

impl Forwarding {
    /// Enters this process into the store and starts its writer. Charges first what dead processes
    /// held.
    ///
    /// # Errors
    /// Where the storage fails, or a lock file or thread cannot be made.
    pub fn start(
        ledger: Ledger,
        keys: ProxyKeys,
        url: &str,
    ) -> Result<(Arc<Self>, Running), LedgerError> {
        Self::start_counting(ledger, keys, url, Counting::default())
    }

    /// The same, and counts for metrics.
    ///
    /// # Errors
    /// As [`Forwarding::start`].
    pub fn start_counting(
        ledger: Ledger,
        keys: ProxyKeys,
        url: &str,
        counting: Counting,
    ) -> Result<(Arc<Self>, Running), LedgerError> {
        recover_dead(&ledger, &keys, None)?;
        if let Err(failure) = ledger.raise_anchor(0) {
            warn!(%failure, "a store that goes back will not be noticed");
        }
        let distrust = ClockPolicy::Distrust;
        if ledger.view(|rows, _| Fold::is_due(rows))? {
            while ledger.transact(&keys, distrust, |session| Fold.apply(session))?.more {}
        }
        while ledger.transact(&keys, distrust, |session| Sweep.apply(session))?.more {}
        let lock = InstanceLock::create(ledger.locks())?;
        let instance = Instance {
            id: lock.id(),
            pid: std::process::id(),
            url: url.to_owned(),
            started_at: Timestamp::default(),
            keys: Vec::new(),
            masters: Vec::new(),
        };
        let start = StartInstance { instance };
        ledger.transact(&keys, distrust, |session| start.apply(session))?;
        let (desk, inbox) = Desk::new(counting);
        let desk = Arc::new(desk);
        let writer = Writer::new(ledger.clone(), keys.clone(), lock.id(), Arc::clone(&desk));
        let thread = std::thread::Builder::new()
            .name("till-writer".to_owned())
            .spawn(move || writer.run(&inbox))
            .map_err(StoreError::Io)?;
        let instance = lock.id();
        let forwarding = Self { ledger, keys, desk, instance, draining: AtomicBool::new(false) };
        Ok((Arc::new(forwarding), Running { lock, thread }))
    }

    /// Whose key this is, and whether it lives. One that lives may be paused.
    ///
    /// # Errors
    /// The denial, where the key is unknown or the store fails.
    pub fn look_up(&self, key: &KeyText) -> Result<(Caller, Status), Denial> {
        let lookup = self.keys.lookup().digest(key);
        let found = self.ledger.view(|rows, now| {
            let Some(seq) = rows.get(Table::KeyIndex, &lookup)? else { return Ok(None) };
            let seq = KeySeq(number_of(&seq)?);
            let book = Book::verified(self.keys.row_mac());
            let record = book.get::<KeyRecord>(rows, &seq)?;
            let usage = book.get::<Usage>(rows, &seq)?;
            let killed = is_killed(rows, seq)?;
            match (record, usage) {
                (Some(record), Some(usage)) if record.lookup == lookup => {
                    let above = forebears(rows, book, &record)?;
                    Ok(Some((record, usage, killed, above, now)))
                }
                _ => Err(StoreError::Forged(format!("the index names key {seq} wrongly"))),
            }
        });
        match found {
            Ok(Some((record, usage, killed, above, now))) => {
                let status = match status(&record, &usage, killed, now) {
                    Status::Live => below(above.as_deref(), now),
                    ended @ Status::Ended(_) => ended,
                };
                if status != Status::Live && usage.ended.is_none() {
                    self.desk.request_sweep();
                }
                let pause = pause_below(&record, &usage, above.as_deref());
                let above = above.unwrap_or_default().into_iter().map(|one| one.record);
                Ok((Caller { record, usage, above: above.collect(), pause, now }, status))
            }
            Ok(None) => Err(Denial::new(Reason::KeyUnknown, "the key is unknown")),
            Err(failure) => Err(denial_of(&failure.into())),
        }
    }

    /// The master that the key opens for a provider, that provider's row where it was added, and
    /// the caps on the master.
    ///
    /// # Errors
    /// The denial, where the store fails or the master is gone.
    pub fn master(&self, id: MasterId) -> Result<OfMaster, Denial> {
        let book = Book::verified(self.keys.row_mac());
        let found = self.ledger.view(|rows, _| {
            let Some(master) = book.get::<Master>(rows, &id)? else { return Ok(None) };
            let row = book.get::<ProviderRow>(rows, master.provider.as_str())?;
            let usage = book.get::<MasterUsage>(rows, &id)?;
            Ok(usage.map(|usage| OfMaster { master, row, usage }))
        });
        match found {
            Ok(Some(found)) => Ok(found),
            Ok(None) => {
                Err(Denial::new(Reason::KeyRevoked, "the master key that the key opened is gone"))
            }
            Err(failure) => Err(denial_of(&failure.into())),
        }
    }

    /// The provider of this name, where it is one that was added.
    ///
    /// # Errors
    /// The denial, where the store fails.
    pub fn added_provider(&self, name: &str) -> Result<Option<ProviderRow>, Denial> {
        let book = Book::verified(self.keys.row_mac());
        let found = self.ledger.view(|rows, _| book.get::<ProviderRow>(rows, name));
        found.map_err(|failure| denial_of(&failure.into()))
    }

    /// Has a request decided on. What is admitted is durable. Where only what others hold stands
    /// in the way, it waits a moment for them to be settled.
    ///
    /// # Errors
    /// The denial.
    pub async fn admit(&self, admit: Admit) -> Result<Admission, Denial> {
        let start = Instant::now();
        loop {
            // Enlisted before the decision, so that no settlement after it is missed. Those of
            // other processes tell nobody.
            let settlement = self.desk.settlement();
            match self.admit_once(admit.clone()).await {
                Err(held) if held.reason == Reason::LimitHeld => {
                    if start.elapsed() >= HELD_PATIENCE {
                        return Err(self.denied(Some(admit.key), held));
                    }
                    let _ = timeout(LOOK_AGAIN, settlement).await;
                }
                decided => return decided,
            }
        }
    }

    async fn admit_once(&self, admit: Admit) -> Result<Admission, Denial> {
        if self.draining.load(Ordering::Relaxed) {
            return Err(draining());
        }
        let (key, client) = (admit.key, admit.target.client);
        let decided = self.desk.admit(admit)?.await.unwrap_or_else(|_| Err(draining()));
        if decided.is_ok() {
            self.desk.sightings.note(key, client, self.ledger.reading().wall);
        }
        decided
    }

    /// Makes keys from a key. What is made is durable. What nobody takes ends again.
    ///
    /// # Errors
    /// Why there are none.
    pub async fn delegate(&self, wish: Delegate) -> Result<Vec<Minted>, NotMade> {
        if self.draining.load(Ordering::Relaxed) {
            return Err(draining().into());
        }
        self.desk.delegate(wish)?.await.unwrap_or_else(|_| Err(draining().into()))
    }

    /// Ends a key. What keeps it from that is logged: the key stays as it was.
    pub async fn end(self: &Arc<Self>, key: KeySeq, cause: EndCause) {
        let forwarding = Arc::clone(self);
        let ending = tokio::task::spawn_blocking(move || {
            forwarding.apply(&EndKeys { keys: vec![key], cause })
        });
        if let Ok(Err(failure)) = ending.await {
            warn!(%failure, "a key could not be ended");
        }
    }

    /// Applies an operation durably, in a transaction of its own. Blocks until it is done.
    ///
    /// # Errors
    /// Where the rules refuse it or the storage fails; then nothing of it was done.
    pub fn apply<O: Operation>(&self, op: &O) -> Result<O::Outcome, LedgerError> {
        let _gate = self.desk.gate();
        self.ledger.transact(&self.keys, ClockPolicy::Distrust, |session| op.apply(session))
    }

    /// The store, to be looked at.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What opens where alerts go.
    #[must_use]
    pub fn alert_key(&self) -> &AlertKey {
        self.keys.alert()
    }

    /// The book of this process, which verifies rows.
    #[must_use]
    pub fn book(&self) -> Book<'_> {
        Book::verified(self.keys.row_mac())
    }

    /// Opens the master key through the key's grant. There is no other way here.
    ///
    /// `origin` is where the request will be sent: the credential opens for no other place.
    ///
    /// # Errors
    /// The denial, where the grant has been erased since, or does not open.
    pub fn open(
        &self,
        key: &KeyText,
        seq: KeySeq,
        master: &Master,
        origin: &str,
    ) -> Result<Opened, Denial> {
        let store = self.ledger.store_id();
        let grant = self.ledger.view(|rows, _| {
            let bytes = rows.get(Table::Grants, &(seq, master.id).to_key())?;
            bytes
                .map(|bytes| from_bytes::<Sealed>(&bytes))
                .transpose()
                .map_err(|malformed| StoreError::Damaged(malformed.to_string()))
        });
        let Some(grant) = grant.map_err(|failure| denial_of(&failure.into()))? else {
            return Err(Denial::new(Reason::KeyRevoked, "the key has ended"));
        };
        let context = MasterContext { store, id: master.id, origin };
        open_via_grant(self.keys.grant(), key, &grant, store, seq, master.id)
            .and_then(|data_key| open_secret(&data_key, &context, &master.secret))
            .map(|secret| Opened { secret })
            .map_err(|failure| denial_of(&failure.into()))
    }

    /// Counts a denial, and hands it through.
    pub fn denied(&self, key: Option<KeySeq>, denial: Denial) -> Denial {
        self.desk.tally.count(key, denial.reason, self.ledger.reading().wall);
        denial
    }

    /// Whether the store can be read.
    ///
    /// # Errors
    /// The denial that a request would get.
    pub fn ready(&self) -> Result<(), Denial> {
        if self.draining.load(Ordering::Relaxed) {
            return Err(draining());
        }
        self.ledger
            .view(|rows, _| super::format::header(rows).map(drop))
            .map_err(|failure| denial_of(&failure.into()))
    }

    /// Requests that wait for the writer to decide on them.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.desk.waiting()
    }

    /// This process's number.
    #[must_use]
    pub fn instance(&self) -> InstanceId {
        self.instance
    }

    /// Runs `pause` while no transaction of this process is open, so that a process that is
    /// stopped in it holds no lock of the store.
    pub fn between_transactions(&self, pause: impl FnOnce()) {
        let _gate = self.desk.gate();
        pause();
    }

    /// Admits nothing more.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Settles what has ended, commits, and takes this process out of the store.
    ///
    /// # Errors
    /// Where the storage fails; then whoever comes next settles it.
    pub async fn stop(&self, running: Running) -> Result<(), LedgerError> {
        self.drain();
        let _ = self.desk.stop().await;
        let _ = running.thread.join();
        running.lock.stop(&self.ledger, &self.keys)
    }
}
