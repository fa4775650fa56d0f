//! Tests that need something of the machine say so aloud where it is missing, and fail in CI.

use std::io::Write;

/// Says why a test does not run here, past the test runner's capture. In CI nothing may be
/// missing.
#[track_caller]
pub(crate) fn skip(why: &str) {
    assert!(std::env::var_os("CI").is_none_or(|value| value != "true"), "in CI: {why}");
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}
