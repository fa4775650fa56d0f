//! One picture of a store.

use std::sync::Arc;

use crate::domain::hold::Instance;
use crate::domain::ids::{KeySeq, StoreId};
use crate::domain::master_usage::MasterCap;
use crate::domain::rollup::Rollup;
use crate::domain::time::Timestamp;
use crate::report::log::Entry;

use super::rates::Rate;
use super::sums::Totals;
use super::watched::Watched;

/// A store at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Which store it is.
    pub store: StoreId,
    /// The time that it is judged at.
    pub at: Timestamp,
    /// Every key, in the order of minting.
    pub keys: Vec<Arc<Watched>>,
    /// The proxies that live, with where they listen.
    pub proxies: Vec<Instance>,
    /// The caps on master keys, each with its master key's name.
    pub caps: Vec<(String, MasterCap)>,
    /// The newest events, and the denials of the last minutes, oldest first.
    pub log: Vec<Arc<Entry>>,
    /// How many events there were that nobody looked at: too many at once.
    pub missed: u64,
    /// Alerts in the last hour, as far as they were looked at.
    pub alerts: u64,
    /// Requests of all keys.
    pub rate: Rate,
    /// What was used in the running hour.
    pub hour: Totals,
    /// What was used in the last 24 hours, the running one included.
    pub day: Totals,
    /// The key that was asked for.
    pub focus: Option<Focus>,
}

/// More of one key than of the others.
#[derive(Clone, Debug)]
pub struct Focus {
    /// Which.
    pub key: KeySeq,
    /// Requests in each of the last 24 hours, the running one last.
    pub requests: Vec<u64>,
    /// What was used of each model in these hours, the most requests first.
    pub models: Vec<(String, Rollup)>,
}

impl Snapshot {
    /// The key of this number.
    #[must_use]
    pub fn key(&self, seq: KeySeq) -> Option<&Arc<Watched>> {
        let place = self.keys.binary_search_by_key(&seq, |key| key.view.record.seq);
        place.ok().and_then(|place| self.keys.get(place))
    }

    /// Requests in flight.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.keys.iter().fold(0, |sum, key| sum.saturating_add(key.view.usage.held))
    }
}
