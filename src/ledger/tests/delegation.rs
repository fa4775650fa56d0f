//! What holders of keys do with keys that they make, case by case; `lineage.rs` has what holds for
//! all of them.

use std::num::NonZeroU32;

use super::audit::verified_events;
use super::lineage::mint_root;
use super::stage::{Stage, authenticate, hold, slot};
use crate::domain::cost::{Caps, Measure};
use crate::domain::delegation::Wish;
use crate::domain::denial::Reason;
use crate::domain::event::EventKind;
use crate::domain::hold::Instance;
use crate::domain::ids::{InstanceId, KeySeq};
use crate::domain::key::EndCause;
use crate::domain::limits::Limits;
use crate::domain::pattern::Pattern;
use crate::domain::scope::Models;
use crate::domain::settlement::Outcome;
use crate::domain::share::Share;
use crate::domain::time::{Span, Timestamp};
use crate::domain::unfit::Unfit;
use crate::ledger::op::{
    Admit, Amount, Delegate, Edit, EndKeys, KeyChange, Minted, NotMade, Prune, RecordCache,
    Recover, Rekey, RemoveMaster, StartInstance, Sweep, kill,
};
use crate::ledger::{Clock, ClockPolicy, Forwarding, Refusal};
use crate::store::{Table, Verdict};
use crate::vault::RootKey;

fn of(activations: u64) -> Limits {
    Limits { activations: Some(activations), ..Limits::default() }
}

pub(super) fn wish(activations: u64) -> Wish {
    Wish { activations: Some(activations), ..Wish::default() }
}

fn make(stage: &Stage, parent: &Minted, wish: Wish) -> Result<Minted, NotMade> {
    let op = Delegate { parent: parent.record.seq, key: parent.text.clone(), wish, count: 1 };
    let made = stage.ledger.transact(&stage.keys, ClockPolicy::Distrust, |session| {
        op.apply(session, &mut RecordCache::default(), InstanceId(1))
    });
    made.unwrap().map(|mut made| made.children.remove(0))
}

fn refusal(made: Result<Minted, NotMade>) -> Unfit {
    match made {
        Err(NotMade::Refused(Refusal::Unfit(unfit))) => unfit,
        other => panic!("{other:?}"),
    }
}

fn reason(stage: &Stage, key: KeySeq, number: u64) -> Reason {
    stage.admit(key, 1, number).unwrap().unwrap_err().reason
}

fn ended(stage: &Stage, key: &Minted) -> Option<EndCause> {
    stage.usage(key.record.seq).ended.map(|ended| ended.cause)
}

#[test]
fn a_parent_that_gave_everything_away_is_not_ended_by_that() {
    let stage = Stage::new();
    let root = mint_root(&stage, of(10), 1);
    let children: Vec<Minted> = (0..2).map(|_| make(&stage, &root, wish(5)).unwrap()).collect();
    let seq = root.record.seq;
    assert_eq!(stage.usage(seq).remaining(10), 0);
    assert_eq!(ended(&stage, &root), None);
    let denial = stage.admit(seq, 1, 1).unwrap().unwrap_err();
    assert_eq!(denial.reason, Reason::ActivationLimit);
    assert!(denial.message.contains("10 held by child keys"), "{denial}");
    let none =
        Unfit::Remainder { asked: "1 activations".into(), remaining: "0 activations".into() };
    assert_eq!(refusal(make(&stage, &root, wish(1))), none);
    // One of them uses up what it has; the other gives all of it back.
    for number in 1..=5 {
        stage.admit(children[0].record.seq, 1, number).unwrap().unwrap();
        stage.settle(hold(1, number), Outcome::Answered(200));
    }
    assert_eq!(ended(&stage, &children[0]), Some(EndCause::Activations));
    let usage = stage.usage(seq);
    assert_eq!((usage.used, usage.answered, usage.lent.activations), (5, 5, 5));
    stage.run(&EndKeys { keys: vec![children[1].record.seq], cause: EndCause::Revoked }).unwrap();
    assert_eq!(stage.usage(seq).remaining(10), 5);
    for number in 6..=10 {
        stage.admit(seq, 1, number).unwrap().unwrap();
        stage.settle(hold(1, number), Outcome::Answered(200));
    }
    assert_eq!(ended(&stage, &root), Some(EndCause::Activations));
}

