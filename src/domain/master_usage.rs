//! Caps on a master key, over all its proxy keys, and how far they are used.

use std::fmt;

use super::cost::{Cost, Measure};
use super::demand::Gauge;
use super::ids::Revision;
use super::rate::Period;
use super::time::{Span, Timestamp};

/// The caps of a master key: the row that every request with it reads, and writes where there are
/// caps.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct MasterUsage {
    /// How often the row was written. Only grows.
    pub revision: Revision,
    /// The caps, at most one for each measure and window.
    pub caps: Vec<MasterCap>,
}

/// One cap, and what is used of it in its window.
///
/// Windows lie one after the other from the epoch on: a day is one of UTC. A request belongs to
/// the window that it was admitted in, however long it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MasterCap {
    /// What it is on.
    pub measure: Measure,
    /// The cap: tokens, or picodollars.
    pub limit: u64,
    /// How long it counts before it begins anew; for ever where there is none.
    pub window: Option<Period>,
    /// When the window began that the figures are of.
    pub since: Timestamp,
    /// What is used.
    pub used: u64,
    /// What requests in flight hold.
    pub held: u64,
}

impl MasterUsage {
    /// The row as it stands at `now`: windows that are over begin anew.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        for cap in &mut self.caps {
            let since = start(cap.window, now);
            if since > cap.since {
                *cap = MasterCap { since, used: 0, held: 0, ..*cap };
            }
        }
        self
    }

    /// How far each cap is used.
    #[must_use]
    pub fn gauges(&self) -> Vec<Gauge> {
        let gauge = |cap: &MasterCap| {
            let MasterCap { measure, limit, used, held, .. } = *cap;
            Gauge { measure, limit, used, held }
        };
        self.caps.iter().map(gauge).collect()
    }

    /// Sets aside what a request may cost that is admitted at `now`, in the windows of that time.
    pub fn hold(&mut self, now: Timestamp, cost: &Cost) {
        for cap in self.caps.iter_mut().filter(|cap| now >= cap.since) {
            cap.held = cap.held.saturating_add(cap.measure.of(cost));
        }
    }

    /// Replaces what a request held by what it cost, in the windows that it was admitted in.
    pub fn settle(&mut self, admitted_at: Timestamp, held: &Cost, cost: &Cost) {
        for cap in self.caps.iter_mut().filter(|cap| admitted_at >= cap.since) {
            cap.held = cap.held.saturating_sub(cap.measure.of(held));
            cap.used = cap.used.saturating_add(cap.measure.of(cost));
        }
    }

    /// Puts a cap on a measure in a window, or takes it away. One that is changed keeps its
    /// figures. A new one begins with nothing used, and with what `in_flight` holds: each
    /// request's admission and the most that it may cost.
    pub fn limit(
        &mut self,
        measure: Measure,
        window: Option<Period>,
        limit: Option<u64>,
        now: Timestamp,
        in_flight: &[(Timestamp, Cost)],
    ) {
        let place = self.caps.iter().position(|cap| (cap.measure, cap.window) == (measure, window));
        match (place, limit) {
            (Some(place), None) => drop(self.caps.remove(place)),
            (Some(place), Some(limit)) => {
                if let Some(cap) = self.caps.get_mut(place) {
                    cap.limit = limit;
                }
            }
            (None, None) => {}
            (None, Some(limit)) => {
                let since = start(window, now);
                let held = in_flight.iter().filter(|(admitted_at, _)| *admitted_at >= since);
                let held = held.fold(0u64, |sum, (_, cost)| sum.saturating_add(measure.of(cost)));
                self.caps.push(MasterCap { measure, limit, window, since, used: 0, held });
            }
        }
    }
}

impl MasterCap {
    /// How long it is until the window begins anew; none where it never does.
    #[must_use]
    pub fn rest(&self, now: Timestamp) -> Option<Span> {
        let length = self.window?.micros() / 1_000;
        Some(self.since.after(Span(length)).since(now))
    }
}

impl fmt::Display for MasterCap {
    /// As in `$20.00/d` or `5000000 tokens/h`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figure = self.measure.words(self.limit);
        match self.window {
            Some(window) => f.pad(&format!("{figure}/{}", window.letter())),
            None => f.pad(&figure),
        }
    }
}

/// When the window began that `now` lies in.
fn start(window: Option<Period>, now: Timestamp) -> Timestamp {
    window.map_or(Timestamp(0), |window| window.start(now))
}

#[cfg(test)]
mod tests {
    use super::super::money::Picodollars;
    use super::*;

    fn cost(output: u64) -> Cost {
        Cost { input: 0, output, spend: Picodollars(0) }
    }

    #[test]
    fn a_request_belongs_to_the_window_that_it_was_admitted_in() {
        let hour = 3_600_000;
        let mut usage = MasterUsage::default();
        let early = Timestamp(10 * hour + 5);
        let in_flight = [(early, cost(7)), (Timestamp(9 * hour), cost(9))];
        usage.limit(Measure::Tokens, Some(Period::Hour), Some(100), early, &in_flight);
        assert_eq!((usage.caps[0].held, usage.caps[0].used), (7, 0));
        usage.hold(early, &cost(10));
        let late = Timestamp(11 * hour);
        let mut next = usage.clone().at(late);
        assert_eq!((next.caps[0].held, next.caps[0].since), (0, late));
        next.hold(late, &cost(20));
        next.settle(early, &cost(10), &cost(10));
        assert_eq!((next.caps[0].held, next.caps[0].used), (20, 0));
        next.settle(late, &cost(20), &cost(4));
        assert_eq!((next.caps[0].held, next.caps[0].used), (0, 4));
        assert_eq!(next.caps[0].rest(Timestamp(11 * hour + 1)), Some(Span(hour - 1)));
        usage.settle(early, &cost(10), &cost(10));
        assert_eq!((usage.caps[0].held, usage.caps[0].used), (7, 10));
    }

    #[test]
    fn a_cap_for_ever_counts_everything_in_flight() {
        let mut usage = MasterUsage::default();
        let now = Timestamp(5);
        usage.limit(Measure::Tokens, None, Some(100), now, &[(Timestamp(1), cost(3))]);
        usage.limit(Measure::Tokens, None, Some(200), now, &[(Timestamp(1), cost(3))]);
        assert_eq!((usage.caps[0].held, usage.caps[0].limit), (3, 200));
        assert_eq!(usage.caps[0].to_string(), "200 tokens");
        usage.limit(Measure::Tokens, None, None, now, &[]);
        assert!(usage.caps.is_empty());
    }
}
