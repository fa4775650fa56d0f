//! The decision on one request: admit, or deny and why.

use super::cost::{Cost, Measure};
use super::demand::{Demand, Gauge, Shortage, grant};
use super::denial::{Denial, Reason};
use super::key::{EndCause, KeyRecord, Usage};
use super::limits::{Counting, Overshoot};
use super::master_usage::MasterUsage;
use super::pause::{pause, paused_denial};
use super::rate::ArrivalTime;
use super::scope::Target;
use super::share::Share;
use super::status::{Status, status};
use super::time::Timestamp;

/// One request, as far as a decision needs it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What the key's scope is held against.
    pub target: &'a Target,
    /// The most that it may cost; none where nobody looked, since nothing was limited in that.
    pub demand: Option<&'a Demand>,
}

/// A key above the one that a request is of.
#[derive(Clone, Copy, Debug)]
pub struct Above<'a> {
    /// What it is.
    pub key: &'a KeyRecord,
    /// Its figures.
    pub usage: &'a Usage,
    /// Whether a kill row stands against it.
    pub killed: bool,
}

/// What an admission makes of the rows, and what it grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The key's figures.
    pub usage: Usage,
    /// Those of the keys above it, in the order in which they were given.
    pub above: Vec<Usage>,
    /// The master key's caps.
    pub master: MasterUsage,
    /// What the request holds.
    pub cost: Cost,
    /// The output tokens that each of its choices may have.
    pub output: u64,
}

/// Decides on one request of a key.
///
/// The order is part of the behaviour: a key that has ended says so before anything else, one that
/// is paused next, and a request that is denied for another reason uses nothing of the rate. `above`
/// are the keys that it was made from, the nearest first: what they may not, it may not.
///
/// # Errors
/// The denial.
pub fn admit(
    (key, usage): (&KeyRecord, &Usage),
    above: &[Above<'_>],
    master: MasterUsage,
    asked: Asked<'_>,
    now: Timestamp,
) -> Result<Granted, Denial> {
    if let Some(ended) = usage.ended {
        return Err(ended_denial(key, usage, ended.cause));
    }
    if key.limits.expires_at.is_some_and(|end| end <= now) {
        return Err(ended_denial(key, usage, EndCause::Expired));
    }
    if above.iter().any(|one| one.has_ended(now)) {
        return Err(ended_denial(key, usage, EndCause::ParentEnded));
    }
    let all = std::iter::once((key, usage)).chain(above.iter().map(|one| (one.key, one.usage)));
    if let Some(pause) = pause(all) {
        return Err(paused_denial(key.id, pause));
    }
    let scopes = std::iter::once(&key.scope).chain(above.iter().map(|one| &one.key.scope));
    for scope in scopes {
        let scope = scope.check(asked.target);
        scope.map_err(|why| Denial::new(Reason::ScopeDenied, why).of(key.id))?;
    }
    check_activations(key, usage)?;
    check_concurrency(key, usage, "the key").map_err(|denial| denial.of(key.id))?;
    for one in above {
        let checked = check_concurrency(one.key, one.usage, "a key that it was made from");
        checked.map_err(|denial| denial.of(key.id))?;
    }
    let mut master = master.at(now);
    // A key that was made from a strict one is strict.
    let is_soft = std::iter::once(key)
        .chain(above.iter().map(|one| one.key))
        .all(|key| key.limits.overshoot == Overshoot::LastCall);
    let output = granted_output((key, usage), is_soft, &master, asked.demand, now);
    let output = output.map_err(|denial| denial.of(key.id))?;
    let mut next = *usage;
    next.arrival = arrive(key, usage, "the key", now).map_err(|denial| denial.of(key.id))?;
    let mut others = Vec::with_capacity(above.len());
    for one in above {
        let arrival = arrive(one.key, one.usage, "a key that it was made from", now);
        let arrival = arrival.map_err(|denial| denial.of(key.id))?;
        others.push(Usage { arrival, below: one.usage.below.saturating_add(1), ..*one.usage });
    }
    let cost = asked.demand.map(|demand| demand.cost(output)).unwrap_or_default();
    next.held = next.held.saturating_add(1);
    next.cost_held = next.cost_held.plus(cost);
    next.last_used_at = next.last_used_at.max(now);
    master.hold(now, &cost);
    Ok(Granted { usage: next, above: others, master, cost, output })
}

impl Above<'_> {
    fn has_ended(&self, now: Timestamp) -> bool {
        status(self.key, self.usage, self.killed, now) != Status::Live
    }
}

