//! Requests that have ended, by key, provider and model.
//!
//! Keys are the operator's, and bounded; names of models are what clients write. A model has a row
//! of its own from the first time on that a provider answered a request for it with success, and one
//! key makes so many at the most. Everything else is counted under `other`: names that are made up
//! take no memory.

use crate::domain::cost::Cost;
use crate::domain::ids::KeyId;
use crate::domain::money::Picodollars;
use crate::domain::settlement::{Class, Outcome};

use super::bounded::{Bounded, OTHER, Whose};
use super::count::Count;
use super::exposition::Exposition;
use super::table::{ACTIVATIONS, CACHED, Metric, REQUESTS, SPEND, TOKENS};

/// Models of one key that are told apart, `other` and `unseen` among them.
const MODELS: usize = 20;
/// What the label says where nobody looked at the model, or there was none.
const UNSEEN: &str = "unseen";

/// How one admitted request ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended<'a> {
    /// Whose it was.
    pub key: KeyId,
    /// The name of the provider that it was for.
    pub provider: &'a str,
    /// The model that it named; empty where nobody looked.
    pub model: &'a str,
    /// What became of it.
    pub outcome: Outcome,
    /// Whether it used up an activation.
    pub activation: bool,
    /// What was charged.
    pub cost: Cost,
    /// Of the input tokens, those from the provider's cache.
    pub cached: u64,
}

/// Provider and model.
type Label = (String, String);

/// The counters of one row.
#[derive(Debug, Default)]
struct Row {
    outcomes: [Count; Class::ALL.len()],
    activations: Count,
    input: Count,
    output: Count,
    cached: Count,
    spend: Count,
}

/// All that was counted.
#[derive(Debug, Default)]
pub(super) struct Requests(Bounded<Label, Row>);

impl Requests {
    /// Counts a request, `now` in seconds since the process counts. The provider's name is of a
    /// bounded number.
    pub(super) fn count(&self, ended: &Ended<'_>, now: u64) {
        let label = |model: &str| (ended.provider.to_owned(), model.to_owned());
        let key = Whose::Key(ended.key);
        let own = model_label(ended.model);
        // Of those two kinds a key has at most one for each provider.
        let is_plain = ended.model.is_empty();
        let may_be_made = is_plain || matches!(ended.outcome, Outcome::Answered(200..300));
        let counted = self.add(key, own, ended, now)
            || (may_be_made
                && self.0.make(key, label(own), now, if is_plain { usize::MAX } else { MODELS })
                && self.add(key, own, ended, now));
        if counted {
            return;
        }
        for whose in [key, Whose::Other] {
            let counted = self.add(whose, OTHER, ended, now)
                || (self.0.make(whose, label(OTHER), now, usize::MAX)
                    && self.add(whose, OTHER, ended, now));
            if counted {
                return;
            }
        }
    }

    fn add(&self, whose: Whose, model: &str, ended: &Ended<'_>, now: u64) -> bool {
        let Ended { cost: Cost { input, output, spend: Picodollars(spend) }, cached, .. } = *ended;
        let is = |known: &Label| known.0 == ended.provider && known.1 == model;
        self.0.count(whose, is, now, |row| {
            let class = Class::of(ended.outcome);
            let of_class = Class::ALL.iter().zip(&row.outcomes).find(|(known, _)| **known == class);
            if let Some((_, count)) = of_class {
                count.add(1);
            }
            row.activations.add(ended.activation.into());
            row.input.add(input);
            row.output.add(output);
            row.cached.add(cached);
            row.spend.add(spend);
        })
    }

