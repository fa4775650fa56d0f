//! `till log verify`: whether the log is as it was written.

use clap::Args;
use serde_json::json;

use crate::domain::ids::EventSeq;
use crate::ledger::Ledger;
use crate::report::log::{Fault, Verified, head, verify};
use crate::vault::ProxyKeys;

use super::super::context::Context;
use super::super::counted::counted;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::progress::Progress;
use super::log_json::DroppedJson;
use super::log_line::dropped_text;

/// Check that no event was edited, removed, inserted or put elsewhere
///
/// Unlocks the store and walks the chain from the oldest event that is kept to the newest. Exits
/// with 7 where something is wrong, and names the events. A whole store that went back is found by
/// `till log checkpoint --check`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  till log verify\n  till log verify --json")]
pub struct VerifyArgs {}

/// Verifies the log.
///
/// # Errors
/// Where the store cannot be unlocked or read, or the log is not as it was written.
pub fn run(context: &Context, _: &VerifyArgs) -> Result<(), Failure> {
    let ledger = context.open()?;
    let unlocked = context.unlock(&ledger)?;
    let verified = walked(context, &ledger, &unlocked.root.proxy_keys(), None)?;
    sound(&verified)?;
    let count = verified.next.0.saturating_sub(verified.first.0);
    if context.globals.json {
        return context.print_json(&json!({
            "verified": true,
            "events": count,
            "first_seq": verified.first.0,
            "generation": verified.next.0,
            "unauthenticated": verified.unauthenticated,
            "dropped": verified.dropped.as_ref().map(DroppedJson::new),
        }));
    }
    if let Some(dropped) = &verified.dropped {
        context.terminal.say(&dropped_text(dropped));
    }
    let marked = match verified.unauthenticated {
        0 => String::new(),
        count => format!("; {count} of them happened without an unlock, as they claim"),
    };
    let first = verified.first;
    context.terminal.line(&format!(
        "the log is as it was written: {} from number {first} on{marked}",
        counted(count, "event")
    ))
}

/// Walks the chain.
///
/// # Errors
/// Where the store cannot be read.
pub(super) fn walked(
    context: &Context,
    ledger: &Ledger,
    keys: &ProxyKeys,
    wanted: Option<EventSeq>,
) -> Result<Verified, Failure> {
    let head = ledger.view(|rows, _| head(rows))?;
    let count = head.next.0.saturating_sub(head.first.0);
    let bar = Progress::bar(&context.terminal, "verifying", count);
    Ok(ledger.view(|rows, _| verify(rows, keys, wanted, &|steps| bar.advance(steps)))?)
}

/// Whether a walk found the log as it was written.
///
/// # Errors
/// Where it did not.
pub(super) fn sound(verified: &Verified) -> Result<(), Failure> {
    let mut faults = verified.faults.iter().map(Fault::to_string);
    let Some(first) = faults.next() else { return Ok(()) };
    let failure = Failure::new(Exit::StoreDamaged, "the audit log is not as it was written");
    let mut failure = failure.why(first);
    for more in faults {
        failure = failure.hint(format!("also: {more}"));
    }
    let copy = "keep a copy of the file for whoever finds out what happened";
    Err(failure.hint(copy).hint("a good copy of it and its checkpoints tell what was there"))
}
