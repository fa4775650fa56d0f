//! The store, looked at without an unlock.

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::places::Places;
use super::shown::shown;
use crate::report::doctor::{self, Check, Finding};

/// What is to be said of the store. That there is none is fine. One that is open to others opens
/// for nobody, which is said once: `permissions` are what was found of those.
pub(super) fn of_store(
    context: &Context,
    places: &Places,
    permissions: &[Finding],
) -> Vec<Finding> {
    let Ok(path) = context.store_path() else { return Vec::new() };
    let looked = || -> Result<Vec<Finding>, Failure> { Ok(doctor::of_store(&context.open()?)?) };
    let failure = match looked() {
        Ok(found) => return found,
        Err(failure) => failure,
    };
    let refuses = |found: &Finding| {
        matches!(found.check, Check::OpenToOthers | Check::FolderOpenToOthers | Check::OfAnother)
    };
    let said = failure.exit == Exit::Failed && permissions.iter().any(refuses);
    if said || failure.exit == Exit::NoStore {
        return Vec::new();
    }
    let place = format!("{} ({})", shown(&path, places), failure.what);
    vec![Finding::new(Check::StoreUnreadable, place, "")]
}