    pub(super) fn write(&self, text: &mut Exposition) {
        let mut found = self.0.look(|whose, (provider, model), row| Found {
            labels: (whose, provider.clone(), model.clone()),
            outcomes: row.outcomes.each_ref().map(Count::value),
            rest: [&row.activations, &row.input, &row.output, &row.cached, &row.spend]
                .map(Count::value),
        });
        found.sort_by(|a, b| a.labels.cmp(&b.labels));
        text.family(&REQUESTS);
        for Found { labels: (whose, provider, model), outcomes, .. } in &found {
            for (class, count) in Class::ALL.iter().zip(outcomes) {
                some(text, &REQUESTS, &[whose.label(), provider, model, class.word()], *count);
            }
        }
        let mut family = |metric: &Metric, figures: &[(usize, &[&str])]| {
            text.family(metric);
            for Found { labels: (whose, provider, model), rest, .. } in &found {
                for (index, more) in figures {
                    let labels = [&[whose.label(), provider, model], *more].concat();
                    some(text, metric, &labels, rest.get(*index).copied().unwrap_or_default());
                }
            }
        };
        family(&ACTIVATIONS, &[(0, &[])]);
        family(&TOKENS, &[(1, &["input"]), (2, &["output"])]);
        family(&CACHED, &[(3, &[])]);
        family(&SPEND, &[(4, &[])]);
    }
}

/// A row as it was at one moment.
struct Found {
    labels: (Whose, String, String),
    outcomes: [u64; Class::ALL.len()],
    rest: [u64; 5],
}

/// A sample, unless nothing was ever counted in it.
fn some(text: &mut Exposition, metric: &Metric, labels: &[&str], value: u64) {
    if value > 0 {
        text.sample(metric, labels, value);
    }
}

fn model_label(model: &str) -> &str {
    if model.is_empty() { UNSEEN } else { model }
}

#[cfg(test)]
mod tests {
    use super::super::exposition::Format;
    use super::*;

    fn ended(key: u64, model: &str, outcome: Outcome) -> Ended<'_> {
        Ended {
            key: KeyId::from_bits(key),
            provider: "openai",
            model,
            outcome,
            activation: outcome != Outcome::NotSent,
            cost: Cost { input: 3, output: 2, spend: Picodollars(7) },
            cached: 1,
        }
    }

    fn written(requests: &Requests) -> String {
        let mut text = Exposition::new(Format::Text);
        requests.write(&mut text);
        text.finish()
    }

    fn sum(text: &str, start: &str) -> u64 {
        let lines = text.lines().filter(|line| line.starts_with(start));
        lines.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
    }

    #[test]
    fn names_that_are_made_up_take_no_memory() {
        let requests = Requests::default();
        for number in 0..50_000 {
            requests.count(&ended(1, &format!("no-{number}"), Outcome::Answered(404)), 0);
            requests.count(&ended(2, &format!("yes-{number}"), Outcome::Answered(200)), 0);
        }
        let text = written(&requests);
        assert!(text.lines().count() < 200, "{text}");
        assert_eq!(sum(&text, "till_requests_total"), 100_000);
        assert_eq!(sum(&text, "till_spend_picodollars_total"), 700_000);
        assert!(!text.contains("no-") && text.contains("\"yes-19\"") && !text.contains("yes-20"));
    }

    #[test]
    fn a_model_has_its_row_from_its_first_success_on() {
        let requests = Requests::default();
        for status in [429, 200, 429, 500] {
            requests.count(&ended(1, "m", Outcome::Answered(status)), 0);
        }
        requests.count(&ended(1, "", Outcome::Answered(500)), 0);
        requests.count(&ended(1, "", Outcome::NotSent), 0);
        let text = written(&requests);
        for (labels, count) in [
            ("model=\"m\",outcome=\"answered\"", 1),
            ("model=\"m\",outcome=\"limited\"", 1),
            ("model=\"m\",outcome=\"failed\"", 1),
            ("model=\"other\",outcome=\"limited\"", 1),
            ("model=\"unseen\",outcome=\"failed\"", 1),
            ("model=\"unseen\",outcome=\"not_sent\"", 1),
        ] {
            assert!(text.contains(&format!("{labels}}} {count}\n")), "{labels}: {text}");
        }
        assert_eq!(sum(&text, "till_activations_total"), 5);
    }

    #[test]
    fn keys_without_a_row_are_counted_together() {
        let requests = Requests::default();
        for key in 0..10_000 {
            requests.count(&ended(key, "m", Outcome::Answered(200)), 0);
        }
        let text = written(&requests);
        assert_eq!(sum(&text, "till_requests_total"), 10_000);
        assert_eq!(sum(&text, "till_requests_total{key=\"other\""), 9_500);
    }
}
