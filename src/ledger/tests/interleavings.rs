//! No interleaving of admissions, give-backs, settlements, edits, ends and deaths of processes
//! admits more than the limit, and a model of a few lines knows what is admitted.

use std::collections::HashMap;
use std::num::NonZeroU32;

use proptest::prelude::*;
use proptest::sample::Index;

use super::audit::assert_logged;
use super::model::Key;
use super::stage::{Stage, hold};
use crate::domain::clock::{Suspect, judge};
use crate::domain::denial::Reason;
use crate::domain::ids::{HoldId, InstanceId, KeySeq, Revision};
use crate::domain::key::{EndCause, KeyRecord, Usage};
use crate::domain::limits::{Counting, Limits};
use crate::domain::settlement::Outcome;
use crate::domain::time::{Span, Timestamp};
use crate::ledger::op::{Amount, Edit, EndKeys, KeyChange, RecordCache, Recover, Sweep, kill};
use crate::ledger::{Clock, LedgerError, Refusal};
use crate::store::Table;
use crate::store::rows::{STATE_KEY, State};

const KEYS: usize = 3;
const PROCESSES: usize = 3;
const MINUTE: u64 = 60_000;

#[derive(Clone, Debug)]
enum Step {
    Admit {
        process: usize,
        key: usize,
    },
    Settle {
        hold: Index,
        outcome: Outcome,
    },
    /// A process dies, and another takes its place.
    Die {
        process: usize,
    },
    Extend {
        key: usize,
        more: u64,
    },
    Limit {
        key: usize,
        to: u64,
    },
    Kill {
        key: usize,
    },
    End {
        key: usize,
    },
    Sweep,
    Pass {
        minutes: u64,
    },
    SetBack {
        minutes: u64,
    },
    /// Beyond what the boot clock allows.
    SetAhead,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = 0..KEYS;
    let outcome = prop_oneof![
        2 => Just(Outcome::NotSent),
        2 => Just(Outcome::Answered(200)),
        8 => Just(Outcome::Answered(500)),
        1 => Just(Outcome::Answered(429)),
        1 => Just(Outcome::Answered(404)),
        1 => Just(Outcome::Unanswered),
        1 => Just(Outcome::Abandoned),
    ];
    let step = prop_oneof![
        40 => (0..PROCESSES, key.clone()).prop_map(|(process, key)| Step::Admit { process, key }),
        30 => (any::<Index>(), outcome).prop_map(|(hold, outcome)| Step::Settle { hold, outcome }),
        3 => (0..PROCESSES).prop_map(|process| Step::Die { process }),
        3 => (key.clone(), 1..4_u64).prop_map(|(key, more)| Step::Extend { key, more }),
        3 => (key.clone(), 1..8_u64).prop_map(|(key, to)| Step::Limit { key, to }),
        1 => key.clone().prop_map(|key| Step::Kill { key }),
        1 => key.prop_map(|key| Step::End { key }),
        2 => Just(Step::Sweep),
        3 => (0..20_u64).prop_map(|minutes| Step::Pass { minutes }),
        2 => (0..90_u64).prop_map(|minutes| Step::SetBack { minutes }),
        1 => Just(Step::SetAhead),
    ];
    prop::collection::vec(step, 1..120)
}

/// A process: its number, its next hold's, and what it remembers.
#[derive(Debug)]
struct Process {
    id: u64,
    next: u64,
    cache: RecordCache,
}

struct World {
    stage: Stage,
    keys: Vec<Key>,
    processes: Vec<Process>,
    /// Every hold there ever was: whose it is, and whether it was settled.
    holds: HashMap<HoldId, (KeySeq, bool)>,
    order: Vec<HoldId>,
    /// Each key's figures after the step before.
    seen: HashMap<KeySeq, (Usage, Revision)>,
}

impl World {
    fn new() -> Self {
        let stage = Stage::new();
        let soon = stage.clock.read().wall.after(Span(45 * MINUTE));
        let limits = [
            Limits { activations: Some(4), ..Limits::default() },
            Limits { activations: Some(2), counting: Counting::Answered, ..Limits::default() },
            Limits {
                activations: Some(5),
                expires_at: Some(soon),
                concurrency: NonZeroU32::new(2),
                ..Limits::default()
            },
        ];
        let keys = limits.map(|limits| Key::new(stage.mint(limits.clone()).record.seq, limits));
        let process = |id| Process { id, next: 1, cache: RecordCache::default() };
        Self {
            stage,
            keys: keys.into(),
            processes: (1..).take(PROCESSES).map(process).collect(),
            holds: HashMap::new(),
            order: Vec::new(),
            seen: HashMap::new(),
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Admit { process, key } => self.admit(*process, *key),
            Step::Settle { hold, outcome } => {
                if !self.order.is_empty() {
                    self.settle(*hold.get(&self.order), *outcome);
                }
            }
            Step::Die { process } => self.die(*process),
            Step::Extend { key, more } => {
                let to = self.keys[*key].limit + more;
                self.limit(*key, Amount::Add(*more), to);
            }
            Step::Limit { key, to } => self.limit(*key, Amount::Set(*to), *to),
            Step::Kill { key } => {
                let key = &mut self.keys[*key];
                key.killed = true;
                let at = self.stage.clock.read().wall;
                kill(self.stage.ledger.store(), &[key.seq], at).unwrap();
            }
            Step::End { key } => {
                let end = EndKeys { keys: vec![self.keys[*key].seq], cause: EndCause::Revoked };
                self.stage.run(&end).unwrap();
                self.keys[*key].dead = true;
            }
            Step::Sweep => {
                let now = self.operators_now();
                self.stage.run(&Sweep).unwrap();
                for key in &mut self.keys {
                    key.dead |= key.is_over(now);
                }
            }
            Step::Pass { minutes } => self.stage.clock.pass(Span(minutes * MINUTE)),
            Step::SetBack { minutes } => self.stage.clock.set(|wall| wall - minutes * MINUTE),
            Step::SetAhead => self.stage.clock.set(|wall| wall + 200 * MINUTE),
        }
    }

