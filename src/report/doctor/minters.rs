//! Those who may mint over the network, for too long or too much.

use crate::domain::time::Timestamp;

use super::super::MinterView;
use super::check::Check;
use super::finding::Finding;

/// What is to be said of a minter.
pub(super) fn of_minter(view: &MinterView, now: Timestamp) -> Vec<Finding> {
    let MinterView { minter, usage } = view;
    if minter.has_expired(now) {
        return Vec::new();
    }
    let token = minter.trust().is_none();
    let for_ever = token && minter.bounds.expires_at.is_none();
    let for_ever = for_ever.then_some(Check::AdminTokenForEver);
    let without_totals = usage.totals.is_empty().then_some(Check::AdminWithoutTotals);
    let what = if token { "admin token" } else { "trust" };
    let found = for_ever.into_iter().chain(without_totals);
    found
        .map(|check| Finding::new(check, format!("{what} {}", minter.name), &minter.name))
        .collect()
}
