//! What was used in the running hour and in a day. Hours that are over are added up once.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::domain::clock::Reading;
use crate::domain::ids::KeySeq;
use crate::domain::money::Picodollars;
use crate::domain::rollup::{Rollup, RollupKey};
use crate::domain::time::{Span, Timestamp};
use crate::ledger::{Book, scan_prefix};
use crate::store::rows::{RowKey, rollup_key};
use crate::store::{Rows, Scan, StoreError, Table};

use super::snapshot::Focus;

/// The hours that are shown.
const HOURS: u64 = 24;
/// With more rows than these the running hour is not added up at each look.
const MANY: u64 = 2_000;
/// How old its sum may become then.
const STALE: Span = Span::seconds(10);

/// What was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Totals {
    /// Requests that were sent.
    pub sent: u64,
    /// Of those, the ones that were not answered with success.
    pub errors: u64,
    /// Tokens of both kinds.
    pub tokens: u64,
    /// Money.
    pub spend: Picodollars,
}

impl Totals {
    fn add(&mut self, row: &Rollup) {
        let errors = row.limited.saturating_add(row.refused).saturating_add(row.failed);
        self.merge(Self {
            sent: row.sent,
            errors,
            tokens: row.cost.tokens(),
            spend: row.cost.spend,
        });
    }

    fn merge(&mut self, other: Self) {
        self.sent = self.sent.saturating_add(other.sent);
        self.errors = self.errors.saturating_add(other.errors);
        self.tokens = self.tokens.saturating_add(other.tokens);
        self.spend = self.spend.plus(other.spend);
    }
}

/// The sums, as far as they were added up.
#[derive(Debug, Default)]
pub(super) struct Sums {
    /// The running hour, its rows, and when they were added up.
    running: Option<(u64, u64, Reading)>,
    hour: Totals,
    /// The hours before it.
    before: Totals,
}

impl Sums {
    /// The running hour and the last day. `settled` says whether a request has ended since.
    pub(super) fn look(
        &mut self,
        rows: &dyn Rows,
        (now, reading): (Timestamp, Reading),
        settled: bool,
    ) -> Result<(Totals, Totals), StoreError> {
        let hour = RollupKey::hour_of(now);
        let same = self.running.filter(|(known, ..)| *known == hour);
        if same.is_none() {
            self.before = Totals::default();
            let first = hour.saturating_sub(HOURS.saturating_sub(1));
            add_up(rows, first, hour, &mut self.before)?;
        }
        let fresh = same.is_some_and(|(_, count, at)| {
            let age = Span(reading.boot.0.saturating_sub(at.boot.0));
            !settled || (count > MANY && age < STALE)
        });
        if !fresh {
            self.hour = Totals::default();
            let count = add_up(rows, hour, hour.saturating_add(1), &mut self.hour)?;
            self.running = Some((hour, count, reading));
        }
        let mut day = self.before;
        day.merge(self.hour);
        Ok((self.hour, day))
    }
}

fn add_up(rows: &dyn Rows, first: u64, end: u64, totals: &mut Totals) -> Result<u64, StoreError> {
    let mut count: u64 = 0;
    let (first, end) = (first.to_key(), end.to_key());
    let (first, end) = (Bound::Included(&*first), Bound::Excluded(&*end));
    rows.scan(Table::Rollups, first, end, &mut |key, bytes| {
        totals.add(&Book::unverified().read(key, bytes)?);
        count = count.saturating_add(1);
        Ok(Scan::Continue)
    })?;
    Ok(count)
}

/// What one key used in the last hours.
pub(super) fn focus(rows: &dyn Rows, key: KeySeq, now: Timestamp) -> Result<Focus, StoreError> {
    let last = RollupKey::hour_of(now);
    let first = last.saturating_sub(HOURS.saturating_sub(1));
    let mut requests = Vec::new();
    let mut models: BTreeMap<String, Rollup> = BTreeMap::new();
    for hour in first..=last {
        let mut sent: u64 = 0;
        scan_prefix(rows, Table::Rollups, &(hour, key).to_key(), &mut |about, bytes| {
            let row: Rollup = Book::unverified().read(about, bytes)?;
            let about = rollup_key(about).map_err(|bad| StoreError::Damaged(bad.to_string()))?;
            sent = sent.saturating_add(row.sent);
            models.entry(about.model).or_default().merge(&row);
            Ok(Scan::Continue)
        })?;
        requests.push(sent);
    }
    let mut models: Vec<_> = models.into_iter().collect();
    models.sort_by_key(|(_, row)| std::cmp::Reverse(row.sent));
    Ok(Focus { key, requests, models })
}
