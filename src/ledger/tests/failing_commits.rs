//! Commits that fail, and may have become durable all the same.

use std::collections::VecDeque;
use std::sync::Arc;

use proptest::prelude::*;

use super::stage::Stage;
use super::unreliable::{Fate, Unreliable};
use super::writer::use_up;
use crate::domain::denial::Reason;
use crate::ledger::Admission;

pub(super) fn unreliable() -> (Stage, Arc<Unreliable>) {
    let mut made = None;
    let stage = Stage::made_by(|init| {
        let store = Arc::new(Unreliable::new(init));
        made = Some(Arc::clone(&store));
        store
    });
    (stage, made.unwrap())
}

#[tokio::test]
async fn an_admission_whose_commit_failed_is_denied_and_given_back() {
    for fate in [Fate::Lost, Fate::KeptUnsaid] {
        let (stage, store) = unreliable();
        let key = stage.mint_limited(3).record.seq;
        let (forwarding, running) = stage.forwarding();
        store.meets([fate]);
        let denial = forwarding.admit(stage.request(key)).await.unwrap_err();
        assert_eq!(denial.reason, Reason::StoreUnavailable);
        let admitted = use_up(&stage, &forwarding, key).await;
        assert_eq!(admitted.len(), 3, "{fate:?}");
        // The settlements may fail too, and may have become durable: they happen once.
        store.meets([fate]);
        drop(admitted);
        forwarding.stop(running).await.unwrap();
        let usage = stage.usage(key);
        assert_eq!((usage.used, usage.held, usage.attempts), (3, 0, 3), "{fate:?}");
        assert_eq!(stage.holds(key), 0);
    }
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Admit,
    /// The oldest request in flight ends, sent or not.
    End {
        sent: bool,
    },
    /// What becomes of the next commit.
    Meet(Fate),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => Just(Act::Admit),
        2 => any::<bool>().prop_map(|sent| Act::End { sent }),
        1 => Just(Act::Meet(Fate::Lost)),
        1 => Just(Act::Meet(Fate::KeptUnsaid)),
        1 => Just(Act::Meet(Fate::Kept)),
    ];
    prop::collection::vec(act, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Under any failures of commits, what is sent is counted once and nothing else is.
    #[test]
    fn failing_commits_cost_no_activation_and_give_none(acts in acts()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (stage, store) = unreliable();
        let key = stage.mint_limited(12).record.seq;
        let (forwarding, running) = stage.forwarding();
        let mut sent = 0;
        let mut in_flight = VecDeque::new();
        runtime.block_on(async {
            for act in acts {
                match act {
                    Act::Admit => {
                        in_flight.extend(forwarding.admit(stage.request(key)).await.ok());
                    }
                    Act::End { sent: was_sent } => {
                        if let Some(mut admission) = in_flight.pop_front()
                            && was_sent
                        {
                            Admission::answered(&mut admission, 200);
                            sent += 1;
                        }
                    }
                    Act::Meet(fate) => store.meets([fate]),
                }
                assert!(sent + in_flight.len() <= 12);
            }
            sent += in_flight.len();
            in_flight.iter_mut().for_each(Admission::sent);
            drop(in_flight);
            // However many commits still fail, the rest of the key is all there.
            let mut rest = 0;
            for _ in 0..200 {
                if let Ok(mut admission) = forwarding.admit(stage.request(key)).await {
                    admission.sent();
                    rest += 1;
                }
            }
            assert_eq!(sent + rest, 12);
            store.recovers();
            forwarding.stop(running).await.unwrap();
        });
        let usage = stage.usage(key);
        prop_assert_eq!((usage.used, usage.held, stage.holds(key)), (12, 0, 0));
    }
}
