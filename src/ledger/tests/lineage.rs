//! Keys that are made from keys: no tree of them, under any interleaving and any crash, forwards
//! more than its root may, and nothing is lost when all has returned.

use std::num::NonZeroU32;

use proptest::prelude::*;
use proptest::sample::Index;

use super::audit::verified_events;
use super::lineage_steps::{Step, steps};
use super::stage::{Stage, hold};
use super::tree::Tree;
use crate::domain::cost::{Caps, Cost, Measure};
use crate::domain::delegation::Wish;
use crate::domain::demand::Demand;
use crate::domain::denial::{Denial, Reason};
use crate::domain::ids::{HoldId, InstanceId};
use crate::domain::key::{EndCause, Usage};
use crate::domain::limits::{Counting, Limits};
use crate::domain::money::Picodollars;
use crate::domain::rollup::Facts;
use crate::domain::settlement::{Charge, Outcome};
use crate::domain::share::Share;
use crate::domain::time::{Span, Timestamp};
use crate::domain::unfit::Unfit;
use crate::ledger::op::{
    Admit, Amount, Delegate, Delegated, Edit, EndKeys, KeyChange, Mint, NotMade, RecordCache,
    Recover, Settle, Sweep, kill,
};
use crate::ledger::{Clock, ClockPolicy, LedgerError, Refusal};
use crate::store::Table;

pub(super) const PROCESSES: usize = 3;
const MINUTE: u64 = 60_000;

struct World {
    stage: Stage,
    tree: Tree,
    roots: Vec<usize>,
    /// Each process's number and what it remembers.
    processes: Vec<(u64, RecordCache)>,
    number: u64,
}

impl World {
    fn new() -> Self {
        let stage = Stage::new();
        let caps = Caps { tokens: Some(1_500), spend: Some(Picodollars(2_000)), ..Caps::default() };
        let limits = [
            Limits { activations: Some(30), caps, ..Limits::default() },
            Limits {
                activations: Some(20),
                counting: Counting::Answered,
                concurrency: NonZeroU32::new(4),
                ..Limits::default()
            },
        ];
        let mut tree = Tree::default();
        let roots = limits.map(|limits| {
            let key = mint_root(&stage, limits, 3);
            tree.add(&key, None)
        });
        let processes = (1..).take(PROCESSES).map(|id| (id, RecordCache::default())).collect();
        Self { stage, tree, roots: roots.into(), processes, number: 0 }
    }

    fn take(&mut self, step: &Step) {
        let key = |index: &Index| index.index(self.tree.0.len());
        match step {
            Step::Delegate { process, parent, wish, count } => {
                self.delegate(*process, key(parent), wish, *count);
            }
            Step::Admit { process, key: index, demand } => {
                self.admit(*process, key(index), *demand);
            }
            Step::Settle { hold, outcome, used } => self.settle(*hold, *outcome, *used),
            Step::Die { process } => self.die(*process),
            Step::End { key: index } => {
                let node = key(index);
                self.end(node);
                assert!(self.tree.subtree(node).iter().all(|one| self.row(*one).ended.is_some()));
            }
            Step::Kill { key: index } => {
                let node = key(index);
                let at = self.stage.clock.read().wall;
                kill(self.stage.ledger.store(), &[self.tree.0[node].seq], at).unwrap();
                for one in self.tree.subtree(node) {
                    self.tree.0[one].killed = true;
                }
            }
            Step::Limit { key: index, to } => {
                let node = key(index);
                self.edit(node, KeyChange::Activations(Amount::Set(*to)));
            }
            Step::Cap { key: index, to } => {
                let node = key(index);
                self.edit(node, KeyChange::Cap(Measure::Tokens, Amount::Set(*to)));
            }
            Step::Sweep => self.sweep(),
            Step::Pass { minutes } => self.stage.clock.pass(Span(minutes * MINUTE)),
        }
    }

