//! What is unusual: the hours of a key or a master key, held against those that it had before.
//!
//! An hour is unusual in a figure that is more than [`TIMES`] its usual peak ([`TIMES_IN_BURSTS`] for
//! denials and errors): the second highest of the peaks of the last [`DAYS`] days and of today. At
//! times of day at which hardly anything was used on those days (a tenth of the peak), more than half
//! of it is unusual already, of requests and money. Below the figure's floor nothing is.
//! `docs/spikes.md` measures how much that finds, and how often it is wrong.

mod address;
mod history;
mod told;

pub use address::{Addresses, DAYS_KEPT, MAX_ADDRESSES, Seen, Sighting, network_of};
pub use history::{Baseline, History};
pub use told::{Finding, Found, Subject, Unusual};

use super::money::Picodollars;

/// The days before today that an hour is held against.
pub const DAYS: u64 = 14;
/// How many times its usual peak requests and money have to exceed.
pub const TIMES: u64 = 3;
/// How many times denials and errors, which come in bursts.
pub const TIMES_IN_BURSTS: u64 = 5;
/// On how many of those days something has to have been used before anything is unusual.
pub const LEARNING: u32 = 5;
/// On how many, before a time of day can be one at which hardly anything is used.
pub const LEARNING_TIMES: u32 = 7;
/// A dollar.
const DOLLAR: u64 = 1_000_000_000_000;

/// A figure of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Figure {
    /// Requests that were sent.
    Requests,
    /// Money.
    Spend,
    /// Requests that till itself answered with a denial.
    Denials,
    /// Requests that were sent and not answered with success.
    Errors,
}

impl Figure {
    /// Every figure: what it is called, and how much of it in an hour is never unusual.
    pub const ALL: [(Self, &'static str, u64); 4] = [
        (Self::Requests, "requests", 100),
        (Self::Spend, "spend", DOLLAR),
        (Self::Denials, "denials", 50),
        (Self::Errors, "errors", 30),
    ];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(figure, ..)| *figure == self).map_or("", |(_, name, _)| name)
    }

    /// How much of it in an hour is never unusual: a small key never alarms.
    #[must_use]
    pub fn floor(self) -> u64 {
        Self::ALL.iter().find(|(figure, ..)| *figure == self).map_or(0, |(.., floor)| *floor)
    }

    /// Whether half of the usual peak is unusual at times at which hardly anything is used. Denials
    /// and errors come in bursts at any time.
    #[must_use]
    pub const fn counts_at_quiet_times(self) -> bool {
        matches!(self, Self::Requests | Self::Spend)
    }

    /// How many times its usual peak it has to exceed.
    #[must_use]
    pub const fn times(self) -> u64 {
        match self {
            Self::Requests | Self::Spend => TIMES,
            Self::Denials | Self::Errors => TIMES_IN_BURSTS,
        }
    }

    /// So much of it, in words.
    #[must_use]
    pub fn words(self, amount: u64) -> String {
        match self {
            Self::Spend => Picodollars(amount).to_string(),
            _ => amount.to_string(),
        }
    }
}

/// The figures of an hour. Sums saturate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Figures {
    /// Requests that were sent.
    pub requests: u64,
    /// Money, in picodollars.
    pub spend: u64,
    /// Requests that till itself answered with a denial.
    pub denials: u64,
    /// Requests that were sent and not answered with success.
    pub errors: u64,
}

impl Figures {
    /// One of them.
    #[must_use]
    pub const fn of(&self, figure: Figure) -> u64 {
        match figure {
            Figure::Requests => self.requests,
            Figure::Spend => self.spend,
            Figure::Denials => self.denials,
            Figure::Errors => self.errors,
        }
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_add(other.requests),
            spend: self.spend.saturating_add(other.spend),
            denials: self.denials.saturating_add(other.denials),
            errors: self.errors.saturating_add(other.errors),
        }
    }

    /// The greater one of each.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            requests: self.requests.max(other.requests),
            spend: self.spend.max(other.spend),
            denials: self.denials.max(other.denials),
            errors: self.errors.max(other.errors),
        }
    }

    /// Whether anything was used.
    #[must_use]
    pub fn is_used(&self) -> bool {
        *self != Self::default()
    }
}

#[cfg(test)]
mod tests;
