//! Processes that forward: their beginning, their end, and what is done for the dead.

use crate::domain::cost::Cost;
use crate::domain::event::{Event, EventKind};
use crate::domain::hold::{Hold, Instance};
use crate::domain::ids::{HoldId, InstanceId};
use crate::domain::key::EndCause;
use crate::domain::master::Master;
use crate::domain::rollup::Facts;
use crate::domain::settlement::Outcome;
use crate::store::Table;
use crate::store::rows::{RowKey, key_number};

use super::super::error::{LedgerError, tolerating_damage};
use super::super::operation::Operation;
use super::super::session::Session;
use super::end::EndKeys;
use super::master::erase;
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
        end_its_own(session, self.instance)?;
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

/// What dead processes left behind, and what was charged for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Recovered {
    /// How many there were.
    pub processes: u64,
    /// Requests that they had in flight.
    pub holds: u64,
    /// The most that those may have cost.
    pub cost: Cost,
}

impl Operation for Recover {
    type Outcome = Recovered;

    fn apply(&self, session: &mut Session<'_>) -> Result<Recovered, LedgerError> {
        let charged = charge_holds(session, self.instance)?;
        end_its_own(session, self.instance)?;
        if session.delete(Table::Instances, &self.instance)? || charged.holds > 0 {
            let recovered = Event::new(EventKind::InstanceRecovered, session.now());
            session.event(&recovered.by(self.instance).count(charged.holds))?;
        }
        Ok(Recovered { processes: 1, ..charged })
    }
}

/// Ends the keys that were minted to end with a process, and erases the master keys that were
/// sealed for it alone.
fn end_its_own(session: &mut Session<'_>, instance: InstanceId) -> Result<(), LedgerError> {
    let row = session.get::<Instance>(&instance).map_err(LedgerError::from);
    let Some(Some(row)) = tolerating_damage(row)? else { return Ok(()) };
    for key in row.keys {
        // One whose rows were edited is refused wherever it is used.
        let end = EndKeys { keys: vec![key], cause: EndCause::RunOver };
        tolerating_damage(end.apply(session))?;
    }
    for id in row.masters {
        let master = session.get::<Master>(&id).map_err(LedgerError::from);
        if let Some(Some(master)) = tolerating_damage(master)? {
            erase(session, &master)?;
        }
    }
    Ok(())
}

fn charge_holds(session: &mut Session<'_>, instance: InstanceId) -> Result<Recovered, LedgerError> {
    let mut charged = Recovered::default();
    for (key, _) in session.list::<Hold>(&instance.to_key())? {
        let hold = HoldId { instance, number: key_number(&key, 1)? };
        // A hold on a key whose rows were edited stays, and is never given back.
        let settle =
            Settle { hold, outcome: Outcome::Abandoned, read: None, facts: Facts::default() };
        if let Some(settled) = tolerating_damage(settle.apply(session))?.flatten() {
            charged.holds = charged.holds.saturating_add(1);
            charged.cost = charged.cost.plus(settled.charge.cost);
        }
    }
    Ok(charged)
}