#[test]
fn what_comes_back_can_end_the_parent() {
    let stage = Stage::new();
    let root = mint_root(&stage, of(3), 2);
    let child = make(&stage, &root, Wish { delegate: 1, ..wish(3) }).unwrap();
    let grandchild = make(&stage, &child, wish(3)).unwrap();
    for number in 1..=3 {
        stage.admit(grandchild.record.seq, 1, number).unwrap().unwrap();
    }
    for number in 1..=3 {
        assert_eq!(ended(&stage, &root), None);
        stage.settle(hold(1, number), Outcome::Answered(200));
    }
    for key in [&root, &child, &grandchild] {
        assert_eq!(ended(&stage, key), Some(EndCause::Activations));
        assert_eq!(stage.usage(key.record.seq).used, 3);
    }
    let kinds = verified_events(&stage, &stage.keys).unwrap();
    let returned: Vec<_> =
        kinds.iter().filter(|event| event.kind == EventKind::KeyReturned).collect();
    assert_eq!(returned.len(), 2);
    assert_eq!((returned[0].key, returned[0].count), (Some(grandchild.record.seq), 3));
    assert_eq!(returned[0].note, format!("to {}", child.record.id));
}

/// What a child that has ended can never use is there again at once; what it has in flight comes
/// with its settlement.
#[test]
fn an_end_gives_back_at_once_what_is_not_in_flight() {
    let stage = Stage::new();
    let root = mint_root(&stage, of(20), 1);
    let child = make(&stage, &root, wish(15)).unwrap();
    stage.admit(child.record.seq, 1, 1).unwrap().unwrap();
    stage.run(&EndKeys { keys: vec![child.record.seq], cause: EndCause::Revoked }).unwrap();
    let usage = stage.usage(root.record.seq);
    assert_eq!((usage.lent.activations, usage.below, usage.remaining(20)), (1, 1, 19));
    // A tombstone that something comes back to stays.
    stage.run(&EndKeys { keys: vec![root.record.seq], cause: EndCause::Revoked }).unwrap();
    assert_eq!(stage.run(&Prune { before: Timestamp(u64::MAX) }).unwrap(), []);
    stage.run(&Recover { instance: InstanceId(1) }).unwrap();
    let usage = stage.usage(root.record.seq);
    assert_eq!((usage.used, usage.lent, usage.below), (1, Share::default(), 0));
    let pruned = stage.run(&Prune { before: Timestamp(u64::MAX) }).unwrap();
    assert_eq!(pruned, [root.record.seq, child.record.seq]);
}

#[test]
fn rate_and_concurrency_hold_for_all_below() {
    let stage = Stage::new();
    let limits =
        Limits { rate: Some("3/m".parse().unwrap()), concurrency: NonZeroU32::new(2), ..of(100) };
    let root = mint_root(&stage, limits, 2);
    let child = make(&stage, &root, Wish { delegate: 1, ..wish(50) }).unwrap();
    let grandchild = make(&stage, &child, wish(20)).unwrap();
    let [root, child, grandchild] = [root, child, grandchild].map(|key| key.record.seq);
    stage.admit(grandchild, 1, 1).unwrap().unwrap();
    stage.admit(child, 1, 2).unwrap().unwrap();
    for key in [root, child, grandchild] {
        assert_eq!(reason(&stage, key, 3), Reason::ConcurrencyLimited);
    }
    assert_eq!((stage.usage(root).below, stage.usage(child).below), (2, 1));
    stage.settle(hold(1, 1), Outcome::Answered(200));
    stage.settle(hold(1, 2), Outcome::Answered(200));
    stage.admit(root, 1, 4).unwrap().unwrap();
    stage.settle(hold(1, 4), Outcome::Answered(200));
    for key in [root, child, grandchild] {
        assert_eq!(reason(&stage, key, 5), Reason::RateLimited);
    }
    assert_eq!(stage.usage(root).below, 0);
}

