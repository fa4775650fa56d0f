//! `till key resume`: the end of pauses.

use clap::Args;

use crate::ledger::Book;
use crate::ledger::op::ResumeKeys;

use super::super::context::Context;
use super::super::failure::Failure;
use super::key::{find_all, view};

/// Lift the pauses of proxy keys
///
/// Each works again from its next request on, unless a key that it was made from is paused too.
/// Ended keys never come back.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  till key resume 4f9k\n  till key resume 4f9k 7wq2")]
pub struct ResumeArgs {
    /// Their ids, or the beginnings of them
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// Where a key is unknown or has ended, then none is resumed, or the store cannot be unlocked or
/// written.
pub fn run(context: &Context, args: &ResumeArgs) -> Result<(), Failure> {
    let ledger = context.open()?;
    let keys = find_all(&ledger, &args.ids)?;
    let unlocked = context.unlock(&ledger)?;
    let proxy = unlocked.root.proxy_keys();
    let changed = ledger.run(&proxy, &ResumeKeys { keys: keys.clone() })?;
    let mut resumed = Vec::new();
    for seq in keys {
        let view = view(&ledger, Book::verified(proxy.row_mac()), seq)?;
        let id = view.record.id;
        let done = if changed.contains(&seq) {
            resumed.push(id.to_string());
            format!("resumed the key {id}")
        } else {
            format!("the key {id} was not paused itself")
        };
        let rest = match view.pause {
            Some(pause) if pause.key != id => format!(
                "; the key {0}, which it was made from, still is: see `till key resume {0}`",
                pause.key
            ),
            _ => String::new(),
        };
        context.terminal.say(&format!("{done}{rest}"));
    }
    if context.globals.json {
        return context.print_json(&serde_json::json!({ "resumed": resumed }));
    }
    Ok(())
}
