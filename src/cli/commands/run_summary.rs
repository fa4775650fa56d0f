//! What a run came to: said on stderr at its end, as words or as JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::cost::Cost;
use crate::domain::key::Usage;
use crate::domain::money::Picodollars;
use crate::proxy::observer::{Answered, Observed};

use super::super::counted::counted;
use super::super::figures_json::MoneyJson;

/// What is counted while a run goes on.
#[derive(Debug, Default)]
pub(super) struct Tally {
    denials: BTreeMap<&'static str, u64>,
    models: BTreeMap<String, PerModel>,
}

/// What one model was asked for.
#[derive(Clone, Debug, Default, Serialize)]
struct PerModel {
    requests: u64,
    input_tokens: u64,
    output_tokens: u64,
    spend: MoneyJson,
    #[serde(skip)]
    cost: Cost,
}

/// What a run came to.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    key: String,
    exit: u8,
    activations: Activations,
    input_tokens: u64,
    output_tokens: u64,
    spend: MoneyJson,
    denials: BTreeMap<&'static str, u64>,
    models: BTreeMap<String, PerModel>,
    #[serde(skip)]
    cost: Cost,
}

#[derive(Debug, Serialize)]
struct Activations {
    limit: Option<u64>,
    used: u64,
    /// Requests that the provider answered with success.
    answered: u64,
    /// Those that were sent beside them: refusals of the provider, and what got no answer.
    failed: u64,
}

impl Tally {
    /// Counts one thing that happened.
    pub(super) fn count(&mut self, observed: Observed) {
        match observed {
            Observed::Denied(denial) => {
                let count = self.denials.entry(denial.reason.rule().code).or_default();
                *count = count.saturating_add(1);
            }
            Observed::Waiting(_) => {}
            Observed::Answered(Answered { model, charge, .. }) => {
                // Where no limit is on models, tokens or money, nobody looked.
                let Some(model) = model else { return };
                let row = self.models.entry(model).or_default();
                row.requests = row.requests.saturating_add(1);
                row.cost = row.cost.plus(charge.map(|charge| charge.cost).unwrap_or_default());
                row.input_tokens = row.cost.input;
                row.output_tokens = row.cost.output;
                row.spend = row.cost.spend.into();
            }
        }
    }

    /// The whole, with the key's own figures.
    pub(super) fn finish(self, key: &str, limit: Option<u64>, usage: &Usage, exit: u8) -> Summary {
        let Self { denials, models } = self;
        Summary {
            key: key.to_owned(),
            exit,
            activations: Activations {
                limit,
                used: usage.used,
                answered: usage.answered,
                failed: usage.attempts.saturating_sub(usage.answered),
            },
            input_tokens: usage.cost.input,
            output_tokens: usage.cost.output,
            spend: usage.cost.spend.into(),
            denials,
            models,
            cost: usage.cost,
        }
    }
}

impl Summary {
    /// A line for people, and one more for each model and for denials.
    pub(super) fn words(&self) -> String {
        let Activations { limit, used, answered, failed } = &self.activations;
        let of = limit.map(|limit| format!(" of {limit}")).unwrap_or_default();
        let mut first = format!("used {used}{of} activations: {}", counted(*answered, "answer"));
        if *failed > 0 {
            first = format!("{first}, {failed} without success");
        }
        if self.cost != Cost::default() {
            first = format!("{first}; {}", amounts(&self.cost));
        }
        let models = self.models.iter().map(|(model, row)| {
            let requests = counted(row.requests, "request");
            format!("  {model}: {requests}, {}", amounts(&row.cost))
        });
        let denials = self.denials.iter().map(|(code, count)| format!("{count} {code}"));
        let denials = denials.collect::<Vec<_>>().join(", ");
        let denied = (!denials.is_empty()).then(|| format!("  denied: {denials}"));
        [first].into_iter().chain(models).chain(denied).collect::<Vec<_>>().join("\n")
    }
}

fn amounts(cost: &Cost) -> String {
    let tokens = format!("{} tokens in, {} out", cost.input, cost.output);
    if cost.spend == Picodollars(0) { tokens } else { format!("{tokens}, {}", cost.spend) }
}
