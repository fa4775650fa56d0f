//! What a tree of keys must be after anything that can happen to it, computed anew from what each
//! key forwarded by itself.

use std::collections::BTreeMap;

use crate::domain::cost::{Cost, Measure};
use crate::domain::ids::{HoldId, KeySeq};
use crate::domain::key::Usage;
use crate::domain::key_text::KeyText;
use crate::domain::limits::Limits;
use crate::domain::settlement::{Outcome, counts};
use crate::domain::share::Share;
use crate::domain::time::Timestamp;
use crate::ledger::op::Minted;

/// A key, and what it forwarded by itself.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) seq: KeySeq,
    pub(super) text: KeyText,
    pub(super) parent: Option<usize>,
    pub(super) limits: Limits,
    pub(super) delegate: u8,
    /// The greatest limits that it ever had.
    pub(super) greatest: Limits,
    pub(super) used: u64,
    pub(super) attempts: u64,
    pub(super) answered: u64,
    pub(super) cost: Cost,
    pub(super) holds: BTreeMap<HoldId, Cost>,
    /// Its row says that it has ended.
    pub(super) dead: bool,
    pub(super) killed: bool,
}

/// Keys, parents before their children.
#[derive(Debug, Default)]
pub(super) struct Tree(pub(super) Vec<Node>);

impl Tree {
    pub(super) fn add(&mut self, key: &Minted, parent: Option<usize>) -> usize {
        self.0.push(Node {
            seq: key.record.seq,
            text: key.text.clone(),
            parent,
            limits: key.record.limits.clone(),
            delegate: key.record.delegate,
            greatest: key.record.limits.clone(),
            used: 0,
            attempts: 0,
            answered: 0,
            cost: Cost::default(),
            holds: BTreeMap::new(),
            dead: false,
            killed: false,
        });
        self.0.len() - 1
    }

    pub(super) fn children(&self, node: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.0.len()).filter(move |child| self.0[*child].parent == Some(node))
    }

    /// The keys above one, the nearest first.
    pub(super) fn above(&self, node: usize) -> Vec<usize> {
        std::iter::successors(self.0[node].parent, |above| self.0[*above].parent).collect()
    }

    /// A key and all below it.
    pub(super) fn subtree(&self, node: usize) -> Vec<usize> {
        (0..self.0.len())
            .filter(|other| *other == node || self.above(*other).contains(&node))
            .collect()
    }

    pub(super) fn in_flight(&self, node: usize) -> u64 {
        let holds = self.subtree(node).into_iter().map(|one| self.0[one].holds.len());
        u64::try_from(holds.sum::<usize>()).unwrap()
    }

    /// Whether nothing of the key is outside of its parent's figures any more.
    fn has_returned(&self, node: usize) -> bool {
        self.0[node].dead && self.in_flight(node) == 0
    }

    /// What it has of its parent.
    pub(super) fn carved(&self, node: usize) -> Option<Share> {
        let parent = self.0[node].parent?;
        if self.has_returned(node) {
            return None;
        }
        let whole = Share::of_limits(&self.0[node].limits, &self.0[parent].limits);
        Some(if self.0[node].dead { whole.min(Share::taken(&self.figures(node))) } else { whole })
    }

    /// The figures that its row must have; nothing is said of revisions and times.
    pub(super) fn usage(&self, node: usize) -> Usage {
        Usage { carved: self.carved(node), ..self.figures(node) }
    }

    fn figures(&self, node: usize) -> Usage {
        let own = &self.0[node];
        let mut usage = Usage {
            used: own.used,
            attempts: own.attempts,
            answered: own.answered,
            cost: own.cost,
            held: u64::try_from(own.holds.len()).unwrap(),
            cost_held: own.holds.values().fold(Cost::default(), |sum, cost| sum.plus(*cost)),
            below: self.in_flight(node) - u64::try_from(own.holds.len()).unwrap(),
            ..Usage::default()
        };
        for child in self.children(node) {
            match self.carved(child) {
                Some(carved) => usage.lent = usage.lent.plus(carved),
                None => usage = usage.taking_in(&self.usage(child)),
            }
        }
        let below = self.subtree(node).into_iter().filter(|one| *one != node);
        let living = below.filter(|one| !self.0[*one].dead).count();
        usage.descendants = u64::try_from(living).unwrap();
        usage
    }

    /// Whether the key, or one above it, is over, whether or not a row says so.
    pub(super) fn is_over(&self, node: usize, now: Timestamp) -> bool {
        let over = |one: &usize| {
            let one = &self.0[*one];
            one.dead || one.killed || one.limits.expires_at.is_some_and(|end| end <= now)
        };
        over(&node) || self.above(node).iter().any(over)
    }

    /// What is neither used nor set aside of the key, of each measure that it is limited in.
    pub(super) fn remainder(&self, node: usize) -> Share {
        let limits = &self.0[node].limits;
        let cap = |measure| limits.caps.on(measure).unwrap_or(u64::MAX);
        let whole = Share {
            activations: limits.activations.unwrap_or(u64::MAX),
            attempts: limits.attempts().unwrap_or(u64::MAX),
            tokens: cap(Measure::Tokens),
            input_tokens: cap(Measure::InputTokens),
            output_tokens: cap(Measure::OutputTokens),
            spend: cap(Measure::Spend),
        };
        whole.minus(Share::taken(&self.usage(node)))
    }

    /// Everything that was forwarded with the key and those below it, and may have been.
    pub(super) fn forwarded(&self, node: usize) -> Usage {
        let mut sum = Usage::default();
        for one in self.subtree(node) {
            let own = &self.0[one];
            sum.used += own.used + u64::try_from(own.holds.len()).unwrap();
            sum.attempts += own.attempts + u64::try_from(own.holds.len()).unwrap();
            sum.cost = own.holds.values().fold(sum.cost.plus(own.cost), |sum, it| sum.plus(*it));
        }
        sum
    }

    pub(super) fn settle(&mut self, hold: HoldId, outcome: Outcome, cost: Cost) {
        let node = self.0.iter_mut().find(|node| node.holds.contains_key(&hold)).unwrap();
        node.holds.remove(&hold);
        node.cost = node.cost.plus(cost);
        node.attempts += u64::from(outcome != Outcome::NotSent);
        node.answered += u64::from(matches!(outcome, Outcome::Answered(200..=399)));
        node.used += u64::from(counts(node.limits.counting, outcome));
    }
}
