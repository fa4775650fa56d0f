//! `till key revoke`: the end of some keys, at once.

use clap::Args;

use crate::domain::status::Status;
use crate::ledger::{Book, op};

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::remote::admin::Remote;
use super::key::{find, view};
use super::key_remote;

/// End proxy keys at once; needs no unlock
///
/// Proxies refuse the next request of each. What is in flight is finished. Revoked keys never come
/// back.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  till key revoke 4f9k\n  till key revoke 4f9k 7wq2")]
pub struct RevokeArgs {
    /// Their ids, or the beginnings of them
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// Where a key is unknown, then none is revoked, or the store cannot be written.
pub fn run(context: &Context, args: &RevokeArgs) -> Result<(), Failure> {
    if let Some(remote) = Remote::of(context)? {
        return key_remote::revoke(context, &remote, args);
    }
    let ledger = context.open_to_stop()?;
    let mut live = Vec::new();
    let mut revoked = Vec::new();
    for id in &args.ids {
        let view = view(&ledger, Book::unverified(), find(&ledger, id)?)?;
        if view.status == Status::Live {
            live.push(view.record.seq);
            revoked.push(view.record.id.to_string());
        } else {
            context.terminal.say(&format!("the key {} had ended already", view.record.id));
        }
    }
    op::kill(ledger.store(), &live, ledger.reading().wall)?;
    if context.globals.json {
        return context.print_json(&serde_json::json!({ "revoked": revoked }));
    }
    for id in &revoked {
        context.terminal.say(&format!("revoked the key {id}"));
    }
    Ok(())
}
