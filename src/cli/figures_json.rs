//! How far a limit is used, as JSON. Money is whole picodollars (1e-12 dollars), and the same in
//! words.

use serde::Serialize;

use crate::domain::cost::Measure;
use crate::domain::demand::Gauge;
use crate::domain::money::Picodollars;
use crate::report::{KeyView, Use};

use super::key_json::remaining;

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MoneyJson {
    picodollars: u64,
    usd: String,
}

/// An amount of a measure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum AmountJson {
    /// Tokens, or activations.
    Count(u64),
    /// Money.
    Money(MoneyJson),
}

/// One limit: what there is of it, where there is one, and what has become of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FiguresJson {
    limit: Option<AmountJson>,
    used: AmountJson,
    held: AmountJson,
    /// What child keys hold of that, where they do.
    #[serde(skip_serializing_if = "Option::is_none")]
    lent: Option<AmountJson>,
    remaining: Option<AmountJson>,
}

impl Default for MoneyJson {
    fn default() -> Self {
        Picodollars(0).into()
    }
}

impl From<Picodollars> for MoneyJson {
    fn from(amount: Picodollars) -> Self {
        let usd = amount.to_string().trim_start_matches('$').to_owned();
        Self { picodollars: amount.0, usd }
    }
}

impl AmountJson {
    /// A figure of this measure.
    #[must_use]
    pub fn of(measure: Measure, figure: u64) -> Self {
        match measure {
            Measure::Tokens | Measure::InputTokens | Measure::OutputTokens => Self::Count(figure),
            Measure::Spend => Self::Money(Picodollars(figure).into()),
        }
    }
}

impl FiguresJson {
    /// Those of a key's activations.
    #[must_use]
    pub fn of_activations(view: &KeyView) -> Self {
        let limit = view.record.limits.activations;
        Self {
            limit: limit.map(AmountJson::Count),
            used: AmountJson::Count(view.usage.used),
            held: AmountJson::Count(view.usage.activations_set_aside()),
            lent: Some(view.usage.lent.activations).filter(|lent| *lent > 0).map(AmountJson::Count),
            remaining: limit.map(|limit| AmountJson::Count(remaining(view, limit))),
        }
    }
}

impl From<&Use> for FiguresJson {
    fn from(what: &Use) -> Self {
        let amount = |figure| AmountJson::of(what.measure, figure);
        Self {
            limit: what.limit.map(amount),
            used: amount(what.used),
            held: amount(what.held),
            lent: Some(what.lent).filter(|lent| *lent > 0).map(amount),
            remaining: what.remaining.map(amount),
        }
    }
}

impl From<&Gauge> for FiguresJson {
    fn from(gauge: &Gauge) -> Self {
        let amount = |figure| AmountJson::of(gauge.measure, figure);
        Self {
            limit: Some(amount(gauge.limit)),
            used: amount(gauge.used),
            held: amount(gauge.held),
            lent: None,
            remaining: Some(amount(gauge.remaining())),
        }
    }
}
