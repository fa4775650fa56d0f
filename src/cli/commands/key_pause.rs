//! `till key pause`: keys that are kept from use until they are resumed.

use clap::Args;

use crate::domain::status::Status;
use crate::ledger::Book;
use crate::ledger::op::PauseKeys;

use super::super::context::Context;
use super::super::failure::Failure;
use super::key::{find_all, view};

/// Refuse the requests of proxy keys until `till key resume`
///
/// Proxies refuse the next request of each, and of every key that was made from it, with 403
/// `key_paused`. A pause is not an end: what is in flight is finished, the key keeps what it has
/// left, and its time runs on. It can be revoked, edited and extended meanwhile, which lifts no
/// pause. `--on-spike pause` has a key paused when something unusual is seen of it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  till key pause 4f9k\n  till key pause 4f9k 7wq2")]
pub struct PauseArgs {
    /// Their ids, or the beginnings of them
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// Where a key is unknown, then none is paused, or the store cannot be unlocked or written.
pub fn run(context: &Context, args: &PauseArgs) -> Result<(), Failure> {
    let ledger = context.open()?;
    let keys = find_all(&ledger, &args.ids)?;
    let unlocked = context.unlock(&ledger)?;
    let proxy = unlocked.root.proxy_keys();
    let pause = PauseKeys { keys: keys.clone(), why: "by hand".to_owned() };
    let changed = ledger.run(&proxy, &pause)?;
    let mut paused = Vec::new();
    for seq in keys {
        let view = view(&ledger, Book::verified(proxy.row_mac()), seq)?;
        let id = view.record.id;
        if changed.contains(&seq) {
            context
                .terminal
                .say(&format!("paused the key {id}; `till key resume {id}` lifts that"));
            paused.push(id.to_string());
        } else if view.status == Status::Live {
            context.terminal.say(&format!("the key {id} was paused already"));
        } else {
            context.terminal.say(&format!("the key {id} has ended: there is nothing to pause"));
        }
    }
    if context.globals.json {
        return context.print_json(&serde_json::json!({ "paused": paused }));
    }
    Ok(())
}
