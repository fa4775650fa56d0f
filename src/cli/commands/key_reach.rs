//! Whether a key's limits in tokens and money can work with the providers that it opens.

use crate::domain::limits::{Limits, Overshoot};
use crate::provider::Provider;

use super::super::exit::Exit;
use super::super::failure::Failure;

/// The provider that chooses hosts, and so prices, itself.
const ROUTER: &str = "openrouter";

/// Whether the provider chooses hosts, and so prices, itself.
#[must_use]
pub fn is_router(provider: &Provider) -> bool {
    provider.name == ROUTER
}

/// Refuses limits with which a key could reach nothing of a provider, or that would limit nothing.
///
/// # Errors
/// Which provider it is, why, and what to do.
pub fn check_reach(limits: &Limits, providers: &[Provider]) -> Result<(), Failure> {
    let routed = providers.iter().any(is_router);
    if limits.max_price.is_some() && !routed {
        return Err(Failure::new(Exit::Usage, "`--max-price` would limit nothing")
            .why(format!("only `{ROUTER}` takes it, and the key does not open it"))
            .hint("leave it out; `--spend 5.00` limits what the key spends"));
    }
    if !limits.caps.any() {
        return Ok(());
    }
    let unmetered = providers.iter().find(|provider| !provider.meter);
    let strict = limits.overshoot == Overshoot::Never;
    if let Some(provider) = unmetered
        && (strict || !providers.iter().any(|provider| provider.meter))
    {
        let name = &provider.name;
        let what =
            format!("a key that is limited in tokens or money can reach nothing of `{name}`");
        return Err(Failure::new(Exit::Usage, what)
            .why("its answers do not say what they cost")
            .hint(format!("limit a key of its own for `{name}` with `-n 50` or `--expires 2h`")));
    }
    if routed && strict && limits.caps.spend.is_some() && limits.max_price.is_none() {
        return Err(Failure::new(Exit::Usage, format!("`--spend` has no bound with `{ROUTER}`"))
            .why("it chooses the host of a model, and so the price, itself")
            .hint("give the dearest price that you allow, as in `--max-price 1,4`")
            .hint("or let the last requests overrun with `--overshoot last-call`"));
    }
    Ok(())
}
