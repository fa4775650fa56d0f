//! The groups are the rows, however they are grouped.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    reason = "small numbers, in tests"
)]

use proptest::prelude::*;

use super::*;
use crate::domain::cost::Cost;
use crate::domain::ids::MasterId;
use crate::domain::money::Picodollars;
use crate::domain::rollup::Facts;
use crate::domain::settlement::{Charge, Outcome};
use crate::store::memory::MemoryStore;
use crate::store::rows::to_bytes;
use crate::store::{self, Store, Verdict};

type Use = (RollupKey, u16, u64, u64);
type Refusal = (u64, u64, usize, u64);

fn uses() -> impl Strategy<Value = Vec<Use>> {
    let about =
        (0..60_u64, 1..4_u64, 1..3_u64, "[ab]{0,1}").prop_map(|(hour, key, master, model)| {
            RollupKey { hour, key: KeySeq(key), master: MasterId(master), model }
        });
    let status = prop_oneof![Just(200), Just(429), Just(404), Just(500)];
    prop::collection::vec((about, status, 0..1_000_000_u64, 0..9_000_u64), 0..40)
}

fn refusals() -> impl Strategy<Value = Vec<Refusal>> {
    prop::collection::vec((0..60 * MINUTES, 0..4_u64, 0..RULES.len(), 1..9_u64), 0..20)
}

/// A store of these rows, whose MACs nobody has made.
fn stored(uses: &[Use], refusals: &[Refusal]) -> MemoryStore {
    let mut sums: BTreeMap<RollupKey, Rollup> = BTreeMap::new();
    for (about, status, amount, millis) in uses {
        let cost = Cost { input: *amount, output: amount / 3, spend: Picodollars(amount * 7) };
        let charge = Charge { cost, estimated: amount.is_multiple_of(2) };
        let facts = Facts {
            cached: amount / 2,
            latency: *millis,
            first_byte: Some(millis / 2),
            ..Facts::default()
        };
        let sum = sums.entry(about.clone()).or_default();
        sum.count(Outcome::Answered(*status), *status == 200, &charge, &facts);
    }
    let mut counts: BTreeMap<(u64, u64, u64), u64> = BTreeMap::new();
    for (minute, key, reason, count) in refusals {
        *counts.entry((*minute, *key, RULES[*reason].number.into())).or_default() += count;
    }
    let store = MemoryStore::new();
    store
        .transact(&mut |rows| {
            for (about, sum) in &sums {
                let row = [to_bytes(sum), vec![0; 32]].concat();
                rows.put(Table::Rollups, &about.to_key(), &row)?;
            }
            for ((minute, key, reason), count) in &counts {
                let place = (*minute, (KeySeq(*key), *reason)).to_key();
                rows.put(Table::Denials, &place, &to_bytes(&DenialCount(*count)))?;
            }
            Ok(Verdict::Commit)
        })
        .unwrap();
    store
}

fn ask(store: &MemoryStore, query: &UsageQuery) -> UsageView {
    store::view(store, |rows| usage(rows, Book::unverified(), query)).unwrap()
}

fn query(by: Grouping, hours: Hours) -> UsageQuery {
    let (pieces, metric) = (7, Metric::Requests);
    UsageQuery {
        by,
        hours,
        key: None,
        provider: None,
        model: None,
        labels: Vec::new(),
        pieces,
        metric,
    }
}

