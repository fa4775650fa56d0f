//! `restore`: a backup becomes the store. What it says is of another time.

use crate::domain::clock::Reading;
use crate::domain::event::{Event, EventKind};
use crate::domain::hold::Instance;
use crate::domain::ids::KeySeq;
use crate::domain::key::EndCause;
use crate::domain::time::Timestamp;
use crate::store::{RowsMut, Table};
use crate::vault::ProxyKeys;

use super::super::error::LedgerError;
use super::super::operation::Operation;
use super::super::session::{ClockPolicy, Session, number_of};
use super::end::EndKeys;
use super::instance::Recover;
use super::mint_as::refuse_used_by;

/// Makes a store of a copy, before anybody sees it. No process of the copy's time lives: what they
/// had in flight is charged. What was used, revoked or spent since is not known: so the keys end,
/// unless they are to be kept, and identity tokens of until now mint nothing.
#[derive(Debug)]
pub struct Restore {
    /// Whether proxy keys live on.
    pub keep_keys: bool,
    /// How far the copy had come.
    pub generation: u64,
    /// When it was written last.
    pub written_at: Timestamp,
}

/// What a restored store has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restored {
    /// How many keys ended.
    pub ended: u64,
    /// Its generation.
    pub generation: u64,
}

impl Restore {
    /// Applies it to the rows of a store that is being made.
    ///
    /// # Errors
    /// Where the storage fails, or a row is not as it was written.
    pub fn apply_to(
        &self,
        rows: &mut dyn RowsMut,
        keys: &ProxyKeys,
        reading: Reading,
    ) -> Result<Restored, LedgerError> {
        let mut session = Session::begin(rows, keys, reading, ClockPolicy::Accept)?;
        let ended = self.apply(&mut session)?;
        let generation = session.generation();
        session.finish()?;
        Ok(Restored { ended, generation })
    }
}

impl Operation for Restore {
    /// How many keys ended.
    type Outcome = u64;

    fn apply(&self, session: &mut Session<'_>) -> Result<u64, LedgerError> {
        for (_, instance) in session.list::<Instance>(&[])? {
            Recover { instance: instance.id }.apply(session)?;
        }
        let mut ended: u64 = 0;
        if !self.keep_keys {
            for key in session.list_keys(Table::Keys, &[])? {
                let end =
                    EndKeys { keys: vec![KeySeq(number_of(&key)?)], cause: EndCause::Revoked };
                ended = ended.saturating_add(end.apply(session)?);
            }
        }
        let now = session.now();
        refuse_used_by(session.rows_mut(), now)?;
        let restored = Event::new(EventKind::StoreRestored, now).count(ended);
        let of = format!("generation {} of {}", self.generation, self.written_at.to_rfc3339());
        session.event(&restored.note(of))?;
        Ok(ended)
    }
}
