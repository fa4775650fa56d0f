//! Bounds on all keys together that somebody mints.

use std::fmt;

use super::bounds::OutOfBounds;
use super::cost::Measure;
use super::ids::Revision;
use super::key::{KeyRecord, Usage};
use super::limits::Limits;
use super::rate::Period;
use super::time::Timestamp;

/// What has been minted, and what all of it together may be: the row that every minting and every
/// end of a minted key writes.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct MinterUsage {
    /// How often the row was written. Only grows.
    pub revision: Revision,
    /// Keys that live.
    pub live_keys: u64,
    /// The most that may.
    pub max_live_keys: Option<u64>,
    /// Keys that were ever minted.
    pub minted: u64,
    /// The totals, at most one for each quantity and window.
    pub totals: Vec<Total>,
}

/// A bound on what is handed out in a time, or for ever.
///
/// A key counts whole when it is minted; what it has not used when it ends is given back, in the
/// window that it was minted in. Windows are as those of a master key's caps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    /// What is counted.
    pub quantity: Quantity,
    /// The bound: keys, activations, tokens or picodollars.
    pub limit: u64,
    /// How long it counts before it begins anew; for ever where there is none.
    pub window: Option<Period>,
    /// When the window began that the figure is of.
    pub since: Timestamp,
    /// What is handed out, and not given back.
    pub granted: u64,
}

/// What a total counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Keys.
    Keys,
    /// Activations.
    Activations,
    /// Tokens or money.
    Of(Measure),
}

impl MinterUsage {
    /// The row as it stands at `now`: windows that are over begin anew.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        for total in &mut self.totals {
            let since = start_of(total.window, now);
            if since > total.since {
                *total = Total { since, granted: 0, ..*total };
            }
        }
        self
    }

    /// Puts a bound on a quantity, with nothing handed out yet.
    pub fn bound(
        &mut self,
        quantity: Quantity,
        window: Option<Period>,
        limit: u64,
        now: Timestamp,
    ) {
        let since = start_of(window, now);
        self.totals.push(Total { quantity, limit, window, since, granted: 0 });
    }

    /// Hands out `count` keys of these limits.
    ///
    /// # Errors
    /// The first bound that they would be beyond; then nothing is handed out.
    pub fn take(&self, limits: &Limits, count: u64, now: Timestamp) -> Result<Self, OutOfBounds> {
        let mut next = self.clone().at(now);
        next.live_keys = next.live_keys.saturating_add(count);
        next.minted = next.minted.saturating_add(count);
        if let Some(most) = next.max_live_keys
            && next.live_keys > most
        {
            let asked = format!("{} live already", self.live_keys);
            return Err(OutOfBounds::new("max_live_keys", most, asked));
        }
        for total in &mut next.totals {
            let name = total.quantity.name();
            let Some(each) = total.quantity.of(limits) else {
                let asked = format!("the key has no limit of {name}");
                return Err(OutOfBounds::new(format!("total_{name}"), *total, asked));
            };
            let granted = total.granted.saturating_add(each.saturating_mul(count));
            if granted > total.limit {
                let left = total.limit.saturating_sub(total.granted);
                let asked = format!(
                    "{} of it are left for the {} that were asked for",
                    total.quantity.words(left),
                    total.quantity.words(each.saturating_mul(count))
                );
                return Err(OutOfBounds::new(format!("total_{name}"), *total, asked));
            }
            total.granted = granted;
        }
        next.revision = next.revision.next();
        Ok(next)
    }

    /// Takes a key back that has ended: one that lives less, and what it has not used.
    #[must_use]
    pub fn give_back(self, key: &KeyRecord, usage: &Usage, now: Timestamp) -> Self {
        let mut next = self.at(now);
        next.live_keys = next.live_keys.saturating_sub(1);
        for total in next.totals.iter_mut().filter(|total| key.created_at >= total.since) {
            let unused = total.quantity.unused(&key.limits, usage);
            total.granted = total.granted.saturating_sub(unused);
        }
        next.revision = next.revision.next();
        next
    }

    /// Counts a key as its limits are now, which the operator has changed: what it gives back when
    /// it ends must have been counted before. One that lost a limit stays counted, and gives
    /// nothing back.
    #[must_use]
    pub fn recount(self, key: &KeyRecord, limits: &Limits, now: Timestamp) -> Self {
        let mut next = self.at(now);
        for total in next.totals.iter_mut().filter(|total| key.created_at >= total.since) {
            let Some(after) = total.quantity.of(limits) else { continue };
            let before = total.quantity.of(&key.limits).unwrap_or_default();
            total.granted = total.granted.saturating_sub(before).saturating_add(after);
        }
        next.revision = next.revision.next();
        next
    }
}

