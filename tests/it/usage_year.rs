//! How long `till usage` takes over a year of sums. Slow, and run by hand: it fills a store first.

use std::time::Instant;

use till::domain::cost::Cost;
use till::domain::ids::{KeySeq, MasterId};
use till::domain::money::Picodollars;
use till::domain::rollup::{Facts, Rollup, RollupKey};
use till::domain::settlement::{Charge, Outcome};
use till::store::redb::RedbStore;
use till::store::rows::{RowKey, to_bytes};
use till::store::{Scan, Store, Table, Verdict};

use crate::support::home::Home;

/// What 10 million events of a year come to: 20 keys that ask 5 models in each of its hours.
#[test]
#[ignore = "fills a store with 876,000 rows; `cargo test --release --test it usage_of_a_year -- --ignored --nocapture`"]
fn usage_of_a_year() {
    let home = Home::new();
    let cost = Cost { input: 1_000, output: 300, spend: Picodollars(450_000_000) };
    let mut sum = Rollup::default();
    for number in 0..11_u64 {
        let (latency, first_byte) = (900 + number * number * 130, Some(200 + number * 60));
        let facts = Facts { latency, first_byte, ..Facts::default() };
        let charge = Charge { cost, estimated: false };
        sum.count(Outcome::Answered(200), true, &charge, &facts);
    }
    // Looking reads past the MAC.
    let row = [to_bytes(&sum), vec![0; 32]].concat();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let last = now.as_secs() / 3_600;
    let store = RedbStore::open(home.store(), till::store::redb::Options::default()).unwrap();
    store
        .transact(&mut |rows| {
            for hour in last - 8_759..=last {
                for (key, model) in (1..=20).flat_map(|key| (1..=5).map(move |model| (key, model)))
                {
                    let (key, model) = (KeySeq(key), format!("model-number-{model}"));
                    let about = RollupKey { hour, key, master: MasterId(1), model };
                    rows.put(Table::Rollups, &about.to_key(), &row)?;
                }
            }
            Ok(Verdict::Commit)
        })
        .unwrap();
    let (mut plain, mut bytes) = (0_u64, 0);
    let begin = Instant::now();
    let all = std::ops::Bound::Unbounded;
    store
        .view(&mut |rows| {
            rows.scan(Table::Rollups, all, all, &mut |key, row| {
                plain += 1;
                bytes += key.len() + row.len();
                Ok(Scan::Continue)
            })
        })
        .unwrap();
    eprintln!("{plain} rows of {} bytes, read plainly: {:?}", bytes / 876_000, begin.elapsed());
    eprintln!("the file: {} MB", home.store().metadata().unwrap().len() >> 20);
    drop(store);
    for by in ["key", "model", "hour", "day"] {
        let begin = Instant::now();
        let answer = home.till(&format!("usage --since 366d --by {by}")).json();
        eprintln!("till usage --by {by}: {:?}", begin.elapsed());
        assert_eq!(answer["total"]["requests"], 876_000 * 11);
        assert_eq!(answer["total"]["spend"]["picodollars"], 876_000_u64 * 11 * 450_000_000);
    }
}
