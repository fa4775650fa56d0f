//! What one transaction of the writer's does, and what it came to.

use std::collections::HashSet;

use tracing::error;

use crate::domain::denial::Denial;
use crate::domain::ids::{HoldId, InstanceId, KeyId, KeySeq, MasterId, Revision};

use super::desk::denial_of;
use super::error::LedgerError;
use super::op::{Admit, Admitted, Delegate, Minted, NotMade, RecordCache, Settle};
use super::session::Session;

/// What a transaction came to, each in the order in which it was asked for. Nothing of it holds
/// before the commit.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) decisions: Vec<Result<Admitted, Denial>>,
    pub(super) made: Vec<Result<Vec<Minted>, NotMade>>,
    /// Keys' figures that were written.
    pub(super) revisions: Vec<(KeySeq, Revision)>,
    /// Master keys' caps that were written.
    pub(super) masters: Vec<(MasterId, Revision)>,
    /// Holds that cannot be settled, by their numbers.
    pub(super) stuck: HashSet<u64>,
}

impl Batch {
    /// Settles what has ended. One bad row does not stop the others: its hold stays, and is never
    /// given back.
    pub(super) fn settle(
        &mut self,
        session: &mut Session<'_>,
        cache: &mut RecordCache,
        ended: &[Settle],
    ) -> Result<(), LedgerError> {
        for settle in ended {
            match settle.apply_with(session, cache) {
                Ok(Some(settled)) => {
                    self.revisions.extend(settled.written);
                    self.masters.extend(settled.master);
                }
                Ok(None) => {}
                Err(failure) if failure.is_damage() => {
                    error!(%failure, "a hold stays");
                    self.stuck.insert(settle.hold.number);
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }

    /// Decides on one request.
    pub(super) fn admit(
        &mut self,
        session: &mut Session<'_>,
        cache: &mut RecordCache,
        admit: &Admit,
        hold: HoldId,
    ) -> Result<(), LedgerError> {
        let decision = match admit.apply(session, cache, hold) {
            Err(failure) if failure.is_damage() => Err(denial_of(&failure)),
            decided => decided?,
        };
        if let Ok(admitted) = &decision {
            self.revisions.extend(&admitted.written);
            self.masters.push((admit.master, admitted.master));
        }
        self.decisions.push(decision);
        Ok(())
    }

    /// Makes keys from a key.
    pub(super) fn delegate(
        &mut self,
        session: &mut Session<'_>,
        cache: &mut RecordCache,
        wish: &Delegate,
        instance: InstanceId,
    ) -> Result<(), LedgerError> {
        let made = match wish.apply(session, cache, instance) {
            Err(failure) if failure.is_damage() => Err(denial_of(&failure).into()),
            made => made?,
        };
        self.made.push(made.map(|delegated| {
            self.revisions.extend(delegated.written);
            delegated.children
        }));
        Ok(())
    }

    /// The keys that were made, or were to be.
    pub(super) fn made_ids(&self) -> impl Iterator<Item = KeyId> + '_ {
        self.made.iter().flatten().flatten().map(|child| child.record.id)
    }
}
