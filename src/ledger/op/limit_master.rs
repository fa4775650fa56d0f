//! `master limit`: caps on a master key, over all its proxy keys.

use crate::domain::cost::{Cost, MAX_TOKENS, Measure};
use crate::domain::event::{Event, EventKind};
use crate::domain::hold::Hold;
use crate::domain::master_usage::MasterUsage;
use crate::domain::money::MAX_SPEND;
use crate::domain::rate::Period;
use crate::domain::time::Timestamp;
use crate::store::StoreError;

use super::super::error::{LedgerError, Refusal};
use super::super::operation::Operation;
use super::super::session::Session;
use super::master::find;

/// One change of a master key's caps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapChange {
    /// What the cap is on.
    pub measure: Measure,
    /// How long it counts; for ever where there is none.
    pub window: Option<Period>,
    /// The cap: tokens, or picodollars; none to take it away.
    pub limit: Option<u64>,
}

/// Sets and lifts caps of a master key.
#[derive(Debug)]
pub struct LimitMaster {
    /// Which.
    pub name: String,
    /// How. None to look.
    pub changes: Vec<CapChange>,
}

impl Operation for LimitMaster {
    /// The caps as they are now.
    type Outcome = MasterUsage;

    fn apply(&self, session: &mut Session<'_>) -> Result<MasterUsage, LedgerError> {
        let master = find(session, &self.name)?;
        let usage = session.get::<MasterUsage>(&master.id)?;
        let gone = || StoreError::Damaged(format!("master key `{}` has no caps", self.name));
        let mut usage = usage.ok_or_else(gone)?.at(session.now());
        let in_flight: Vec<(Timestamp, Cost)> = session
            .list::<Hold>(&[])?
            .into_iter()
            .filter(|(_, hold)| hold.master == master.id)
            .map(|(_, hold)| (hold.admitted_at, hold.cost))
            .collect();
        for change in &self.changes {
            let CapChange { measure, window, limit } = *change;
            if limit.is_some_and(|limit| !(1..=most(measure)).contains(&limit)) {
                return Err(Refusal::CapOutOfRange(measure).into());
            }
            usage.limit(measure, window, limit, session.now(), &in_flight);
        }
        usage.revision = usage.revision.next();
        session.put(&master.id, &usage)?;
        let caps: Vec<String> = usage.caps.iter().map(ToString::to_string).collect();
        let limited = Event::new(EventKind::MasterLimited, session.now()).master(master.id);
        session.event(&limited.note(caps.join(", ")))?;
        Ok(usage)
    }
}

/// The greatest cap on a measure.
pub(in super::super) const fn most(measure: Measure) -> u64 {
    match measure {
        Measure::Tokens | Measure::InputTokens | Measure::OutputTokens => MAX_TOKENS,
        Measure::Spend => MAX_SPEND.0,
    }
}
