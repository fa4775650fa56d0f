//! Power cuts at every sync, under a forwarder with requests in flight: what was acknowledged is
//! counted, and over both lives no more is sent than the limit.

use std::collections::VecDeque;
use std::sync::Arc;

use super::stage::Stage;
use crate::ledger::{Forwarding, Rollback};
use crate::store::redb::machine::{Machine, coin};
use crate::store::redb::{Options, RedbStore};

const LIMIT: u64 = 8;
/// Requests that the first life tries; one of three of them never reaches the upstream.
const REQUESTS: u64 = 9;

fn store(machine: &Machine) -> Arc<RedbStore> {
    Arc::new(RedbStore::with_source(Arc::new(machine.clone()), Options::default()))
}

/// Cuts the power at the sync, and says whether there was one to cut it at.
async fn cut_at(sync: u64, kept: impl FnMut() -> bool) -> bool {
    let machine = Machine::default();
    let mut stage = Stage::made_by(|init| {
        RedbStore::initialise(&machine, init).unwrap();
        store(&machine)
    });
    let key = stage.mint_limited(LIMIT).record.seq;
    let (forwarding, running) = stage.forwarding();
    machine.cut_at(sync);
    let mut in_flight = VecDeque::new();
    let mut sent = 0;
    for number in 0..REQUESTS {
        let Ok(mut admission) = forwarding.admit(stage.request(key)).await else { break };
        if number % 3 != 1 {
            admission.sent();
            sent += 1;
        }
        in_flight.push_back(admission);
        // Two are in flight at any time.
        if in_flight.len() > 2 {
            drop(in_flight.pop_front());
        }
    }
    let left = in_flight.len();
    drop(in_flight);
    // The process that dies settles nothing any more.
    let stopped = forwarding.stop(running).await;
    let was_cut = machine.is_off();
    assert_eq!(stopped.is_err(), was_cut, "sync {sync}");

    let restarted = machine.restarted(kept);
    stage.ledger = stage.reopen(store(&restarted), Rollback::Refuse).unwrap();
    let (forwarding, running) = stage.forwarding();
    let usage = stage.usage(key);
    assert_eq!((usage.held, stage.holds(key)), (0, 0), "sync {sync}");
    assert!((sent..=LIMIT).contains(&usage.used), "sync {sync}: {sent} sent, {usage:?}");
    let charged_in_vain = usage.used - sent;
    let more = use_up(&stage, &forwarding, key).await;
    assert_eq!(usage.used + more, LIMIT, "sync {sync}");
    // What the dead one had in flight, the one whose answer was lost among them.
    assert!(charged_in_vain <= u64::try_from(left).unwrap() + 2, "sync {sync}: {charged_in_vain}");
    forwarding.stop(running).await.unwrap();
    assert_eq!(stage.usage(key).used, LIMIT);
    super::audit::verified_events(&stage, &stage.keys).unwrap();
    was_cut
}

async fn use_up(stage: &Stage, forwarding: &Forwarding, key: crate::domain::ids::KeySeq) -> u64 {
    let mut admitted = 0;
    while let Ok(mut admission) = forwarding.admit(stage.request(key)).await {
        admission.answered(200);
        admitted += 1;
        assert!(admitted <= LIMIT);
    }
    admitted
}

#[tokio::test]
async fn a_power_cut_at_any_sync_loses_no_admission_and_gives_none() {
    let mut syncs = 0;
    while cut_at(syncs + 1, || false).await {
        syncs += 1;
    }
    assert!(syncs > 15, "only {syncs} syncs were cut");
    // How many there are depends on what the writer finds waiting: the last ones may not come.
    let mut missed = 0;
    for sync in 1..=syncs {
        missed += u64::from(!cut_at(sync, || true).await);
        missed += u64::from(!cut_at(sync, coin(sync)).await);
    }
    assert!(missed < syncs, "{missed} of {syncs} syncs never came");
}
