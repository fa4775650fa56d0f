//! Looks for what is unusual: the hour as it fills, against the days before.
//!
//! The days before are read once in an hour, and the hour at each look. Masters have no denials: a
//! request may be denied before it is known which one it would go out with. A row that is damaged is
//! passed over: figures for people stop nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use crate::domain::ids::KeySeq;
use crate::domain::rollup::{Rollup, RollupKey};
use crate::domain::spike::{Baseline, DAYS, Figures, Found, History, Subject, Unusual};
use crate::store::rows::{DenialCount, RowKey, from_bytes, key_number, rollup_key};
use crate::store::{Rows, Scan, StoreError, Table};

use super::book::Book;
use super::error::LedgerError;
use super::forwarding::Forwarding;
use super::op::TellUnusual;

const HOURS: u64 = 24;
const MINUTES: u64 = 60;

/// What is known of the hours before, and what was told in this one.
#[derive(Debug, Default)]
pub struct Spikes {
    /// The hour that is looked at.
    hour: u64,
    before: Before,
    baselines: BTreeMap<Subject, Option<Baseline>>,
    told: BTreeMap<Subject, Unusual>,
}

/// The hours before one.
#[derive(Debug, Default)]
struct Before {
    histories: BTreeMap<Subject, History>,
    /// The first hour of each key, and the models that it asked.
    models: BTreeMap<KeySeq, (u64, BTreeSet<String>)>,
}

/// One hour, as far as it has come.
#[derive(Debug, Default)]
struct Hour {
    figures: BTreeMap<Subject, Figures>,
    models: BTreeSet<(KeySeq, String)>,
}

impl Spikes {
    /// Looks once, and tells what is unusual and was not told yet.
    ///
    /// # Errors
    /// Where the storage fails.
    pub fn look(&mut self, forwarding: &Forwarding) -> Result<(), LedgerError> {
        let (book, last) = (forwarding.book(), self.hour);
        let (hour, before, now) = forwarding.ledger().view(|rows, now| {
            let hour = RollupKey::hour_of(now);
            let before = if last == hour { None } else { Some(Before::read(rows, book, hour)?) };
            Ok((hour, before, Hour::read(rows, book, hour)?))
        })?;
        if let Some(before) = before {
            *self = Self { hour, before, ..Self::default() };
        }
        for (about, found) in self.unusual(&now) {
            let tell = TellUnusual { hour, about, found };
            let told = forwarding.apply(&tell)?;
            self.told.insert(about, told);
        }
        Ok(())
    }

    /// What is unusual in the hour, and not known to be told.
    fn unusual(&mut self, now: &Hour) -> Vec<(Subject, Vec<Found>)> {
        let mut all: BTreeMap<Subject, Vec<Found>> = BTreeMap::new();
        for (about, figures) in &now.figures {
            let (histories, hour) = (&self.before.histories, self.hour);
            let baseline = self
                .baselines
                .entry(*about)
                .or_insert_with(|| histories.get(about).and_then(|history| history.baseline(hour)));
            let found = baseline.map(|baseline| baseline.judge(figures)).unwrap_or_default();
            let found: Vec<_> = found.into_iter().map(Found::Figure).collect();
            if !found.is_empty() {
                all.insert(*about, found);
            }
        }
        for (key, model) in &now.models {
            if self.before.is_new(*key, model, self.hour) {
                all.entry(Subject::Key(*key)).or_default().push(Found::Model(model.clone()));
            }
        }
        all.retain(|about, found| {
            found.retain(|found| self.told.get(about).is_none_or(|told| !told.has(found)));
            !found.is_empty()
        });
        all.into_iter().collect()
    }
}