/// One request more at once, if the key takes it.
fn check_concurrency(key: &KeyRecord, usage: &Usage, whose: &str) -> Result<(), Denial> {
    match key.limits.concurrency {
        Some(limit) if usage.in_flight() >= u64::from(limit.get()) => {
            let below = if usage.below > 0 { ", those of its child keys among them" } else { "" };
            let message = format!("{whose} has {limit} requests in flight{below}, its limit");
            Err(Denial::new(Reason::ConcurrencyLimited, message))
        }
        _ => Ok(()),
    }
}

/// What becomes of the key's rate with one request more.
fn arrive(
    key: &KeyRecord,
    usage: &Usage,
    whose: &str,
    now: Timestamp,
) -> Result<ArrivalTime, Denial> {
    let Some(rate) = key.limits.rate else { return Ok(usage.arrival) };
    rate.admit(usage.arrival, now).map_err(|wait| {
        let message = format!("the rate of {rate} of {whose} is reached; try again in {wait}");
        Denial::new(Reason::RateLimited, message).retry_after(wait)
    })
}

/// The denial of a key that has ended.
#[must_use]
pub fn ended_denial(key: &KeyRecord, usage: &Usage, cause: EndCause) -> Denial {
    let denial = match cause {
        EndCause::Activations => {
            let limit = key.limits.activations.unwrap_or_default();
            let used = if usage.used < limit {
                format!("all {} attempts of the key at {limit} activations", usage.attempts)
            } else {
                format!("all {limit} activations of the key")
            };
            let message = format!("{used} are used; it has destroyed itself");
            Denial::new(Reason::ActivationLimit, message)
        }
        EndCause::Expired => Denial::new(Reason::KeyExpired, "the key has expired"),
        EndCause::Revoked => Denial::new(Reason::KeyRevoked, "the key was revoked"),
        EndCause::MasterGone => {
            Denial::new(Reason::KeyRevoked, "the key ended with the master key that it opened")
        }
        EndCause::RunOver => {
            Denial::new(Reason::KeyRevoked, "the key ended with the run that it was minted for")
        }
        EndCause::ParentEnded => {
            Denial::new(Reason::KeyRevoked, "the key ended with the key that it was made from")
        }
        EndCause::Tokens | EndCause::Spend => {
            let fullest = usage
                .gauges(&key.limits)
                .filter(|gauge| EndCause::of(gauge.measure) == cause)
                .min_by_key(Gauge::unused);
            let figures = fullest.map_or_else(
                || "the limit is used".to_owned(),
                |gauge| {
                    format!(
                        "{} of {} are used",
                        gauge.measure.words(gauge.used),
                        gauge.measure.words(gauge.limit)
                    )
                },
            );
            let reason =
                if cause == EndCause::Spend { Reason::SpendLimit } else { Reason::TokenLimit };
            Denial::new(reason, format!("{figures}; the key has destroyed itself"))
        }
    };
    denial.of(key.id)
}

