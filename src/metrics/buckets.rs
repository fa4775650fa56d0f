//! How many were how large.

use std::time::Duration;

use super::count::Count;
use super::table::{Kind, Metric};

/// The counts of one histogram, in the unit of its metric.
#[derive(Debug)]
pub(super) struct Buckets {
    bounds: &'static [u64],
    /// Of each bound those that are at most as large and larger than the one before; then the rest.
    counts: Box<[Count]>,
    sum: Count,
}

/// A histogram as it was at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cumulative {
    /// Of each bound, how many were at most as large.
    pub(super) within: Vec<(u64, u64)>,
    /// How many there were.
    pub(super) count: u64,
    pub(super) sum: u64,
}

impl Buckets {
    /// Empty ones, for this metric.
    pub(super) fn of(metric: &Metric) -> Self {
        let Kind::Histogram(bounds) = metric.kind else {
            return Self { bounds: &[], counts: Box::new([]), sum: Count::default() };
        };
        let counts = (0..=bounds.len()).map(|_| Count::default()).collect();
        Self { bounds, counts, sum: Count::default() }
    }

    pub(super) fn observe(&self, value: u64) {
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        if let Some(count) = self.counts.get(bucket) {
            count.add(1);
        }
        self.sum.add(value);
    }

    /// The same, in microseconds.
    pub(super) fn observe_time(&self, time: Duration) {
        self.observe(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    /// What was counted, always in agreement with itself: the count is that of the buckets.
    pub(super) fn cumulative(&self) -> Cumulative {
        let sum = self.sum.value();
        let (mut within, mut count) = (Vec::with_capacity(self.bounds.len()), 0_u64);
        for (index, more) in self.counts.iter().enumerate() {
            count = count.saturating_add(more.value());
            if let Some(bound) = self.bounds.get(index) {
                within.push((*bound, count));
            }
        }
        Cumulative { within, count, sum }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::table::{COMMIT_JOBS, HOLDS};
    use super::*;

    proptest! {
        #[test]
        fn each_is_within_every_bound_that_it_does_not_exceed(
            values in prop::collection::vec(0..5_000_u64, 0..50),
        ) {
            let buckets = Buckets::of(&COMMIT_JOBS);
            for value in &values {
                buckets.observe(*value);
            }
            let found = buckets.cumulative();
            for (bound, within) in found.within {
                let expected = values.iter().filter(|value| **value <= bound).count();
                prop_assert_eq!(usize::try_from(within), Ok(expected), "{}", bound);
            }
            prop_assert_eq!(usize::try_from(found.count), Ok(values.len()));
            prop_assert_eq!(found.sum, values.iter().sum::<u64>());
        }
    }

    #[test]
    fn a_metric_that_is_no_histogram_has_no_buckets() {
        let buckets = Buckets::of(&HOLDS);
        buckets.observe(1);
        assert_eq!(buckets.cumulative().count, 0);
    }
}
