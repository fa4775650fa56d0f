//! What is usual: what the days before an hour say of those that can be unusual in it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::KeySeq;
use crate::domain::key::Usage;
use crate::domain::spike::{Baseline, DAYS, Figures, History, Subject};
use crate::store::rows::key_number;
use crate::store::{Rows, Scan, StoreError, Table};

use super::super::book::Book;
use super::super::session::scan_prefix;
use super::figures::{denials, sums};

/// Hours in a day.
const HOURS: u64 = 24;

/// What is usual in one hour. A process has it all hour long, so that it has only what it is held
/// against: nothing of keys that have ended, or are new.
#[derive(Debug, Default)]
pub(super) struct Usual {
    /// Of who was used on enough days.
    pub(super) baselines: BTreeMap<Subject, Baseline>,
    /// The models that each key asked, from a day after its first request on.
    pub(super) models: BTreeMap<KeySeq, BTreeSet<String>>,
}

impl Usual {
    /// Reads the days before an hour.
    ///
    /// # Errors
    /// Where the storage fails.
    pub(super) fn read(rows: &dyn Rows, book: Book<'_>, hour: u64) -> Result<Self, StoreError> {
        let Some(last) = hour.checked_sub(1) else { return Ok(Self::default()) };
        let today = hour.checked_div(HOURS).unwrap_or_default();
        let hours = today.saturating_sub(DAYS).saturating_mul(HOURS)..=last;
        let alive = alive(rows, book)?;
        let is_alive = |key: KeySeq| alive.binary_search(&key).is_ok();

        let mut figures: BTreeMap<(Subject, u64), Figures> = BTreeMap::new();
        let mut add = |about, hour, more: Figures| {
            let known = figures.entry((about, hour)).or_default();
            *known = known.plus(more);
        };
        let mut models: BTreeMap<KeySeq, (u64, BTreeSet<String>)> = BTreeMap::new();
        sums(
            rows,
            book,
            &hours,
            |_| true,
            |about, figures| {
                add(Subject::Master(about.master), about.hour, figures);
                if is_alive(about.key) {
                    add(Subject::Key(about.key), about.hour, figures);
                    let first = || (about.hour, BTreeSet::new());
                    models.entry(about.key).or_insert_with(first).1.insert(about.model);
                }
            },
        )?;
        denials(rows, &hours, |hour, key, figures| {
            if is_alive(key) {
                add(Subject::Key(key), hour, figures);
            }
        })?;

        let mut histories: BTreeMap<Subject, History> = BTreeMap::new();
        for ((about, hour), figures) in figures {
            histories.entry(about).or_default().add(hour, figures);
        }
        let baselines =
            histories.iter().filter_map(|(about, history)| Some((*about, history.baseline(hour)?)));
        let models = models.into_iter().filter_map(|(key, (first, models))| {
            (first.saturating_add(HOURS) <= hour).then_some((key, models))
        });
        Ok(Self { baselines: baselines.collect(), models: models.collect() })
    }
}

/// The keys that have not ended, in order.
fn alive(rows: &dyn Rows, book: Book<'_>) -> Result<Vec<KeySeq>, StoreError> {
    let mut alive = Vec::new();
    scan_prefix(rows, Table::Usage, &[], &mut |key, bytes| {
        if let Ok(usage) = book.read::<Usage>(key, bytes)
            && usage.ended.is_none()
            && let Ok(seq) = key_number(key, 0)
        {
            alive.push(KeySeq(seq));
        }
        Ok(Scan::Continue)
    })?;
    Ok(alive)
}
