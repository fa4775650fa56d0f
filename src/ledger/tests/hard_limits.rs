//! Limits in tokens and money under everything that can happen: any prices, cancels, crashes and
//! interleavings, against an upstream that uses any amount up to what a request allows.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;

use crate::domain::cost::{Caps, Cost, Measure};
use crate::domain::demand::Demand;
use crate::domain::denial::{Denial, Reason};
use crate::domain::hold::Hold;
use crate::domain::ids::{HoldId, InstanceId, KeySeq};
use crate::domain::limits::Limits;
use crate::domain::master_usage::MasterUsage;
use crate::domain::money::Picodollars;
use crate::domain::rate::Period;
use crate::domain::rollup::Facts;
use crate::domain::settlement::{Charge, Outcome};
use crate::domain::time::Span;
use crate::ledger::op::{Admit, Admitted, CapChange, LimitMaster, RecordCache, Recover, Settle};
use crate::ledger::{Book, ClockPolicy};
use crate::store::Table;
use crate::store::rows::key_number;

use super::stage::{Stage, hold};

const PROCESSES: usize = 3;

#[derive(Clone, Debug)]
enum Step {
    Admit {
        process: usize,
        key: Index,
        demand: Demand,
    },
    /// The upstream used so many thousandths of what it was allowed, of input and of output.
    End {
        hold: Index,
        used: [u64; 2],
        how: End,
    },
    Die {
        process: usize,
    },
    Pass {
        seconds: u64,
    },
}

#[derive(Clone, Copy, Debug)]
enum End {
    /// It said what it used.
    Said,
    /// The client left, and what was seen is charged.
    Cancelled,
    /// The client left, and nothing is known.
    Unknown,
    Refused,
    NotSent,
    Unanswered,
}

