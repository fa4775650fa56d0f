//! Alerts: what is worth telling at once, how much of it must have happened, and how often it is
//! told.

use super::cost::Measure;
use super::ids::{EventSeq, KeySeq, MasterId};
use super::rate::Period;
use super::time::{Span, Timestamp};

/// What a target can ask to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each has its meaning in the table below")]
pub enum Topic {
    Limit,
    Spike,
    EndedKey,
    UnknownKey,
    FailedUnlock,
}

/// One row of the table of topics.
#[derive(Clone, Copy, Debug)]
pub struct TopicRow {
    /// The topic that the row is about.
    pub topic: Topic,
    /// Its number on disk.
    pub number: u8,
    /// Its name, as `--on` takes it.
    pub name: &'static str,
    /// How often it must have happened within `apart`.
    pub threshold: u64,
    /// How long after an alert the next one of the same may follow.
    pub apart: Span,
    /// What it is, for the documents.
    pub meaning: &'static str,
}

/// The table of topics, in the order of the enum.
#[rustfmt::skip]
pub const TOPICS: [TopicRow; 5] = [
    TopicRow { topic: Topic::Limit, number: 1, name: "limit", threshold: 1, apart: Span(0), meaning: "50, 80 or 100 % of a limit of a key, or of a cap on a master key, are used; once each, and of several that are passed at once the highest" },
    TopicRow { topic: Topic::Spike, number: 2, name: "spike", threshold: 1, apart: Span(0), meaning: "something unusual was seen: an event `spike`" },
    TopicRow { topic: Topic::EndedKey, number: 3, name: "ended-key", threshold: 5, apart: Span::minutes(60), meaning: "a key that has ended is still being tried" },
    TopicRow { topic: Topic::UnknownKey, number: 4, name: "unknown-key", threshold: 3, apart: Span::minutes(60), meaning: "keys that the store does not know are being tried" },
    TopicRow { topic: Topic::FailedUnlock, number: 5, name: "failed-unlock", threshold: 1, apart: Span::minutes(10), meaning: "a secret opened no unlock slot, or the admin API refused credentials" },
];

/// The levels of a limit that are told, in percent, the lowest first.
pub const LEVELS: [u64; 3] = [50, 80, 100];

impl Topic {
    /// The row of the table, which stands in the order of the enum; a test checks it.
    #[must_use]
    pub fn row(self) -> &'static TopicRow {
        TOPICS.iter().find(|row| row.topic == self).unwrap_or(&TOPICS[0])
    }

    /// The topic of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        TOPICS.iter().find(|row| row.name == name).map(|row| row.topic)
    }

    /// The topic with this number on disk.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        TOPICS.iter().find(|row| row.number == number).map(|row| row.topic)
    }

    /// Whether it may be told at `now`, where it was last told `at`. A clock that went back keeps
    /// nothing quiet.
    #[must_use]
    pub fn is_due(self, at: Option<Timestamp>, now: Timestamp) -> bool {
        at.is_none_or(|at| now < at || now >= at.after(self.row().apart))
    }
}

/// The highest level that is reached; 0 for none.
#[must_use]
pub fn level(used: u64, limit: u64) -> u64 {
    let reached = |level: &&u64| {
        u128::from(used).saturating_mul(100)
            >= u128::from(limit).saturating_mul(u128::from(**level))
    };
    LEVELS.iter().rev().find(reached).copied().unwrap_or(0)
}

/// The most that happened within `span` minutes, among counts by the minute in their order.
#[must_use]
pub fn most_within(counts: &[(u64, u64)], span: u64) -> u64 {
    let sum_from = |start: usize| {
        let rest = counts.get(start..).unwrap_or_default();
        let first = rest.first().map_or(0, |(minute, _)| *minute);
        let within = rest.iter().take_while(|(minute, _)| minute.saturating_sub(first) < span);
        within.fold(0u64, |sum, (_, count)| sum.saturating_add(*count))
    };
    (0..counts.len()).map(sum_from).max().unwrap_or(0)
}

/// How far the store was read for alerts, and what of it is not told yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct AlertCursor {
    /// The first event that was not read.
    pub next_event: EventSeq,
    /// The next alert's number.
    pub next_alert: u64,
    /// The next target's number.
    pub next_target: u64,
    /// Failed unlocks that are not told yet.
    pub failed_unlocks: u64,
    /// Credentials that the admin API refused and that are not told yet.
    pub refused: u64,
}