    fn delegate(&mut self, process: usize, parent: usize, wish: &Wish, count: u32) {
        let now = self.now();
        let over = self.tree.is_over(parent, now);
        let node = &self.tree.0[parent];
        let (id, cache) = &mut self.processes[process];
        let made = delegate(
            &self.stage,
            cache,
            *id,
            &Delegate { parent: node.seq, key: node.text.clone(), wish: wish.clone(), count },
        );
        let limits = Limits {
            activations: wish.activations,
            caps: wish.caps,
            counting: node.limits.counting,
            ..Limits::default()
        };
        let asked = Share::of_limits(&limits, &node.limits).times(count.into());
        let fits = asked.minus(self.tree.remainder(parent)) == Share::default();
        match made {
            Ok(delegated) => {
                assert!(!over && fits && wish.delegate < node.delegate, "{wish:?} of {node:?}");
                for (key, revision) in delegated.written {
                    cache.committed(key, revision);
                }
                for child in &delegated.children {
                    self.tree.add(child, Some(parent));
                }
            }
            Err(NotMade::Denied(_)) => assert!(over, "{node:?}"),
            Err(NotMade::Refused(Refusal::Unfit(Unfit::Remainder { .. }))) => {
                assert!(!over && !fits, "{wish:?} of {node:?}");
            }
            Err(NotMade::Refused(Refusal::Unfit(unfit))) => {
                let justified = match unfit {
                    Unfit::NotAllowed => node.delegate == 0,
                    Unfit::Generations { .. } => wish.delegate >= node.delegate,
                    Unfit::LimitNeeded { .. } => {
                        wish.activations.is_none()
                            || wish.caps.tokens.is_none()
                            || wish.caps.spend.is_none()
                    }
                    Unfit::Later(_) => wish.expires_at > node.limits.expires_at,
                    Unfit::TooSmall => wish.caps.tokens == Some(1),
                    _ => false,
                };
                assert!(justified, "{unfit:?}: {wish:?} of {node:?}");
            }
            Err(NotMade::Refused(Refusal::PastExpiry)) => {
                assert!(wish.expires_at.is_some_and(|end| end <= now));
            }
            Err(NotMade::Refused(Refusal::Unbounded)) => assert_eq!(wish.activations, None),
            Err(other) => panic!("{other:?}"),
        }
    }

    fn admit(&mut self, process: usize, node: usize, demand: Demand) {
        let now = self.now();
        self.number += 1;
        let (id, cache) = &mut self.processes[process];
        let hold = hold(*id, self.number);
        let request = Admit { demand: Some(demand), ..self.stage.request(self.tree.0[node].seq) };
        let before = all_rows(&self.stage);
        let decided =
            self.stage.ledger.transact(&self.stage.keys, ClockPolicy::Distrust, |session| {
                request.apply(session, cache, hold)
            });
        let line: Vec<usize> = [vec![node], self.tree.above(node)].concat();
        let at_once = |one: &usize| {
            let limit = self.tree.0[*one].limits.concurrency;
            limit.is_some_and(|limit| self.tree.in_flight(*one) >= limit.get().into())
        };
        let over = self.tree.is_over(node, now);
        let left = self.tree.remainder(node);
        let full = line.iter().any(at_once);
        match decided.unwrap() {
            Ok(admitted) => {
                assert!(!over && !full && left.activations > 0 && left.attempts > 0);
                let cost = admitted.cost;
                let fits = self.tree.0[node]
                    .limits
                    .caps
                    .iter()
                    .all(|(measure, _)| measure.of(&cost) <= left.of(measure));
                assert!(fits, "{cost:?} of {left:?}");
                for (key, revision) in admitted.written {
                    cache.committed(key, revision);
                }
                self.tree.0[node].holds.insert(hold, cost);
            }
            Err(Denial { reason, message, .. }) => {
                let caps = self.tree.0[node].limits.caps;
                let justified = match reason {
                    Reason::ActivationLimit => over || left.activations == 0 || left.attempts == 0,
                    Reason::KeyRevoked
                    | Reason::KeyExpired
                    | Reason::TokenLimit
                    | Reason::SpendLimit => over,
                    Reason::ConcurrencyLimited => full,
                    Reason::RequestTooLarge | Reason::LimitHeld => caps.any(),
                    _ => false,
                };
                assert!(justified, "{message}: {:?}", self.tree.0[node]);
                assert_eq!(all_rows(&self.stage), before, "a denial writes nothing");
            }
        }
    }

