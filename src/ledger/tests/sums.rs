//! The sums of hours beside the events.

use crate::domain::cost::Cost;
use crate::domain::hold::Hold;
use crate::domain::ids::KeySeq;
use crate::domain::money::Picodollars;
use crate::domain::rollup::{Facts, Rollup};
use crate::domain::settlement::{Charge, Outcome};
use crate::ledger::op::Settle;
use crate::ledger::{Book, ClockPolicy, Operation, Session};
use crate::store::Table;
use crate::store::rows::{RowKey, rollup_key};

use super::stage::{Stage, hold};

/// Settles a request of a key as having asked this model.
fn ask(stage: &Stage, key: KeySeq, number: u64, model: &str) {
    stage.admit(key, 1, number).unwrap().unwrap();
    let cost = Cost { input: 10, output: 5, spend: Picodollars(number) };
    let settle = Settle {
        hold: hold(1, number),
        outcome: Outcome::Answered(200),
        read: Some(Charge { cost, estimated: false }),
        facts: Facts { model: model.to_owned(), first_byte: Some(1), ..Facts::default() },
    };
    let apply = |session: &mut Session<'_>| settle.apply(session);
    stage.ledger.transact(&stage.keys, ClockPolicy::Distrust, apply).unwrap();
    assert_eq!(stage.row::<Hold>(&hold(1, number)), None);
}

/// The sums that lie in the store, with their models.
fn sums(stage: &Stage) -> Vec<(String, Rollup)> {
    let book = Book::verified(stage.keys.row_mac());
    let read = |(key, row): (Vec<u8>, Vec<u8>)| {
        (rollup_key(&key).unwrap().model, book.read(&key, &row).unwrap())
    };
    stage.rows(Table::Rollups).into_iter().map(read).collect()
}

#[test]
fn a_client_that_makes_models_up_fills_no_table() {
    let stage = Stage::new();
    let key = stage.mint_limited(1_000).record.seq;
    for number in 1..=50 {
        ask(&stage, key, number, &format!("model-{number}"));
    }
    // One that was there before is still told apart.
    ask(&stage, key, 51, "model-1");
    let sums = sums(&stage);
    assert_eq!(sums.len(), 33);
    let of = |name: &str| sums.iter().find(|(model, _)| model == name).unwrap().1.clone();
    assert_eq!(of("(other models)").sent, 18);
    assert_eq!(of("model-1").sent, 2);
    let sent: u64 = sums.iter().map(|(_, sum)| sum.sent).sum();
    let money: u64 = sums.iter().map(|(_, sum)| sum.cost.spend.0).sum();
    assert_eq!((sent, money), (51, (1..=51).sum()));
}

#[test]
fn an_edited_sum_stops_no_request_and_begins_anew() {
    let stage = Stage::new();
    let key = stage.mint_limited(10).record.seq;
    ask(&stage, key, 1, "a");
    let (place, mut row) = stage.rows(Table::Rollups).remove(0);
    row[8] ^= 1;
    stage.overwrite(Table::Rollups, &place, &row);
    ask(&stage, key, 2, "a");
    let sums = sums(&stage);
    assert_eq!((sums.len(), sums[0].1.sent, sums[0].1.cost.spend.0), (1, 1, 2));
    assert_eq!(rollup_key(&place).unwrap().to_key(), place);
}
