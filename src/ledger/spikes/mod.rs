//! Looks for what is unusual: the hour as it fills, against the days before.
//!
//! The days before are read once in an hour, and the hour at each look. Masters have no denials: a
//! request may be denied before it is known which one it would go out with.

mod figures;
mod usual;

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::KeySeq;
use crate::domain::rollup::RollupKey;
use crate::domain::spike::{Figures, Found, Subject, Unusual};
use crate::store::{Rows, StoreError};

use self::figures::{denials, sums};
use self::usual::Usual;
use super::book::Book;
use super::error::LedgerError;
use super::forwarding::Forwarding;
use super::op::TellUnusual;

/// What is usual in the hour, and what was told in it.
#[derive(Debug, Default)]
pub struct Spikes {
    /// The hour that is looked at.
    hour: u64,
    usual: Usual,
    told: BTreeMap<Subject, Unusual>,
}

/// One hour, as far as it has come: what could be unusual in it.
#[derive(Debug, Default)]
struct Hour {
    figures: BTreeMap<Subject, Figures>,
    new_models: BTreeSet<(KeySeq, String)>,
}

impl Spikes {
    /// Looks once, and tells what is unusual and was not told yet.
    ///
    /// # Errors
    /// Where the storage fails.
    pub fn look(&mut self, forwarding: &Forwarding) -> Result<(), LedgerError> {
        let book = forwarding.book();
        let now = forwarding.ledger().view(|rows, now| {
            let hour = RollupKey::hour_of(now);
            if self.hour != hour {
                let usual = Usual::read(rows, book, hour)?;
                *self = Self { hour, usual, told: BTreeMap::new() };
            }
            Hour::read(rows, book, hour, &self.usual)
        })?;
        for (about, found) in self.unusual(now) {
            let tell = TellUnusual { hour: self.hour, about, found };
            let told = forwarding.apply(&tell)?;
            self.told.insert(about, told);
        }
        Ok(())
    }

    /// What is unusual in the hour, and not known to be told.
    fn unusual(&self, now: Hour) -> Vec<(Subject, Vec<Found>)> {
        let mut all: BTreeMap<Subject, Vec<Found>> = BTreeMap::new();
        for (about, figures) in now.figures {
            let judged = self.usual.baselines.get(&about).map(|usual| usual.judge(&figures));
            let found = judged.into_iter().flatten().map(Found::Figure);
            all.entry(about).or_default().extend(found);
        }
        for (key, model) in now.new_models {
            all.entry(Subject::Key(key)).or_default().push(Found::Model(model));
        }
        all.retain(|about, found| {
            found.retain(|found| self.told.get(about).is_none_or(|told| !told.has(found)));
            !found.is_empty()
        });
        all.into_iter().collect()
    }
}

impl Hour {
    fn read(rows: &dyn Rows, book: Book<'_>, hour: u64, usual: &Usual) -> Result<Self, StoreError> {
        let Usual { baselines, models } = usual;
        let mut now = Self::default();
        let mut add = |about, more: Figures| {
            if baselines.contains_key(&about) {
                let known = now.figures.entry(about).or_default();
                *known = known.plus(more);
            }
        };
        let matters = |about: &RollupKey| {
            baselines.contains_key(&Subject::Master(about.master))
                || baselines.contains_key(&Subject::Key(about.key))
                || models.contains_key(&about.key)
        };
        let hours = hour..=hour;
        sums(rows, book, &hours, matters, |about, figures| {
            add(Subject::Key(about.key), figures);
            add(Subject::Master(about.master), figures);
            let known = models.get(&about.key);
            if !about.model.is_empty() && known.is_some_and(|known| !known.contains(&about.model)) {
                now.new_models.insert((about.key, about.model));
            }
        })?;
        denials(rows, &hours, |_, key, figures| add(Subject::Key(key), figures))?;
        Ok(now)
    }
}
