//! The decision on one request: admit, or deny and why.

use super::denial::{Denial, Reason};
use super::key::{EndCause, KeyRecord, Usage};
use super::limits::Counting;
use super::scope::Target;
use super::time::Timestamp;

/// Decides on one request of a key, and returns the row as it is after admission.
///
/// The order is part of the behaviour: a key that has ended says so before anything else, and a
/// request that is denied for another reason uses nothing of the rate.
///
/// # Errors
/// The denial.
pub fn admit(
    key: &KeyRecord,
    usage: &Usage,
    target: &Target,
    now: Timestamp,
) -> Result<Usage, Denial> {
    if let Some(ended) = usage.ended {
        return Err(ended_denial(key, usage, ended.cause));
    }
    if key.limits.expires_at.is_some_and(|end| end <= now) {
        return Err(ended_denial(key, usage, EndCause::Expired));
    }
    key.scope.check(target).map_err(|why| Denial::new(Reason::ScopeDenied, why).of(key.id))?;
    check_activations(key, usage)?;
    if let Some(limit) = key.limits.concurrency
        && usage.held >= u64::from(limit.get())
    {
        let message = format!("the key has {limit} requests in flight, its limit");
        return Err(Denial::new(Reason::ConcurrencyLimited, message).of(key.id));
    }
    let mut next = *usage;
    if let Some(rate) = key.limits.rate {
        next.arrival = rate.admit(usage.arrival, now).map_err(|wait| {
            let message = format!("the key's rate of {rate} is reached; try again in {wait}");
            Denial::new(Reason::RateLimited, message).of(key.id).retry_after(wait)
        })?;
    }
    next.held = next.held.saturating_add(1);
    next.last_used_at = next.last_used_at.max(now);
    Ok(next)
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
    };
    denial.of(key.id)
}

fn check_activations(key: &KeyRecord, usage: &Usage) -> Result<(), Denial> {
    let Some(limit) = key.limits.activations else { return Ok(()) };
    let deny = |message| Err(Denial::new(Reason::ActivationLimit, message).of(key.id));
    if usage.remaining(limit) == 0 {
        return deny(format!(
            "no activation is left of {limit}: {} used, {} in flight",
            usage.used, usage.held
        ));
    }
    let sent = usage.attempts.saturating_add(usage.held);
    if key.limits.counting == Counting::Answered
        && key.limits.attempts().is_some_and(|cap| sent >= cap)
    {
        return deny(format!(
            "{sent} attempts were made for {limit} activations, the most allowed"
        ));
    }
    Ok(())
}
