//! What a request may cost at the most, and how much of that can be granted.

use super::cost::{Cost, Measure};
use super::money::Picodollars;

/// Output tokens that a request is given rather than to make it wait for what others hold.
const COMFORT: u64 = 4_096;

/// An upper bound of what a request costs, which an output limit in it can bring down.
///
/// The request costs at the most `input` tokens and `input_spend`, and for each output token that
/// it is granted, `multiplicity` output tokens at `output_rate` each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// The most input tokens.
    pub input: u64,
    /// The most that the input costs, with everything that is charged for each call.
    pub input_spend: Picodollars,
    /// The most output tokens of one choice, as the request has it, or the model's own maximum.
    pub output: u64,
    /// The fewest to which the request can be brought down; the same as `output` where nothing in
    /// it does that. Never more than `output`.
    pub least_output: u64,
    /// How often the output limit counts: choices, and passes over the model. At least 1.
    pub multiplicity: u64,
    /// The most that one output token costs.
    pub output_rate: Picodollars,
    /// Whether the figures above are a bound at all. Without one, only a key with the soft
    /// overshoot admits it.
    pub bounded: bool,
    /// Whether money is in the figures: nobody looked for a price where no limit was on money.
    pub priced: bool,
}

impl Demand {
    /// A request that costs nothing: token counting, a model list.
    pub const FREE: Self = Self {
        input: 0,
        input_spend: Picodollars(0),
        output: 0,
        least_output: 0,
        multiplicity: 1,
        output_rate: Picodollars(0),
        bounded: true,
        priced: true,
    };

    /// The most that it costs with this output limit.
    #[must_use]
    pub const fn cost(&self, output: u64) -> Cost {
        let output = output.saturating_mul(self.multiplicity);
        Cost {
            input: self.input,
            output,
            spend: self.input_spend.plus(self.output_rate.times(output)),
        }
    }

    /// The largest output limit with which it costs no more than `room` by this measure; none
    /// where even without output it costs more.
    #[must_use]
    fn affordable(&self, measure: Measure, room: u64) -> Option<u64> {
        let left = room.checked_sub(measure.of(&self.cost(0)))?;
        let each = match measure {
            Measure::InputTokens => 0,
            Measure::Tokens | Measure::OutputTokens => self.multiplicity,
            Measure::Spend => self.output_rate.times(self.multiplicity).0,
        };
        Some(left.checked_div(each).unwrap_or(u64::MAX))
    }
}

/// One cap, and how far it is used: of a key, or of a master key in its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gauge {
    /// What it is on.
    pub measure: Measure,
    /// The cap.
    pub limit: u64,
    /// What is used of it.
    pub used: u64,
    /// What requests in flight hold of it.
    pub held: u64,
}

impl Gauge {
    /// What is neither used nor held.
    #[must_use]
    pub const fn remaining(&self) -> u64 {
        self.limit.saturating_sub(self.used).saturating_sub(self.held)
    }

    /// What would remain with nothing held.
    #[must_use]
    pub const fn unused(&self) -> u64 {
        self.limit.saturating_sub(self.used)
    }
}

/// Why a gauge stands in the way of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortage {
    /// The cap is used up.
    UsedUp,
    /// It could not be paid if nothing else were in flight.
    TooLarge,
    /// It could be paid if nothing else were in flight.
    Held,
}

/// How much output can be granted under all of these gauges.
///
/// What others hold is given back soon: a request that could have much more then is not brought
/// down to a trifle now.
///
/// # Errors
/// The place of the first gauge that stands in the way, and why.
pub fn grant(demand: &Demand, gauges: &[Gauge]) -> Result<u64, (usize, Shortage)> {
    if let Some(at) = gauges.iter().position(|gauge| gauge.unused() == 0) {
        return Err((at, Shortage::UsedUp));
    }
    let (alone, short) = tightest(demand, gauges, Gauge::unused);
    let least = demand.least_output;
    if let Some(at) = short
        && alone.is_none_or(|alone| alone < least)
    {
        return Err((at, Shortage::TooLarge));
    }
    let (now, short) = tightest(demand, gauges, Gauge::remaining);
    let enough = alone.unwrap_or_default().min(COMFORT).min(demand.output).max(least);
    match now {
        Some(now) if now >= enough => Ok(now),
        _ => Err((short.unwrap_or_default(), Shortage::Held)),
    }
}

