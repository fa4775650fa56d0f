//! Whether a store is what it was made to be: every row against its layout and its MAC, the rows
//! against each other, and against the audit log. It reads a view and changes nothing.
//!
//! What is kept in memory is one small entry for each key that lives below another one, for each
//! request in flight, and for each key that the log says was minted: never the rows.

mod figures;
mod finding;
mod history;
mod layout;
mod links;
mod look;
mod removed;

pub use finding::{Finding, Found, Remedy};

use crate::store::{Rows, StoreError, Table};
use crate::vault::ProxyKeys;

use look::Look;

use super::log::verify;
use super::usage::verify_usage;
use crate::ledger::Book;

/// What is told of on the way: what is being done, and how many more rows are.
pub type Progress<'a> = dyn Fn(&'static str, u64) + 'a;

/// Checks all rows of a view, into `found`. Without keys no MAC and no chain: only what whoever
/// can write the file could have made up as well.
///
/// # Errors
/// Where the storage fails for another reason than damage.
pub fn check(
    rows: &dyn Rows,
    keys: Option<&ProxyKeys>,
    found: &mut Found,
    progress: &Progress<'_>,
) -> Result<(), StoreError> {
    let look = Look::new(rows, keys, progress);
    for table in Table::ALL {
        look.each(found, table, "rows", &mut |found, key, bytes| {
            layout::check(look.book(), table, key, bytes, found);
            Ok(())
        })?;
    }
    links::check(&look, found)?;
    figures::check(&look, found)?;
    history::check(&look, found)?;
    if let Some(keys) = keys {
        chain(rows, keys, found, progress)?;
    }
    Ok(())
}

/// The audit chain, and the sums of hours against its events.
fn chain(
    rows: &dyn Rows,
    keys: &ProxyKeys,
    found: &mut Found,
    progress: &Progress<'_>,
) -> Result<(), StoreError> {
    match verify(rows, keys, None, &|steps| progress("the chain", steps)) {
        Ok(verified) => {
            for fault in &verified.faults {
                found.add(Table::Events, "", fault.to_string(), Remedy::Evidence);
            }
        }
        Err(error) => found.damage(Table::Events, error)?,
    }
    match verify_usage(rows, Book::verified(keys.row_mac())) {
        Ok(sums) => {
            if let Some(differs) = sums.differs {
                let row = format!("hour {}, key {}", differs.hour, differs.key);
                let what = "the sums are not those of the hour's events".to_owned();
                found.add(Table::Rollups, &row, what, Remedy::Figures);
            }
        }
        Err(error) => found.damage(Table::Rollups, error)?,
    }
    Ok(())
}
