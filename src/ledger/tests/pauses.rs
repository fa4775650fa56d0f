//! Pauses, held against the transactions of a process that remembers the key.

use super::audit::verified_events;
use super::lineage::mint_root;
use super::stage::{Stage, hold};
use crate::domain::delegation::Wish;
use crate::domain::denial::Reason;
use crate::domain::event::EventKind;
use crate::domain::ids::{InstanceId, KeySeq};
use crate::domain::key::EndCause;
use crate::domain::limits::Limits;
use crate::domain::settlement::Outcome;
use crate::ledger::op::{
    Delegate, Delegated, EndKeys, Minted, NotMade, PauseKeys, RecordCache, ResumeKeys,
};
use crate::ledger::{ClockPolicy, LedgerError, Refusal};
use crate::store::Table;

fn pause(stage: &Stage, keys: &[KeySeq]) -> Vec<KeySeq> {
    let why = "requests: 412 in the hour".to_owned();
    stage.run(&PauseKeys { keys: keys.to_vec(), why }).unwrap()
}

fn resume(stage: &Stage, keys: &[KeySeq]) -> Result<Vec<KeySeq>, LedgerError> {
    stage.run(&ResumeKeys { keys: keys.to_vec() })
}

fn make(stage: &Stage, cache: &mut RecordCache, parent: &Minted) -> Result<Delegated, NotMade> {
    let wish = Wish { activations: Some(5), delegate: 0, ..Wish::default() };
    let op = Delegate { parent: parent.record.seq, key: parent.text.clone(), wish, count: 1 };
    let made = stage.ledger.transact(&stage.keys, ClockPolicy::Distrust, |session| {
        op.apply(session, cache, InstanceId(1))
    });
    made.unwrap()
}

/// What was looked up a moment ago decides nothing, nor does what the process remembers.
#[test]
fn the_newest_row_decides_inside_the_transaction_too() {
    let stage = Stage::new();
    let limits = Limits { activations: Some(20), ..Limits::default() };
    let root = mint_root(&stage, limits, 1);
    let key = root.record.seq;
    let mut cache = RecordCache::default();
    let child = make(&stage, &mut cache, &root).unwrap().children.remove(0).record.seq;
    let flying = [(key, 1), (child, 2)];
    for (key, number) in flying {
        stage.admit_with(&mut cache, key, hold(1, number)).unwrap().unwrap();
    }
    assert_eq!(pause(&stage, &[key, key, KeySeq(999)]), [key]);
    assert_eq!(pause(&stage, &[key]), []);
    let before = stage.rows(Table::Usage);
    for of in [key, child] {
        let denial = stage.admit_with(&mut cache, of, hold(1, 3)).unwrap().unwrap_err();
        assert_eq!(denial.reason, Reason::KeyPaused);
        assert!(denial.message.contains(root.record.id.as_str()), "{denial}");
    }
    let made = make(&stage, &mut cache, &root);
    assert!(matches!(made, Err(NotMade::Denied(denial)) if denial.reason == Reason::KeyPaused));
    assert_eq!(stage.rows(Table::Usage), before, "a denial writes nothing");
    assert_eq!((stage.grants(key), stage.grants(child)), (1, 1));

    for (of, number) in flying {
        stage.settle(hold(1, number), Outcome::Answered(200)).unwrap();
        assert_eq!((stage.usage(of).used, stage.usage(of).held), (1, 0));
    }
    assert!(stage.usage(key).paused_since().is_some(), "a settlement lifts no pause");
    assert_eq!(resume(&stage, &[key, child]).unwrap(), [key]);
    for (of, number) in [(key, 4), (child, 5)] {
        stage.admit_with(&mut cache, of, hold(1, number)).unwrap().unwrap();
    }
    let events = verified_events(&stage, &stage.keys).unwrap();
    let of = |kind| events.iter().filter(move |event| event.kind == kind);
    let paused: Vec<_> = of(EventKind::KeyPaused).collect();
    assert_eq!(paused.len(), 1);
    assert_eq!((paused[0].key, &*paused[0].note), (Some(key), "requests: 412 in the hour"));
    assert_eq!(of(EventKind::KeyResumed).count(), 1);
}

#[test]
fn an_ended_key_is_neither_paused_nor_resumed() {
    let stage = Stage::new();
    let [key, other] = [stage.mint_limited(3), stage.mint_limited(3)].map(|key| key.record.seq);
    assert_eq!(pause(&stage, &[key, other]), [key, other]);
    stage.run(&EndKeys { keys: vec![key], cause: EndCause::Revoked }).unwrap();
    assert_eq!(pause(&stage, &[key]), []);
    let refused = resume(&stage, &[other, key]).unwrap_err();
    assert!(matches!(refused, LedgerError::Refused(Refusal::KeyEnded(_))), "{refused:?}");
    assert!(stage.usage(other).paused_since().is_some(), "where one is refused none is resumed");
    let refused = resume(&stage, &[KeySeq(999)]).unwrap_err();
    assert!(matches!(refused, LedgerError::Refused(Refusal::NoSuchKey)), "{refused:?}");
    let denial = stage.admit(key, 1, 1).unwrap().unwrap_err();
    assert_eq!(denial.reason, Reason::KeyRevoked, "an end says so before a pause");
}
