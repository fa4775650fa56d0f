//! What was told as unusual in the hours that are looked at.

use std::ops::Bound;

use crate::domain::spike::{Found, Subject, Unusual};
use crate::ledger::Book;
use crate::store::rows::{RowKey, unusual_key};
use crate::store::{Rows, Scan, StoreError, Table};

use super::names::Names;
use super::{UsageQuery, damaged};

/// Something unusual, with the names of whom it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The hour, counted from the epoch.
    pub hour: u64,
    /// The proxy key's public id; none where it is about a master key, or the key is no more.
    pub key: Option<String>,
    /// The master key's name; none where it is about a proxy key, or the master is no more.
    pub master: Option<String>,
    /// Whether it is about a master key.
    pub of_master: bool,
    /// What was unusual.
    pub found: Found,
}

/// In the order of the hours.
pub(super) fn told(
    rows: &dyn Rows,
    book: Book<'_>,
    query: &UsageQuery,
    names: &Names,
) -> Result<Vec<Told>, StoreError> {
    let mut all = Vec::new();
    let first = query.hours.first.to_key();
    let end = query.hours.last.saturating_add(1).to_key();
    let bounds = (Bound::Included(&*first), Bound::Excluded(&*end));
    rows.scan(Table::Unusual, bounds.0, bounds.1, &mut |key, bytes| {
        let (hour, about) = unusual_key(key).map_err(damaged)?;
        if !is_asked(query, names, about) {
            return Ok(Scan::Continue);
        }
        let row: Unusual = book.read(key, bytes)?;
        let (key, master, of_master) = match about {
            Subject::Key(key) => (names.key(key).map(|key| key.id.to_string()), None, false),
            Subject::Master(master) => (None, names.master(master).map(str::to_owned), true),
        };
        all.extend(row.found.into_iter().map(|found| Told {
            hour,
            key: key.clone(),
            master: master.clone(),
            of_master,
            found,
        }));
        Ok(Scan::Continue)
    })?;
    Ok(all)
}

fn is_asked(query: &UsageQuery, names: &Names, about: Subject) -> bool {
    match about {
        Subject::Key(key) => {
            let provider = |provider: &str| {
                names.key(key).is_some_and(|key| key.providers().any(|known| known == provider))
            };
            query.key.is_none_or(|wanted| wanted == key)
                && query.provider.as_deref().is_none_or(provider)
                && names.has_labels(key, &query.labels)
        }
        Subject::Master(master) => {
            query.key.is_none()
                && query.labels.is_empty()
                && query.provider.as_deref().is_none_or(|provider| {
                    names.provider_of(master).is_some_and(|known| known == provider)
                })
        }
    }
}
