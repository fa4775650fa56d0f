//! Time as the ledger judges it, and stores that went back in it.

use std::sync::Arc;

use proptest::prelude::*;

use super::stage::{Stage, authenticate, hold, in_memory};
use crate::domain::clock::{Reading, judge};
use crate::domain::denial::Reason;
use crate::domain::limits::Limits;
use crate::domain::settlement::Outcome;
use crate::domain::time::{Span, Timestamp};
use crate::ledger::op::{Edit, KeyChange, Sweep};
use crate::ledger::{Clock, LedgerError, Rollback};
use crate::store::Store;

const HOUR: u64 = 3_600_000;

/// A proxy under a wall clock that cannot be right admits nothing and ends nothing, and still
/// settles; an operator's command accepts the clock.
#[tokio::test]
async fn a_suspect_clock_denies_and_settles_and_ends_nothing() {
    let stage = Stage::new();
    let soon = stage.clock.read().wall.after(Span(HOUR));
    let key =
        stage.mint(Limits { activations: Some(3), expires_at: Some(soon), ..Limits::default() });
    let other = stage.mint_limited(3);
    let (forwarding, running) = stage.forwarding();
    let mut in_flight = forwarding.admit(stage.request(key.record.seq)).await.unwrap();
    in_flight.sent();

    stage.clock.set(|wall| wall + 3 * HOUR);
    assert!(authenticate(&forwarding, &key.text).is_ok(), "it has not expired");
    let denial = forwarding.admit(stage.request(key.record.seq)).await.unwrap_err();
    assert_eq!(denial.reason, Reason::ClockSuspect);
    drop(in_flight);
    // Denied after the settlement, in the queue's order.
    forwarding.admit(stage.request(other.record.seq)).await.unwrap_err();
    let usage = stage.usage(key.record.seq);
    assert_eq!((usage.used, usage.held, usage.ended), (1, 0, None));

    let named = vec![KeyChange::Name("the operator was here".to_owned())];
    stage.run(&Edit { key: other.record.seq, changes: named, unlimited: false }).unwrap();
    forwarding.admit(stage.request(other.record.seq)).await.unwrap();
    let denial = authenticate(&forwarding, &key.text).unwrap_err();
    assert_eq!(denial.reason, Reason::KeyExpired);
    forwarding.stop(running).await.unwrap();
}

#[test]
fn an_expired_key_stays_ended_when_the_clock_is_set_back() {
    let stage = Stage::new();
    let soon = stage.clock.read().wall.after(Span(HOUR));
    let key = stage.mint(Limits { expires_at: Some(soon), ..Limits::default() }).record.seq;
    stage.clock.pass(Span(2 * HOUR));
    assert_eq!(stage.run(&Sweep).unwrap().ended, 1);
    stage.clock.set(|wall| wall - 30 * HOUR);
    let denial = stage.admit(key, 1, 1).unwrap().unwrap_err();
    assert_eq!(denial.reason, Reason::KeyExpired);
    assert_eq!(stage.grants(key), 0);
}

#[test]
fn a_store_that_went_back_is_refused_until_it_is_accepted() {
    let mut image = None;
    let stage = Stage::made_by(|init| {
        image = Some(in_memory(init));
        Arc::new(in_memory(init))
    });
    let key = stage.mint_limited(2).record.seq;
    stage.admit(key, 1, 1).unwrap().unwrap();
    stage.settle(hold(1, 1), Outcome::NotSent);
    let old: Arc<dyn Store> = Arc::new(image.unwrap());
    let refused = stage.reopen(Arc::clone(&old), Rollback::Refuse);
    assert!(
        matches!(refused, Err(LedgerError::RolledBack { found: 2, expected: 6 })),
        "{refused:?}"
    );
    stage.reopen(Arc::clone(&old), Rollback::Accept).unwrap();
    stage.reopen(old, Rollback::Refuse).unwrap();
}

fn readings() -> impl Strategy<Value = Vec<Reading>> {
    let wall = prop_oneof![0..4 * HOUR, any::<u64>()];
    let reading = (wall, 0..4 * HOUR, 0..2_u64).prop_map(|(wall, boot, boot_id)| Reading {
        wall: Timestamp(wall),
        boot: Span(boot),
        boot_id,
    });
    prop::collection::vec(reading, 1..40)
}

proptest! {
    /// Whatever the clocks say, the time of decisions never goes back, and never runs ahead of the
    /// wall clock by more than the boot clock has counted.
    #[test]
    fn judged_time_never_goes_back(readings in readings()) {
        let mut last: Option<Reading> = None;
        for reading in readings {
            let Ok(now) = judge(last, reading) else { continue };
            if let Some(last) = last {
                prop_assert!(now >= last.wall);
                let elapsed = Span(reading.boot.0.saturating_sub(last.boot.0));
                let same_boot = reading.boot_id == last.boot_id;
                let most = if same_boot { last.wall.after(elapsed) } else { last.wall };
                prop_assert!(now <= reading.wall.max(most));
            }
            last = Some(Reading { wall: now, ..reading });
        }
    }
}

/// That a key has expired is written down as soon as somebody meets it, so that a clock that is set
/// back within its tolerance does not let it live again.
#[tokio::test]
async fn an_expired_key_that_somebody_tried_stays_ended() {
    let stage = Stage::new();
    let soon = stage.clock.read().wall.after(Span(HOUR));
    let key = stage.mint(Limits { expires_at: Some(soon), ..Limits::default() });
    let (forwarding, running) = stage.forwarding();
    stage.clock.pass(Span(HOUR + 1));
    assert!(authenticate(&forwarding, &key.text).is_err());
    while stage.usage(key.record.seq).ended.is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    stage.clock.set(|wall| wall - HOUR / 2);
    assert!(authenticate(&forwarding, &key.text).is_err());
    forwarding.stop(running).await.unwrap();
}
