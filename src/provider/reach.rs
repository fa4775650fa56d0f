//! Whether limits in tokens and money can work with the providers that a key opens.

use crate::domain::limits::{Limits, Overshoot};

use super::Provider;

/// The provider that chooses hosts, and so prices, itself.
pub const ROUTER: &str = "openrouter";

/// Limits with which a key could reach nothing of a provider, or that would limit nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutOfReach {
    /// A price for a router, and the key opens none.
    #[error(
        "a greatest price limits nothing: only `{ROUTER}` takes it, and the key does not open it"
    )]
    NoRouter,
    /// The provider's answers do not say what they cost.
    #[error(
        "a key that is limited in tokens or money can reach nothing of `{0}`, whose answers do not \
         say what they cost"
    )]
    Unmetered(String),
    /// The router chooses the price.
    #[error("money has no bound with `{ROUTER}` without a greatest price: it chooses hosts itself")]
    NoPrice,
}

/// Whether the provider chooses hosts, and so prices, itself.
#[must_use]
pub fn is_router(provider: &Provider) -> bool {
    provider.name == ROUTER
}

/// Refuses limits with which a key could reach nothing of a provider, or that would limit nothing.
///
/// # Errors
/// Which it is.
pub fn check_reach(limits: &Limits, providers: &[Provider]) -> Result<(), OutOfReach> {
    let routed = providers.iter().any(is_router);
    if limits.max_price.is_some() && !routed {
        return Err(OutOfReach::NoRouter);
    }
    if !limits.caps.any() {
        return Ok(());
    }
    let unmetered = providers.iter().find(|provider| !provider.meter);
    let strict = limits.overshoot == Overshoot::Never;
    if let Some(provider) = unmetered
        && (strict || !providers.iter().any(|provider| provider.meter))
    {
        return Err(OutOfReach::Unmetered(provider.name.clone().into_owned()));
    }
    if routed && strict && limits.caps.spend.is_some() && limits.max_price.is_none() {
        return Err(OutOfReach::NoPrice);
    }
    Ok(())
}