/// What a mark is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marked {
    /// A limit of a key: of its activations where there is no measure.
    Limit(KeySeq, Option<Measure>),
    /// A cap on a master key.
    Cap(MasterId, Measure, Option<Period>),
    /// An ended key that was tried.
    EndedKey(KeySeq),
    /// Unknown keys that were tried.
    UnknownKeys,
    /// Failed unlocks.
    FailedUnlocks,
    /// What the admin API refused.
    Refused,
}

/// What was told last of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Mark {
    /// The level of a limit, in percent.
    pub level: u64,
    /// The limit that it was of.
    pub limit: u64,
    /// When it was told; of a cap the beginning of its window.
    pub at: Timestamp,
}

impl Mark {
    /// What becomes of the mark of a limit at this level: whether it is to be told, and the new
    /// mark, where it is another. A limit that was raised is told of anew.
    #[must_use]
    pub fn at_level(self, level: u64, limit: u64, at: Timestamp) -> Option<(bool, Self)> {
        let known = if self.at == at { self } else { Self { level: 0, at, ..self } };
        let next = Self { level, limit, at };
        if level > known.level {
            return Some((true, next));
        }
        // Below a level that was told, the limit has been raised.
        let raised = level < known.level && limit != known.limit;
        raised.then_some((false, next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_table_stands_in_the_order_of_the_enum() {
        for (at, row) in TOPICS.iter().enumerate() {
            assert_eq!(Topic::from_name(row.name), Some(row.topic));
            assert_eq!(Topic::from_number(row.number), Some(row.topic));
            assert_eq!(row.topic.row().number, row.number);
            assert_eq!(usize::from(row.number), at + 1);
        }
    }

    #[test]
    fn the_document_has_every_topic() {
        let page = include_str!("../../docs/alerts.md");
        for TopicRow { name, meaning, threshold, .. } in TOPICS {
            let row = format!("| `{name}` | {meaning} | {threshold} | ");
            assert!(page.contains(&row), "docs/alerts.md has not: {row}");
        }
    }

    #[test]
    fn a_level_is_told_once_until_the_limit_is_raised() {
        let at = Timestamp(0);
        let none = Mark::default();
        assert_eq!(none.at_level(0, 10, at), None);
        let (told, half) = none.at_level(50, 10, at).unwrap();
        assert!(told && half.at_level(50, 10, at).is_none());
        // Several at once: the highest alone.
        assert_eq!(half.at_level(100, 10, at).unwrap(), (true, Mark { level: 100, limit: 10, at }));
        let (told, raised) = half.at_level(0, 100, at).unwrap();
        assert!(!told && raised.at_level(50, 100, at).unwrap().0);
        // A window that begins anew.
        assert!(half.at_level(50, 10, Timestamp(5)).unwrap().0);
    }

    #[test]
    fn a_clock_that_went_back_keeps_nothing_quiet() {
        let (topic, hour) = (Topic::EndedKey, 3_600_000);
        for (at, now, due) in [
            (None, 5, true),
            (Some(10), 11, false),
            (Some(10), 10 + hour, true),
            (Some(10), 9, true),
        ] {
            assert_eq!(topic.is_due(at.map(Timestamp), Timestamp(now)), due, "{at:?} {now}");
        }
    }

    #[test]
    fn counts_are_summed_within_a_span() {
        let counts = [(1, 2), (30, 2), (60, 2), (61, 4)];
        assert_eq!(most_within(&counts, 60), 8);
        assert_eq!(most_within(&counts, 1), 4);
        assert_eq!(most_within(&[], 60), 0);
    }

    proptest! {
        #[test]
        fn a_level_is_reached_and_the_next_is_not(used in any::<u64>(), limit in 1..=u64::MAX) {
            let all = u128::from(limit);
            let reached =
                |level: u64| u128::from(used).saturating_mul(100) >= all.saturating_mul(level.into());
            let found = level(used, limit);
            prop_assert!(reached(found));
            prop_assert!(LEVELS.iter().all(|next| *next <= found || !reached(*next)));
        }
    }
}
