//! The operator's verbs, on masters, tombstones and the root key.

use super::audit::verified_events;
use super::stage::{ORIGIN, Stage, authenticate, hold, slot};
use crate::domain::denial::{Denial, Reason};
use crate::domain::event::EventKind;
use crate::domain::hold::Instance;
use crate::domain::ids::{InstanceId, KeySeq};
use crate::domain::key::{EndCause, Usage};
use crate::domain::limits::{Counting, Limits};
use crate::domain::settlement::Outcome;
use crate::domain::status::Status;
use crate::domain::time::{Span, Timestamp};
use crate::ledger::op::{
    Amount, Edit, EndKeys, KeyChange, KeyTemplate, Mint, Minted, Prune, Recover, Rekey,
    RemoveMaster, RotateMaster, StartInstance, StopInstance, Sweep, kill, kill_all,
};
use crate::ledger::{Book, Clock, Forwarding, LedgerError, Refusal};
use crate::store::rows::{STATE_KEY, State};
use crate::store::{StoreError, Table, Verdict};
use crate::vault::RootKey;

fn opened(stage: &Stage, forwarding: &Forwarding, key: &Minted) -> Result<String, Denial> {
    let master = forwarding.master(stage.master)?.master;
    let opened = forwarding.open(&key.text, key.record.seq, &master, ORIGIN)?;
    Ok(opened.secret.expose().to_owned())
}

fn rotate(stage: &Stage, secret: &str, end_keys: bool) -> u64 {
    let rotate = RotateMaster {
        operator: &stage.operator,
        secret: &secret.to_owned().into(),
        name: "openai".to_owned(),
        end_keys,
    };
    stage.run(&rotate).unwrap()
}

fn ended(stage: &Stage, key: KeySeq) -> Option<EndCause> {
    stage.usage(key).ended.map(|ended| ended.cause)
}

#[tokio::test]
async fn a_rotation_keeps_live_keys_unless_it_is_told_to_end_them() {
    let stage = Stage::new();
    let key = stage.mint_limited(3);
    let (forwarding, running) = stage.forwarding();
    assert_eq!(rotate(&stage, "sk-the-second", false), 0);
    assert_eq!(opened(&stage, &forwarding, &key).as_deref(), Ok("sk-the-second"));
    assert_eq!(rotate(&stage, "sk-the-third", true), 1);
    assert_eq!(ended(&stage, key.record.seq), Some(EndCause::MasterGone));
    assert_eq!(opened(&stage, &forwarding, &key).unwrap_err().reason, Reason::KeyRevoked);
    assert_eq!(authenticate(&forwarding, &key.text).unwrap_err().reason, Reason::KeyRevoked);
    let next = stage.mint_limited(3);
    assert_eq!(opened(&stage, &forwarding, &next).as_deref(), Ok("sk-the-third"));
    forwarding.stop(running).await.unwrap();
}

#[test]
fn a_master_with_live_keys_goes_only_with_them() {
    let stage = Stage::new();
    let key = stage.mint_limited(3).record.seq;
    let other = stage.add_master("mistral", "sk-of-another");
    let both = KeyTemplate {
        masters: vec![stage.master, other.id],
        ..stage.template(Limits { activations: Some(1), ..Limits::default() })
    };
    let mint = Mint { operator: &stage.operator, template: &both, minter: None, count: 1 };
    let shared = stage.run(&mint).unwrap().remove(0).record.seq;
    assert_eq!(stage.grants(shared), 2);

    let remove = |revoke_keys| stage.run(&RemoveMaster { name: "openai".to_owned(), revoke_keys });
    let before = stage.rows(Table::Events).len();
    assert!(matches!(remove(false), Err(LedgerError::Refused(Refusal::KeysDepend(2)))));
    assert_eq!(stage.rows(Table::Events).len(), before);
    assert_eq!(remove(true).unwrap(), 2);
    for key in [key, shared] {
        assert_eq!(ended(&stage, key), Some(EndCause::MasterGone));
        assert_eq!(stage.grants(key), 0);
    }
    assert!(matches!(remove(true), Err(LedgerError::Refused(Refusal::NoSuchMaster(_)))));
}

