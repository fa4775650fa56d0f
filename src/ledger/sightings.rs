//! The client addresses that keys are used from, in memory until they ride along in a commit.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::domain::ids::KeySeq;
use crate::domain::time::Timestamp;

/// Keys with an address that are kept in memory at the most. Beyond it those of today are forgotten,
/// and written once more.
const CAPACITY: usize = 8_192;
/// Milliseconds in a day.
const DAY: u64 = 86_400_000;

/// What this process has seen.
#[derive(Debug, Default)]
pub(super) struct Sightings(Mutex<Today>);

#[derive(Debug, Default)]
struct Today {
    day: u64,
    known: HashSet<(KeySeq, IpAddr)>,
    /// Those that are not written yet.
    news: Vec<(KeySeq, IpAddr)>,
}

impl Sightings {
    /// A request of the key was admitted from an address.
    pub(super) fn note(&self, key: KeySeq, address: IpAddr, at: Timestamp) {
        let mut today = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let day = at.0.checked_div(DAY).unwrap_or_default();
        if today.day != day || today.known.len() >= CAPACITY {
            today.day = day;
            today.known.clear();
        }
        if today.known.insert((key, address)) && today.news.len() < CAPACITY {
            today.news.push((key, address));
        }
    }

    /// Takes those that are to be written.
    pub(super) fn take(&self) -> Vec<(KeySeq, IpAddr)> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).news)
    }

    /// Puts some back that could not be written.
    pub(super) fn put_back(&self, seen: Vec<(KeySeq, IpAddr)>) {
        let mut today = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = CAPACITY.saturating_sub(today.news.len());
        today.news.extend(seen.into_iter().take(room));
    }
}
