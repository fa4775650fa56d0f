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

    /// The input tokens that the provider says it read from its cache.
    #[must_use]
    pub fn cached(&self) -> u64 {
        let passes = self.meter.reading().map(|reading| reading.passes.as_slice());
        let cached = passes.unwrap_or_default().iter().map(|pass| pass.tokens.cache_read);
        cached.fold(0, u64::saturating_add)
    }

    /// What is to be charged if the answer ends here.
    ///
    /// Without its last word on usage this is an upper bound of what the provider may bill: what
    /// was seen, where the answer shows everything as it is generated, and the whole hold where the
    /// model can think unseen, or all comes in one piece; never less than what was reported.
    #[must_use]
    pub fn charge(&self) -> Charge {
        let reading = self.meter.reading();
        let reported = reading.map(|reading| self.tariff.cost(reading));
        if let Some(cost) = reported
            && self.meter.is_final()
        {
            return Charge { cost, estimated: false };
        }
        let shown = self.meter.shown().filter(|_| self.shows_all);
        let bound = shown.map_or(self.held, |shown| self.seen(shown, reading));
        let cost = bound.max(reported.unwrap_or_default());
        Charge { cost, estimated: true }
    }

    /// The most that the output shown may cost, with the input that the answer says, or else all
    /// that the request may have.
    fn seen(&self, shown: u64, reading: Option<&Reading>) -> Cost {
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::money::Picodollars;
    use crate::provider::find_builtin;
    use crate::provider::meter::Form;
    use crate::provider::price::PriceTable;
    use crate::provider::request::{Inquiry, plan};

    const HELD: Cost = Cost { input: 1_000, output: 500, spend: Picodollars(7_500_000_000) };
    const START: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"hey\"}}]}\n\n";
    const WHOLE: &str = r#"{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":2}}"#;

    /// The charge where this much of an answer of gpt-4o came, which shows all that it bills.
    fn charge(form: Form, body: &str) -> Charge {
        let planned = plan(&Inquiry {
            provider: find_builtin("openai").unwrap(),
            method: "POST",
            path: "/v1/chat/completions",
            query: None,
            content_type: None,
            body: br#"{"model":"gpt-4o","max_tokens":500,"messages":[]}"#,
            prices: &Arc::new(PriceTable::builtin().clone()),
            spend: true,
            max_price: None,
            soft: false,
            watched: false,
        });
        let planned = planned.unwrap();
        let meter = Meter::new(planned.api.unwrap(), form, false);
        let mut tap = Tap::new(meter, planned.tariff().clone(), planned.demand, HELD)
            .of_open_model(planned.shows_all());
        tap.push(Bytes::copy_from_slice(body.as_bytes()));
        tap.charge()
    }

    #[test]
    fn json_shows_nothing_before_its_end() {
        for body in ["", "\n\n\n", "{\"choices\":[", &WHOLE[..WHOLE.len() - 1], "{\"choices\":[]}"]
        {
            assert_eq!(charge(Form::Json, body), Charge { cost: HELD, estimated: true }, "{body}");
        }
        let used = charge(Form::Json, WHOLE);
        assert_eq!((used.estimated, used.cost.input, used.cost.output), (false, 10, 2));
    }

    #[test]
    fn a_stream_shows_what_was_generated_and_has_begun_before_it_does() {
        let before = charge(Form::EventStream, ": wait\n\n");
        assert!(before.estimated && before.cost.output > 0);
        assert!(before.cost.spend > Picodollars(0) && before.cost.output < HELD.output);
        let begun = charge(Form::EventStream, START);
        assert!(begun.estimated && begun.cost.output > before.cost.output);
        assert!(begun.cost.output < HELD.output);
    }

    #[test]
    fn a_charge_is_never_less_than_what_was_reported() {
        let chunk = START.trim().strip_suffix('}').unwrap();
        let usage = r#""usage":{"prompt_tokens":2000,"completion_tokens":900}"#;
        let told = charge(Form::EventStream, &format!("{chunk},{usage}}}\n\n"));
        assert!(told.estimated);
        assert_eq!((told.cost.input, told.cost.output), (2_000, 900));
        assert!(told.cost.spend > HELD.spend);
    }
}
