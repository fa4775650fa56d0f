//! What one answer costs: its meter, and the prices that its request can reach.

use bytes::Bytes;

use crate::domain::cost::Cost;
use crate::domain::demand::Demand;
use crate::domain::settlement::Charge;

use super::meter::{Meter, Pass, Reading};
use super::request::Tariff;

/// Reads one answer while it passes, and says at any moment what is to be charged for it.
#[derive(Debug)]
pub struct Tap {
    meter: Meter,
    tariff: Tariff,
    demand: Demand,
    /// What the request holds.
    held: Cost,
    /// Whether the model shows everything that it bills.
    shows_all: bool,
    /// Whether what is granted holds for the answer, too.
    strict: bool,
}

impl Tap {
    /// A tap on the answer to a request that asked for `demand` and holds `held`.
    #[must_use]
    pub fn new(meter: Meter, tariff: Tariff, demand: Demand, held: Cost) -> Self {
        Self { meter, tariff, demand, held, shows_all: false, strict: false }
    }

    /// The same, of a model that shows everything that it bills.
    #[must_use]
    pub fn of_open_model(mut self, shows_all: bool) -> Self {
        self.shows_all = shows_all;
        self
    }

    /// The same, ended where the answer goes beyond what was granted.
    #[must_use]
    pub fn cutting(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Takes the next bytes of the body, and returns those that go downstream now.
    pub fn push(&mut self, bytes: Bytes) -> Bytes {
        self.meter.push(bytes)
    }

    /// The body has ended: what was kept back.
    pub fn finish(&mut self) -> Bytes {
        self.meter.finish()
    }

    /// More may have been generated than was seen.
    pub fn lose_sight(&mut self) {
        self.shows_all = false;
    }

    /// Whether the answer has more output than was granted.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.strict && self.meter.at_least() > self.held.output
    }

    /// What ends the answer in its API's own way, after what has gone downstream.
    #[must_use]
    pub fn closing(&self) -> Bytes {
        self.meter.closing()
    }

    /// Whether the answer has said all that it will say of its usage.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.meter.is_final()
    }

    /// What is to be charged if the answer ends here.
    ///
    /// Without its last word on usage this is an upper bound of what the provider may bill: what
    /// was seen, where the model shows everything, and the whole hold where it can think unseen;
    /// never less than what was reported.
    #[must_use]
    pub fn charge(&self) -> Charge {
        let reading = self.meter.reading();
        let reported = reading.map(|reading| self.tariff.cost(reading));
        if let Some(cost) = reported
            && self.meter.is_final()
        {
            return Charge { cost, estimated: false };
        }
        let bound = if self.shows_all { self.seen(reading) } else { self.held };
        let cost = bound.max(reported.unwrap_or_default());
        Charge { cost, estimated: true }
    }

    /// The most that what was seen may cost: no token is less than a byte of text.
    fn seen(&self, reading: Option<&Reading>) -> Cost {
        let shown = self.meter.shown().max(self.meter.at_least());
        let input = reading.and_then(|reading| reading.passes.first()).map(|pass| pass.tokens);
        let bound = match (input, reading) {
            (Some(tokens), Some(reading)) if tokens.input > 0 => {
                let mut tokens = tokens;
                tokens.output = tokens.output.max(shown);
                let pass = Pass { model: None, tokens };
                self.tariff.cost(&Reading { passes: vec![pass], cost: None, ..reading.clone() })
            }
            _ => Cost {
                input: self.demand.input,
                output: shown,
                spend: self.demand.input_spend.plus(self.demand.output_rate.times(shown)),
            },
        };
        // What the request was bounded to is a bound of this, too.
        if self.demand.bounded { least(bound, self.held) } else { bound }
    }
}

/// In each part the smaller.
fn least(one: Cost, other: Cost) -> Cost {
    Cost {
        input: one.input.min(other.input),
        output: one.output.min(other.output),
        spend: one.spend.min(other.spend),
    }
}