/// A parent that is narrowed narrows its children from their next request on.
#[test]
fn what_a_parent_may_not_its_children_may_not() {
    let stage = Stage::new();
    let root = mint_root(&stage, of(100), 1);
    let key = make(&stage, &root, wish(50)).unwrap().record.seq;
    let ask = |model: &str, number| {
        let mut request = stage.request(key);
        request.target.models = Models::Named(vec![model.to_owned()]);
        let decided = stage.ledger.transact(&stage.keys, ClockPolicy::Distrust, |session| {
            Admit::apply(&request, session, &mut RecordCache::default(), hold(1, number))
        });
        decided.unwrap().map(drop).map_err(|denial| denial.reason)
    };
    assert_eq!(ask("o3", 1), Ok(()));
    let edit = |changes| Edit { key: root.record.seq, changes, unlimited: false };
    let narrow = KeyChange::Models(vec![Pattern::over_names("gpt-*").unwrap()]);
    stage.run(&edit(vec![narrow])).unwrap();
    assert_eq!(ask("o3", 2), Err(Reason::ScopeDenied));
    assert_eq!(ask("gpt-4", 3), Ok(()));
    let soon = KeyChange::Expiry(Amount::Set(stage.clock.read().wall.after(Span::seconds(60))));
    stage.run(&edit(vec![soon])).unwrap();
    stage.clock.pass(Span::seconds(61));
    assert_eq!(ask("gpt-4", 4), Err(Reason::KeyRevoked));
    assert_eq!(stage.run(&Sweep).unwrap().ended, 2);
    assert_eq!(stage.usage(key).ended.unwrap().cause, EndCause::ParentEnded);
}

#[test]
fn whatever_ends_a_parent_ends_its_children() {
    type End<'a> = &'a dyn Fn(&Stage, KeySeq);
    let ends: [End<'_>; 3] = [
        &|stage, key| {
            stage.run(&EndKeys { keys: vec![key], cause: EndCause::Revoked }).unwrap();
        },
        &|stage, key| {
            kill(stage.ledger.store(), &[key], stage.clock.read().wall).unwrap();
            assert_eq!(stage.rows(Table::Grants), []);
            stage.run(&Sweep).unwrap();
        },
        &|stage, _| {
            stage.run(&RemoveMaster { name: "openai".into(), revoke_keys: true }).unwrap();
        },
    ];
    for end in ends {
        let stage = Stage::new();
        let root = mint_root(&stage, of(10), 2);
        let child = make(&stage, &root, Wish { delegate: 1, ..wish(5) }).unwrap();
        let grandchild = make(&stage, &child, wish(2)).unwrap();
        end(&stage, root.record.seq);
        for key in [child, grandchild] {
            assert_eq!(ended(&stage, &key), Some(EndCause::ParentEnded));
            assert_eq!(reason(&stage, key.record.seq, 1), Reason::KeyRevoked);
        }
        let usage = stage.usage(root.record.seq);
        assert_eq!((usage.lent, usage.descendants), (Share::default(), 0));
        assert_eq!(stage.rows(Table::Children), []);
        assert_eq!(stage.rows(Table::Grants), []);
    }
}

