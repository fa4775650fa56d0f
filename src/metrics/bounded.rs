//! Rows of counters by key and something else, in bounded number.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use crate::domain::ids::KeyId;

use super::count::Count;

/// Keys that have rows of their own at the most.
pub(super) const KEYS: usize = 500;
/// Rows of keys at the most.
pub(super) const ROWS: usize = 1_000;
/// After so many seconds without a count a row may go, where its room is needed.
const SILENCE: u64 = 3_600;
/// How often silent rows are looked for, in seconds, where there is no room.
const LOOK: u64 = 60;

/// Whose a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Whose {
    /// This key's.
    Key(KeyId),
    /// Of requests whose key is not known.
    Nobody,
    /// Of keys that have no row of their own.
    Other,
}

impl Whose {
    /// The value of the label `key`. No id has its length.
    pub(super) fn label(&self) -> &str {
        match self {
            Self::Key(id) => id.as_str(),
            Self::Nobody => "unknown",
            Self::Other => OTHER,
        }
    }
}

/// What a label says of all that has no row of its own.
pub(super) const OTHER: &str = "other";

/// Rows of counters. They are read and counted up together; a row that is made waits for that, for
/// moments.
#[derive(Debug)]
pub(super) struct Bounded<L, V>(RwLock<Rows<L, V>>);

#[derive(Debug)]
struct Rows<L, V> {
    of: HashMap<Whose, Vec<Row<L, V>>>,
    /// Those of keys.
    count: usize,
    looked_at: u64,
}

#[derive(Debug)]
struct Row<L, V> {
    label: L,
    value: V,
    /// In seconds since the process counts.
    used_at: Count,
}

impl<L, V> Default for Bounded<L, V> {
    fn default() -> Self {
        Self(RwLock::new(Rows { of: HashMap::new(), count: 0, looked_at: 0 }))
    }
}

impl<L: PartialEq, V: Default> Bounded<L, V> {
    /// Counts in the row whose label `is` the one; false where there is none.
    pub(super) fn count(
        &self,
        whose: Whose,
        is: impl Fn(&L) -> bool,
        now: u64,
        count: impl FnOnce(&V),
    ) -> bool {
        let rows = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut of = rows.of.get(&whose).into_iter().flatten();
        let Some(row) = of.find(|row| is(&row.label)) else { return false };
        row.used_at.set(now);
        count(&row.value);
        true
    }

    /// Makes a row, unless its key has `most` already or there is no room; true where it is there
    /// now. What is not of a key always has room: its labels are few.
    pub(super) fn make(&self, whose: Whose, label: L, now: u64, most: usize) -> bool {
        let mut rows = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let of = rows.of.get(&whose);
        if of.is_some_and(|of| of.iter().any(|row| row.label == label)) {
            return true;
        }
        if of.map_or(0, Vec::len) >= most {
            return false;
        }
        if let Whose::Key(_) = whose {
            if !rows.has_room(whose) {
                rows.forget_silent(now);
            }
            if !rows.has_room(whose) {
                return false;
            }
            rows.count = rows.count.saturating_add(1);
        }
        let row = Row { label, value: V::default(), used_at: Count::default() };
        row.used_at.set(now);
        rows.of.entry(whose).or_default().push(row);
        true
    }

    /// What is kept, as `look` sees it.
    pub(super) fn look<T>(&self, mut look: impl FnMut(Whose, &L, &V) -> T) -> Vec<T> {
        let rows = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let all = rows.of.iter().flat_map(|(whose, of)| of.iter().map(move |row| (whose, row)));
        all.map(|(whose, row)| look(*whose, &row.label, &row.value)).collect()
    }
}

impl<L, V> Rows<L, V> {
    fn has_room(&self, whose: Whose) -> bool {
        self.count < ROWS && (self.of.len() < KEYS || self.of.contains_key(&whose))
    }

    /// Drops rows of keys in which nothing was counted for long. For Prometheus they vanish.
    fn forget_silent(&mut self, now: u64) {
        if now < self.looked_at.saturating_add(LOOK) {
            return;
        }
        self.looked_at = now;
        self.of.retain(|whose, of| {
            let is_key = matches!(whose, Whose::Key(_));
            of.retain(|row| !is_key || row.used_at.value().saturating_add(SILENCE) >= now);
            !of.is_empty()
        });
        let keys = self.of.iter().filter(|(whose, _)| matches!(whose, Whose::Key(_)));
        self.count = keys.map(|(_, of)| of.len()).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Series = Bounded<u32, Count>;

    fn key(number: u64) -> Whose {
        Whose::Key(KeyId::from_bits(number))
    }

    fn labels(series: &Series) -> usize {
        series.look(|_, _, _| ()).len()
    }

    #[test]
    fn a_full_table_takes_no_key_more_until_others_were_silent() {
        let series = Series::default();
        let keys = u64::try_from(KEYS).unwrap();
        for number in 0..keys {
            assert!(series.make(key(number), 1, 0, 9), "{number}");
        }
        assert!(!series.make(key(keys), 1, 10, 9));
        // Those that have a row may have another, others' do not count as keys'.
        assert!(series.make(key(0), 2, 10, 9));
        assert!(series.make(Whose::Other, 1, 10, 9) && series.make(Whose::Nobody, 1, 10, 9));
        assert!(series.count(key(7), |label| *label == 1, SILENCE, |count| count.add(1)));
        assert!(!series.make(key(keys), 1, SILENCE, 9), "nobody was silent for long");
        let later = SILENCE + LOOK;
        assert!(series.make(key(keys), 1, later, 9));
        assert!(series.count(
            key(7),
            |label| *label == 1,
            later,
            |count| assert_eq!(count.value(), 1)
        ));
        assert!(!series.count(key(1), |label| *label == 1, later, |_| {}), "a silent row stayed");
        // Key 7, the new one, and those of no key.
        assert_eq!(labels(&series), 4);
    }

    #[test]
    fn a_key_has_so_many_rows_and_all_together_no_more_than_fit() {
        let series = Series::default();
        for label in 0..100_000 {
            assert_eq!(series.make(key(1), label, 0, 20), label < 20, "{label}");
        }
        for number in 2..200 {
            for label in 0..20 {
                series.make(key(number), label, 0, 20);
            }
        }
        assert_eq!(labels(&series), ROWS);
    }
}
