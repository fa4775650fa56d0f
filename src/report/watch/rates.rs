//! How often something happens, by a clock that cannot be set.

use std::collections::{BTreeMap, VecDeque};

use crate::domain::clock::Reading;
use crate::domain::ids::KeySeq;
use crate::domain::time::Span;

/// How far back rates look.
const LONG: Span = Span::seconds(60);
/// How far back the rate looks that is of now.
const SHORT: Span = Span::seconds(10);

/// So many in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Rate {
    /// Tenths of one in a second, over ten seconds.
    pub tenths: u64,
    /// How many there were in the last minute.
    pub minute: u64,
}

/// What was counted in the last minute, look by look.
#[derive(Debug, Default)]
pub struct Rates {
    looks: VecDeque<Look>,
}

#[derive(Debug)]
struct Look {
    reading: Reading,
    counted: BTreeMap<KeySeq, u64>,
}

impl Rates {
    /// Enters what was counted since the look before. What is older than a minute is forgotten,
    /// and everything where the machine was started anew.
    pub fn enter(&mut self, reading: Reading, counted: BTreeMap<KeySeq, u64>) {
        let comparable = |look: &Look| {
            look.reading.boot_id == reading.boot_id && look.reading.boot <= reading.boot
        };
        // The oldest one begins the window: what it counted lies before it.
        self.looks.retain(|look| comparable(look) && age(look.reading, reading) <= LONG);
        self.looks.push_back(Look { reading, counted });
    }

    /// The rates of everything, and of each key that has one.
    #[must_use]
    pub fn rates(&self) -> (Rate, BTreeMap<KeySeq, Rate>) {
        let Some(last) = self.looks.back() else { return <_>::default() };
        let (mut all, mut keys) = ((0u64, 0u64), BTreeMap::<KeySeq, (u64, u64)>::new());
        let within = |look: &&Look| age(look.reading, last.reading) < SHORT;
        // What the first look counted happened before anybody looked.
        for look in self.looks.iter().skip(1) {
            let short = within(&look);
            for (key, count) in &look.counted {
                let of_key = keys.entry(*key).or_default();
                for sum in [of_key, &mut all] {
                    sum.1 = sum.1.saturating_add(*count);
                    if short {
                        sum.0 = sum.0.saturating_add(*count);
                    }
                }
            }
        }
        let begun = self.looks.front().map_or(SHORT, |first| age(first.reading, last.reading));
        let window = begun.min(SHORT).max(Span::seconds(1));
        let rate = |(short, minute): (u64, u64)| {
            let tenths = short.saturating_mul(10_000).checked_div(window.0).unwrap_or_default();
            Rate { tenths, minute }
        };
        (rate(all), keys.into_iter().map(|(key, sums)| (key, rate(sums))).collect())
    }
}

fn age(earlier: Reading, later: Reading) -> Span {
    Span(later.boot.0.saturating_sub(earlier.boot.0))
}
