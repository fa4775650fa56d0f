//! The admission of one request: the decision, the hold, the event.

use std::sync::Arc;

use crate::domain::admission::{Above, Asked, Granted, admit, ended_denial};
use crate::domain::cost::Cost;
use crate::domain::demand::Demand;
use crate::domain::denial::{Denial, Reason};
use crate::domain::event::{Event, EventKind};
use crate::domain::hold::Hold;
use crate::domain::ids::{HoldId, KeySeq, MasterId, Revision};
use crate::domain::key::{EndCause, KeyRecord, Usage};
use crate::domain::scope::Target;
use crate::domain::settlement::Charge;

use super::super::error::LedgerError;
use super::super::session::Session;
use super::super::standing::is_killed;
use super::lineage::Kin;
use super::record_cache::RecordCache;

/// One request to be decided on.
#[derive(Clone, Debug)]
pub struct Admit {
    /// Whose it is.
    pub key: KeySeq,
    /// What it would open.
    pub master: MasterId,
    /// What the key's scope is held against.
    pub target: Target,
    /// The most that it may cost, where a limit on that is known of.
    pub demand: Option<Demand>,
}

/// An admission inside an open transaction.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// The key.
    pub record: Arc<KeyRecord>,
    /// Its figures after the admission.
    pub usage: Usage,
    /// The revisions of all figures that were written: its own, and those of the keys above it.
    pub written: Vec<(KeySeq, Revision)>,
    /// The revision of its master key's caps.
    pub master: Revision,
    /// What the request holds.
    pub cost: Cost,
    /// The output tokens that each of its choices may have.
    pub output: u64,
}

impl Admit {
    /// Decides, and on admission writes the hold and the event. A denial writes nothing.
    ///
    /// # Errors
    /// Where the storage fails, or a row is not as it was written or went back.
    pub fn apply(
        &self,
        session: &mut Session<'_>,
        cache: &mut RecordCache,
        hold: HoldId,
    ) -> Result<Result<Admitted, Denial>, LedgerError> {
        if let Some(denial) = clock_suspect(session) {
            return Ok(Err(denial));
        }
        let mut kin = Kin::new(cache);
        let Some(record) = kin.find(session, self.key)? else {
            return Ok(Err(Denial::new(Reason::KeyUnknown, "the key is unknown")));
        };
        let usage = kin.usage(self.key);
        if is_killed(session.rows(), self.key)? {
            return Ok(Err(ended_denial(&record, &usage, EndCause::Revoked)));
        }
        if record.ends_with.is_some_and(|process| process != hold.instance) {
            let message = "the key is good at the forwarder of its own run alone";
            return Ok(Err(Denial::new(Reason::KeyRevoked, message).of(record.id)));
        }
        let (above, whole) = kin.above(session, &record)?;
        let opens = |one: &Arc<KeyRecord>| one.masters.iter().any(|(id, _)| *id == self.master);
        if !(whole && above.iter().all(opens)) {
            return Ok(Err(ended_denial(&record, &usage, EndCause::ParentEnded)));
        }
        let Some(master) = kin.cache().master_usage(session, self.master)? else {
            let message = "the master key that the key opened is gone";
            return Ok(Err(Denial::new(Reason::KeyRevoked, message).of(record.id)));
        };
        let figures: Vec<Usage> = above.iter().map(|one| kin.usage(one.seq)).collect();
        let mut others = Vec::with_capacity(above.len());
        for (one, usage) in above.iter().zip(&figures) {
            others.push(Above { key: one, usage, killed: is_killed(session.rows(), one.seq)? });
        }
        let asked = Asked { target: &self.target, demand: self.demand.as_ref() };
        let granted = match admit((&record, &usage), &others, master, asked, session.now()) {
            Ok(granted) => granted,
            Err(denial) => return Ok(Err(denial)),
        };
        let Granted { usage: mut next, above: figures, mut master, cost, output } = granted;
        kin.set(self.key, next);
        for (one, usage) in above.iter().zip(figures) {
            kin.set(one.seq, usage);
        }
        next.revision = usage.revision.next();
        let admitted_at = session.now();
        let row = Hold { key: self.key, master: self.master, cost, admitted_at };
        session.put(&hold, &row)?;
        let written = kin.write(session)?;
        if !master.caps.is_empty() {
            master.revision = master.revision.next();
            session.put(&self.master, &master)?;
        }
        let admitted = Event::new(EventKind::Admitted, session.now())
            .key(self.key)
            .master(self.master)
            .by(hold.instance)
            .count(hold.number);
        let bound = Charge { cost, estimated: true };
        let is_held = cost != Cost::default();
        session.event(&if is_held { admitted.charge(bound) } else { admitted })?;
        let master = master.revision;
        Ok(Ok(Admitted { record, usage: next, written, master, cost, output }))
    }
}

/// The denial of a wall clock that cannot be right.
pub(super) fn clock_suspect(session: &Session<'_>) -> Option<Denial> {
    let ahead = session.clock_ahead()?;
    let message = format!(
        "the proxy's wall clock is {} ahead of what its boot clock allows; the operator accepts it \
         with any command that unlocks the store, as `till key mint`",
        ahead.rounded()
    );
    Some(Denial::new(Reason::ClockSuspect, message))
}
