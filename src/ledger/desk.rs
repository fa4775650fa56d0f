//! The desk: where requests meet the writer.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::futures::Notified;
use tokio::sync::{Notify, oneshot};
use tracing::{error, warn};

use crate::domain::denial::{Denial, Reason};
use crate::metrics::Counting;
use crate::store::StoreError;

use super::admission::Admission;
use super::error::LedgerError;
use super::op::{Admit, Delegate, Minted, NotMade, Settle};
use super::sightings::Sightings;
use super::tally::Tally;

/// Admissions and wishes for keys that may wait for the writer at once; beyond it requests are turned
/// away.
const QUEUE: usize = 8_192;

/// What the writer can be asked for.
#[derive(Debug)]
pub(super) enum Job {
    /// Decide on a request.
    Admit(Box<Admit>, oneshot::Sender<Result<Admission, Denial>>),
    /// Make keys from a key.
    Delegate(Box<Delegate>, oneshot::Sender<Result<Vec<Minted>, NotMade>>),
    /// Note how a request ended.
    Settle(Settle),
    /// Write what is left and end.
    Stop(oneshot::Sender<()>),
}

/// Where requests meet the writer.
#[derive(Debug)]
pub(super) struct Desk {
    jobs: Sender<Job>,
    waiting: AtomicUsize,
    pub(super) tally: Tally,
    /// What is counted for metrics.
    pub(super) counting: Counting,
    pub(super) sightings: Sightings,
    /// Told whenever something that was held has been settled.
    settled: Notify,
    /// Somebody met a key that has ended and whose row does not say so yet.
    sweep_requested: AtomicBool,
    /// Held by the writer inside its transactions.
    gate: Mutex<()>,
}

impl Desk {
    /// A desk, and the end of it that the writer reads.
    pub(super) fn new(counting: Counting) -> (Self, Receiver<Job>) {
        let (jobs, inbox) = mpsc::channel();
        let desk = Self {
            jobs,
            waiting: AtomicUsize::new(0),
            tally: Tally::default(),
            counting,
            sightings: Sightings::default(),
            settled: Notify::new(),
            sweep_requested: AtomicBool::new(false),
            gate: Mutex::new(()),
        };
        (desk, inbox)
    }

    /// Puts a request into the queue.
    ///
    /// # Errors
    /// The denial, where the queue is full or the writer has gone.
    pub(super) fn admit(
        &self,
        admit: Admit,
    ) -> Result<oneshot::Receiver<Result<Admission, Denial>>, Denial> {
        self.enter()?;
        let (reply, answer) = oneshot::channel();
        if self.jobs.send(Job::Admit(Box::new(admit), reply)).is_err() {
            self.leave();
            return Err(draining());
        }
        Ok(answer)
    }

    /// Puts a wish for keys into the queue.
    ///
    /// # Errors
    /// As [`Desk::admit`].
    pub(super) fn delegate(
        &self,
        delegate: Delegate,
    ) -> Result<oneshot::Receiver<Result<Vec<Minted>, NotMade>>, Denial> {
        self.enter()?;
        let (reply, answer) = oneshot::channel();
        if self.jobs.send(Job::Delegate(Box::new(delegate), reply)).is_err() {
            self.leave();
            return Err(draining());
        }
        Ok(answer)
    }

    /// Hands in how a request ended. There is always room: each has been admitted before.
    pub(super) fn settle(&self, settle: Settle) {
        // With the writer gone, whoever opens the store next charges the hold.
        let _ = self.jobs.send(Job::Settle(settle));
    }

    /// Waits until something that was held has been settled.
    pub(super) fn settlement(&self) -> Notified<'_> {
        self.settled.notified()
    }

    /// Something that was held has been settled.
    pub(super) fn tell_settled(&self) {
        self.settled.notify_waiters();
    }

    /// Tells the writer to write what is left and end; the answer comes when it has.
    pub(super) fn stop(&self) -> oneshot::Receiver<()> {
        let (done, stopped) = oneshot::channel();
        // With the writer gone, the answer is that nobody answers.
        let _ = self.jobs.send(Job::Stop(done));
        stopped
    }

    /// Asks the writer to write down soon what has ended, so that no clock that is set back undoes
    /// it.
    pub(super) fn request_sweep(&self) {
        self.sweep_requested.store(true, Ordering::Relaxed);
    }

    /// Whether a sweep was asked for since the last time.
    pub(super) fn take_sweep_request(&self) -> bool {
        self.sweep_requested.swap(false, Ordering::Relaxed)
    }

    /// One more is waiting, if there is room.
    fn enter(&self) -> Result<(), Denial> {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= QUEUE {
            self.leave();
            return Err(Denial::new(Reason::Overloaded, "too many requests are waiting"));
        }
        Ok(())
    }

    /// How many are waiting.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// One less is waiting.
    pub(super) fn leave(&self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }

    /// Held for as long as a transaction is open.
    pub(super) fn gate(&self) -> MutexGuard<'_, ()> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The denial of a proxy that is stopping.
pub(super) fn draining() -> Denial {
    Denial::new(Reason::Draining, "the proxy is stopping")
}

/// What a failure of the store means for a request.
pub(super) fn denial_of(failure: &LedgerError) -> Denial {
    match failure {
        LedgerError::Store(StoreError::Busy) => {
            warn!("the store is held by another process");
            Denial::new(
                Reason::StoreBusy,
                "another process holds till's store and does not let go; try again",
            )
        }
        failure => {
            error!(%failure, "the store failed");
            Denial::new(
                Reason::StoreUnavailable,
                "till's store cannot be read or written; the proxy's log says why",
            )
        }
    }
}
