//! `till stop --all`: every live key, at once.

use clap::Args;
use serde::Serialize;

use crate::ledger::op;

use super::super::context::Context;
use super::super::counted::counted;
use super::super::failure::Failure;

/// Stop every live proxy key at once; needs no unlock
///
/// Proxies refuse the next request of each. What is in flight is finished. Stopped keys never come
/// back.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  till stop --all\n  till stop --all --yes")]
pub struct StopArgs {
    /// Every one of them
    #[arg(long, required = true)]
    pub all: bool,
}

#[derive(Debug, Serialize)]
struct Stopped {
    revoked: u64,
}

/// Runs the command.
///
/// # Errors
/// Where the store cannot be written.
pub fn run(context: &Context, _: &StopArgs) -> Result<(), Failure> {
    let ledger = context.open_to_stop()?;
    context.confirm("revoke every live proxy key?")?;
    let revoked = op::kill_all(ledger.store(), ledger.reading().wall)?;
    if context.globals.json {
        return context.print_json(&Stopped { revoked });
    }
    context.terminal.say(&format!("revoked {}", counted(revoked, "live proxy key")));
    Ok(())
}
