//! The hours that a key or a master key had, as far as an hour is held against them.

use std::collections::BTreeMap;

use super::told::Finding;
use super::{DAYS, Figure, Figures, LEARNING, LEARNING_TIMES};

/// Hours in a day.
const HOURS: u64 = 24;
/// Hours before and after one that are the same time of day.
const ABOUT: u64 = 2;

/// What is known of the days before now.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The greatest figures of an hour of each day; days are counted from the epoch, in UTC.
    peaks: BTreeMap<u64, Figures>,
    /// The requests of each hour that had any.
    requests: BTreeMap<u64, u64>,
}

/// What is usual in one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// The usual peak of each figure.
    peak: Figures,
    /// Whether hardly anything is used at this time of day.
    quiet: bool,
}

impl History {
    /// Takes in an hour, or a part of its figures: what is counted in several places may come
    /// piece by piece, as each figure comes whole.
    pub fn add(&mut self, hour: u64, figures: Figures) {
        if !figures.is_used() {
            return;
        }
        let peak = self.peaks.entry(day_of(hour)).or_default();
        *peak = peak.max(figures);
        if figures.requests > 0 {
            self.requests.insert(hour, figures.requests);
        }
    }

    /// What is usual in `hour`, from the days before and what came before it today; none where
    /// it was used on too few days.
    #[must_use]
    pub fn baseline(&self, hour: u64) -> Option<Baseline> {
        let today = day_of(hour);
        let first = today.saturating_sub(DAYS);
        let before = u32::try_from(self.peaks.range(first..today).count()).unwrap_or(u32::MAX);
        if before < LEARNING {
            return None;
        }
        let peaks: Vec<Figures> = self.peaks.range(first..=today).map(|(_, peak)| *peak).collect();
        let second = |figure: Figure| second_of(peaks.iter().map(|peak| peak.of(figure)));
        let peak = Figures {
            requests: second(Figure::Requests),
            spend: second(Figure::Spend),
            denials: second(Figure::Denials),
            errors: second(Figure::Errors),
        };
        let quiet = before >= LEARNING_TIMES && self.is_quiet(hour, peak.requests);
        Some(Baseline { peak, quiet })
    }

    /// Whether on no two days more than a tenth of the usual peak was used about this time: once may
    /// have been what is to be found.
    fn is_quiet(&self, hour: u64, peak: u64) -> bool {
        let most = (0..=DAYS).filter_map(|back| {
            let about = hour.checked_sub(back.checked_mul(HOURS)?)?;
            let (first, last) = (about.saturating_sub(ABOUT), about.saturating_add(ABOUT));
            self.requests.range(first..=last).map(|(_, requests)| *requests).max()
        });
        second_of(most) <= peak / 10
    }
}

impl Baseline {
    /// The most of a figure that is not unusual.
    #[must_use]
    pub fn limit(&self, figure: Figure) -> u64 {
        let peak = self.peak.of(figure);
        let quiet = self.quiet && figure.counts_at_quiet_times();
        let limit = if quiet { peak / 2 } else { peak.saturating_mul(figure.times()) };
        limit.max(figure.floor())
    }

    /// What is unusual in the figures of the hour, as far as it has come.
    #[must_use]
    pub fn judge(&self, figures: &Figures) -> Vec<Finding> {
        let mut found = Vec::new();
        for (figure, ..) in Figure::ALL {
            let amount = figures.of(figure);
            if amount > self.limit(figure) {
                let usual = self.peak.of(figure);
                let quiet = self.quiet && figure.counts_at_quiet_times();
                found.push(Finding { figure, amount, usual, quiet });
            }
        }
        found
    }
}

/// The second highest; nothing where there are not two.
fn second_of(amounts: impl Iterator<Item = u64>) -> u64 {
    let (_, second) = amounts.fold((0, 0), |(first, second): (u64, u64), amount| {
        (first.max(amount), second.max(first.min(amount)))
    });
    second
}

fn day_of(hour: u64) -> u64 {
    hour / HOURS
}
