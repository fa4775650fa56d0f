//! `till key prune`: old tombstones are dropped.

use clap::Args;

use crate::domain::time::{Span, Timestamp};
use crate::ledger::op::Prune;

use super::super::context::Context;
use super::super::counted::counted;
use super::super::failure::Failure;

/// Drop what is left of keys that ended long ago
///
/// Their ids are free again, and whoever still tries one of the keys is told that it is unknown.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  till key prune\n  till key prune --older-than 1d --yes")]
pub struct PruneArgs {
    /// Only keys that ended longer ago than this
    #[arg(long, value_name = "SPAN", default_value = "30d", value_parser = span)]
    pub older_than: Span,
}

/// Runs the command.
///
/// # Errors
/// Where the store cannot be unlocked or written.
pub fn run(context: &Context, args: &PruneArgs) -> Result<(), Failure> {
    let ledger = context.open()?;
    context.confirm(&format!("drop the tombstones older than {}?", args.older_than))?;
    let unlocked = context.unlock(&ledger)?;
    let now = ledger.view(|_, now| Ok(now))?;
    let before = Timestamp(now.0.saturating_sub(args.older_than.0));
    let dropped = ledger.run(&unlocked.root.proxy_keys(), &Prune { before })?;
    if context.globals.json {
        return context.print_json(&serde_json::json!({ "dropped": dropped.len() }));
    }
    let count = u64::try_from(dropped.len()).unwrap_or(u64::MAX);
    context.terminal.say(&format!("dropped {}", counted(count, "tombstone")));
    Ok(())
}

fn span(text: &str) -> Result<Span, String> {
    text.parse().map_err(|error: crate::domain::time::NotASpan| error.to_string())
}
