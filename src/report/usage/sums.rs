//! Sums, and the hours that they are taken over.

use std::collections::BTreeMap;

use crate::domain::denial::Reason;
use crate::domain::rollup::Rollup;

/// Hours from one to another, both included, counted from the epoch in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// The first one.
    pub first: u64,
    /// The last one.
    pub last: u64,
}

impl Hours {
    /// How many hours these are.
    #[must_use]
    pub const fn count(self) -> u64 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }

    /// The same hours in at most so many pieces.
    #[must_use]
    pub fn pieces(self, at_most: usize) -> Pieces {
        let at_most = u64::try_from(at_most).unwrap_or(u64::MAX).max(1);
        let each = self.count().div_ceil(at_most).max(1);
        let count = usize::try_from(self.count().div_ceil(each)).unwrap_or(usize::MAX);
        Pieces { first: self.first, each, count }
    }
}

/// Hours in pieces of equal length; the last one may be shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pieces {
    first: u64,
    /// How many hours each one has.
    pub each: u64,
    /// How many there are.
    pub count: usize,
}

impl Pieces {
    /// Which piece an hour lies in.
    #[must_use]
    pub fn of(self, hour: u64) -> usize {
        let piece = hour.saturating_sub(self.first).checked_div(self.each);
        usize::try_from(piece.unwrap_or_default()).unwrap_or(usize::MAX)
    }
}

/// One figure of a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Requests that were sent.
    Requests,
    /// Of those, the ones that were not answered with success.
    Errors,
    /// Requests that till itself answered with a denial.
    Denied,
    /// Tokens of both kinds.
    Tokens,
    /// Input tokens.
    Input,
    /// Input tokens from a cache.
    Cached,
    /// Output tokens.
    Output,
    /// Picodollars.
    Spend,
}

impl Metric {
    /// The figure of requests that were sent.
    #[must_use]
    pub const fn of(self, used: &Rollup) -> u64 {
        match self {
            Self::Requests => used.sent,
            Self::Errors => errors(used),
            Self::Denied => 0,
            Self::Tokens => used.cost.tokens(),
            Self::Input => used.cost.input,
            Self::Cached => used.cached,
            Self::Output => used.cost.output,
            Self::Spend => used.cost.spend.0,
        }
    }
}

const fn errors(used: &Rollup) -> u64 {
    used.limited.saturating_add(used.refused).saturating_add(used.failed)
}

/// What was used by a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sums {
    /// Requests that were sent, with tokens, money and times.
    pub used: Rollup,
    /// Requests that were not sent, by the reason.
    pub denials: BTreeMap<Reason, u64>,
    /// The figure that is asked for, in each piece of the hours.
    pub course: Vec<u64>,
}

impl Sums {
    /// Nothing, in each of so many pieces.
    #[must_use]
    pub fn new(cells: usize) -> Self {
        let (used, denials) = (Rollup::default(), BTreeMap::new());
        Self { used, denials, course: vec![0; cells] }
    }

    /// How many requests were denied.
    #[must_use]
    pub fn denied(&self) -> u64 {
        self.denials.values().copied().fold(0, u64::saturating_add)
    }

    /// How many of those that were sent were not answered with success.
    #[must_use]
    pub const fn errors(&self) -> u64 {
        errors(&self.used)
    }

    pub(super) fn add(&mut self, row: &Rollup, metric: Metric, piece: usize) {
        self.used.merge(row);
        self.mark(metric.of(row), piece);
    }

    pub(super) fn deny(&mut self, reason: Reason, count: u64, metric: Metric, piece: usize) {
        let known = self.denials.entry(reason).or_default();
        *known = known.saturating_add(count);
        if metric == Metric::Denied {
            self.mark(count, piece);
        }
    }

    /// Adds another sum over the same pieces.
    pub(super) fn merge(&mut self, other: &Self) {
        self.used.merge(&other.used);
        for (reason, count) in &other.denials {
            let known = self.denials.entry(*reason).or_default();
            *known = known.saturating_add(*count);
        }
        for (piece, count) in other.course.iter().enumerate() {
            self.mark(*count, piece);
        }
    }

    fn mark(&mut self, count: u64, piece: usize) {
        if let Some(known) = self.course.get_mut(piece) {
            *known = known.saturating_add(count);
        }
    }
}