impl Before {
    /// The days that an hour is held against, up to it.
    fn read(rows: &dyn Rows, book: Book<'_>, hour: u64) -> Result<Self, StoreError> {
        let today = hour.checked_div(HOURS).unwrap_or_default();
        let first = today.saturating_sub(DAYS).saturating_mul(HOURS);
        let mut before = Self::default();
        let mut hours: BTreeMap<(Subject, u64), Figures> = BTreeMap::new();
        let mut add = |about, at, figures: Figures| {
            let known = hours.entry((about, at)).or_default();
            *known = known.plus(figures);
        };
        let span = (first, hour.saturating_sub(1));
        rollups(rows, book, span, |about, row| {
            let figures = figures_of(row);
            add(Subject::Key(about.key), about.hour, figures);
            add(Subject::Master(about.master), about.hour, figures);
            let (_, models) =
                before.models.entry(about.key).or_insert_with(|| (about.hour, BTreeSet::new()));
            models.insert(about.model);
        })?;
        denials(rows, span, |at, key, denials| {
            add(Subject::Key(key), at, Figures { denials, ..Figures::default() });
        })?;
        for ((about, at), figures) in hours {
            before.histories.entry(about).or_default().add(at, figures);
        }
        Ok(before)
    }

    /// Whether a key asks a model for the first time, a day after its first request or later.
    fn is_new(&self, key: KeySeq, model: &str, hour: u64) -> bool {
        !model.is_empty()
            && self.models.get(&key).is_some_and(|(first, known)| {
                first.saturating_add(HOURS) <= hour && !known.contains(model)
            })
    }
}

impl Hour {
    fn read(rows: &dyn Rows, book: Book<'_>, hour: u64) -> Result<Self, StoreError> {
        let mut now = Self::default();
        let Self { figures, models } = &mut now;
        let mut add = |about, more: Figures| {
            let known = figures.entry(about).or_default();
            *known = known.plus(more);
        };
        rollups(rows, book, (hour, hour), |about, row| {
            let figures = figures_of(row);
            add(Subject::Key(about.key), figures);
            add(Subject::Master(about.master), figures);
            models.insert((about.key, about.model));
        })?;
        denials(rows, (hour, hour), |_, key, denials| {
            add(Subject::Key(key), Figures { denials, ..Figures::default() });
        })?;
        Ok(now)
    }
}

fn figures_of(row: &Rollup) -> Figures {
    Figures {
        requests: row.sent,
        spend: row.cost.spend.0,
        denials: 0,
        errors: row.sent.saturating_sub(row.answered),
    }
}

/// The sums of the hours from one to another, both included.
fn rollups(
    rows: &dyn Rows,
    book: Book<'_>,
    (first, last): (u64, u64),
    mut each: impl FnMut(RollupKey, &Rollup),
) -> Result<(), StoreError> {
    let (from, to) = (first.to_key(), last.saturating_add(1).to_key());
    let bounds = (Bound::Included(&*from), Bound::Excluded(&*to));
    rows.scan(Table::Rollups, bounds.0, bounds.1, &mut |key, bytes| {
        if let (Ok(about), Ok(row)) = (rollup_key(key), book.read::<Rollup>(key, bytes)) {
            each(about, &row);
        }
        Ok(Scan::Continue)
    })
}

/// Hour, key and number of the denials of known keys in the hours from one to another.
fn denials(
    rows: &dyn Rows,
    (first, last): (u64, u64),
    mut each: impl FnMut(u64, KeySeq, u64),
) -> Result<(), StoreError> {
    let minute = |hour: u64| hour.saturating_mul(MINUTES).to_key();
    let (from, to) = (minute(first), minute(last.saturating_add(1)));
    let bounds = (Bound::Included(&*from), Bound::Excluded(&*to));
    rows.scan(Table::Denials, bounds.0, bounds.1, &mut |key, bytes| {
        let numbers = key_number(key, 0).ok().zip(key_number(key, 1).ok());
        let count = from_bytes::<DenialCount>(bytes).ok();
        if let (Some((minute, seq)), Some(DenialCount(count))) = (numbers, count)
            && seq != 0
        {
            each(minute.checked_div(MINUTES).unwrap_or_default(), KeySeq(seq), count);
        }
        Ok(Scan::Continue)
    })
}