impl Quantity {
    /// Its name in flags and bounds: `keys`, `activations`, `tokens`, `spend`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Keys => "keys".to_owned(),
            Self::Activations => "activations".to_owned(),
            Self::Of(measure) => measure.name().replace('-', "_"),
        }
    }

    /// A figure of it, in words.
    #[must_use]
    pub fn words(self, figure: u64) -> String {
        match self {
            Self::Keys => format!("{figure} keys"),
            Self::Activations => format!("{figure} activations"),
            Self::Of(measure) => measure.words(figure),
        }
    }

    /// What a key of these limits takes of it; none where it could take any amount.
    fn of(self, limits: &Limits) -> Option<u64> {
        match self {
            Self::Keys => Some(1),
            Self::Activations => limits.activations,
            Self::Of(measure) => limits.caps.on(measure),
        }
    }

    /// What a key that has ended leaves of it. What is in flight may still be used.
    fn unused(self, limits: &Limits, usage: &Usage) -> u64 {
        let limit = self.of(limits).unwrap_or_default();
        match self {
            // A key that was minted stays minted.
            Self::Keys => 0,
            Self::Activations => usage.remaining(limit),
            Self::Of(measure) => usage
                .gauges(limits)
                .find(|gauge| gauge.measure == measure)
                .map_or(0, |gauge| gauge.remaining()),
        }
    }
}

impl fmt::Display for Total {
    /// As in `5000 activations` or `$50.00/d`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figure = self.quantity.words(self.limit);
        match self.window {
            Some(window) => f.pad(&format!("{figure}/{}", window.letter())),
            None => f.pad(&figure),
        }
    }
}

/// When the window began that `now` lies in.
fn start_of(window: Option<Period>, now: Timestamp) -> Timestamp {
    window.map_or(Timestamp(0), |window| window.start(now))
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "small numbers of a test")]
mod tests {
    use super::super::ids::{KeyId, KeySeq, MinterId};
    use super::super::scope::Scope;
    use super::*;
    use proptest::prelude::*;

    const DAY: u64 = 86_400_000;

    fn limits(activations: u64) -> Limits {
        Limits { activations: Some(activations), ..Limits::default() }
    }

    fn key(activations: u64, created_at: Timestamp) -> KeyRecord {
        KeyRecord {
            seq: KeySeq(1),
            id: KeyId::from_bits(1),
            lookup: [0; 32],
            name: String::new(),
            labels: Vec::new(),
            masters: Vec::new(),
            limits: limits(activations),
            scope: Scope::default(),
            ends_with: None,
            minter: Some(MinterId(1)),
            parent: None,
            delegate: 0,
            created_at,
            revision: Revision(1),
        }
    }

    /// A minter of so many activations a day, at the first moment of a day.
    fn daily(limit: u64) -> (MinterUsage, Timestamp) {
        let now = Timestamp(20_000 * DAY);
        let mut usage = MinterUsage::default();
        usage.bound(Quantity::Activations, Some(Period::Day), limit, now);
        (usage, now)
    }

    #[test]
    fn a_window_begins_anew_and_gets_nothing_back_from_the_one_before() {
        let (usage, now) = daily(10);
        let usage = usage.take(&limits(10), 1, now).unwrap();
        let last = Timestamp(now.0 + DAY - 1);
        let beyond = usage.take(&limits(1), 1, last).unwrap_err().to_string();
        assert!(beyond.contains("`total_activations` is 10 activations/d"), "{beyond}");
        let next = Timestamp(now.0 + DAY);
        let usage = usage.take(&limits(4), 1, next).unwrap();
        assert_eq!(usage.totals[0].granted, 4);
        let ended = usage.clone().give_back(&key(10, now), &Usage::default(), next);
        assert_eq!((ended.totals[0].granted, ended.live_keys), (4, 1));
        let used = Usage { used: 3, ..Usage::default() };
        assert_eq!(usage.give_back(&key(4, next), &used, next).totals[0].granted, 3);
    }

    #[test]
    fn a_key_whose_limits_were_changed_gives_back_what_was_counted() {
        let (usage, now) = daily(10);
        let usage = usage.take(&limits(5), 2, now).unwrap();
        let old = key(5, now);
        for after in [Some(25), Some(2), None] {
            let changed = Limits { activations: after, ..Limits::default() };
            let counted = usage.clone().recount(&old, &changed, now);
            let ended = KeyRecord { limits: changed, ..old.clone() };
            let left = counted.give_back(&ended, &Usage::default(), now).totals[0].granted;
            // The other key's, and what can no longer be told.
            assert_eq!(left, if after.is_some() { 5 } else { 10 }, "{after:?}");
        }
    }

    proptest! {
        /// What lives and what was used is never above a total, and what was not used comes back.
        #[test]
        fn no_order_of_minting_and_ending_goes_beyond_a_total(
            steps in prop::collection::vec((1..30_u64, 1..4_u64, 0..30_u64, any::<bool>()), 1..60),
        ) {
            let (mut usage, now) = daily(100);
            let (mut live, mut used_up) = (Vec::new(), 0);
            for (activations, count, used, ends) in steps {
                if let Ok(next) = usage.take(&limits(activations), count, now) {
                    usage = next;
                    live.extend((0..count).map(|_| key(activations, now)));
                }
                if ends && let Some(ended) = live.pop() {
                    let used = used.min(ended.limits.activations.unwrap_or_default());
                    used_up += used;
                    usage = usage.give_back(&ended, &Usage { used, ..Usage::default() }, now);
                }
                let lent: u64 = live.iter().filter_map(|key| key.limits.activations).sum();
                prop_assert!(lent + used_up <= 100);
                prop_assert_eq!(usage.totals[0].granted, lent + used_up);
                prop_assert_eq!(usage.live_keys, u64::try_from(live.len()).unwrap());
            }
        }
    }
}
