//! Real keys that come with a request for a proxy key: sealed once however often they come, and
//! erased with the last proxy key that opens them.

use crate::domain::ids::MasterId;
use crate::domain::key::KeyRecord;
use crate::domain::master::{Brought, Master};
use crate::store::Table;
use crate::store::rows::RowKey;
use crate::vault::{OperatorKeys, SecretText};

use super::super::error::{LedgerError, tolerating_damage};
use super::super::operation::Operation;
use super::super::session::{Session, number_of};
use super::master::{AddMaster, find, forget};
use super::mint_as::BroughtSecret;

/// The master key of a secret: the one that it was sealed as before, or a new one.
pub(super) fn bring(
    session: &mut Session<'_>,
    operator: &OperatorKeys,
    brought: &BroughtSecret<'_>,
) -> Result<MasterId, LedgerError> {
    let BroughtSecret { secret, provider, origin, local } = brought;
    let digest = operator.brought.digest(origin, provider, secret);
    if let Some(known) = session.rows().get(Table::BroughtIndex, &digest)? {
        let id = MasterId(number_of(&known)?);
        // The index carries no MAC: the row says whether it is this one.
        if session.get::<Brought>(&id)?.is_some_and(|row| row.digest == digest) {
            return Ok(id);
        }
    }
    let number = session.state_mut().next_master;
    let names = (0..u64::MAX).map(|more| match more {
        0 => format!("brought-{number}"),
        more => format!("brought-{number}.{more}"),
    });
    // The operator may have given the name to another one.
    let free = names.into_iter().find(|name| find(session, name).is_err());
    let name = free.unwrap_or_default();
    let add = AddMaster {
        operator,
        secret,
        name,
        provider: provider.clone(),
        base_url: None,
        origin: origin.clone(),
        local: *local,
        headers: Vec::new(),
        ends_with: None,
    };
    let id = add.apply(session)?.id;
    session.put(&id, &Brought { digest, live_keys: 0 })?;
    session.rows_mut().put(Table::BroughtIndex, &digest, &id.to_key())?;
    Ok(id)
}

/// Counts a new key of a master that was brought.
pub(super) fn opened_by(
    session: &mut Session<'_>,
    masters: &[(MasterId, String)],
) -> Result<(), LedgerError> {
    for (id, _) in masters {
        if let Some(row) = session.get::<Brought>(id)? {
            session.put(id, &Brought { live_keys: row.live_keys.saturating_add(1), ..row })?;
        }
    }
    Ok(())
}

/// Counts the end of a key; with the last one a master that was brought is erased. Rows that were
/// edited keep no key from its end.
pub(super) fn closed_by(session: &mut Session<'_>, record: &KeyRecord) -> Result<(), LedgerError> {
    for (id, _) in &record.masters {
        let row = session.get::<Brought>(id).map_err(LedgerError::from);
        let Some(row) = tolerating_damage(row)?.flatten() else { continue };
        let live_keys = row.live_keys.saturating_sub(1);
        if live_keys > 0 {
            session.put(id, &Brought { live_keys, ..row })?;
            continue;
        }
        let master = session.get::<Master>(id).map_err(LedgerError::from);
        if let Some(master) = tolerating_damage(master)?.flatten() {
            forget(session, &master)?;
        }
    }
    Ok(())
}

/// Notes the new secret of a master that was brought, where it was: whoever brings the old one does not
/// get the new one for it.
pub(super) fn brought_anew(
    session: &mut Session<'_>,
    operator: &OperatorKeys,
    master: &Master,
    secret: &SecretText,
) -> Result<(), LedgerError> {
    let Some(row) = session.get::<Brought>(&master.id)? else { return Ok(()) };
    let digest = operator.brought.digest(&master.origin, &master.provider, secret);
    session.delete(Table::BroughtIndex, &row.digest)?;
    session.put(&master.id, &Brought { digest, ..row })?;
    Ok(session.rows_mut().put(Table::BroughtIndex, &digest, &master.id.to_key())?)
}

/// Drops what is known of a master that was brought, where it was.
pub(super) fn forget_brought(session: &mut Session<'_>, id: MasterId) -> Result<(), LedgerError> {
    if let Some(row) = session.get::<Brought>(&id)? {
        session.delete(Table::BroughtIndex, &row.digest)?;
        session.delete(Table::Brought, &id)?;
    }
    Ok(())
}