    fn settle(&mut self, which: Index, outcome: Outcome, used: Option<u64>) {
        let holds: Vec<(HoldId, Cost)> =
            self.tree.0.iter().flat_map(|node| node.holds.clone()).collect();
        if holds.is_empty() {
            return;
        }
        let (id, held) = *which.get(&holds);
        let part = |whole: u64, used: u64| whole * used / 1_000;
        let read = used.map(|used| Charge {
            cost: Cost {
                input: part(held.input, used),
                output: part(held.output, used),
                spend: Picodollars(part(held.spend.0, used)),
            },
            estimated: false,
        });
        let settled = self
            .stage
            .run(&Settle { hold: id, outcome, read, facts: Facts::default() })
            .unwrap()
            .unwrap();
        self.tree.settle(id, outcome, settled.charge.cost);
        // What comes a second time does nothing.
        assert_eq!(
            self.stage.run(&Settle { hold: id, outcome, read, facts: Facts::default() }).unwrap(),
            None
        );
    }

    fn die(&mut self, process: usize) {
        let (id, cache) = &mut self.processes[process];
        *cache = RecordCache::default();
        let dead = InstanceId(*id);
        self.stage.run(&Recover { instance: dead }).unwrap();
        let holds: Vec<(HoldId, Cost)> =
            self.tree.0.iter().flat_map(|node| node.holds.clone()).collect();
        for (hold, cost) in holds.into_iter().filter(|(hold, _)| hold.instance == dead) {
            self.tree.settle(hold, Outcome::Abandoned, cost);
        }
    }

    fn end(&mut self, node: usize) {
        let keys = vec![self.tree.0[node].seq];
        self.stage.run(&EndKeys { keys, cause: EndCause::Revoked }).unwrap();
    }

    fn edit(&mut self, node: usize, change: KeyChange) {
        let key = self.tree.0[node].seq;
        let mut limits = self.tree.0[node].limits.clone();
        match &change {
            KeyChange::Activations(Amount::Set(to)) => limits.activations = Some(*to),
            KeyChange::Cap(measure, Amount::Set(to)) => limits.caps.set(*measure, Some(*to)),
            _ => unreachable!(),
        }
        let left = self.tree.0[node].parent.map(|parent| {
            let above = &self.tree.0[parent].limits;
            let before = Share::of_limits(&self.tree.0[node].limits, above);
            let more = Share::of_limits(&limits, above).minus(before);
            more.minus(self.tree.remainder(parent)) == Share::default()
        });
        let over = self.tree.is_over(node, self.now());
        let edited = self.stage.run(&Edit { key, changes: vec![change], unlimited: false });
        match edited {
            Ok(record) => {
                assert!(!over && left != Some(false), "{:?} to {limits:?}", self.tree.0[node]);
                assert_eq!(record.limits.activations, limits.activations);
                let own = &mut self.tree.0[node];
                own.greatest.activations = own.greatest.activations.max(limits.activations);
                for (measure, cap) in limits.caps.iter() {
                    let most = own.greatest.caps.on(measure).max(Some(cap));
                    own.greatest.caps.set(measure, most);
                }
                own.limits = record.limits;
            }
            Err(LedgerError::Refused(Refusal::KeyEnded(_))) => assert!(over),
            Err(LedgerError::Refused(Refusal::Unfit(Unfit::Remainder { .. }))) => {
                assert_eq!(left, Some(false));
            }
            Err(LedgerError::Refused(Refusal::Unfit(Unfit::HasChildren(_)))) => {
                let has = self.tree.usage(node);
                assert!(has.descendants > 0 || has.below > 0);
            }
            Err(LedgerError::Refused(Refusal::BelowUsed { .. } | Refusal::CapBelowUsed { .. })) => {
            }
            Err(other) => panic!("{other}"),
        }
    }

    fn sweep(&mut self) {
        let now = self.now();
        while self.stage.run(&Sweep).unwrap().more {}
        for node in 0..self.tree.0.len() {
            let over = self.tree.is_over(node, now);
            assert!(!over || self.row(node).ended.is_some(), "{:?}", self.tree.0[node]);
        }
    }

