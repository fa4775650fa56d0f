//! What was used, by hours: the sums that lie beside the events, filtered, grouped and added up.
//!
//! The sums over the groups are the sums over the rows, whatever the grouping.

mod group;
mod names;
mod sums;
mod unusual;
mod verify;

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::domain::denial::{RULES, Reason};
use crate::domain::ids::KeySeq;
use crate::domain::pattern::Pattern;
use crate::domain::rollup::{Rollup, RollupKey};
use crate::ledger::{Book, MAX_DENIALS, MAX_ROLLUPS, scan_prefix};
use crate::store::rows::{DenialCount, RowKey, from_bytes, key_number, rollup_key};
use crate::store::{Rows, Scan, StoreError, Table};

use group::GroupKey;
use names::Names;

pub use group::{Group, Grouping};
pub use sums::{Hours, Metric, Pieces, Sums};
pub use unusual::Told;
pub use verify::{Difference, Verified, verify_usage};

/// Minutes in an hour.
const MINUTES: u64 = 60;

/// What is asked.
#[derive(Clone, Debug)]
pub struct UsageQuery {
    /// What is added up together.
    pub by: Grouping,
    /// The hours that are looked at.
    pub hours: Hours,
    /// Only this key.
    pub key: Option<KeySeq>,
    /// Only requests to this provider.
    pub provider: Option<String>,
    /// Only requests that named such a model. Denials are then left out: none is counted by model.
    pub model: Option<Pattern>,
    /// Only keys that have all these labels.
    pub labels: Vec<(String, String)>,
    /// In how many pieces at the most the hours are cut, to show the course of a figure.
    pub pieces: usize,
    /// Which figure that is.
    pub metric: Metric,
}

/// What was used.
#[derive(Clone, Debug)]
pub struct UsageView {
    /// The groups, in the order of what they are about.
    pub groups: Vec<Group>,
    /// Everything that is in any group.
    pub total: Sums,
    /// The pieces that the courses are in.
    pub pieces: Pieces,
    /// What was unusual in those hours, for the keys and masters that are asked for.
    pub unusual: Vec<Told>,
    /// Requests in hours after those that were asked for: where that is now, a clock was ahead.
    pub later: u64,
    /// The first hour of which everything is kept; none where nothing was dropped yet.
    pub kept_from: Option<u64>,
}

/// Adds up what was asked.
///
/// # Errors
/// Where the storage fails, or, with a verifying book, a row is not as it was written.
pub fn usage(rows: &dyn Rows, book: Book<'_>, query: &UsageQuery) -> Result<UsageView, StoreError> {
    let names = Names::read(rows, book)?;
    let (pieces, metric) = (query.hours.pieces(query.pieces), query.metric);
    let nothing = || Sums::new(pieces.count);
    let mut groups: BTreeMap<GroupKey, Sums> = BTreeMap::new();
    let mut total = nothing();
    let mut later: u64 = 0;
    let first = query.hours.first.to_key();
    rows.scan(Table::Rollups, Bound::Included(&first), Bound::Unbounded, &mut |key, bytes| {
        let about = rollup_key(key).map_err(damaged)?;
        if !query.takes(&names, &about) {
            return Ok(Scan::Continue);
        }
        let row: Rollup = book.read(key, bytes)?;
        if about.hour > query.hours.last {
            later = later.saturating_add(row.sent);
            return Ok(Scan::Continue);
        }
        let piece = pieces.of(about.hour);
        if query.by == Grouping::Reason {
            total.add(&row, metric, piece);
        } else {
            let group = GroupKey::of_use(&query.by, &names, about);
            groups.entry(group).or_insert_with(nothing).add(&row, metric, piece);
        }
        Ok(Scan::Continue)
    })?;
    denials(rows, query, |hour, key, reason, count| {
        if query.takes_denial(&names, key) {
            let piece = pieces.of(hour);
            let group = GroupKey::of_denial(&query.by, &names, hour, key, reason);
            groups.entry(group).or_insert_with(nothing).deny(reason, count, metric, piece);
        }
    })?;
    for sums in groups.values() {
        total.merge(sums);
    }
    let groups = groups.into_iter().map(|(key, sums)| key.named(&names, sums)).collect();
    let unusual = unusual::told(rows, book, query, &names)?;
    Ok(UsageView { groups, total, pieces, unusual, later, kept_from: kept_from(rows)? })
}

/// The first hour of which everything is kept; none where nothing was dropped yet.
fn kept_from(rows: &dyn Rows) -> Result<Option<u64>, StoreError> {
    let mut kept = None;
    for (table, most, grain) in
        [(Table::Rollups, MAX_ROLLUPS, 1), (Table::Denials, MAX_DENIALS, MINUTES)]
    {
        if rows.len(table)? >= most {
            scan_prefix(rows, table, &[], &mut |key, _| {
                let hour = key_number(key, 0).map_err(damaged)?.checked_div(grain);
                kept = kept.max(hour.map(|hour| hour.saturating_add(1)));
                Ok(Scan::Stop)
            })?;
        }
    }
    Ok(kept)
}

impl UsageQuery {
    fn takes(&self, names: &Names, about: &RollupKey) -> bool {
        self.key.is_none_or(|key| key == about.key)
            && self.provider.as_deref().is_none_or(|provider| {
                names.provider_of(about.master).is_some_and(|known| known == provider)
            })
            && self.model.as_ref().is_none_or(|model| model.matches(&about.model))
            && names.has_labels(about.key, &self.labels)
    }

    fn takes_denial(&self, names: &Names, key: KeySeq) -> bool {
        self.model.is_none()
            && self.key.is_none_or(|wanted| wanted == key)
            && self.provider.as_deref().is_none_or(|provider| {
                names.only_master_of(key).is_some_and(|(_, known)| known == provider)
            })
            && names.has_labels(key, &self.labels)
    }
}

/// Calls `each` with hour, key, reason and number of the denials in the hours that are asked for.
fn denials(
    rows: &dyn Rows,
    query: &UsageQuery,
    mut each: impl FnMut(u64, KeySeq, Reason, u64),
) -> Result<(), StoreError> {
    let first = query.hours.first.saturating_mul(MINUTES).to_key();
    let end = query.hours.last.saturating_add(1).saturating_mul(MINUTES).to_key();
    let (first, end) = (Bound::Included(&*first), Bound::Excluded(&*end));
    rows.scan(Table::Denials, first, end, &mut |key, bytes| {
        let number = |at| key_number(key, at).map_err(damaged);
        let reason = number(2)?;
        let rule = RULES.iter().find(|rule| u64::from(rule.number) == reason);
        let unknown = || StoreError::Damaged("a row of `denials`: unknown reason".to_owned());
        let rule = rule.ok_or_else(unknown)?;
        let hour = number(0)?.checked_div(MINUTES).unwrap_or_default();
        let count: DenialCount = from_bytes(bytes).map_err(damaged)?;
        each(hour, KeySeq(number(1)?), rule.reason, count.0);
        Ok(Scan::Continue)
    })
}

fn damaged(malformed: impl std::fmt::Display) -> StoreError {
    StoreError::Damaged(malformed.to_string())
}

#[cfg(test)]
mod tests;
