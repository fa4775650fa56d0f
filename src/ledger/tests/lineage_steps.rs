//! Whatever can happen to trees of keys, drawn at random.

use std::num::NonZeroU32;

use proptest::prelude::*;
use proptest::sample::Index;

use super::lineage::PROCESSES;
use crate::domain::cost::Caps;
use crate::domain::delegation::Wish;
use crate::domain::demand::Demand;
use crate::domain::money::Picodollars;
use crate::domain::settlement::Outcome;
use crate::domain::time::Timestamp;

#[derive(Clone, Debug)]
pub(super) enum Step {
    Delegate {
        process: usize,
        parent: Index,
        wish: Box<Wish>,
        count: u32,
    },
    Admit {
        process: usize,
        key: Index,
        demand: Demand,
    },
    /// So many thousandths of what was allowed are used.
    Settle {
        hold: Index,
        outcome: Outcome,
        used: Option<u64>,
    },
    /// A process dies, and what it held is charged.
    Die {
        process: usize,
    },
    End {
        key: Index,
    },
    Kill {
        key: Index,
    },
    Limit {
        key: Index,
        to: u64,
    },
    Cap {
        key: Index,
        to: u64,
    },
    Sweep,
    Pass {
        minutes: u64,
    },
}

fn demand() -> impl Strategy<Value = Demand> {
    (0..40u64, 0..40u64, 1..5u64, 0..3u64).prop_map(|(input, output, least, rate)| Demand {
        input,
        input_spend: Picodollars(input),
        output,
        least_output: least.min(output),
        multiplicity: 1,
        output_rate: Picodollars(rate),
        bounded: true,
        priced: true,
    })
}

fn wish() -> impl Strategy<Value = Wish> {
    let part = |most: u64| prop_oneof![1 => Just(None), 10 => (1..most).prop_map(Some), 10 => (1..most / 4).prop_map(Some)];
    let end = prop_oneof![5 => Just(None), 1 => (1..90u64).prop_map(Some)];
    (part(12), part(500), part(700), 0..4u8, end, 0..9u32).prop_map(
        |(activations, tokens, spend, delegate, end, concurrency)| Wish {
            activations,
            caps: Caps { tokens, spend: spend.map(Picodollars), ..Caps::default() },
            delegate,
            // The stage's clock begins at a full second that every case knows.
            expires_at: end.map(|minutes| Timestamp(1_800_000_000_000 + minutes * 60_000)),
            concurrency: NonZeroU32::new(concurrency).filter(|limit| limit.get() < 4),
            ..Wish::default()
        },
    )
}

pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let index = any::<Index>;
    let process = 0..PROCESSES;
    let outcome = prop_oneof![
        1 => Just(Outcome::NotSent),
        6 => Just(Outcome::Answered(200)),
        3 => Just(Outcome::Answered(500)),
        1 => Just(Outcome::Unanswered),
    ];
    let used = prop::option::of(0..=1_000u64);
    let step = prop_oneof![
        12 => (process.clone(), index(), wish(), 1..3u32).prop_map(
            |(process, parent, wish, count)| Step::Delegate { process, parent, wish: Box::new(wish), count }),
        40 => (process.clone(), index(), demand())
            .prop_map(|(process, key, demand)| Step::Admit { process, key, demand }),
        30 => (index(), outcome, used)
            .prop_map(|(hold, outcome, used)| Step::Settle { hold, outcome, used }),
        3 => process.prop_map(|process| Step::Die { process }),
        4 => index().prop_map(|key| Step::End { key }),
        2 => index().prop_map(|key| Step::Kill { key }),
        5 => (index(), 1..40u64).prop_map(|(key, to)| Step::Limit { key, to }),
        3 => (index(), 1..900u64).prop_map(|(key, to)| Step::Cap { key, to }),
        2 => Just(Step::Sweep),
        2 => (0..20u64).prop_map(|minutes| Step::Pass { minutes }),
    ];
    let first = (index(), wish(), 1..3u32).prop_map(|(parent, wish, count)| Step::Delegate {
        process: 0,
        parent,
        wish: Box::new(Wish { delegate: 2, ..wish }),
        count,
    });
    let (first, then) = (prop::collection::vec(first, 2..6), prop::collection::vec(step, 1..140));
    (first, then).prop_map(|steps| [steps.0, steps.1].concat())
}