/// Every grouping but the one that requests are in no group of.
fn groupings() -> [Grouping; 7] {
    [
        Grouping::Key,
        Grouping::Master,
        Grouping::Provider,
        Grouping::Model,
        Grouping::Label("team".to_owned()),
        Grouping::Hour,
        Grouping::Day,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_sum_of_the_groups_is_the_sum_of_the_rows(
        uses in uses(), refusals in refusals(), first in 0..60_u64, more in 0..60_u64,
    ) {
        let store = stored(&uses, &refusals);
        let hours = Hours { first, last: first + more };
        let inside = |hour: u64| (hours.first..=hours.last).contains(&hour);
        let sent = uses.iter().filter(|(about, ..)| inside(about.hour));
        let (count, input) = sent.fold((0, 0), |(n, sum), (.., amount, _)| (n + 1, sum + amount));
        let later = uses.iter().filter(|(about, ..)| about.hour > hours.last).count();
        let denied = refusals.iter().filter(|(minute, ..)| inside(minute / MINUTES));
        let denied: u64 = denied.map(|(.., count)| count).sum();
        for by in groupings() {
            let view = ask(&store, &query(by.clone(), hours));
            prop_assert_eq!(view.total.used.sent, count);
            prop_assert_eq!(view.total.used.cost.input, input);
            prop_assert_eq!(view.total.denied(), denied);
            prop_assert_eq!(view.later, later as u64);
            prop_assert_eq!(view.total.course.iter().sum::<u64>(), count);
            let mut all = Sums::new(view.pieces.count);
            for group in &view.groups {
                all.used.merge(&group.sums.used);
                for (reason, count) in &group.sums.denials {
                    all.deny(*reason, *count, Metric::Requests, 0);
                }
                for (sum, more) in all.course.iter_mut().zip(&group.sums.course) {
                    *sum += more;
                }
            }
            prop_assert_eq!(&all, &view.total, "{:?}", by);
        }
        let reasons = ask(&store, &query(Grouping::Reason, hours));
        let sum: u64 = reasons.groups.iter().map(|group| group.sums.denied()).sum();
        prop_assert_eq!(sum, denied);
        prop_assert_eq!(reasons.total.used.sent, count);
    }

    #[test]
    fn filters_take_what_they_say_and_leave_the_rest(uses in uses(), refusals in refusals()) {
        let store = stored(&uses, &refusals);
        let all = query(Grouping::Hour, Hours { first: 0, last: 99 });
        let whole = ask(&store, &all).total;
        let mut parts = Rollup::default();
        let mut denied = 0;
        for key in 0..4 {
            let part = ask(&store, &UsageQuery { key: Some(KeySeq(key)), ..all.clone() }).total;
            parts.merge(&part.used);
            denied += part.denied();
        }
        prop_assert_eq!((&parts, denied), (&whole.used, whole.denied()));
        let by_model = UsageQuery { by: Grouping::Model, ..all.clone() };
        let unnamed = |group: &&Group| group.name == "(no model)";
        let groups = ask(&store, &by_model).groups;
        let unnamed = groups.iter().find(unnamed).map(|group| group.sums.used.clone());
        let mut parts = unnamed.unwrap_or_default();
        for model in ["a", "b"] {
            let model = Some(Pattern::over_names(model).unwrap());
            parts.merge(&ask(&store, &UsageQuery { model, ..all.clone() }).total.used);
        }
        prop_assert_eq!(&parts, &whole.used);
    }

    #[test]
    fn pieces_are_as_many_as_they_may_be_and_lose_no_hour(
        first in 0..1_000_u64, more in 0..10_000_u64, at_most in 0..100_usize,
    ) {
        let hours = Hours { first, last: first + more };
        let pieces = hours.pieces(at_most);
        prop_assert!(pieces.count >= 1 && pieces.count <= at_most.max(1));
        prop_assert_eq!(pieces.of(hours.first), 0);
        prop_assert_eq!(pieces.of(hours.last), pieces.count - 1);
    }
}

#[test]
fn what_is_gone_has_a_name_that_says_so() {
    let about = RollupKey { hour: 5, key: KeySeq(9), master: MasterId(4), model: String::new() };
    let store = stored(&[(about, 200, 1, 1)], &[(5 * MINUTES, 0, 0, 2)]);
    let names = |by| {
        let view = ask(&store, &query(by, Hours { first: 5, last: 5 }));
        view.groups.into_iter().map(|group| group.name).collect::<Vec<_>>()
    };
    assert_eq!(names(Grouping::Key), ["(removed key 9)", "(unknown)"]);
    assert_eq!(names(Grouping::Master), ["(removed master 4)", "(unknown)"]);
    assert_eq!(names(Grouping::Provider), ["(unknown)"]);
    assert_eq!(names(Grouping::Model), ["(no model)", "(unknown)"]);
    assert_eq!(names(Grouping::Label("team".to_owned())), ["(no such label)"]);
    assert_eq!(names(Grouping::Hour), ["1970-01-01 05:00"]);
    assert_eq!(names(Grouping::Day), ["1970-01-01"]);
    assert_eq!(names(Grouping::Reason), ["no_route"]);
}
