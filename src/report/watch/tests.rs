use std::collections::BTreeMap;

use super::{Rate, Rates};
use crate::domain::clock::Reading;
use crate::domain::ids::KeySeq;
use crate::domain::time::{Span, Timestamp};

const KEY: KeySeq = KeySeq(7);

fn reading(wall: u64, boot: u64, boot_id: u64) -> Reading {
    Reading { wall: Timestamp(wall), boot: Span(boot), boot_id }
}

fn counted(count: u64) -> BTreeMap<KeySeq, u64> {
    BTreeMap::from([(KEY, count)])
}

#[test]
fn rates_go_by_the_clock_that_cannot_be_set() {
    let mut rates = Rates::default();
    // The wall clock jumps to and fro.
    rates.enter(reading(9_000_000, 1_000, 1), counted(500));
    assert_eq!(rates.rates().0, Rate::default());
    rates.enter(reading(0, 3_000, 1), counted(4));
    rates.enter(reading(u64::MAX, 6_000, 1), counted(6));
    let (all, keys) = rates.rates();
    assert_eq!(all, Rate { tenths: 20, minute: 10 });
    assert_eq!(keys.get(&KEY), Some(&all));
    rates.enter(reading(5, 40_000, 1), counted(1));
    assert_eq!(rates.rates().0, Rate { tenths: 1, minute: 11 });
    // What was counted up to the oldest look in the minute lies before it.
    rates.enter(reading(5, 62_000, 1), counted(0));
    assert_eq!(rates.rates().0.minute, 7);
    rates.enter(reading(5, 110_000, 1), counted(0));
    assert_eq!(rates.rates().0, Rate::default());
}

#[test]
fn another_boot_begins_anew() {
    let mut rates = Rates::default();
    rates.enter(reading(0, 1_000, 1), counted(1));
    rates.enter(reading(0, 2_000, 1), counted(9));
    rates.enter(reading(0, 9_000, 2), counted(9));
    assert_eq!(rates.rates().0, Rate::default());
}
