//! What a name means that a key is to open: a master key by its own name, or the only one of a
//! provider.

use crate::domain::ids::MasterId;
use crate::domain::master::Master;
use crate::ledger::{Book, scan_prefix};
use crate::provider::Provider;
use crate::store::{Rows, Scan, StoreError, Table};

use super::all_providers;

/// A master key, and the provider that it opens.
#[derive(Clone, Debug)]
pub struct Target {
    /// The master key.
    pub master: MasterId,
    /// Its provider, as the table or the store has it.
    pub provider: Provider,
}

/// Why a name means no master key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoTarget {
    /// There is none of it.
    Absent,
    /// The provider that it is for was removed.
    ProviderGone,
    /// There are several, of these names.
    Several(Vec<String>),
}

/// The master key that a name means.
///
/// # Errors
/// Where the storage fails, or, with a verifying book, a row is not as it was written.
pub fn find_target(
    rows: &dyn Rows,
    book: Book<'_>,
    name: &str,
) -> Result<Result<Target, NoTarget>, StoreError> {
    let mut named: Vec<Master> = Vec::new();
    let mut of_provider: Vec<Master> = Vec::new();
    scan_prefix(rows, Table::Masters, &[], &mut |key, bytes| {
        let master: Master = book.read(key, bytes)?;
        // One that came with a request is nobody's to name.
        let brought = rows.get(Table::Brought, key)?.is_some();
        if master.name == name {
            named.push(master);
        } else if master.provider == name && !brought {
            of_provider.push(master);
        }
        Ok(Scan::Continue)
    })?;
    let found = if named.is_empty() { of_provider } else { named };
    let one = match found.as_slice() {
        [one] => one,
        [] => return Ok(Err(NoTarget::Absent)),
        several => {
            let called = several.iter().map(|master| master.name.clone()).collect();
            return Ok(Err(NoTarget::Several(called)));
        }
    };
    let provider = all_providers(rows, book)?.into_iter().find(|known| known.name == one.provider);
    let target = provider.map(|provider| Target { master: one.id, provider });
    Ok(target.ok_or(NoTarget::ProviderGone))
}
