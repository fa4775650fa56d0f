//! A key as a table shows it.

use std::cmp::Reverse;

use crate::domain::cost::Measure;
use crate::domain::status::Status;
use crate::report::KeyView;

use super::rates::Rate;

/// A key, and how often it is used.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The key.
    pub view: KeyView,
    /// Requests that have ended.
    pub rate: Rate,
}

/// The limit of a key that will end it first, by what is left of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tightest {
    /// What it is on; none where that is activations.
    pub measure: Option<Measure>,
    /// The limit: activations, tokens, or picodollars.
    pub limit: u64,
    /// What is used.
    pub used: u64,
    /// What requests in flight and child keys hold.
    pub held: u64,
}

impl Tightest {
    /// What is neither used nor held.
    #[must_use]
    pub const fn remaining(&self) -> u64 {
        self.limit.saturating_sub(self.used).saturating_sub(self.held)
    }

    /// How much of a million of it is left.
    #[must_use]
    pub fn share(&self) -> u64 {
        let share = u128::from(self.remaining()).saturating_mul(1_000_000);
        let share = share.checked_div(u128::from(self.limit)).unwrap_or_default();
        u64::try_from(share).unwrap_or(u64::MAX)
    }
}

impl Watched {
    /// Every limit of the key that something uses up: activations first.
    pub fn limits(&self) -> impl Iterator<Item = Tightest> + '_ {
        let usage = &self.view.usage;
        let activations = self.view.record.limits.activations.map(|limit| Tightest {
            measure: None,
            limit,
            used: usage.used,
            held: usage.activations_set_aside(),
        });
        let caps = self.view.uses().filter_map(|one| {
            let (measure, used, held) = (Some(one.measure), one.used, one.held);
            one.limit.map(|limit| Tightest { measure, limit, used, held })
        });
        activations.into_iter().chain(caps)
    }

    /// The one of which the least share is left; none where nothing limits the key.
    #[must_use]
    pub fn tightest(&self) -> Option<Tightest> {
        // Of equal ones the first.
        self.limits().min_by_key(|limit| (limit.share(), Reverse(limit.used)))
    }

    /// Whether it can be used.
    #[must_use]
    pub fn is_live(&self) -> bool {
        !matches!(self.view.status, Status::Ended(_))
    }
}
