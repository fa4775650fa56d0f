//! How long things took, in few numbers: counts in buckets that grow with what they hold.
//!
//! Each doubling is cut in four, so that a quantile is never more than a quarter too long, and never
//! too short.

/// Buckets at the most: up to 2^28 milliseconds, three days.
const BUCKETS: u8 = 108;

/// Counts of times, in milliseconds. Sums saturate.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Histogram {
    /// The buckets that hold something, in order: which, and how many.
    counts: Vec<(u8, u32)>,
}

impl Histogram {
    /// A histogram of these buckets; none where they are not in order.
    #[must_use]
    pub fn from_counts(counts: Vec<(u8, u32)>) -> Option<Self> {
        let ordered = counts.is_sorted_by(|a, b| a.0 < b.0);
        let known = counts.iter().all(|(bucket, _)| *bucket < BUCKETS);
        (ordered && known).then_some(Self { counts })
    }

    /// The buckets that hold something, in order.
    #[must_use]
    pub fn counts(&self) -> &[(u8, u32)] {
        &self.counts
    }

    /// Counts one that took so many milliseconds.
    pub fn count(&mut self, millis: u64) {
        self.add(bucket_of(millis), 1);
    }

    /// Counts everything in another one.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.counts {
            self.add(*bucket, *count);
        }
    }

    /// How many were counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|(_, count)| u64::from(*count)).sum()
    }

    /// The time, in milliseconds, within which so many of a hundred were; none where there are none.
    #[must_use]
    pub fn percentile(&self, percent: u64) -> Option<u64> {
        let total = self.total();
        let rank = total.saturating_mul(percent).div_ceil(100).max(1);
        let mut seen: u64 = 0;
        for (bucket, count) in &self.counts {
            seen = seen.saturating_add(u64::from(*count));
            if seen >= rank {
                return Some(longest_of(*bucket));
            }
        }
        None
    }

    fn add(&mut self, bucket: u8, more: u32) {
        match self.counts.binary_search_by_key(&bucket, |(known, _)| *known) {
            Ok(place) => {
                if let Some((_, count)) = self.counts.get_mut(place) {
                    *count = count.saturating_add(more);
                }
            }
            Err(place) => self.counts.insert(place, (bucket, more)),
        }
    }
}

/// The bucket of a time: its leading bit, and the two after it.
fn bucket_of(millis: u64) -> u8 {
    if millis < 4 {
        return u8::try_from(millis).unwrap_or_default();
    }
    let octave = millis.ilog2();
    let quarter = (millis >> octave.saturating_sub(2)) & 3;
    let place = u64::from(octave.saturating_sub(1)).saturating_mul(4).saturating_add(quarter);
    u8::try_from(place).unwrap_or(u8::MAX).min(BUCKETS.saturating_sub(1))
}

/// The longest time of a bucket.
fn longest_of(bucket: u8) -> u64 {
    if bucket < 4 {
        return bucket.into();
    }
    let (octave, quarter) = (u32::from(bucket / 4).saturating_add(1), u64::from(bucket % 4));
    let width = 1_u64.checked_shl(octave.saturating_sub(2)).unwrap_or(u64::MAX);
    quarter.saturating_add(5).saturating_mul(width).saturating_sub(1)
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "small numbers, in tests")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn percentiles() {
        let mut times = Histogram::default();
        assert_eq!(times.percentile(50), None);
        for millis in 1..=100 {
            times.count(millis);
        }
        assert_eq!(times.total(), 100);
        assert_eq!(times.percentile(50), Some(55));
        assert_eq!(times.percentile(95), Some(95));
        assert_eq!(times.percentile(100), Some(111));
        assert_eq!(times.percentile(0), Some(1));
    }

    proptest! {
        #[test]
        fn a_bucket_is_at_most_a_quarter_too_long(millis in 0..=200_000_000_u64) {
            let longest = longest_of(bucket_of(millis));
            prop_assert!(longest >= millis && longest - millis <= millis / 4, "{longest}");
        }

        #[test]
        fn merged_is_as_counted_together(
            one in prop::collection::vec(any::<u64>(), 0..20),
            other in prop::collection::vec(any::<u64>(), 0..20),
        ) {
            let of = |times: &[u64]| {
                let mut all = Histogram::default();
                for millis in times {
                    all.count(*millis);
                }
                all
            };
            let mut merged = of(&one);
            merged.merge(&of(&other));
            let together = of(&[one, other].concat());
            prop_assert_eq!(&merged, &together);
            prop_assert_eq!(Histogram::from_counts(merged.counts().to_vec()), Some(together));
        }
    }
}
