//! `till stop --all`: every live key, at once.

use clap::Args;
use serde::Serialize;

use crate::domain::status::Status;
use crate::ledger::{Book, op};
use crate::report::keys;

use super::super::context::Context;
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
    revoked: usize,
}

/// Runs the command.
///
/// # Errors
/// Where the store cannot be written.
pub fn run(context: &Context, _: &StopArgs) -> Result<(), Failure> {
    let ledger = context.open()?;
    let live = ledger.view(|rows, now| {
        let live = keys(rows, Book::unverified(), now)?.into_iter();
        Ok(live.filter(|view| view.status == Status::Live).map(|view| view.record.seq).collect())
    });
    let live: Vec<_> = live?;
    context.confirm(&format!("revoke every live proxy key ({})?", live.len()))?;
    op::kill(ledger.store(), &live, ledger.reading().wall)?;
    if context.globals.json {
        return context.print_json(&Stopped { revoked: live.len() });
    }
    context.terminal.say(&format!("revoked {} proxy keys", live.len()));
    Ok(())
}