/// Where nobody has written an end down yet, it holds all the same.
#[tokio::test]
async fn a_child_is_refused_once_its_parent_is_killed() {
    let stage = Stage::new();
    let root = mint_root(&stage, of(10), 1);
    let (forwarding, running) = stage.forwarding();
    let child = forwarding_make(&forwarding, &root, wish(5)).await.unwrap();
    assert!(authenticate(&forwarding, &child.text).is_ok());
    // As if the index had been edited: the kill finds the parent alone.
    let at = stage.clock.read().wall;
    let index = stage.rows(Table::Children);
    stage
        .ledger
        .store()
        .transact(&mut |rows| rows.delete(Table::Children, &index[0].0).map(|_| Verdict::Commit))
        .unwrap();
    kill(stage.ledger.store(), &[root.record.seq], at).unwrap();
    let denial = authenticate(&forwarding, &child.text).unwrap_err();
    assert_eq!(denial.reason, Reason::KeyRevoked);
    assert_eq!(reason(&stage, child.record.seq, 1), Reason::KeyRevoked);
    let made = forwarding_make(&forwarding, &root, wish(1)).await;
    assert!(matches!(made, Err(NotMade::Denied(denial)) if denial.reason == Reason::KeyRevoked));
    forwarding.stop(running).await.unwrap();
}

#[test]
fn a_run_takes_the_keys_that_were_made_in_it_with_it() {
    let stage = Stage::new();
    let instance = Instance {
        id: InstanceId(1),
        pid: 1,
        url: String::new(),
        started_at: Timestamp(0),
        keys: Vec::new(),
        masters: Vec::new(),
    };
    stage.run(&StartInstance { instance }).unwrap();
    let mut template = stage.template(of(10));
    (template.delegate, template.ends_with) = (1, Some(InstanceId(1)));
    let mint = crate::ledger::op::Mint {
        operator: &stage.operator,
        template: &template,
        minter: None,
        count: 1,
    };
    let root = stage.run(&mint).unwrap().remove(0);
    let child = make(&stage, &root, wish(5)).unwrap();
    assert_eq!(child.record.ends_with, Some(InstanceId(1)));
    assert_eq!(
        stage.admit(child.record.seq, 2, 1).unwrap().unwrap_err().reason,
        Reason::KeyRevoked
    );
    stage.admit(child.record.seq, 1, 1).unwrap().unwrap();
    stage.run(&Recover { instance: InstanceId(1) }).unwrap();
    assert_eq!(ended(&stage, &root), Some(EndCause::RunOver));
    assert_eq!(ended(&stage, &child), Some(EndCause::ParentEnded));
    assert_eq!(stage.usage(root.record.seq).used, 1);
}

#[test]
fn edits_of_a_child_move_its_parents_remainder() {
    let stage = Stage::new();
    let caps = Caps { tokens: Some(1_000), ..Caps::default() };
    let root = mint_root(&stage, Limits { caps, ..of(100) }, 1);
    let own = Caps { tokens: Some(600), ..Caps::default() };
    let child = make(&stage, &root, Wish { caps: own, ..wish(50) }).unwrap();
    let edit = |key: &Minted, change| {
        let edit = Edit { key: key.record.seq, changes: vec![change], unlimited: false };
        stage.run(&edit).map(drop).map_err(|error| error.to_string())
    };
    edit(&child, KeyChange::Activations(Amount::Add(50))).unwrap();
    let lent = || stage.usage(root.record.seq).lent;
    assert_eq!((lent().activations, lent().tokens), (100, 600));
    assert!(edit(&child, KeyChange::Activations(Amount::Add(1))).is_err());
    edit(&child, KeyChange::Cap(Measure::Tokens, Amount::Set(100))).unwrap();
    assert_eq!((lent().activations, lent().tokens), (100, 100));
    let needed = edit(&child, KeyChange::Cap(Measure::Tokens, Amount::Lift)).unwrap_err();
    assert!(needed.contains("a child key needs a limit of it too"), "{needed}");
    assert!(edit(&root, KeyChange::Activations(Amount::Set(99))).is_err());
    assert!(edit(&root, KeyChange::Cap(Measure::Tokens, Amount::Set(99))).is_err());
    let children = edit(&root, KeyChange::Cap(Measure::Spend, Amount::Set(99))).unwrap_err();
    assert!(children.contains("has child keys"), "{children}");
    edit(&root, KeyChange::Activations(Amount::Set(101))).unwrap();
    edit(&child, KeyChange::Name("kept".into())).unwrap();
    assert_eq!(stage.usage(root.record.seq).remaining(101), 1);
}

