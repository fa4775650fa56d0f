//! Whether a key's limits in tokens and money can work with the providers that it opens.

use crate::domain::limits::Limits;
use crate::provider::Provider;
use crate::provider::reach::{self, OutOfReach, ROUTER};

use super::super::exit::Exit;
use super::super::failure::Failure;

/// Refuses limits with which a key could reach nothing of a provider, or that would limit nothing.
///
/// # Errors
/// Which provider it is, why, and what to do.
pub fn check_reach(limits: &Limits, providers: &[Provider]) -> Result<(), Failure> {
    let usage = |what: String| Failure::new(Exit::Usage, what);
    reach::check_reach(limits, providers).map_err(|why| match why {
        OutOfReach::NoRouter => usage("`--max-price` would limit nothing".to_owned())
            .why(format!("only `{ROUTER}` takes it, and the key does not open it"))
            .hint("leave it out; `--spend 5.00` limits what the key spends"),
        OutOfReach::Unmetered(name) => {
            let what =
                format!("a key that is limited in tokens or money can reach nothing of `{name}`");
            usage(what)
                .why("its answers do not say what they cost")
                .hint(format!("limit a key of its own for `{name}` with `-n 50` or `--expires 2h`"))
        }
        OutOfReach::NoPrice => usage(format!("`--spend` has no bound with `{ROUTER}`"))
            .why("it chooses the host of a model, and so the price, itself")
            .hint("give the dearest price that you allow, as in `--max-price 1,4`")
            .hint("or let the last requests overrun with `--overshoot last-call`"),
    })
}
