//! What somebody should look at.

use crate::report::log::Entry;

/// The kinds of events that are alerts, by their names in the log.
const ALERTS: [&str; 2] = ["spike", "alert-failed"];

/// Whether a line of the log is an alert.
#[must_use]
pub fn is_alert(entry: &Entry) -> bool {
    ALERTS.contains(&entry.kind())
}
