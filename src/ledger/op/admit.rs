//! The admission of one request: the decision, the hold, the event.

use std::sync::Arc;

use crate::domain::admission::{admit, ended_denial};
use crate::domain::denial::{Denial, Reason};
use crate::domain::event::{Event, EventKind};
use crate::domain::hold::Hold;
use crate::domain::ids::{HoldId, KeySeq, MasterId};
use crate::domain::key::{EndCause, KeyRecord, Usage};
use crate::domain::scope::Target;
use crate::store::Table;
use crate::store::rows::RowKey;

use super::super::error::LedgerError;
use super::super::session::Session;
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
}

/// An admission inside an open transaction.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// The key.
    pub record: Arc<KeyRecord>,
    /// Its figures after the admission.
    pub usage: Usage,
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
        if let Some(ahead) = session.clock_ahead() {
            let message = format!(
                "the proxy's wall clock is {} ahead of what its boot clock allows; the operator \
                 accepts it with any command that unlocks the store, as `till key mint`",
                ahead.rounded()
            );
            return Ok(Err(Denial::new(Reason::ClockSuspect, message)));
        }
        let Some(usage) = session.get::<Usage>(&self.key)? else {
            return Ok(Err(Denial::new(Reason::KeyUnknown, "the key is unknown")));
        };
        let record = cache.record(session, self.key, &usage)?;
        if session.rows().get(Table::Kills, &self.key.to_key())?.is_some() {
            return Ok(Err(ended_denial(&record, &usage, EndCause::Revoked)));
        }
        let mut next = match admit(&record, &usage, &self.target, session.now()) {
            Ok(next) => next,
            Err(denial) => return Ok(Err(denial)),
        };
        next.revision = usage.revision.next();
        let row = Hold { key: self.key, admitted_at: session.now() };
        session.put(&hold, &row)?;
        session.put(&self.key, &next)?;
        let admitted = Event::new(EventKind::Admitted, session.now())
            .key(self.key)
            .master(self.master)
            .by(hold.instance)
            .count(hold.number);
        session.event(&admitted)?;
        Ok(Ok(Admitted { record, usage: next }))
    }
}
