//! The providers that a store knows: the binary's table, and those that were added.

use crate::domain::provider_row::ProviderRow;
use crate::ledger::{Book, scan_prefix};
use crate::provider::{CustomProvider, Provider, builtin};
use crate::store::{Rows, Scan, StoreError, Table};

/// The providers that were added, by name.
///
/// # Errors
/// Where the storage fails, or, with a verifying book, a row is not as it was written.
pub fn provider_rows(rows: &dyn Rows, book: Book<'_>) -> Result<Vec<ProviderRow>, StoreError> {
    let mut found = Vec::new();
    scan_prefix(rows, Table::Providers, &[], &mut |key, bytes| {
        found.push(book.read(key, bytes)?);
        Ok(Scan::Continue)
    })?;
    Ok(found)
}

/// Every provider, those of the binary first.
///
/// # Errors
/// As [`provider_rows`].
pub fn all_providers(rows: &dyn Rows, book: Book<'_>) -> Result<Vec<Provider>, StoreError> {
    let mut all = builtin().to_vec();
    for row in provider_rows(rows, book)? {
        all.push(custom(&row)?);
    }
    Ok(all)
}

fn custom(row: &ProviderRow) -> Result<Provider, StoreError> {
    CustomProvider::from_row(row)
        .map(|custom| custom.provider())
        .map_err(|error| StoreError::Damaged(format!("provider `{}`: {error}", row.name)))
}
