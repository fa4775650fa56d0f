//! Minting by somebody who has not unlocked the store: within bounds, in one transaction with what
//! is left of them.

use crate::domain::ids::{KeySeq, MinterId};
use crate::domain::key::{EndCause, KeyRecord, Usage};
use crate::domain::minter::Minter;
use crate::domain::time::Timestamp;
use crate::domain::totals::MinterUsage;
use crate::store::rows::RowKey;
use crate::store::{RowsMut, Scan, StoreError, Table};
use crate::vault::{OperatorKeys, SecretText};

use super::super::error::{LedgerError, Refusal, tolerating_damage};
use super::super::operation::Operation;
use super::super::session::{Session, number_of, scan_prefix};
use super::brought::bring;
use super::end::EndKeys;
use super::mint::{KeyTemplate, Mint, Minted};
use super::sweep::Sweep;

/// Used identity tokens that one minting drops at the most whose time is over.
const MOST_DROPPED: usize = 64;
/// Sweeps that one minting does at the most: damaged rows would be found again and again.
const MOST_SWEEPS: usize = 16;
/// Stands behind all used tokens, whose digests are none of zeros, and is never dropped: its value is a
/// time by which every token may have been used.
const ALL_BEFORE: (Timestamp, [u8; 32]) = (Timestamp(u64::MAX), [0; 32]);

/// A real key that comes with the request.
#[derive(Debug)]
pub struct BroughtSecret<'a> {
    /// The key.
    pub secret: &'a SecretText,
    /// The provider that it opens.
    pub provider: String,
    /// The origin that it may be sent to.
    pub origin: String,
    /// Whether plain http and private addresses are allowed for it.
    pub local: bool,
}

/// An identity token that is good for one minting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedToken {
    /// What it is known by again: the part of it that was signed.
    pub signed: Vec<u8>,
    /// From when on it can have been shown.
    pub good_from: Timestamp,
    /// When it is refused anyway.
    pub expires_at: Timestamp,
}

/// Mints keys for a minter.
#[derive(Debug)]
pub struct MintAs<'a> {
    /// What the store was unlocked with.
    pub operator: &'a OperatorKeys,
    /// Who mints.
    pub minter: MinterId,
    /// The identity token that was shown, where it was one.
    pub token: Option<UsedToken>,
    /// What the keys are to be; what is bounded and not said is as the bound has it.
    pub template: &'a KeyTemplate,
    /// A real key that they open beside the template's masters.
    pub brought: Option<BroughtSecret<'a>>,
    /// How many.
    pub count: u32,
}

impl Operation for MintAs<'_> {
    type Outcome = Vec<Minted>;

    fn apply(&self, session: &mut Session<'_>) -> Result<Vec<Minted>, LedgerError> {
        if let Some(ahead) = session.clock_ahead() {
            return Err(Refusal::ClockSuspect(ahead).into());
        }
        let minter = live_minter(session, self.minter)?;
        let now = session.now();
        if let Some(token) = &self.token {
            use_up(session, token)?;
        }
        let mut template = self.template.clone();
        let foreign = |id| !minter.bounds.masters.iter().any(|(known, _)| *known == id);
        if let Some(id) = template.masters.iter().find(|id| foreign(**id)) {
            return Err(Refusal::NotGranted(*id).into());
        }
        minter.bounds.check_delegate(template.delegate)?;
        (template.limits, template.scope) =
            minter.bounds.fit(template.limits, template.scope, now)?;
        // What expired keys have not used is free again, though no proxy runs that would say so.
        for _ in 0..MOST_SWEEPS {
            if !Sweep.apply(session)?.more {
                break;
            }
        }
        let usage = session.get::<MinterUsage>(&minter.id)?;
        let gone = || StoreError::Damaged(format!("minter {} has no figures", minter.id));
        let usage = usage.ok_or_else(gone)?;
        let usage = usage.take(&template.limits, self.count.into(), now)?;
        session.put(&minter.id, &usage)?;
        if let Some(brought) = &self.brought {
            if !minter.bounds.bring_keys {
                return Err(Refusal::MayNotBring.into());
            }
            template.masters.push(bring(session, self.operator, brought)?);
        }
        let mint = Mint {
            operator: self.operator,
            template: &template,
            minter: Some(minter.id),
            count: self.count,
        };
        mint.apply(session)
    }
}