#[test]
fn a_limit_below_what_the_attempts_need_is_refused() {
    let stage = Stage::new();
    let limits = Limits { activations: Some(9), counting: Counting::Answered, ..Limits::default() };
    let key = stage.mint(limits).record.seq;
    for number in 1..=10 {
        stage.admit(key, 1, number).unwrap().unwrap();
        stage.settle(hold(1, number), Outcome::Answered(503));
    }
    let limit_to = |limit| {
        let changes = vec![KeyChange::Activations(Amount::Set(limit))];
        stage.run(&Edit { key, changes, unlimited: false })
    };
    let refused = limit_to(2).unwrap_err();
    assert!(matches!(refused, LedgerError::Refused(Refusal::BelowUsed { limit: 2, used: 2 })));
    limit_to(3).unwrap();
    for number in 11..=12 {
        stage.admit(key, 1, number).unwrap().unwrap();
        stage.settle(hold(1, number), Outcome::Answered(503));
    }
    assert_eq!(ended(&stage, key), Some(EndCause::Activations));
}

#[tokio::test]
async fn pruned_tombstones_are_unknown_and_what_is_in_flight_keeps_its_key() {
    let stage = Stage::new();
    let [old, in_flight, young, alive] = [(); 4].map(|()| stage.mint_limited(3));
    stage.admit(in_flight.record.seq, 1, 1).unwrap().unwrap();
    let end = |keys| stage.run(&EndKeys { keys, cause: EndCause::Revoked }).unwrap();
    assert_eq!(end(vec![old.record.seq, in_flight.record.seq]), 2);
    stage.clock.pass(Span::minutes(1));
    end(vec![young.record.seq]);
    let young_at = stage.clock.read().wall;
    let before = Timestamp(young_at.0 - 1);
    assert_eq!(stage.run(&Prune { before }).unwrap(), [old.record.seq]);
    stage.settle(hold(1, 1), Outcome::Unanswered).unwrap();
    assert_eq!(stage.run(&Prune { before }).unwrap(), [in_flight.record.seq]);
    assert_eq!(stage.run(&Prune { before }).unwrap(), []);

    let (forwarding, running) = stage.forwarding();
    let refused =
        |key: &Minted| authenticate(&forwarding, &key.text).map(drop).map_err(|d| d.reason);
    assert_eq!(refused(&old), Err(Reason::KeyUnknown));
    assert_eq!(refused(&in_flight), Err(Reason::KeyUnknown));
    assert_eq!(refused(&young), Err(Reason::KeyRevoked));
    assert_eq!(refused(&alive), Ok(()));
    forwarding.stop(running).await.unwrap();
    for table in [Table::Keys, Table::Usage, Table::KeyIndex, Table::KeyIds] {
        assert_eq!(stage.rows(table).len(), 2, "{table:?}");
    }
}

#[tokio::test]
async fn a_new_root_ends_every_key_and_seals_everything_anew() {
    let mut stage = Stage::new();
    let used_up = stage.mint_limited(1);
    stage.admit(used_up.record.seq, 1, 1).unwrap().unwrap();
    stage.settle(hold(1, 1), Outcome::Answered(200));
    let key = stage.mint_limited(5);
    stage.admit(key.record.seq, 1, 2).unwrap().unwrap();
    let events = verified_events(&stage, &stage.keys).unwrap();

    let new = RootKey::random().unwrap().operator_keys();
    let rekey = Rekey {
        is_alive: &|_| false,
        old: &stage.operator,
        new: &new,
        slot: &slot(2),
        reading: stage.clock.read(),
        progress: &|_| {},
    };
    let mut keys_ended = None;
    stage
        .ledger
        .store()
        .transact(&mut |rows| {
            keys_ended = Some(rekey.apply(rows).unwrap());
            Ok(Verdict::Commit)
        })
        .unwrap();
    assert_eq!(keys_ended.map(|(ended, _)| ended), Some(1));
    let refused = stage.admit(key.record.seq, 1, 3);
    assert!(matches!(refused, Err(LedgerError::Store(StoreError::Forged(_)))), "{refused:?}");

    let old = std::mem::replace(&mut stage.keys, new.proxy.clone());
    stage.operator = new;
    let under_old = Book::verified(old.row_mac());
    assert!(stage.ledger.view(|rows, _| under_old.get::<State>(rows, STATE_KEY)).is_err());
    let now = verified_events(&stage, &stage.keys).unwrap();
    assert_eq!(now[..events.len()], events);
    assert_eq!(now.last().map(|event| event.kind), Some(EventKind::Rekeyed));
    assert!(verified_events(&stage, &old).is_err());
    let Usage { used, held, .. } = stage.usage(key.record.seq);
    // What was in flight is charged: nobody can settle it any more.
    assert_eq!((used, held), (1, 0));
    assert_eq!(ended(&stage, key.record.seq), Some(EndCause::Revoked));
    assert_eq!(ended(&stage, used_up.record.seq), Some(EndCause::Activations));
    for table in [Table::Grants, Table::Holds, Table::KeyIndex, Table::Expiries] {
        assert_eq!(stage.rows(table), [], "{table:?}");
    }

    let next = stage.mint_limited(1);
    let (forwarding, running) = stage.forwarding();
    assert_eq!(opened(&stage, &forwarding, &next).as_deref(), Ok("sk-the-real-one"));
    assert_eq!(forwarding.look_up(&next.text).map(|(_, status)| status), Ok(Status::Live));
    assert_eq!(authenticate(&forwarding, &key.text).unwrap_err().reason, Reason::KeyUnknown);
    forwarding.stop(running).await.unwrap();
}

