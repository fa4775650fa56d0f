//! Where a master key's requests go.

use super::{BaseUrl, CustomProvider, Provider, find_builtin};
use crate::domain::master::Master;
use crate::domain::provider_row::ProviderRow;

/// Why a master key has no destination.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDestination {
    /// Neither the table nor the store has its provider.
    #[error("the provider `{0}` is unknown")]
    Unknown(String),
    /// What the store says of it cannot be read.
    #[error("the provider `{0}` cannot be read: {1}")]
    Malformed(String, String),
}

/// The provider that a master's key goes to: the table's row, or the one that was added, at the
/// master's own base URL where it has one.
///
/// # Errors
/// As [`NoDestination`] says.
pub fn destination(master: &Master, row: Option<&ProviderRow>) -> Result<Provider, NoDestination> {
    let name = &master.provider;
    let malformed = |why: String| NoDestination::Malformed(name.clone(), why);
    let mut provider = match (find_builtin(name), row) {
        (Some(builtin), _) => builtin.clone(),
        (None, Some(row)) => {
            CustomProvider::from_row(row).map_err(|error| malformed(error.to_string()))?.provider()
        }
        (None, None) => return Err(NoDestination::Unknown(name.clone())),
    };
    if let Some(url) = &master.base_url {
        let base = BaseUrl::parse(url, master.local);
        provider = provider.with_base_url(&base.map_err(|error| malformed(error.to_string()))?);
    }
    provider.local |= master.local;
    // What the master pins wins over what its provider says.
    provider.headers.retain(|(name, _)| !master.headers.iter().any(|(pinned, _)| pinned == name));
    provider.headers.extend(master.headers.iter().cloned());
    Ok(provider)
}
