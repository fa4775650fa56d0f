//! What all requests of a proxy share: places, and room for bodies that are read. No key takes so
//! much of it that nothing is left for another.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::ids::KeySeq;

/// A number of things of one kind, which requests take and give back.
///
/// A key may take some while it then has no more than was left before: alone it gets half of all,
/// and whoever comes next half of the rest. Dynamic thresholds, as switches share their buffers
/// (Choudhury and Hahne, 1998). A key that was made from another counts as that other.
#[derive(Debug)]
pub struct Shares {
    total: u64,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    by_all: u64,
    by_key: HashMap<KeySeq, u64>,
}

/// What one request has of it, until it is dropped.
#[derive(Debug)]
pub(super) struct Share {
    shares: Arc<Shares>,
    key: KeySeq,
    amount: u64,
}

impl Shares {
    /// So many things, all free.
    #[must_use]
    pub fn new(total: u64) -> Arc<Self> {
        Arc::new(Self { total, taken: Mutex::default() })
    }

    /// Nothing yet, of this key.
    pub(super) fn none_of(self: &Arc<Self>, key: KeySeq) -> Share {
        Share { shares: Arc::clone(self), key, amount: 0 }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    /// Takes more; false where the key has as much as it may.
    pub(super) fn grow(&mut self, amount: u64) -> bool {
        let mut taken = self.shares.taken();
        let left = self.shares.total.saturating_sub(taken.by_all);
        let own = taken.by_key.get(&self.key).copied().unwrap_or_default();
        let grown = own.saturating_add(amount);
        if grown > left {
            return false;
        }
        taken.by_all = taken.by_all.saturating_add(amount);
        taken.by_key.insert(self.key, grown);
        drop(taken);
        self.amount = self.amount.saturating_add(amount);
        true
    }

    /// Takes what it lacks of so much; false where the key has as much as it may.
    pub(super) fn grow_to(&mut self, amount: u64) -> bool {
        match amount.saturating_sub(self.amount) {
            0 => true,
            more => self.grow(more),
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.shares.taken();
        taken.by_all = taken.by_all.saturating_sub(self.amount);
        let own = taken.by_key.get(&self.key).copied().unwrap_or_default();
        match own.saturating_sub(self.amount) {
            0 => taken.by_key.remove(&self.key),
            rest => taken.by_key.insert(self.key, rest),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn take(shares: &Arc<Shares>, key: u64, amount: u64) -> Option<Share> {
        let mut share = shares.none_of(KeySeq(key));
        share.grow(amount).then_some(share)
    }

    #[test]
    fn one_key_gets_half_and_the_next_half_of_the_rest() {
        let shares = Shares::new(1_000);
        let greedy = |key| std::iter::from_fn(|| take(&shares, key, 1)).collect::<Vec<_>>();
        let first = greedy(1);
        let second = greedy(2);
        let third = greedy(3);
        assert_eq!([first.len(), second.len(), third.len()], [500, 250, 125]);
        drop(first);
        assert_eq!(greedy(4).len(), 313);
        drop((second, third));
        assert!(shares.taken().by_key.is_empty());
        assert_eq!(shares.taken().by_all, 0);
    }

    #[test]
    fn the_only_place_is_for_whoever_comes() {
        let shares = Shares::new(1);
        let only = take(&shares, 1, 1).unwrap();
        assert!(take(&shares, 2, 1).is_none());
        drop(only);
        assert!(take(&shares, 2, 1).is_some());
    }

    proptest! {
        /// While anything is left, who has nothing gets one; and all that is taken is given back.
        #[test]
        fn something_is_left_for_who_has_nothing(
            steps in prop::collection::vec((0_u64..5, 1_u64..20, any::<bool>()), 0..200),
        ) {
            let shares = Shares::new(100);
            let mut held: Vec<Share> = Vec::new();
            for (key, amount, gives_back) in steps {
                if gives_back && !held.is_empty() {
                    held.remove(0);
                } else {
                    held.extend(take(&shares, key, amount));
                }
                let sum: u64 = held.iter().map(|share| share.amount).sum();
                prop_assert_eq!(shares.taken().by_all, sum);
                prop_assert!(sum <= 100);
                prop_assert_eq!(take(&shares, 99, 1).is_some(), sum < 100);
            }
            drop(held);
            prop_assert!(shares.taken().by_key.is_empty());
        }
    }
}