#[test]
fn a_new_root_leaves_nothing_lent() {
    let stage = Stage::new();
    let root = mint_root(&stage, of(10), 2);
    let child = make(&stage, &root, Wish { delegate: 1, ..wish(8) }).unwrap();
    let grandchild = make(&stage, &child, wish(4)).unwrap();
    stage.admit(grandchild.record.seq, 1, 1).unwrap().unwrap();
    stage.admit(child.record.seq, 1, 2).unwrap().unwrap();
    stage.settle(hold(1, 2), Outcome::Answered(200));
    let new = RootKey::random().unwrap().operator_keys();
    let rekey = Rekey {
        is_alive: &|_| false,
        old: &stage.operator,
        new: &new,
        slot: &slot(2),
        reading: stage.clock.read(),
        progress: &|_| {},
    };
    let store = stage.ledger.store();
    store
        .transact(&mut |rows| {
            rekey.apply(rows).map(|_| Verdict::Commit).map_err(|_| unreachable!())
        })
        .unwrap();
    let book = crate::ledger::Book::verified(new.proxy.row_mac());
    for (key, used) in [(&root, 2), (&child, 2), (&grandchild, 1)] {
        let usage = stage
            .ledger
            .view(|rows, _| book.get::<crate::domain::key::Usage>(rows, &key.record.seq));
        let usage = usage.unwrap().unwrap();
        assert_eq!((usage.used, usage.held, usage.lent), (used, 0, Share::default()));
        assert_eq!((usage.below, usage.descendants, usage.carved), (0, 0, None));
    }
    assert_eq!(stage.rows(Table::Children), []);
}

#[test]
fn depth_and_number_are_bounded() {
    let stage = Stage::new();
    let root = mint_root(&stage, of(10_000), 2);
    let op = |key: &Minted, wish, count| {
        let op = Delegate { parent: key.record.seq, key: key.text.clone(), wish, count };
        let made = stage.ledger.transact(&stage.keys, ClockPolicy::Distrust, |session| {
            op.apply(session, &mut RecordCache::default(), InstanceId(1))
        });
        made.unwrap().map(|mut made| made.children.remove(0))
    };
    let child = op(&root, Wish { delegate: 1, ..wish(1_000) }, 1).unwrap();
    let deep = refusal(op(&root, Wish { delegate: 2, ..wish(1) }, 1));
    assert_eq!(deep, Unfit::Generations { asked: 2, most: 1 });
    assert_eq!(refusal(op(&root, wish(1), 1_000)), Unfit::TooMany);
    let last = op(&root, wish(1), 999).unwrap();
    assert_eq!(refusal(op(&child, wish(1), 1)), Unfit::TooMany);
    assert_eq!(refusal(op(&last, wish(1), 1)), Unfit::NotAllowed);
    assert_eq!(stage.usage(root.record.seq).descendants, 1_000);
    let end = EndKeys { keys: vec![root.record.seq], cause: EndCause::Revoked };
    assert_eq!(stage.run(&end).unwrap(), 1_001);
}

pub(super) async fn forwarding_make(
    forwarding: &Forwarding,
    parent: &Minted,
    wish: Wish,
) -> Result<Minted, NotMade> {
    let (parent, key) = (parent.record.seq, parent.text.clone());
    let made = forwarding.delegate(Delegate { parent, key, wish, count: 1 }).await;
    made.map(|mut children| children.remove(0))
}
