//! Keys that are made from a key, by whoever holds it.
//!
//! Nothing of the operator's is needed: a child's grant wraps what the parent's grant opens, and
//! its limits are carved out of what the parent has left, in the transaction that makes it.

use crate::domain::admission::ended_denial;
use crate::domain::delegation::{MAX_DESCENDANTS, Wish, carve, child_of, lend};
use crate::domain::denial::{Denial, Reason};
use crate::domain::ids::{InstanceId, KeyId, KeySeq, MasterId, Revision};
use crate::domain::key::{EndCause, KeyRecord, Usage};
use crate::domain::key_text::KeyText;
use crate::domain::master::Brought;
use crate::domain::pause::{pause, paused_denial};
use crate::domain::sealed::Sealed;
use crate::domain::settlement::end_if_used_up;
use crate::domain::share::Share;
use crate::domain::status::{Status, status};
use crate::domain::unfit::Unfit;
use crate::store::rows::{RowKey, from_bytes};
use crate::store::{StoreError, Table};
use crate::vault::{DataKey, open_via_grant};

use super::super::desk::denial_of;
use super::super::error::{LedgerError, Refusal, tolerating_damage};
use super::super::operation::Operation;
use super::super::session::{Session, number_of};
use super::super::standing::is_killed;
use super::admit::clock_suspect;
use super::end::EndKeys;
use super::lineage::Kin;
use super::mint::{Minted, NewKey, check_limits, new_key};
use super::record_cache::RecordCache;

/// Makes keys from a key.
#[derive(Debug)]
pub struct Delegate {
    /// The parent.
    pub parent: KeySeq,
    /// The parent's own text, which its grants open with.
    pub key: KeyText,
    /// What the keys are to be.
    pub wish: Wish,
    /// How many, all alike.
    pub count: u32,
}

/// Keys that were made from a key.
#[derive(Debug)]
pub struct Delegated {
    /// The keys.
    pub children: Vec<Minted>,
    /// The revisions of the figures that were written of the keys above them.
    pub written: Vec<(KeySeq, Revision)>,
}

/// Why no key was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotMade {
    /// The parent is good for nothing, or the store is not.
    Denied(Denial),
    /// The rules refuse such a child.
    Refused(Refusal),
}

/// What a child is to be, found fit.
struct Plan {
    kind: NewKey,
    share: Share,
    opened: Vec<(MasterId, DataKey)>,
}

impl From<Denial> for NotMade {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl From<Unfit> for NotMade {
    fn from(unfit: Unfit) -> Self {
        Self::Refused(unfit.into())
    }
}

impl Delegate {
    /// Makes the keys, all or none. A refusal writes nothing.
    ///
    /// # Errors
    /// Where the storage fails, or a row is not as it was written or went back.
    pub fn apply(
        &self,
        session: &mut Session<'_>,
        cache: &mut RecordCache,
        instance: InstanceId,
    ) -> Result<Result<Delegated, NotMade>, LedgerError> {
        let mut kin = Kin::new(cache);
        let plan = match self.plan(session, &mut kin, instance)? {
            Ok(plan) => plan,
            Err(why) => return Ok(Err(why)),
        };
        let written = kin.write(session)?;
        let opened: Vec<_> = plan.opened.iter().map(|(master, key)| (*master, key)).collect();
        let mut children = Vec::new();
        for _ in 0..self.count {
            children.push(new_key(session, plan.kind.clone(), &opened, Some(plan.share))?);
        }
        Ok(Ok(Delegated { children, written }))
    }

