//! The writer: what it answers is durable, and what nobody was answered is given back.

use std::num::NonZeroU32;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::task::JoinSet;

use super::stage::{Stage, hold};
use crate::domain::denial::Reason;
use crate::domain::hold::Instance;
use crate::domain::ids::{InstanceId, KeySeq};
use crate::domain::key::EndCause;
use crate::domain::limits::Limits;
use crate::domain::time::{Span, Timestamp};
use crate::ledger::op::{EndKeys, RecordCache, StartInstance};
use crate::ledger::{Admission, Forwarding};
use crate::store::Table;

/// Admits until the key has nothing left, and answers with what was admitted.
pub(super) async fn use_up(stage: &Stage, forwarding: &Forwarding, key: KeySeq) -> Vec<Admission> {
    let mut admitted = Vec::new();
    while let Ok(mut admission) = forwarding.admit(stage.request(key)).await {
        admission.sent();
        admitted.push(admission);
        assert!(admitted.len() < 1_000);
    }
    admitted
}

#[tokio::test]
async fn a_thousand_at_once_on_a_key_of_fifty() {
    let stage = Stage::new();
    let key = stage.mint_limited(50).record.seq;
    let (forwarding, running) = stage.forwarding();
    let mut requests = JoinSet::new();
    for _ in 0..1_000 {
        let (forwarding, request) = (Arc::clone(&forwarding), stage.request(key));
        requests.spawn(async move { forwarding.admit(request).await });
    }
    let (admitted, denied): (Vec<_>, Vec<_>) =
        requests.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!((admitted.len(), denied.len()), (50, 950));
    assert!(denied.iter().all(|d| d.as_ref().unwrap_err().reason == Reason::ActivationLimit));
    for admission in admitted {
        admission.unwrap().answered(200);
    }
    forwarding.stop(running).await.unwrap();
    let usage = stage.usage(key);
    assert_eq!((usage.used, usage.held, usage.answered), (50, 0, 50));
    assert!(usage.ended.is_some());
    assert_eq!(stage.rows(Table::Holds), []);
    assert_eq!(stage.rows(Table::Instances), []);
}

#[test]
fn a_key_that_has_ended_is_not_remembered_though_it_is_asked_for() {
    let stage = Stage::new();
    let (key, other) = (stage.mint_limited(9).record.seq, stage.mint_limited(9).record.seq);
    let mut cache = RecordCache::default();
    for (number, seq) in [(1, key), (2, other)] {
        stage.admit_with(&mut cache, seq, hold(1, number)).unwrap().unwrap();
    }
    assert_eq!(cache.remembered(), 2);
    // As another process ends it.
    stage.run(&EndKeys { keys: vec![key], cause: EndCause::Revoked }).unwrap();
    for number in 3..6 {
        let denied = stage.admit_with(&mut cache, key, hold(1, number)).unwrap();
        assert_eq!(denied.unwrap_err().reason, Reason::KeyRevoked);
        assert_eq!(cache.remembered(), 1);
    }
}

#[tokio::test]
async fn an_admission_that_nobody_waits_for_is_given_back() {
    let stage = Stage::new();
    let key = stage.mint_limited(5).record.seq;
    let (forwarding, running) = stage.forwarding();
    for patience in 0..200 {
        let request = forwarding.admit(stage.request(key));
        drop(tokio::time::timeout(Duration::from_micros(patience * 10), request).await);
    }
    assert_eq!(use_up(&stage, &forwarding, key).await.len(), 5);
    forwarding.stop(running).await.unwrap();
    assert_eq!((stage.usage(key).used, stage.holds(key)), (5, 0));
}

/// What a stopping process still has in flight is charged: with its row gone, nobody would ever
/// look for it.
#[tokio::test]
async fn what_is_in_flight_at_a_stop_is_charged() {
    let stage = Stage::new();
    let key = stage.mint_limited(2).record.seq;
    let (forwarding, running) = stage.forwarding();
    let in_flight = forwarding.admit(stage.request(key)).await.unwrap();
    forwarding.stop(running).await.unwrap();
    drop(in_flight);
    assert_eq!((stage.usage(key).used, stage.usage(key).held, stage.holds(key)), (1, 0, 0));
}

/// A request that is decided on together with one that waits for what a dead process holds is
/// admitted once.
#[tokio::test]
async fn what_the_dead_hold_is_charged_and_what_stands_beside_it_admitted_once() {
    let stage = Stage::new();
    let by_one =
        Limits { activations: Some(9), concurrency: NonZeroU32::new(1), ..Limits::default() };
    let (blocked, beside) = (stage.mint(by_one).record.seq, stage.mint_limited(9).record.seq);
    let (forwarding, running) = stage.forwarding();
    let dead = Instance {
        id: InstanceId(1),
        pid: 1,
        url: String::new(),
        started_at: Timestamp::default(),
        keys: Vec::new(),
        masters: Vec::new(),
    };
    stage.run(&StartInstance { instance: dead }).unwrap();
    stage.admit(blocked, 1, 1).unwrap().unwrap();
    stage.clock.pass(Span::seconds(5));

    let mut first = pin!(forwarding.admit(stage.request(beside)));
    let mut second = pin!(forwarding.admit(stage.request(blocked)));
    let mut third = pin!(forwarding.admit(stage.request(beside)));
    // The writer waits for the gate, with the first alone or with all of them; the others are
    // then decided on together.
    forwarding.between_transactions(|| {
        let waits: [Pin<&mut dyn Future<Output = _>>; 3] =
            [first.as_mut(), second.as_mut(), third.as_mut()];
        for future in waits {
            let polled: Poll<Result<Admission, _>> =
                future.poll(&mut Context::from_waker(Waker::noop()));
            assert!(polled.is_pending());
        }
    });
    let admitted = (first.await.unwrap(), second.await.unwrap(), third.await.unwrap());
    assert_eq!((stage.usage(beside).held, stage.holds(beside)), (2, 2));
    assert_eq!((stage.usage(blocked).used, stage.usage(blocked).held), (1, 1));
    assert_eq!(stage.holds(blocked), 1);
    drop(admitted);
    forwarding.stop(running).await.unwrap();
    assert_eq!((stage.usage(beside).used, stage.usage(beside).held), (0, 0));
}
