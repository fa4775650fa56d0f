//! The lookout: a thread that looks after what no request waits for.
//!
//! Of all forwarders of a store one does so at a time: whoever holds the claim. When its process
//! dies, the next round of another one takes over. What the thread does never delays a request,
//! and a stop by no more than a moment.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime;
use tokio::sync::oneshot;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tracing::warn;

use super::alerts::{Alerts, Post};
use crate::ledger::{Claim, Forwarding, Spikes};

/// How often it looks.
const ROUND: Duration = Duration::from_secs(2);
/// How long a stop waits for what it is in the middle of. Beyond it the thread is left to itself:
/// what a transaction of it has not committed, the next lookout does again.
const PARTING: Duration = Duration::from_secs(1);
/// What the one that does the duties holds.
const CLAIM: &str = "lookout";

/// A running lookout.
#[derive(Debug)]
pub(super) struct Lookout {
    stop: oneshot::Sender<()>,
    gone: oneshot::Receiver<()>,
}

impl Lookout {
    /// Starts the thread.
    ///
    /// # Errors
    /// Where the system gives no thread.
    pub(super) fn start(forwarding: Arc<Forwarding>, post: Post) -> io::Result<Self> {
        let (stop, stopped) = oneshot::channel();
        let (leaving, gone) = oneshot::channel();
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("till-lookout".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    // Whoever dropped the other end is gone as well.
                    _ = stopped => {}
                    () = look_out(&forwarding, post) => {}
                }
            });
            drop(runtime);
            let _ = leaving.send(());
        })?;
        Ok(Self { stop, gone })
    }

    /// Ends it, and waits a moment until it has.
    pub(super) async fn stop(self) {
        let _ = self.stop.send(());
        if timeout(PARTING, self.gone).await.is_err() {
            warn!("the lookout is still busy, and is left behind");
        }
    }
}

/// Does the duties at each round, as long as this process holds the claim.
async fn look_out(forwarding: &Arc<Forwarding>, post: Post) {
    let mut claim: Option<Claim> = None;
    let mut claiming = Failing::default();
    let mut duties = Duties::new(post);
    let mut rounds = interval(ROUND);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        if claim.is_none() {
            let taken = Claim::take(forwarding.ledger(), CLAIM);
            claim = claiming.note("the claim of the lookout", taken).flatten();
        }
        if claim.is_some() {
            duties.round(forwarding);
        }
    }
}

/// What is done at each round, in this order. A duty blocks this thread alone, and no longer than a
/// transaction takes; what waits for others (deliveries) belongs into tasks of the runtime.
#[derive(Debug)]
struct Duties {
    spikes: Spikes,
    looking: Failing,
    alerts: Alerts,
    alerting: Failing,
}

impl Duties {
    fn new(post: Post) -> Self {
        Self {
            spikes: Spikes::default(),
            looking: Failing::default(),
            alerts: Alerts::new(post),
            alerting: Failing::default(),
        }
    }

    fn round(&mut self, forwarding: &Arc<Forwarding>) {
        // What is found is then told.
        let looked = self.spikes.look(forwarding);
        self.looking.note("looking for what is unusual", looked);
        let told = self.alerts.round(forwarding);
        self.alerting.note("alerts", told);
    }
}

/// Whether a duty failed the last time: one that goes on failing is said once.
#[derive(Debug, Default)]
struct Failing(bool);

impl Failing {
    /// Hands the outcome through, and says where it begins to fail.
    fn note<T, E: std::fmt::Display>(&mut self, duty: &str, done: Result<T, E>) -> Option<T> {
        match done {
            Ok(done) => {
                self.0 = false;
                Some(done)
            }
            Err(failure) => {
                if !self.0 {
                    warn!(%failure, duty, "the lookout failed, and tries again at its next round");
                }
                self.0 = true;
                None
            }
        }
    }
}