    fn admit(&mut self, process: usize, key: usize) {
        let (now, suspect) = (self.now(), self.is_clock_suspect());
        let (process, key) = (&mut self.processes[process], &mut self.keys[key]);
        let id = hold(process.id, process.next);
        process.next += 1;
        let decision = self.stage.admit_with(&mut process.cache, key.seq, id).unwrap();
        if suspect {
            assert_eq!(decision.unwrap_err().reason, Reason::ClockSuspect);
            return;
        }
        assert_eq!(decision.is_ok(), key.admits(now), "{key:?} {decision:?}");
        if let Ok(admitted) = decision {
            process.cache.committed(key.seq, admitted.usage.revision);
            key.held += 1;
            self.holds.insert(id, (key.seq, false));
            self.order.push(id);
        }
    }

    fn settle(&mut self, id: HoldId, outcome: Outcome) {
        let before = self.all_rows();
        let done = self.stage.settle(id, outcome).is_some();
        assert_eq!(done, !self.holds[&id].1, "a hold is settled once");
        if done {
            self.note_settled(id, outcome);
        } else {
            assert_eq!(self.all_rows(), before);
        }
    }

    fn note_settled(&mut self, id: HoldId, outcome: Outcome) {
        let entry = self.holds.get_mut(&id).unwrap();
        entry.1 = true;
        let key = self.keys.iter_mut().find(|key| key.seq == entry.0).unwrap();
        key.settle(outcome);
    }

    fn die(&mut self, process: usize) {
        let dead = self.processes[process].id;
        let instance = InstanceId(dead);
        let charged = self.stage.run(&Recover { instance }).unwrap();
        let unsettled = |(id, (_, settled)): (&HoldId, &(KeySeq, bool))| {
            (id.instance == instance && !settled).then_some(*id)
        };
        let held: Vec<_> = self.holds.iter().filter_map(unsettled).collect();
        assert_eq!(u64::try_from(held.len()), Ok(charged.holds));
        for id in held {
            self.note_settled(id, Outcome::Abandoned);
        }
        self.processes[process] =
            Process { id: dead + 100, next: 1, cache: RecordCache::default() };
    }

    fn limit(&mut self, key: usize, amount: Amount<u64, u64>, to: u64) {
        let changes = vec![KeyChange::Activations(amount)];
        let edit = Edit { key: self.keys[key].seq, changes, unlimited: false };
        let now = self.operators_now();
        let outcome = self.stage.run(&edit);
        let key = &mut self.keys[key];
        match outcome {
            Ok(_) => {
                assert!(key.takes_limit(to, now), "{key:?} takes {to}");
                key.limit = to;
                key.greatest_limit = key.greatest_limit.max(to);
            }
            Err(LedgerError::Refused(Refusal::BelowUsed { .. } | Refusal::KeyEnded(_))) => {
                assert!(!key.takes_limit(to, now), "{key:?} refuses {to}");
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn check(&mut self) {
        for key in &self.keys {
            let usage = self.stage.usage(key.seq);
            let record: KeyRecord = self.stage.row(&key.seq).unwrap();
            assert_eq!(
                (usage.used, usage.held, usage.attempts, usage.ended.is_some()),
                (key.used, key.held, key.attempts, key.dead),
                "{key:?}"
            );
            assert_eq!(self.stage.holds(key.seq), usage.held);
            assert!(usage.used + usage.held <= key.greatest_limit, "{key:?}");
            let most = if key.is_by_answers() { 4 } else { 1 } * key.greatest_limit;
            assert!(usage.attempts + usage.held <= most, "{key:?}");
            let over = usage.ended.is_some() || key.killed;
            assert_eq!(self.stage.grants(key.seq), usize::from(!over));
            if let Some((before, record_before)) = self.seen.get(&key.seq) {
                assert!(usage.revision >= before.revision && record.revision >= *record_before);
                assert!(usage == *before || usage.revision > before.revision);
                assert!(before.ended.is_none() || before.ended == usage.ended, "{key:?} is back");
            }
            self.seen.insert(key.seq, (usage, record.revision));
        }
    }

    fn now(&self) -> Timestamp {
        self.stage.ledger.view(|_, now| Ok(now)).unwrap()
    }

    fn is_clock_suspect(&self) -> bool {
        self.judged().is_err()
    }

    /// The time for an operator, who accepts the wall clock as it is.
    fn operators_now(&self) -> Timestamp {
        self.judged().unwrap_or(self.stage.clock.read().wall)
    }

    fn judged(&self) -> Result<Timestamp, Suspect> {
        let state: State = self.stage.row(STATE_KEY).unwrap();
        judge(Some(state.clock), self.stage.clock.read())
    }

    fn all_rows(&self) -> Vec<Vec<(Vec<u8>, Vec<u8>)>> {
        Table::ALL.iter().map(|table| self.stage.rows(*table)).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_interleaving_admits_more_than_the_limit(steps in steps()) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
            world.check();
        }
        assert_logged(&world.stage, &world.holds);
    }
}