/// The largest output limit up to the one asked for that all gauges allow, and the gauge that
/// allows the least, where one allows less than was asked for.
fn tightest(
    demand: &Demand,
    gauges: &[Gauge],
    room: impl Fn(&Gauge) -> u64,
) -> (Option<u64>, Option<usize>) {
    let mut most = Some(demand.output);
    let mut place = None;
    for (at, gauge) in gauges.iter().enumerate() {
        let allowed = demand.affordable(gauge.measure, room(gauge));
        if allowed < most {
            most = allowed;
            place = Some(at);
        }
    }
    (most, place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn demand(input: u64, output: u64) -> Demand {
        Demand {
            input,
            input_spend: Picodollars(input.saturating_mul(3)),
            output,
            least_output: 1,
            multiplicity: 1,
            output_rate: Picodollars(10),
            bounded: true,
            priced: true,
        }
    }

    fn tokens(limit: u64, used: u64, held: u64) -> Gauge {
        Gauge { measure: Measure::Tokens, limit, used, held }
    }

    #[test]
    fn output_is_brought_down_to_what_can_be_paid() {
        assert_eq!(grant(&demand(100, 500), &[]), Ok(500));
        assert_eq!(grant(&demand(100, 500), &[tokens(1_000, 0, 0)]), Ok(500));
        assert_eq!(grant(&demand(100, 500), &[tokens(1_000, 600, 0)]), Ok(300));
        let spend = Gauge { measure: Measure::Spend, limit: 1_000, used: 0, held: 0 };
        assert_eq!(grant(&demand(100, 500), &[tokens(1_000, 0, 0), spend]), Ok(70));
        let twice = Demand { multiplicity: 2, ..demand(100, 500) };
        assert_eq!(grant(&twice, &[spend]), Ok(35));
    }

    #[test]
    fn what_cannot_be_paid_is_too_large_and_what_others_hold_is_held() {
        let large = (0, Shortage::TooLarge);
        assert_eq!(grant(&demand(1_000, 500), &[tokens(1_000, 0, 0)]), Err(large));
        let thinking = Demand { least_output: 400, ..demand(100, 500) };
        assert_eq!(grant(&thinking, &[tokens(450, 0, 0)]), Err(large));
        assert_eq!(grant(&thinking, &[tokens(550, 0, 0)]), Ok(450));
        let held = (0, Shortage::Held);
        assert_eq!(grant(&demand(100, 500), &[tokens(1_000, 0, 850)]), Err(held));
        assert_eq!(grant(&demand(100, 9_000), &[tokens(9_000, 0, 4_000)]), Ok(4_900));
        assert_eq!(grant(&demand(100, 500), &[tokens(9, 9, 0)]), Err((0, Shortage::UsedUp)));
    }

    prop_compose! {
        fn gauge()(
            place in 0..Measure::ALL.len(), limit in 1..10_000u64, used in 0..10_000u64,
            held in 0..10_000u64,
        ) -> Gauge {
            let used = used.min(limit);
            Gauge { measure: Measure::ALL[place].0, limit, used, held: held.min(limit.saturating_sub(used)) }
        }
    }

    proptest! {
        /// What is granted is paid by every gauge; what is refused is refused for a reason.
        #[test]
        fn a_grant_fits_under_every_gauge(
            input in 0..5_000u64, output in 1..5_000u64, least in 1..5_000u64,
            multiplicity in 1..4u64, rate in 0..5u64,
            gauges in prop::collection::vec(gauge(), 0..5),
        ) {
            let demand = Demand {
                least_output: least.min(output),
                multiplicity,
                output_rate: Picodollars(rate),
                ..demand(input, output)
            };
            match grant(&demand, &gauges) {
                Ok(granted) => {
                    prop_assert!(granted <= output && granted >= demand.least_output);
                    for gauge in &gauges {
                        prop_assert!(gauge.measure.of(&demand.cost(granted)) <= gauge.remaining());
                    }
                }
                Err((at, Shortage::UsedUp)) => prop_assert_eq!(gauges[at].unused(), 0),
                Err((at, Shortage::TooLarge)) => {
                    let least = gauges[at].measure.of(&demand.cost(demand.least_output));
                    prop_assert!(least > gauges[at].unused());
                }
                Err((at, Shortage::Held)) => prop_assert!(gauges[at].held > 0),
            }
        }
    }
}