    /// Decides, and moves the figures of the parent and of all above it.
    fn plan(
        &self,
        session: &Session<'_>,
        kin: &mut Kin<'_>,
        instance: InstanceId,
    ) -> Result<Result<Plan, NotMade>, LedgerError> {
        if let Some(denial) = clock_suspect(session) {
            return Ok(Err(denial.into()));
        }
        let Some(parent) = kin.find(session, self.parent)? else {
            return Ok(Err(Denial::new(Reason::KeyUnknown, "the key is unknown").into()));
        };
        let (above, whole) = kin.above(session, &parent)?;
        let mut alive = whole;
        for one in &above {
            alive &= is_alive(session, one, &kin.usage(one.seq))?;
        }
        let usage = kin.usage(self.parent);
        let killed = is_killed(session.rows(), self.parent)?;
        let denial = match status(&parent, &usage, killed, session.now()) {
            Status::Ended(cause) => Some(ended_denial(&parent, &usage, cause)),
            Status::Live if !alive => Some(ended_denial(&parent, &usage, EndCause::ParentEnded)),
            Status::Live => {
                let figures: Vec<Usage> = above.iter().map(|one| kin.usage(one.seq)).collect();
                let above = above.iter().map(|one| &**one).zip(&figures);
                let all = std::iter::once((&*parent, &usage)).chain(above);
                pause(all).map(|pause| paused_denial(parent.id, pause))
            }
        };
        if let Some(denial) = denial {
            return Ok(Err(denial.into()));
        }
        if parent.ends_with.is_some_and(|process| process != instance)
            || session.keys().lookup().digest(&self.key) != parent.lookup
        {
            let message = "the key is good at the forwarder of its own run alone";
            return Ok(Err(Denial::new(Reason::KeyRevoked, message).of(parent.id).into()));
        }
        let count = u64::from(self.count);
        let (kind, share) = match self.fitted(session, &parent, &usage) {
            Ok(fitted) => fitted,
            Err(refusal) => return Ok(Err(NotMade::Refused(refusal))),
        };
        let lent = match lend(&parent, &usage, share.times(count)) {
            Ok(lent) => lent,
            Err(unfit) => return Ok(Err(unfit.into())),
        };
        kin.set(self.parent, lent);
        for one in std::iter::once(&parent).chain(&above) {
            let usage = kin.usage(one.seq);
            let descendants = usage.descendants.saturating_add(count);
            if descendants > MAX_DESCENDANTS {
                return Ok(Err(Unfit::TooMany.into()));
            }
            kin.set(one.seq, Usage { descendants, ..usage });
        }
        let opened = self.open(session, &parent, &kind)?;
        Ok(opened.map(|opened| Plan { kind, share, opened }))
    }

    /// What each child is, and what it takes of the parent.
    fn fitted(
        &self,
        session: &Session<'_>,
        parent: &KeyRecord,
        usage: &Usage,
    ) -> Result<(NewKey, Share), Refusal> {
        let child = child_of(parent, &self.wish)?;
        check_limits(&child.limits, false, session)?;
        let share = carve(parent, usage, &child.limits)?;
        let kind = NewKey {
            name: self.wish.name.clone(),
            labels: self.wish.labels.clone(),
            masters: child.masters,
            limits: child.limits,
            scope: child.scope,
            ends_with: parent.ends_with,
            minter: None,
            parent: Some((parent.seq, parent.id)),
            delegate: self.wish.delegate,
        };
        let fresh = KeyRecord { limits: kind.limits.clone(), ..parent.clone() };
        if end_if_used_up(&fresh, Usage::default(), session.now()).ended.is_some() {
            return Err(Unfit::TooSmall.into());
        }
        Ok((kind, share))
    }

    /// Opens the data keys of what the child is to open, through the parent's grants.
    fn open(
        &self,
        session: &Session<'_>,
        parent: &KeyRecord,
        kind: &NewKey,
    ) -> Result<Result<Vec<(MasterId, DataKey)>, NotMade>, LedgerError> {
        let mut opened = Vec::new();
        for (master, _) in &kind.masters {
            // Read before anything is written, as everything here.
            session.get::<Brought>(master)?;
            let Some(bytes) = session.rows().get(Table::Grants, &(parent.seq, *master).to_key())?
            else {
                let gone = Denial::new(Reason::KeyRevoked, "the key has ended").of(parent.id);
                return Ok(Err(gone.into()));
            };
            let granted: Sealed = from_bytes(&bytes)
                .map_err(|malformed| StoreError::Damaged(malformed.to_string()))?;
            let (keys, store) = (session.keys().grant(), session.store());
            match open_via_grant(keys, &self.key, &granted, store, parent.seq, *master) {
                Ok(data_key) => opened.push((*master, data_key)),
                Err(failure) => return Ok(Err(denial_of(&failure.into()).into())),
            }
        }
        Ok(Ok(opened))
    }
}

/// Ends keys that were made and never reached whoever wished for them, as far as they are there.
///
/// # Errors
/// Where the storage fails.
pub(in super::super) fn end_unclaimed(
    session: &mut Session<'_>,
    unclaimed: &[KeyId],
) -> Result<(), LedgerError> {
    for id in unclaimed {
        let Some(seq) = session.rows().get(Table::KeyIds, &id.to_key())? else { continue };
        let seq = KeySeq(number_of(&seq)?);
        let record = session.get::<KeyRecord>(&seq).map_err(LedgerError::from);
        // The index carries no MAC.
        if tolerating_damage(record)?.flatten().is_some_and(|record| record.id == *id) {
            let end = EndKeys { keys: vec![seq], cause: EndCause::Revoked };
            tolerating_damage(end.apply(session))?;
        }
    }
    Ok(())
}

fn is_alive(session: &Session<'_>, record: &KeyRecord, usage: &Usage) -> Result<bool, LedgerError> {
    let killed = is_killed(session.rows(), record.seq)?;
    Ok(status(record, usage, killed, session.now()) == Status::Live)
}
