//! `master add|rotate|rm`: master keys.

use crate::domain::event::{Event, EventKind};
use crate::domain::hold::Instance;
use crate::domain::ids::{InstanceId, MasterId, Revision};
use crate::domain::key::EndCause;
use crate::domain::master::Master;
use crate::domain::master_usage::MasterUsage;
use crate::store::Table;
use crate::vault::{MasterContext, OperatorKeys, SecretText};
use crate::vault::{last4, reseal, seal_new};

use super::super::error::{LedgerError, Refusal};
use super::super::operation::Operation;
use super::super::session::Session;
use super::brought::{brought_anew, forget_brought};
use super::end::{EndKeys, live_keys_of};

/// Seals a credential.
#[derive(Debug)]
pub struct AddMaster<'a> {
    /// What the store was unlocked with.
    pub operator: &'a OperatorKeys,
    /// The credential.
    pub secret: &'a SecretText,
    /// What the operator calls it.
    pub name: String,
    /// The provider that it opens.
    pub provider: String,
    /// A base URL other than the provider's.
    pub base_url: Option<String>,
    /// The origin that it may be sent to.
    pub origin: String,
    /// Whether plain http and private addresses are allowed.
    pub local: bool,
    /// Headers that every request with it carries.
    pub headers: Vec<(String, String)>,
    /// The process that it is erased with, however that one ends.
    pub ends_with: Option<InstanceId>,
}

impl Operation for AddMaster<'_> {
    type Outcome = Master;

    fn apply(&self, session: &mut Session<'_>) -> Result<Master, LedgerError> {
        if find(session, &self.name).is_ok() {
            return Err(Refusal::NameTaken(self.name.clone()).into());
        }
        let id = MasterId(session.state_mut().next_master);
        let context = MasterContext { store: session.store(), id, origin: &self.origin };
        let (secret, data_key) = seal_new(&self.operator.sealing, &context, self.secret)?;
        let master = Master {
            id,
            name: self.name.clone(),
            provider: self.provider.clone(),
            base_url: self.base_url.clone(),
            local: self.local,
            headers: self.headers.clone(),
            origin: self.origin.clone(),
            secret,
            data_key,
            last4: last4(self.secret),
            created_at: session.now(),
            rotated_at: None,
            revision: Revision(1),
        };
        session.state_mut().next_master = id.0.saturating_add(1);
        session.put(&id, &master)?;
        session.put(&id, &MasterUsage { revision: Revision(1), caps: Vec::new() })?;
        if let Some(process) = self.ends_with {
            let instance = session.get::<Instance>(&process)?;
            let mut instance = instance.ok_or(Refusal::NoSuchProcess)?;
            instance.masters.push(id);
            session.put(&process, &instance)?;
        }
        let added = Event::new(EventKind::MasterAdded, session.now()).master(id);
        session.event(&added.note(&*self.name))?;
        Ok(master)
    }
}

/// Seals another credential in the place of one. Live keys go on working, unless told.
#[derive(Debug)]
pub struct RotateMaster<'a> {
    /// What the store was unlocked with.
    pub operator: &'a OperatorKeys,
    /// The new credential.
    pub secret: &'a SecretText,
    /// Which.
    pub name: String,
    /// Whether the keys that depend on it end, and a new data key is taken.
    pub end_keys: bool,
}

impl Operation for RotateMaster<'_> {
    /// How many keys ended.
    type Outcome = u64;

    fn apply(&self, session: &mut Session<'_>) -> Result<u64, LedgerError> {
        let mut master = find(session, &self.name)?;
        let context =
            MasterContext { store: session.store(), id: master.id, origin: &master.origin };
        if self.end_keys {
            let (secret, data_key) = seal_new(&self.operator.sealing, &context, self.secret)?;
            (master.secret, master.data_key) = (secret, data_key);
        } else {
            let sealing = &self.operator.sealing;
            master.secret = reseal(sealing, &context, &master.data_key, self.secret)?;
        }
        master.last4 = last4(self.secret);
        master.rotated_at = Some(session.now());
        master.revision = master.revision.next();
        session.put(&master.id, &master)?;
        brought_anew(session, self.operator, &master, self.secret)?;
        let rotated = Event::new(EventKind::MasterRotated, session.now()).master(master.id);
        session.event(&rotated.note(&*master.name))?;
        if self.end_keys { end_keys_of(session, master.id) } else { Ok(0) }
    }
}

/// Erases a master key.
#[derive(Debug)]
pub struct RemoveMaster {
    /// Which.
    pub name: String,
    /// Whether the keys that depend on it end; else it is refused while there are some.
    pub revoke_keys: bool,
}

impl Operation for RemoveMaster {
    /// How many keys ended.
    type Outcome = u64;

    fn apply(&self, session: &mut Session<'_>) -> Result<u64, LedgerError> {
        let master = find(session, &self.name)?;
        if !self.revoke_keys {
            let live = live_keys_of(session, master.id)?.len();
            if live > 0 {
                return Err(Refusal::KeysDepend(u64::try_from(live).unwrap_or(u64::MAX)).into());
            }
        }
        erase(session, &master)
    }
}

/// Erases a master key, and ends the keys that depend on it.
pub(super) fn erase(session: &mut Session<'_>, master: &Master) -> Result<u64, LedgerError> {
    let ended = end_keys_of(session, master.id)?;
    forget(session, master)?;
    Ok(ended)
}

/// Erases a master key that no live key opens. One that is erased already stays so: it may have
/// gone with the last key.
pub(super) fn forget(session: &mut Session<'_>, master: &Master) -> Result<(), LedgerError> {
    forget_brought(session, master.id)?;
    if session.delete(Table::Masters, &master.id)? {
        session.delete(Table::MasterUsage, &master.id)?;
        let removed = Event::new(EventKind::MasterRemoved, session.now()).master(master.id);
        session.event(&removed.note(&*master.name))?;
    }
    Ok(())
}

fn end_keys_of(session: &mut Session<'_>, master: MasterId) -> Result<u64, LedgerError> {
    let keys = live_keys_of(session, master)?;
    EndKeys { keys, cause: EndCause::MasterGone }.apply(session)
}

/// The master key of this name.
pub(super) fn find(session: &Session<'_>, name: &str) -> Result<Master, LedgerError> {
    let masters = session.list::<Master>(&[])?;
    let found = masters.into_iter().map(|(_, master)| master).find(|master| master.name == name);
    found.ok_or_else(|| Refusal::NoSuchMaster(name.to_owned()).into())
}
