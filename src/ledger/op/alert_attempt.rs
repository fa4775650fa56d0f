//! What came of a try to deliver an alert.

use crate::domain::alert_retry::{Attempt, GIVEN_UP_AFTER, pause};
use crate::domain::alert_target::{AlertTarget, WaitingAlert};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{AlertId, TargetId};
use crate::store::Table;
use crate::store::rows::RowKey;

use super::super::error::LedgerError;
use super::super::operation::Operation;
use super::super::session::Session;

/// Characters of a reason that are kept.
const LONGEST_WHY: usize = 200;

/// Writes down what came of one try: takes a delivered alert out of the queue, sets the time of the
/// next try, or gives up what is too old.
#[derive(Debug)]
pub struct RecordAttempt {
    /// The target.
    pub target: TargetId,
    /// The alert.
    pub alert: AlertId,
    /// What came of it.
    pub attempt: Attempt,
    /// Any number: spreads the next tries.
    pub jitter: u64,
}

impl Operation for RecordAttempt {
    /// Whether the target took it, so that the next one can follow.
    type Outcome = bool;

    fn apply(&self, session: &mut Session<'_>) -> Result<bool, LedgerError> {
        let Some(mut target) = session.get::<AlertTarget>(&self.target)? else { return Ok(false) };
        let key = (self.target, self.alert);
        let now = session.now();
        let delivery = &mut target.delivery;
        match &self.attempt {
            Attempt::Delivered => {
                // One that was delivered by two processes counts once.
                if !session.delete(Table::Alerts, &key)? {
                    return Ok(true);
                }
                delivery.delivered = delivery.delivered.saturating_add(1);
                (delivery.failures, delivery.next_at) = (0, now);
                delivery.succeeded_at = Some(now);
                session.put(&self.target, &target)?;
                Ok(true)
            }
            Attempt::Failed(failure) => {
                delivery.failures = delivery.failures.saturating_add(1);
                delivery.next_at = now.after(pause(delivery.failures, failure, self.jitter));
                let why: String = failure.why.chars().take(LONGEST_WHY).collect();
                delivery.failed = Some((now, why.clone()));
                let given_up = give_up(session, self.target)?;
                let delivery = &mut target.delivery;
                delivery.given_up = delivery.given_up.saturating_add(given_up);
                session.put(&self.target, &target)?;
                if given_up > 0 {
                    let failed = Event::new(EventKind::AlertFailed, now).count(given_up);
                    session.event(&failed.note(format!("`{}`: {why}", target.name)))?;
                }
                Ok(false)
            }
        }
    }
}

/// Takes out what waits for too long.
fn give_up(session: &mut Session<'_>, target: TargetId) -> Result<u64, LedgerError> {
    let mut given_up: u64 = 0;
    for (key, alert) in session.list_intact::<WaitingAlert>(&target.to_key())? {
        if session.now() >= alert.at.after(GIVEN_UP_AFTER) {
            session.rows_mut().delete(Table::Alerts, &key)?;
            given_up = given_up.saturating_add(1);
        }
    }
    Ok(given_up)
}