    /// Takes over which keys have ended, and holds every row against the model.
    fn check(&mut self) {
        let now = self.now();
        for node in 0..self.tree.0.len() {
            let ended = self.row(node).ended;
            let own = &self.tree.0[node];
            assert!(!own.dead || ended.is_some(), "{own:?} is back");
            if !own.dead
                && let Some(ended) = ended
            {
                let justified = match ended.cause {
                    EndCause::ParentEnded => {
                        self.tree.above(node).iter().any(|one| self.row(*one).ended.is_some())
                    }
                    EndCause::Expired => own.limits.expires_at.is_some_and(|end| end <= now),
                    _ => true,
                };
                assert!(justified, "{own:?} ended: {ended:?}");
            }
            self.tree.0[node].dead = ended.is_some();
        }
        let mut lively = 0;
        for node in 0..self.tree.0.len() {
            let (row, own) = (self.row(node), &self.tree.0[node]);
            let plain = |usage: Usage| Usage {
                revision: Usage::default().revision,
                record: Usage::default().record,
                arrival: Usage::default().arrival,
                last_used_at: Timestamp(0),
                ended: None,
                ..usage
            };
            assert_eq!(plain(row), self.tree.usage(node), "{own:?}");
            let orphaned = self.tree.above(node).iter().any(|one| self.tree.0[*one].dead);
            assert!(own.dead || !orphaned, "{own:?} outlives its parent");
            let limit = own.limits.activations.unwrap_or(u64::MAX);
            assert!(own.dead || row.used < limit, "{own:?} should have ended");
            let over = own.dead || own.killed;
            assert_eq!(self.stage.grants(own.seq), usize::from(!over));
            lively += usize::from(!own.dead && own.parent.is_some());
            self.check_limits(node);
        }
        assert_eq!(self.stage.rows(Table::Children).len(), lively);
    }

    /// Nothing below a key goes beyond what the key was ever allowed.
    fn check_limits(&self, node: usize) {
        let most = &self.tree.0[node].greatest;
        let sum = self.tree.forwarded(node);
        assert!(sum.used <= most.activations.unwrap_or(u64::MAX), "{:?}", self.tree.0[node]);
        assert!(sum.attempts <= most.attempts().unwrap_or(u64::MAX), "{:?}", self.tree.0[node]);
        for (measure, cap) in most.caps.iter() {
            assert!(measure.of(&sum.cost) <= cap, "{measure:?} of {:?}", self.tree.0[node]);
        }
    }

    /// Ends everything: then all is in the figures of the roots.
    fn wind_up(&mut self) {
        for process in 0..PROCESSES {
            self.die(process);
            self.check();
        }
        // First the children alone: what they did not use is there again.
        for root in self.roots.clone() {
            for child in self.tree.children(root).collect::<Vec<_>>() {
                self.end(child);
            }
            self.check();
            let sum = self.tree.forwarded(root);
            let row = self.row(root);
            let figures = (row.used, row.attempts, row.cost);
            assert_eq!(figures, (sum.used, sum.attempts, sum.cost), "something was lost");
            let aside = (row.lent, row.below, row.descendants);
            assert_eq!(aside, (Share::default(), 0, 0));
            self.end(root);
            self.check();
        }
        for node in 0..self.tree.0.len() {
            assert_eq!(self.row(node).carved, None);
        }
        assert_eq!(self.stage.rows(Table::Grants), []);
        assert_eq!(self.stage.rows(Table::Holds), []);
        verified_events(&self.stage, &self.stage.keys).unwrap();
    }

    fn row(&self, node: usize) -> Usage {
        self.stage.usage(self.tree.0[node].seq)
    }

    fn now(&self) -> Timestamp {
        self.stage.clock.read().wall
    }
}

/// A key that the operator mints.
pub(super) fn mint_root(stage: &Stage, limits: Limits, delegate: u8) -> crate::ledger::op::Minted {
    let mut template = stage.template(limits);
    template.delegate = delegate;
    let mint = Mint { operator: &stage.operator, template: &template, minter: None, count: 1 };
    stage.run(&mint).unwrap().remove(0)
}

fn delegate(
    stage: &Stage,
    cache: &mut RecordCache,
    process: u64,
    wish: &Delegate,
) -> Result<Delegated, NotMade> {
    let made = stage.ledger.transact(&stage.keys, ClockPolicy::Distrust, |session| {
        wish.apply(session, cache, InstanceId(process))
    });
    made.unwrap()
}

fn all_rows(stage: &Stage) -> Vec<Vec<(Vec<u8>, Vec<u8>)>> {
    Table::ALL.iter().map(|table| stage.rows(*table)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_tree_of_keys_forwards_more_than_its_root_may(steps in steps()) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
            world.check();
        }
        world.wind_up();
    }
}
