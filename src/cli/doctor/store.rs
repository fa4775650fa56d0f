//! The store, looked at without an unlock.

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::places::Places;
use super::shown::shown;
use crate::report::doctor::{self, Check, Finding};

/// What is to be said of the store. That there is none is fine. One that is open to others opens
/// for nobody, which was said already where `permissions_said`.
pub(super) fn of_store(context: &Context, places: &Places, permissions_said: bool) -> Vec<Finding> {
    let Ok(path) = context.store_path() else { return Vec::new() };
    let looked = || -> Result<Vec<Finding>, Failure> { Ok(doctor::of_store(&context.open()?)?) };
    match looked() {
        Ok(found) => found,
        Err(failure) if failure.exit == Exit::NoStore => Vec::new(),
        Err(_) if permissions_said => Vec::new(),
        Err(failure) => {
            let place = format!("{} ({})", shown(&path, places), failure.what);
            vec![Finding::new(Check::StoreUnreadable, place, "")]
        }
    }
}