#[test]
fn everything_that_lives_is_stopped_at_once() {
    let stage = Stage::new();
    let keys: Vec<_> = (0..3).map(|_| stage.mint_limited(5).record.seq).collect();
    kill(stage.ledger.store(), &keys[..1], Timestamp(1)).unwrap();
    assert_eq!(kill_all(stage.ledger.store(), Timestamp(1)).unwrap(), 2);
    assert_eq!(kill_all(stage.ledger.store(), Timestamp(1)).unwrap(), 0);
    assert!(keys.iter().all(|key| stage.grants(*key) == 0));
    assert_eq!(stage.run(&Sweep).unwrap().ended, 3);
}

#[test]
fn no_new_root_beside_a_process_that_lives() {
    let stage = Stage::new();
    let (forwarding, running) = stage.forwarding();
    let root = RootKey::random().unwrap().operator_keys();
    let rekey = Rekey {
        old: &stage.operator,
        new: &root,
        slot: &slot(2),
        reading: stage.clock.read(),
        is_alive: &|id| id == forwarding.instance(),
        progress: &|_| {},
    };
    let refused = stage.ledger.store().transact(&mut |rows| {
        let refused =
            matches!(rekey.apply(rows), Err(LedgerError::Refused(Refusal::ProxiesRun(1))));
        assert!(refused);
        Ok(Verdict::Abort)
    });
    refused.unwrap();
    drop(running);
}

/// As `till run` has it: its key ends with its forwarder, however that one ends.
#[test]
fn a_key_ends_with_the_process_that_it_was_minted_for() {
    for dies in [true, false] {
        let stage = Stage::new();
        let id = InstanceId(7);
        let instance = Instance {
            id,
            pid: 1,
            url: String::new(),
            started_at: Timestamp::default(),
            keys: Vec::new(),
            masters: Vec::new(),
        };
        stage.run(&StartInstance { instance }).unwrap();
        let limits = Limits { activations: Some(9), ..Limits::default() };
        let template = KeyTemplate { ends_with: Some(id), ..stage.template(limits) };
        let mint = Mint { operator: &stage.operator, template: &template, minter: None, count: 2 };
        let keys: Vec<_> = stage.run(&mint).unwrap().iter().map(|key| key.record.seq).collect();
        let other = stage.mint_limited(9).record.seq;
        stage.admit(keys[0], 7, 1).unwrap().unwrap();
        let elsewhere = stage.admit(keys[0], 8, 1).unwrap().unwrap_err();
        assert_eq!(elsewhere.reason, Reason::KeyRevoked);
        if dies {
            stage.run(&Recover { instance: id }).unwrap();
        } else {
            stage.run(&StopInstance { instance: id }).unwrap();
        }
        assert!(keys.iter().all(|key| ended(&stage, *key) == Some(EndCause::RunOver)));
        assert_eq!((stage.usage(keys[0]).used, stage.grants(keys[0])), (1, 0));
        assert_eq!(ended(&stage, other), None);
        let late = stage.run(&mint);
        assert!(matches!(late, Err(LedgerError::Refused(Refusal::NoSuchProcess))), "{late:?}");
    }
}

/// A key whose limits may still be raised does not end by being used up.
#[test]
fn a_key_with_patience_is_extended_when_it_is_used_up() {
    let stage = Stage::new();
    let patience = Span::seconds(60);
    let limits = Limits { activations: Some(1), patience, ..Limits::default() };
    let key = stage.mint(limits).record.seq;
    stage.admit(key, 1, 1).unwrap().unwrap();
    stage.settle(hold(1, 1), Outcome::Answered(200)).unwrap();
    assert_eq!(ended(&stage, key), None);
    let denial = stage.admit(key, 1, 2).unwrap().unwrap_err();
    assert_eq!(denial.reason, Reason::ActivationLimit);
    let changes = vec![KeyChange::Activations(Amount::Add(1))];
    stage.run(&Edit { key, changes, unlimited: false }).unwrap();
    stage.admit(key, 1, 2).unwrap().unwrap();
}
