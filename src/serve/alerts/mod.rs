//! Alerts: a duty of the lookout. It queues what there is to tell, and delivers it, to each target
//! one after the other and to all of them at once, in tasks that no request and no stop waits for.

mod command;
mod post;
mod signature;
mod web;

use std::collections::HashSet;
use std::sync::Arc;

use tokio::task::JoinSet;
use tracing::warn;

pub use post::Post;
pub use signature::{SigningSecret, Unfit};
pub use web::check_url;

use crate::domain::alert_retry::Attempt;
use crate::domain::ids::TargetId;
use crate::ledger::op::{Fold, RecordAttempt};
use crate::ledger::{Forwarding, LedgerError};
use crate::report::alerts::{Watch, next_due, ready};
use crate::vault::random_array;

/// The duty, from round to round.
#[derive(Debug)]
pub(super) struct Alerts {
    watch: Watch,
    post: Arc<Post>,
    /// Deliveries that are under way, a task for each target.
    sending: JoinSet<(TargetId, Result<(), LedgerError>)>,
    busy: HashSet<TargetId>,
}

impl Alerts {
    /// Begins with nothing under way.
    pub(super) fn new(post: Post) -> Self {
        let post = Arc::new(post);
        Self { watch: Watch::default(), post, sending: JoinSet::new(), busy: HashSet::new() }
    }

    /// Queues what has happened since the last round, and begins to deliver what is due.
    ///
    /// # Errors
    /// Where the storage fails, or a row that decides is not as it was written.
    pub(super) fn round(&mut self, forwarding: &Arc<Forwarding>) -> Result<(), LedgerError> {
        // What was queued before goes on whether or not more can be queued.
        self.reap();
        self.begin(forwarding)?;
        self.queue(forwarding)?;
        self.begin(forwarding)
    }

    fn queue(&mut self, forwarding: &Forwarding) -> Result<(), LedgerError> {
        let (ledger, book) = (forwarding.ledger(), forwarding.book());
        let has_targets =
            ledger.view(|rows, _| Ok(rows.len(crate::store::Table::AlertTargets)? > 0))?;
        // Failed unlocks are noted beside the log: they become events here.
        if has_targets && ledger.view(|rows, _| Fold::is_due(rows))? {
            forwarding.apply(&Fold)?;
        }
        let store = ledger.store_id();
        let watch = &mut self.watch;
        let found = ledger.view(|rows, now| watch.look(rows, book, store, now))?;
        if let Some(found) = found {
            // Durable or not: what the store says is read again.
            watch.forget();
            forwarding.apply(&found)?;
        }
        Ok(())
    }

    fn reap(&mut self) {
        while let Some(done) = self.sending.try_join_next() {
            match done {
                Ok((target, sent)) => {
                    self.busy.remove(&target);
                    if let Err(failure) = sent {
                        warn!(%failure, "an alert could not be written down as delivered");
                    }
                }
                // It panicked: which one it was is not known, and all may be tried again.
                Err(_) => self.busy.clear(),
            }
        }
    }

    fn begin(&mut self, forwarding: &Arc<Forwarding>) -> Result<(), LedgerError> {
        let book = forwarding.book();
        for target in forwarding.ledger().view(|rows, now| ready(rows, book, now))? {
            if self.busy.insert(target) {
                let (forwarding, post) = (Arc::clone(forwarding), Arc::clone(&self.post));
                self.sending.spawn(async move {
                    let sent = send_all(&forwarding, &post, target).await;
                    (target, sent)
                });
            }
        }
        Ok(())
    }
}

/// Delivers what waits for a target, until it takes something not.
async fn send_all(
    forwarding: &Forwarding,
    post: &Post,
    target: TargetId,
) -> Result<(), LedgerError> {
    loop {
        let (ledger, book) = (forwarding.ledger(), forwarding.book());
        let next = ledger.view(|rows, now| next_due(rows, book, target, now))?;
        let Some((place, alert)) = next else { return Ok(()) };
        let (store, at) = (ledger.store_id(), ledger.reading().wall);
        let attempt = post.deliver(forwarding.alert_key(), store, &place, &alert, at).await;
        if let Attempt::Failed(failure) = &attempt {
            warn!(target = %place.name, why = %failure.why, "an alert could not be delivered");
        }
        let jitter = u64::from_be_bytes(random_array()?);
        let record = RecordAttempt { target, alert: alert.id, attempt, jitter };
        if !forwarding.apply(&record)? {
            return Ok(());
        }
    }
}
