//! Processes that forward: their beginning, their end, and what is done for the dead.

use crate::domain::event::{Event, EventKind};
use crate::domain::hold::{Hold, Instance};
use crate::domain::ids::{HoldId, InstanceId};
use crate::domain::settlement::Outcome;
use crate::store::Table;
use crate::store::rows::{RowKey, key_number};

use super::super::error::{LedgerError, tolerating_damage};
use super::super::operation::Operation;
use super::super::session::Session;
use super::settle::Settle;

/// Enters a process whose lock file is locked already.
#[derive(Debug)]
pub struct StartInstance {
    /// Which; its time is set here.
    pub instance: Instance,
}

impl Operation for StartInstance {
    type Outcome = ();

    fn apply(&self, session: &mut Session<'_>) -> Result<(), LedgerError> {
        let instance = Instance { started_at: session.now(), ..self.instance.clone() };
        session.put(&instance.id, &instance)?;
        let started = Event::new(EventKind::InstanceStarted, session.now()).by(instance.id);
        Ok(session.event(&started.count(u64::from(instance.pid)))?)
    }
}

/// Removes a process that stops in good order. What it has not settled by then is charged: nobody
/// would look for it any more.
#[derive(Debug)]
pub struct StopInstance {
    /// Which.
    pub instance: InstanceId,
}

impl Operation for StopInstance {
    type Outcome = ();

    fn apply(&self, session: &mut Session<'_>) -> Result<(), LedgerError> {
        charge_holds(session, self.instance)?;
        if session.delete(Table::Instances, &self.instance)? {
            let stopped = Event::new(EventKind::InstanceStopped, session.now());
            session.event(&stopped.by(self.instance))?;
        }
        Ok(())
    }
}

/// Charges what a dead process held, and removes it.
#[derive(Debug)]
pub struct Recover {
    /// Which. Its lock is in the caller's hands.
    pub instance: InstanceId,
}

impl Operation for Recover {
    /// How many holds were charged.
    type Outcome = u64;

    fn apply(&self, session: &mut Session<'_>) -> Result<u64, LedgerError> {
        let charged = charge_holds(session, self.instance)?;
        if session.delete(Table::Instances, &self.instance)? || charged > 0 {
            let recovered = Event::new(EventKind::InstanceRecovered, session.now());
            session.event(&recovered.by(self.instance).count(charged))?;
        }
        Ok(charged)
    }
}

fn charge_holds(session: &mut Session<'_>, instance: InstanceId) -> Result<u64, LedgerError> {
    let mut charged: u64 = 0;
    for (key, _) in session.list::<Hold>(&instance.to_key())? {
        let hold = HoldId { instance, number: key_number(&key, 1)? };
        // A hold on a key whose rows were edited stays, and is never given back.
        let settle = Settle { hold, outcome: Outcome::Abandoned };
        if tolerating_damage(settle.apply(session))?.is_some() {
            charged = charged.saturating_add(1);
        }
    }
    Ok(charged)
}
