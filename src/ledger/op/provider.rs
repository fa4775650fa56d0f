//! `provider add|rm`: providers that are not in the binary's table.

use crate::domain::event::{Event, EventKind};
use crate::domain::ids::Revision;
use crate::domain::master::Master;
use crate::domain::provider_row::ProviderRow;
use crate::store::Table;

use super::super::error::{LedgerError, Refusal};
use super::super::operation::Operation;
use super::super::session::Session;

/// Adds a provider. Its texts were checked by the provider layer.
#[derive(Debug)]
pub struct AddProvider {
    /// What is to be written; its times and revision are set here.
    pub row: ProviderRow,
}

impl Operation for AddProvider {
    type Outcome = ();

    fn apply(&self, session: &mut Session<'_>) -> Result<(), LedgerError> {
        let name = self.row.name.as_str();
        if session.get::<ProviderRow>(name)?.is_some() {
            return Err(Refusal::NameTaken(name.to_owned()).into());
        }
        let row =
            ProviderRow { created_at: session.now(), revision: Revision(1), ..self.row.clone() };
        session.put(name, &row)?;
        Ok(session.event(&Event::new(EventKind::ProviderAdded, session.now()).note(name))?)
    }
}

/// Removes a provider that was added, if no master key needs it.
#[derive(Debug)]
pub struct RemoveProvider {
    /// Which.
    pub name: String,
}

impl Operation for RemoveProvider {
    type Outcome = ();

    fn apply(&self, session: &mut Session<'_>) -> Result<(), LedgerError> {
        let name = self.name.as_str();
        if session.get::<ProviderRow>(name)?.is_none() {
            return Err(Refusal::NoSuchProvider(name.to_owned()).into());
        }
        let masters = session.list::<Master>(&[])?;
        let depending = masters.iter().filter(|(_, master)| master.provider == name).count();
        if depending > 0 {
            let depending = u64::try_from(depending).unwrap_or(u64::MAX);
            return Err(Refusal::MastersDepend(depending).into());
        }
        session.delete(Table::Providers, name)?;
        Ok(session.event(&Event::new(EventKind::ProviderRemoved, session.now()).note(name))?)
    }
}