/// Ends a key, for the minter that minted it.
#[derive(Clone, Copy, Debug)]
pub struct RevokeAs {
    /// Whose key it must be.
    pub minter: MinterId,
    /// Which.
    pub key: KeySeq,
}

impl Operation for RevokeAs {
    type Outcome = ();

    fn apply(&self, session: &mut Session<'_>) -> Result<(), LedgerError> {
        live_minter(session, self.minter)?;
        let record = session.get::<KeyRecord>(&self.key)?.ok_or(Refusal::NoSuchKey)?;
        if record.minter != Some(self.minter) {
            return Err(Refusal::NoSuchKey.into());
        }
        EndKeys { keys: vec![self.key], cause: EndCause::Revoked }.apply(session).map(drop)
    }
}

/// What its minter gets back of a key that has ended. One that was taken away gets nothing, and one
/// whose row was edited keeps no key from its end.
pub(super) fn give_back(
    session: &mut Session<'_>,
    record: &KeyRecord,
    usage: &Usage,
) -> Result<(), LedgerError> {
    let Some(minter) = record.minter else { return Ok(()) };
    let totals = session.get::<MinterUsage>(&minter).map_err(LedgerError::from);
    if let Some(totals) = tolerating_damage(totals)?.flatten() {
        let now = session.now();
        session.put(&minter, &totals.give_back(record, usage, now))?;
    }
    Ok(())
}

/// Counts a minted key as its limits are now, in its minter's totals.
pub(super) fn recount(
    session: &mut Session<'_>,
    old: &KeyRecord,
    new: &KeyRecord,
) -> Result<(), LedgerError> {
    let Some(minter) = old.minter else { return Ok(()) };
    if let Some(totals) = session.get::<MinterUsage>(&minter)? {
        let now = session.now();
        session.put(&minter, &totals.recount(old, &new.limits, now))?;
    }
    Ok(())
}

fn live_minter(session: &Session<'_>, id: MinterId) -> Result<Minter, LedgerError> {
    let minter = session.get::<Minter>(&id)?.ok_or(Refusal::MinterGone)?;
    if minter.has_expired(session.now()) { Err(Refusal::MinterGone.into()) } else { Ok(minter) }
}

/// Refuses from now on what may have been used by `at`: what the store knew used tokens by is gone.
pub(super) fn refuse_used_by(rows: &mut dyn RowsMut, at: Timestamp) -> Result<(), StoreError> {
    rows.put(Table::UsedTokens, &ALL_BEFORE.to_key(), &at.to_key())
}

/// Notes that an identity token was used; refuses one that was used before, or may have been: one of
/// before the last new root key, and one whose time is over by now, which nobody remembers.
fn use_up(session: &mut Session<'_>, token: &UsedToken) -> Result<(), LedgerError> {
    let now = session.now();
    let before = session.rows().get(Table::UsedTokens, &ALL_BEFORE.to_key())?;
    let before = before.map(|at| number_of(&at)).transpose()?.map(Timestamp);
    if token.expires_at <= now || before.is_some_and(|at| token.good_from <= at) {
        return Err(Refusal::Replayed.into());
    }
    let digest = session.keys().lookup().digest_used(&token.signed);
    let key = (token.expires_at, digest).to_key();
    if session.rows().get(Table::UsedTokens, &key)?.is_some() {
        return Err(Refusal::Replayed.into());
    }
    let mut over = Vec::new();
    scan_prefix(session.rows(), Table::UsedTokens, &[], &mut |key, _| {
        if Timestamp(number_of(key)?) > now || over.len() >= MOST_DROPPED {
            return Ok(Scan::Stop);
        }
        over.push(key.to_vec());
        Ok(Scan::Continue)
    })?;
    for key in over {
        session.rows_mut().delete(Table::UsedTokens, &key)?;
    }
    Ok(session.rows_mut().put(Table::UsedTokens, &key, &[])?)
}
