//! `admin mint|trust|revoke`: those who may mint without unlocking the store.

use zeroize::Zeroizing;

use crate::domain::admin_text::AdminText;
use crate::domain::bounds::Bounds;
use crate::domain::cost::Measure;
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{KeySeq, MinterId, Revision};
use crate::domain::key::EndCause;
use crate::domain::key_text::SECRET_BYTES;
use crate::domain::limits::MAX_ACTIVATIONS;
use crate::domain::minter::{Minter, Proof, Trust};
use crate::domain::rate::Period;
use crate::domain::totals::{MinterUsage, Quantity};
use crate::store::Table;
use crate::store::rows::{RowKey, key_number};
use crate::vault::random_array;

use super::super::error::{LedgerError, Refusal};
use super::super::operation::Operation;
use super::super::session::Session;
use super::end::EndKeys;
use super::limit_master::most;

/// What a new minter is to be.
#[derive(Clone, Debug)]
pub struct MinterTemplate {
    /// What the operator calls it.
    pub name: String,
    /// Whose identity tokens it is known by; an admin token is made where there is none.
    pub trust: Option<Trust>,
    /// What each of its keys may be.
    pub bounds: Bounds,
    /// The most of its keys that may live.
    pub max_live_keys: Option<u64>,
    /// What all of its keys together may be.
    pub totals: Vec<(Quantity, Option<Period>, u64)>,
}

/// Makes a minter.
#[derive(Debug)]
pub struct AddMinter {
    /// What it is to be.
    pub template: MinterTemplate,
}

/// A new minter, and its token, which exists outside its holder's hands this once.
#[derive(Debug)]
pub struct AddedMinter {
    /// The token; none for one that shows an identity.
    pub token: Option<AdminText>,
    /// What was written.
    pub minter: Minter,
    /// With its totals.
    pub usage: MinterUsage,
}

impl Operation for AddMinter {
    type Outcome = AddedMinter;

    fn apply(&self, session: &mut Session<'_>) -> Result<AddedMinter, LedgerError> {
        let MinterTemplate { name, trust, bounds, max_live_keys, totals } = &self.template;
        check(bounds, totals)?;
        if find_minter(session, name).is_ok() {
            return Err(Refusal::NameTaken(name.clone()).into());
        }
        let now = session.now();
        if bounds.expires_at.is_some_and(|end| end <= now) {
            return Err(Refusal::PastExpiry.into());
        }
        let id = MinterId(session.state_mut().next_minter);
        session.state_mut().next_minter = id.0.saturating_add(1);
        let (proof, token) = if let Some(trust) = trust {
            (Proof::Identity(trust.clone()), None)
        } else {
            let random = Zeroizing::new(random_array::<SECRET_BYTES>()?);
            let token = AdminText::from_random(&random);
            let lookup = session.keys().lookup().digest_token(&token);
            session.rows_mut().put(Table::MinterIndex, &lookup, &id.to_key())?;
            (Proof::Token { lookup }, Some(token))
        };
        let minter = Minter {
            id,
            name: name.clone(),
            proof,
            bounds: bounds.clone(),
            created_at: now,
            revision: Revision(1),
        };
        let mut usage = MinterUsage {
            revision: Revision(1),
            max_live_keys: *max_live_keys,
            ..MinterUsage::default()
        };
        for (quantity, window, limit) in totals {
            usage.bound(*quantity, *window, *limit, now);
        }
        session.put(&id, &minter)?;
        session.put(&id, &usage)?;
        let added = Event::new(EventKind::MinterAdded, now).count(id.0);
        session.event(&added.note(&**name))?;
        Ok(AddedMinter { token, minter, usage })
    }
}

/// Takes a minter away. Its token is unknown from then on.
#[derive(Debug)]
pub struct RemoveMinter {
    /// Which.
    pub name: String,
    /// Whether the keys that it minted end.
    pub revoke_keys: bool,
}

impl Operation for RemoveMinter {
    /// How many keys ended.
    type Outcome = u64;

    fn apply(&self, session: &mut Session<'_>) -> Result<u64, LedgerError> {
        let minter = find_minter(session, &self.name)?;
        let id = minter.id;
        let mut ended = 0;
        let keys = session.list_keys(Table::MinterKeys, &id.to_key())?;
        if self.revoke_keys {
            let keys = keys.iter().map(|key| Ok(KeySeq(key_number(key, 1)?)));
            let keys = keys.collect::<Result<Vec<_>, LedgerError>>()?;
            ended = EndKeys { keys, cause: EndCause::Revoked }.apply(session)?;
        }
        for key in keys {
            session.rows_mut().delete(Table::MinterKeys, &key)?;
        }
        if let Proof::Token { lookup } = minter.proof {
            session.delete(Table::MinterIndex, &lookup)?;
        }
        session.delete(Table::Minters, &id)?;
        session.delete(Table::MinterUsage, &id)?;
        let removed = Event::new(EventKind::MinterRemoved, session.now()).count(id.0);
        session.event(&removed.note(&*minter.name))?;
        Ok(ended)
    }
}

/// The minter of this name.
pub(super) fn find_minter(session: &Session<'_>, name: &str) -> Result<Minter, LedgerError> {
    let all = session.list::<Minter>(&[])?;
    let found = all.into_iter().map(|(_, minter)| minter).find(|minter| minter.name == name);
    found.ok_or_else(|| Refusal::NoSuchMinter(name.to_owned()).into())
}

/// Refuses bounds that no key can be within, or that are none.
fn check(bounds: &Bounds, totals: &[(Quantity, Option<Period>, u64)]) -> Result<(), Refusal> {
    if bounds.masters.is_empty() && !bounds.bring_keys {
        return Err(Refusal::OpensNothing);
    }
    if let Some(most) = bounds.activations
        && !(1..=MAX_ACTIVATIONS).contains(&most)
    {
        return Err(Refusal::LimitOutOfRange(most));
    }
    let in_range = |measure: Measure, cap: u64| (1..=most(measure)).contains(&cap);
    if let Some((measure, _)) = bounds.caps.iter().find(|(m, cap)| !in_range(*m, *cap)) {
        return Err(Refusal::CapOutOfRange(measure));
    }
    for (quantity, _, limit) in totals {
        match quantity {
            Quantity::Of(measure) if !in_range(*measure, *limit) => {
                return Err(Refusal::CapOutOfRange(*measure));
            }
            Quantity::Keys | Quantity::Activations if !(1..=MAX_ACTIVATIONS).contains(limit) => {
                return Err(Refusal::LimitOutOfRange(*limit));
            }
            _ => {}
        }
    }
    Ok(())
}