/// The output that the caps of key and master leave for the request.
fn granted_output(
    (key, usage): (&KeyRecord, &Usage),
    is_soft: bool,
    master: &MasterUsage,
    demand: Option<&Demand>,
    now: Timestamp,
) -> Result<u64, Denial> {
    let own: Vec<Gauge> = usage.gauges(&key.limits).collect();
    let caps = master.gauges();
    if own.is_empty() && caps.is_empty() {
        return Ok(demand.map_or(0, |demand| demand.output));
    }
    let on_money = |gauge: &Gauge| gauge.measure == Measure::Spend;
    let has_price = |demand: &&Demand| demand.priced || !own.iter().chain(&caps).any(on_money);
    let Some(demand) = demand.filter(has_price) else {
        let message = "a limit was set while the request was on its way; try again";
        return Err(Denial::new(Reason::LimitHeld, message));
    };
    // A soft key is the operator's choice; the caps of its master hold all the same.
    if !(demand.bounded || is_soft && caps.is_empty()) {
        let message = "nothing bounds what the request may cost, and the master key has a cap";
        return Err(Denial::new(Reason::Unmetered, message));
    }
    if is_soft {
        if let Some(gauge) = own.iter().find(|gauge| gauge.unused() == 0) {
            return Err(used_up(gauge));
        }
        // Its own requests may overrun it, but not into what child keys have.
        let lent = |gauge: &Gauge| usage.lent.of(gauge.measure);
        if let Some(gauge) = own.iter().find(|gauge| gauge.unused() <= lent(gauge)) {
            return Err(held(demand, gauge, lent(gauge), "the key"));
        }
        return grant(demand, &caps)
            .map_err(|(at, why)| master_denial(demand, master, at, why, now));
    }
    let all: Vec<Gauge> = own.iter().chain(&caps).copied().collect();
    grant(demand, &all).map_err(|(at, why)| match (own.get(at), why) {
        (Some(gauge), Shortage::UsedUp) => used_up(gauge),
        (Some(gauge), Shortage::TooLarge) => too_large(demand, gauge, "the key"),
        (Some(gauge), Shortage::Held) => {
            held(demand, gauge, usage.lent.of(gauge.measure), "the key")
        }
        (None, _) => master_denial(demand, master, at.saturating_sub(own.len()), why, now),
    })
}

fn used_up(gauge: &Gauge) -> Denial {
    let limit = gauge.measure.words(gauge.limit);
    Denial::new(gauge.measure.reason(), format!("the key's limit of {limit} is used"))
}

fn too_large(demand: &Demand, gauge: &Gauge, whose: &str) -> Denial {
    let words = |figure| gauge.measure.words(figure);
    let least = words(gauge.measure.of(&demand.cost(demand.least_output)));
    let message = format!(
        "the request may cost {least} even with the least output, and {whose} has {} left of {}",
        words(gauge.unused()),
        words(gauge.limit)
    );
    Denial::new(Reason::RequestTooLarge, message)
}

fn held(demand: &Demand, gauge: &Gauge, lent: u64, whose: &str) -> Denial {
    let children = if lent > 0 { " and child keys" } else { "" };
    let words = |figure| gauge.measure.words(figure);
    let message = format!(
        "the request may cost {}, and {whose} has {} left of {}, of which requests in \
         flight{children} hold {}",
        words(gauge.measure.of(&demand.cost(demand.output))),
        words(gauge.unused()),
        words(gauge.limit),
        words(gauge.held)
    );
    Denial::new(Reason::LimitHeld, message)
}

/// The denial that a cap of the master is the cause of.
fn master_denial(
    demand: &Demand,
    master: &MasterUsage,
    at: usize,
    why: Shortage,
    now: Timestamp,
) -> Denial {
    let (Some(cap), Some(gauge)) = (master.caps.get(at), master.gauges().get(at).copied()) else {
        return Denial::new(Reason::MasterLimit, "a cap of the master key is reached");
    };
    let never = gauge.measure.of(&demand.cost(demand.least_output)) > gauge.limit;
    match why {
        Shortage::Held => held(demand, &gauge, 0, "the master key"),
        Shortage::TooLarge if never => {
            too_large(demand, &Gauge { used: 0, ..gauge }, "the master key")
        }
        _ => {
            let used = gauge.measure.words(gauge.used);
            let message = format!("the master key's cap of {cap} is reached: {used} are used");
            let denial = Denial::new(Reason::MasterLimit, message);
            match cap.rest(now) {
                Some(rest) => denial.retry_after(rest),
                None => denial,
            }
        }
    }
}

fn check_activations(key: &KeyRecord, usage: &Usage) -> Result<(), Denial> {
    let Some(limit) = key.limits.activations else { return Ok(()) };
    let deny = |message| Err(Denial::new(Reason::ActivationLimit, message).of(key.id));
    if usage.remaining(limit) == 0 {
        let lent = match usage.lent.activations {
            0 => String::new(),
            lent => format!(", {lent} held by child keys"),
        };
        return deny(format!(
            "no activation is left of {limit}: {} used, {} in flight{lent}",
            usage.used, usage.held
        ));
    }
    let sent = Share::taken(usage).attempts;
    if key.limits.counting == Counting::Answered
        && key.limits.attempts().is_some_and(|cap| sent >= cap)
    {
        return deny(format!(
            "{sent} attempts were made for {limit} activations, the most allowed"
        ));
    }
    Ok(())
}