fn demand() -> impl Strategy<Value = Demand> {
    (0..2_000u64, 0..10_000u64, 0..4_000u64, 1..50u64, 1..4u64, 0..40u64).prop_map(
        |(input, input_spend, output, least, multiplicity, rate)| Demand {
            input,
            input_spend: Picodollars(input_spend),
            output,
            least_output: least.min(output),
            multiplicity,
            output_rate: Picodollars(rate),
            bounded: true,
            priced: true,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let how = prop_oneof![
        6 => Just(End::Said),
        1 => Just(End::Cancelled),
        1 => Just(End::Unknown),
        1 => Just(End::Refused),
        1 => Just(End::NotSent),
        1 => Just(End::Unanswered),
    ];
    let used = [0..=1_000u64, 0..=1_000];
    prop_oneof![
        10 => (0..PROCESSES, any::<Index>(), demand())
            .prop_map(|(process, key, demand)| Step::Admit { process, key, demand }),
        9 => (any::<Index>(), used, how)
            .prop_map(|(hold, used, how)| Step::End { hold, used, how }),
        1 => (0..PROCESSES).prop_map(|process| Step::Die { process }),
        1 => (1..100u64).prop_map(|seconds| Step::Pass { seconds }),
    ]
}

fn caps() -> impl Strategy<Value = Caps> {
    let cap = |most| prop::option::of(1..most);
    (cap(40_000u64), cap(20_000), cap(30_000), cap(300_000)).prop_map(
        |(tokens, input_tokens, output_tokens, spend)| Caps {
            tokens,
            input_tokens,
            output_tokens,
            spend: spend.map(Picodollars),
        },
    )
}

/// The store, and the requests in flight: their keys and what they were allowed.
struct World {
    stage: Stage,
    keys: Vec<KeySeq>,
    caches: Vec<RecordCache>,
    flying: BTreeMap<HoldId, (KeySeq, Admitted)>,
    number: u64,
}

impl World {
    fn new(keys: &[Caps], master: &[CapChange]) -> Self {
        let stage = Stage::new();
        let name = "openai".to_owned();
        stage.run(&LimitMaster { name, changes: master.to_vec() }).unwrap();
        let keys = keys
            .iter()
            .map(|caps| {
                let activations = Some(1_000_000);
                let limits = Limits { activations, caps: *caps, ..Limits::default() };
                stage.mint(limits).record.seq
            })
            .collect();
        let caches = (0..PROCESSES).map(|_| RecordCache::default()).collect();
        Self { stage, keys, caches, flying: BTreeMap::new(), number: 0 }
    }

    fn admit(&mut self, process: usize, key: KeySeq, demand: Demand) -> Result<Admitted, Denial> {
        self.number += 1;
        let hold = hold(u64::try_from(process).unwrap() + 1, self.number);
        let request = Admit { demand: Some(demand), ..self.stage.request(key) };
        let cache = &mut self.caches[process];
        let keys = &self.stage.keys;
        let decided = self
            .stage
            .ledger
            .transact(keys, ClockPolicy::Distrust, |session| request.apply(session, cache, hold));
        let admitted = decided.unwrap()?;
        assert_eq!(admitted.cost, demand.cost(admitted.output));
        assert!((demand.least_output..=demand.output).contains(&admitted.output));
        self.flying.insert(hold, (key, admitted.clone()));
        Ok(admitted)
    }

    fn end(&mut self, id: HoldId, used: [u64; 2], how: End) {
        let (_, admitted) = self.flying.remove(&id).unwrap();
        let part = |whole: u64, used: u64| whole.saturating_mul(used) / 1_000;
        let held = admitted.cost;
        let cost = Cost {
            input: part(held.input, used[0]),
            output: part(held.output, used[1]),
            spend: Picodollars(part(held.spend.0, used[0].max(used[1]))),
        };
        let (outcome, read) = match how {
            End::Said => (Outcome::Answered(200), Some(Charge { cost, estimated: false })),
            End::Cancelled => (Outcome::Answered(200), Some(Charge { cost, estimated: true })),
            End::Unknown => (Outcome::Answered(200), None),
            End::Refused => (Outcome::Answered(529), None),
            End::NotSent => (Outcome::NotSent, None),
            End::Unanswered => (Outcome::Unanswered, None),
        };
        let settled = self
            .stage
            .run(&Settle { hold: id, outcome, read, facts: Facts::default() })
            .unwrap()
            .unwrap();
        let charged = match how {
            End::Said | End::Cancelled => cost,
            End::Unknown | End::Unanswered => held,
            End::Refused | End::NotSent => Cost::default(),
        };
        assert_eq!(settled.charge.cost, charged);
    }

    fn die(&mut self, process: usize) {
        let instance = InstanceId(u64::try_from(process).unwrap() + 1);
        let dead = self.flying.extract_if(.., |id, _| id.instance == instance);
        let held = dead.fold(Cost::default(), |sum, (_, (_, admitted))| sum.plus(admitted.cost));
        let recovered = self.stage.run(&Recover { instance }).unwrap();
        assert_eq!(recovered.cost, held, "a crash leaves everything charged");
        self.caches[process] = RecordCache::default();
    }

    /// No cap is overrun, and what is held is what is in flight.
    fn check(&self) {
        let book = Book::verified(self.stage.keys.row_mac());
        let mut holds = BTreeMap::new();
        for (key, row) in self.stage.rows(Table::Holds) {
            let instance = InstanceId(key_number(&key, 0).unwrap());
            let id = HoldId { instance, number: key_number(&key, 1).unwrap() };
            holds.insert(id, book.read::<Hold>(&key, &row).unwrap());
        }
        assert_eq!(holds.len(), self.flying.len());
        for key in &self.keys {
            let record = self.stage.row::<crate::domain::key::KeyRecord>(key).unwrap();
            let usage = self.stage.usage(*key);
            let held = self.flying.values().filter(|(of, _)| of == key);
            let held = held.fold(Cost::default(), |sum, (_, one)| sum.plus(one.cost));
            assert_eq!(usage.cost_held, held);
            for gauge in usage.gauges(&record.limits) {
                assert!(gauge.used + gauge.held <= gauge.limit, "{gauge:?}");
            }
        }
        let master: MasterUsage = self.stage.row(&self.stage.master).unwrap();
        for cap in &master.caps {
            let inside = holds.values().filter(|hold| hold.admitted_at >= cap.since);
            let held: u64 = inside.map(|hold| cap.measure.of(&hold.cost)).sum();
            assert_eq!(cap.held, held, "{cap:?}");
            assert!(cap.used + cap.held <= cap.limit, "{cap:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_limit_is_ever_overrun(
        keys in prop::collection::vec(caps(), 1..4),
        tokens in prop::option::of(1..60_000u64),
        spend in prop::option::of(1..400_000u64),
        steps in prop::collection::vec(step(), 1..160),
    ) {
        let minute = Some(Period::Minute);
        let caps = [
            CapChange { measure: Measure::Tokens, window: minute, limit: tokens },
            CapChange { measure: Measure::Spend, window: None, limit: spend },
        ];
        let mut world = World::new(&keys, &caps);
        for step in steps {
            match step {
                Step::Admit { process, key, demand } => {
                    let key = *key.get(&world.keys);
                    let _ = world.admit(process, key, demand);
                }
                Step::End { hold, used, how } if !world.flying.is_empty() => {
                    let ids: Vec<_> = world.flying.keys().copied().collect();
                    world.end(*hold.get(&ids), used, how);
                }
                Step::End { .. } => {}
                Step::Die { process } => world.die(process),
                Step::Pass { seconds } => world.stage.clock.pass(Span::seconds(seconds)),
            }
            world.check();
        }
        for process in 0..PROCESSES {
            world.die(process);
        }
        world.check();
        prop_assert!(world.keys.iter().all(|key| world.stage.usage(*key).cost_held == Cost::default()));
    }

    /// Where a limit is at least twenty times the largest bound of a single request, nineteen
    /// twentieths of it can be used, however little the upstream uses of what it may.
    #[test]
    fn a_limit_can_be_used_up(
        factor in 20..60u64,
        demands in prop::collection::vec((demand(), 1..=1_000u64, 1..=1_000u64), 8..40),
    ) {
        let most = |measure: Measure| {
            let bounds = demands.iter().map(|(demand, ..)| measure.of(&demand.cost(demand.output)));
            bounds.max().unwrap().max(1)
        };
        let spend = Picodollars(most(Measure::Spend) * factor);
        let caps = Caps { tokens: Some(most(Measure::Tokens) * factor), spend: Some(spend), ..Caps::default() };
        let mut world = World::new(&[caps], &[]);
        let key = world.keys[0];
        let mut denied = None;
        for (demand, input, output) in demands.iter().cycle().take(4_000) {
            match world.admit(0, key, *demand) {
                Ok(_) => {
                    let id = *world.flying.keys().next().unwrap();
                    world.end(id, [*input, *output], End::Said);
                }
                Err(denial) => {
                    denied = Some(denial.reason);
                    break;
                }
            }
        }
        let usage = world.stage.usage(key);
        if let Some(reason) = denied {
            let known = [Reason::RequestTooLarge, Reason::TokenLimit, Reason::SpendLimit];
            prop_assert!(known.contains(&reason), "{:?}", reason);
            let limits = Limits { caps, ..Limits::default() };
            let used = usage.gauges(&limits).any(|gauge| gauge.used * 100 >= gauge.limit * 95);
            prop_assert!(used, "{:?} of {:?}", usage.cost, caps);
        }
    }
}
