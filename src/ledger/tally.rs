//! Denials, counted in memory until they ride along in a commit: a denial never waits for the disk.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::denial::Reason;
use crate::domain::ids::KeySeq;
use crate::domain::time::Timestamp;
use crate::store::rows::{DenialCount, Row, RowKey, from_bytes, to_bytes};
use crate::store::{Rows, RowsMut, Scan, StoreError, Table};

use super::session::scan_prefix;

/// Different counts that are kept in memory at the most; beyond it, denials are counted under the
/// key 0.
const CAPACITY: usize = 4_096;
/// Rows that the table keeps at the most.
pub const MAX_DENIALS: u64 = 100_000;
const MINUTE: u64 = 60_000;

/// What one count is about: minute, key (0 where it is not known), reason.
type Bucket = (u64, KeySeq, Reason);

/// The counts since the last commit.
#[derive(Debug, Default)]
pub(super) struct Tally {
    counts: Mutex<HashMap<Bucket, u64>>,
}

impl Tally {
    /// Counts one denial.
    pub(super) fn count(&self, key: Option<KeySeq>, reason: Reason, at: Timestamp) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = at.0.checked_div(MINUTE).unwrap_or_default();
        add(&mut counts, (minute, key.unwrap_or_default(), reason), 1);
    }

    /// Takes the counts out, to be written.
    pub(super) fn take(&self) -> HashMap<Bucket, u64> {
        std::mem::take(&mut *self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts counts back that could not be written.
    pub(super) fn put_back(&self, counts: HashMap<Bucket, u64>) {
        let mut current = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for (bucket, more) in counts {
            add(&mut current, bucket, more);
        }
    }
}

fn add(counts: &mut HashMap<Bucket, u64>, mut bucket: Bucket, more: u64) {
    if counts.len() >= CAPACITY && !counts.contains_key(&bucket) {
        bucket.1 = KeySeq(0);
    }
    let count = counts.entry(bucket).or_default();
    *count = count.saturating_add(more);
}

/// Adds the counts to their rows, and drops the oldest rows beyond the table's bound.
pub(super) fn write(
    rows: &mut dyn RowsMut,
    counts: &HashMap<Bucket, u64>,
) -> Result<(), StoreError> {
    for ((minute, key, reason), more) in counts {
        let number = u64::from(reason.rule().number);
        let row_key = (*minute, (*key, number)).to_key();
        let old = match rows.get(Table::Denials, &row_key)? {
            Some(bytes) => from_bytes::<DenialCount>(&bytes)
                .map_err(|malformed| StoreError::Damaged(malformed.to_string()))?,
            None => DenialCount(0),
        };
        let new = DenialCount(old.0.saturating_add(*more));
        rows.put(DenialCount::TABLE, &row_key, &to_bytes(&new))?;
    }
    drop_oldest(rows)
}

fn drop_oldest(rows: &mut dyn RowsMut) -> Result<(), StoreError> {
    let surplus = Rows::len(rows, Table::Denials)?.saturating_sub(MAX_DENIALS);
    if surplus == 0 {
        return Ok(());
    }
    let mut oldest = Vec::new();
    scan_prefix(rows, Table::Denials, &[], &mut |key, _| {
        oldest.push(key.to_vec());
        let enough = u64::try_from(oldest.len()).is_ok_and(|count| count >= surplus);
        Ok(if enough { Scan::Stop } else { Scan::Continue })
    })?;
    oldest.iter().try_for_each(|key| rows.delete(Table::Denials, key).map(drop))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where commits fail for long, counts come back again and again.
    #[test]
    fn counts_that_come_back_are_bounded_and_complete() {
        let tally = Tally::default();
        let rounds = 3;
        for round in 0..rounds {
            let taken = tally.take();
            for key in 0..CAPACITY {
                let key = KeySeq(u64::try_from(key).unwrap());
                tally.count(Some(key), Reason::RateLimited, Timestamp(round * MINUTE));
            }
            tally.put_back(taken);
        }
        let counts = tally.take();
        assert!(counts.len() <= CAPACITY + 8, "{}", counts.len());
        let all = u64::try_from(CAPACITY).unwrap() * rounds;
        assert_eq!(counts.values().sum::<u64>(), all);
    }
}
