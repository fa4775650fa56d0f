//! Alerts are queued in the transaction that says how far the store was read, so that each is
//! queued once, whoever reads.

use crate::domain::alert::{AlertCursor, Mark, Marked};
use crate::domain::alert_retry::MAX_WAITING;
use crate::domain::alert_target::{AlertTarget, WaitingAlert};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{KeySeq, TargetId};
use crate::store::Table;
use crate::store::rows::{ALERT_CURSOR_KEY, RowKey, of_key};

use super::super::error::LedgerError;
use super::super::operation::Operation;
use super::super::session::Session;

/// An alert, and whom it concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAlert {
    /// The targets.
    pub targets: Vec<TargetId>,
    /// What they are told.
    pub alert: WaitingAlert,
}

/// Queues what was found between two cursors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueAlerts {
    /// The cursor that the reading began at.
    pub from: AlertCursor,
    /// The cursor after it.
    pub to: AlertCursor,
    /// What was told last, from now on.
    pub marks: Vec<(Marked, Mark)>,
    /// What is to be told.
    pub alerts: Vec<NewAlert>,
}

impl Operation for QueueAlerts {
    /// Whether it was done: not where somebody else has read on since.
    type Outcome = bool;

    fn apply(&self, session: &mut Session<'_>) -> Result<bool, LedgerError> {
        if session.get::<AlertCursor>(ALERT_CURSOR_KEY)? != Some(self.from) {
            return Ok(false);
        }
        session.put(ALERT_CURSOR_KEY, &self.to)?;
        for (marked, mark) in &self.marks {
            session.put(marked, mark)?;
        }
        for NewAlert { targets, alert } in &self.alerts {
            for target in targets {
                if session.get::<AlertTarget>(target)?.is_some() {
                    session.put(&(*target, alert.id), alert)?;
                }
            }
        }
        for (_, target) in session.list_intact::<AlertTarget>(&[])? {
            make_room(session, target)?;
        }
        Ok(true)
    }
}

/// Drops the oldest alerts that wait for a target, where there are too many, and says so.
fn make_room(session: &mut Session<'_>, mut target: AlertTarget) -> Result<(), LedgerError> {
    let waiting = session.list_keys(Table::Alerts, &target.id.to_key())?;
    let surplus = waiting.len().saturating_sub(MAX_WAITING);
    if surplus == 0 {
        return Ok(());
    }
    for key in waiting.iter().take(surplus) {
        session.rows_mut().delete(Table::Alerts, key)?;
    }
    let surplus = u64::try_from(surplus).unwrap_or(u64::MAX);
    target.delivery.given_up = target.delivery.given_up.saturating_add(surplus);
    session.put(&target.id, &target)?;
    let failed = Event::new(EventKind::AlertFailed, session.now()).count(surplus);
    Ok(session.event(&failed.note(format!("`{}`: too many waited", target.name)))?)
}

/// Forgets what was told of a key that is gone.
pub(super) fn forget_marks(session: &mut Session<'_>, key: KeySeq) -> Result<(), LedgerError> {
    for prefix in of_key(key) {
        for mark in session.list_keys(Table::AlertLevels, &prefix)? {
            session.rows_mut().delete(Table::AlertLevels, &mark)?;
        }
    }
    Ok(())
}
