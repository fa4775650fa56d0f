//! `till unlock add|ls|rm`: what unlocks the store.

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::domain::ids::SlotId;
use crate::domain::slot::{Slot, SlotKind};
use crate::ledger::Refusal;
use crate::ledger::op::RemoveSlot;
use crate::ledger::unlock::slots;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::keyring;
use super::super::table::{Column, Table};
use super::super::time_text::relative;
use super::unlock_add::{self, AddArgs};

/// What unlocks the store: passphrases, key files, the keyring
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "each says it where its arguments are")]
pub enum UnlockCommand {
    Add(AddArgs),
    Ls(LsArgs),
    Rm(RmArgs),
}

/// List the ways to unlock the store; needs no unlock
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  till unlock ls\n  till unlock ls --json")]
pub struct LsArgs {}

/// Remove a way to unlock the store, but never the last one
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  till unlock rm 2 --yes")]
pub struct RmArgs {
    /// Its number, from `till unlock ls`
    pub slot: u64,
}

#[derive(Debug, Serialize)]
struct SlotJson<'a> {
    slot: u64,
    kind: &'static str,
    name: &'a str,
    kdf: Option<String>,
    created_at: String,
}

/// Runs the command.
///
/// # Errors
/// Where the store cannot be unlocked or written, or the slot is not there.
pub fn run(context: &Context, command: &UnlockCommand) -> Result<(), Failure> {
    match command {
        UnlockCommand::Add(args) => unlock_add::run(context, args),
        UnlockCommand::Ls(LsArgs {}) => list(context),
        UnlockCommand::Rm(args) => remove(context, args),
    }
}

fn list(context: &Context) -> Result<(), Failure> {
    let ledger = context.open()?;
    let slots = slots(&ledger)?;
    if context.globals.json {
        let rows: Vec<_> = slots.iter().map(json).collect();
        return context.print_json(&rows);
    }
    let now = ledger.reading().wall;
    let mut table = Table::new([
        Column::right("SLOT"),
        Column::left("KIND"),
        Column::left("NAME").flexible(),
        Column::left("CREATED"),
    ]);
    for slot in &slots {
        table.row([
            slot.id.to_string().into(),
            slot.kind.name().into(),
            (if slot.name.is_empty() { "-" } else { &slot.name }).into(),
            relative(slot.created_at, now).into(),
        ]);
    }
    context.terminal.out(table.render(&context.terminal))
}

fn json(slot: &Slot) -> SlotJson<'_> {
    SlotJson {
        slot: slot.id.0,
        kind: slot.kind.name(),
        name: &slot.name,
        kdf: slot.kdf.map(|kdf| {
            format!("argon2id,m={}KiB,t={},p={}", kdf.memory_kib, kdf.passes, kdf.lanes)
        }),
        created_at: slot.created_at.to_rfc3339(),
    }
}

fn remove(context: &Context, args: &RmArgs) -> Result<(), Failure> {
    let ledger = context.open()?;
    let slot = slots(&ledger)?.into_iter().find(|slot| slot.id == SlotId(args.slot));
    let Some(slot) = slot else {
        return Err(Refusal::NoSuchSlot(args.slot).into());
    };
    context.confirm(&format!("remove unlock slot {}, a {}?", slot.id, slot.kind.name()))?;
    let unlocked = context.unlock(&ledger)?;
    ledger.run(&unlocked.root.proxy_keys(), &RemoveSlot { slot: slot.id })?;
    // The secret goes last: as long as there is a slot of the keyring's, it opens it.
    let left = slots(&ledger)?;
    if slot.kind == SlotKind::Keyring
        && left.iter().all(|slot| slot.kind != SlotKind::Keyring)
        && let Err(failure) = keyring::remove(ledger.store_id())
    {
        let why = failure.why.unwrap_or(failure.what);
        context
            .terminal
            .warn(&format!("the keyring keeps a secret that opens nothing any more: {why}"));
    }
    context.terminal.say(&format!("removed unlock slot {}", slot.id));
    Ok(())
}
