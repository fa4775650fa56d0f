//! Keys that were made for nobody, and commits that fail below a tree of keys.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::delegation::{forwarding_make, wish};
use super::failing_commits::unreliable;
use super::lineage::mint_root;
use super::unreliable::Fate;
use crate::domain::denial::Reason;
use crate::domain::key::EndCause;
use crate::domain::limits::Limits;
use crate::domain::share::Share;
use crate::ledger::op::{EndKeys, NotMade};
use crate::store::Table;

fn of(activations: u64) -> Limits {
    Limits { activations: Some(activations), ..Limits::default() }
}

/// A child whose maker has gone, or whose commit failed and became durable all the same, ends.
#[tokio::test]
async fn a_key_that_nobody_took_ends() {
    let (stage, store) = unreliable();
    let root = mint_root(&stage, of(10), 1);
    let (forwarding, running) = stage.forwarding();
    for patience in 0..50 {
        let made = forwarding_make(&forwarding, &root, wish(10));
        let patience = std::time::Duration::from_micros(patience * 20);
        if let Ok(Ok(child)) = tokio::time::timeout(patience, made).await {
            forwarding.end(child.record.seq, EndCause::Revoked).await;
        }
    }
    for fate in [Fate::Lost, Fate::KeptUnsaid] {
        store.meets([fate]);
        let made = forwarding_make(&forwarding, &root, wish(1)).await.unwrap_err();
        let NotMade::Denied(denial) = made else { panic!("{made:?}") };
        assert_eq!(denial.reason, Reason::StoreUnavailable, "{fate:?}");
    }
    forwarding.stop(running).await.unwrap();
    let usage = stage.usage(root.record.seq);
    assert_eq!((usage.lent, usage.descendants), (Share::default(), 0));
    assert_eq!(stage.rows(Table::Grants).len(), 1, "the root's own");
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Make {
        activations: u64,
    },
    Admit {
        key: usize,
    },
    /// The oldest request in flight ends, sent or not.
    End {
        sent: bool,
    },
    Revoke {
        key: usize,
    },
    /// What becomes of the next commit.
    Meet(Fate),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        2 => (1..5u64).prop_map(|activations| Act::Make { activations }),
        6 => (0..6usize).prop_map(|key| Act::Admit { key }),
        4 => any::<bool>().prop_map(|sent| Act::End { sent }),
        1 => (1..6usize).prop_map(|key| Act::Revoke { key }),
        1 => Just(Act::Meet(Fate::Lost)),
        1 => Just(Act::Meet(Fate::KeptUnsaid)),
        1 => Just(Act::Meet(Fate::Kept)),
    ];
    prop::collection::vec(act, 1..70)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Under any failures of commits, what was sent with all keys together is what the root has
    /// used in the end, and never more than it may.
    #[test]
    fn failing_commits_lose_nothing_of_a_tree(acts in acts()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (stage, store) = unreliable();
        let root = mint_root(&stage, of(12), 1);
        let root_seq = root.record.seq;
        let (forwarding, running) = stage.forwarding();
        let mut sent: u64 = 0;
        let mut in_flight = VecDeque::new();
        let mut keys = vec![root];
        runtime.block_on(async {
            for act in acts {
                match act {
                    Act::Make { activations } => {
                        keys.extend(
                            forwarding_make(&forwarding, &keys[0], wish(activations)).await.ok(),
                        );
                    }
                    Act::Admit { key } => {
                        let key = keys[key % keys.len()].record.seq;
                        in_flight.extend(forwarding.admit(stage.request(key)).await.ok());
                    }
                    Act::End { sent: was_sent } => {
                        if let Some(mut admission) = in_flight.pop_front()
                            && was_sent
                        {
                            crate::ledger::Admission::answered(&mut admission, 200);
                            sent += 1;
                        }
                    }
                    Act::Revoke { key } => {
                        if let Some(key) = keys.get(key) {
                            forwarding.end(key.record.seq, EndCause::Revoked).await;
                        }
                    }
                    Act::Meet(fate) => store.meets([fate]),
                }
                assert!(sent + u64::try_from(in_flight.len()).unwrap() <= 12);
            }
            store.recovers();
            drop(in_flight);
            forwarding.stop(running).await.unwrap();
        });
        let children = keys[1..].iter().map(|key| key.record.seq).collect();
        stage.run(&EndKeys { keys: children, cause: EndCause::Revoked }).unwrap();
        let usage = stage.usage(root_seq);
        prop_assert_eq!(usage.used, sent);
        prop_assert_eq!((usage.lent, usage.below, usage.descendants), (Share::default(), 0, 0));
        prop_assert_eq!(stage.rows(Table::Children), []);
    }
}
