//! `till init`: a new store.

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use serde::Serialize;

use crate::domain::ids::{SlotId, StoreId};
use crate::domain::slot::SlotKind;
use crate::ledger::unlock::take_turn;
use crate::ledger::{Clock, Ledger, SystemClock, op};
use crate::store::redb::RedbStore;
use crate::vault::{RootKey, SlotSecret, random_array, seal_slot};

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::harden::harden;
use super::super::progress::Progress;
use super::super::traces::Traces;
use super::unlock_add::{NewSecret, new_secret};

/// Make a store: one encrypted file, with a passphrase or a key file that unlocks it
///
/// The passphrase is asked for twice, or comes from any source of a passphrase. With `--key-file
/// FILE` a random key file unlocks the store instead: it is made if it is not there. Whoever can
/// read it can unlock the store.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till init
  till init --key-file ~/.config/till/key
  till init --passphrase-command 'pass show till'
  till --store ./team.redb init")]
pub struct InitArgs {}

#[derive(Debug, Serialize)]
struct Made<'a> {
    store: String,
    path: &'a Path,
    unlock: &'static str,
}

/// Runs the command.
///
/// # Errors
/// Where there is a store already, or it cannot be made.
pub fn run(context: &Context, _: &InitArgs) -> Result<(), Failure> {
    let path = context.store_path()?;
    if path.symlink_metadata().is_ok() {
        return Err(crate::store::StoreError::Exists(path).into());
    }
    harden(&context.terminal, context.cores);
    let new = new_secret(context)?;
    let (_, kind) = make(context, &path, &new)?;
    if context.globals.json {
        let ledger = context.open()?;
        let store = ledger.store_id().to_string();
        return context.print_json(&Made { store, path: &path, unlock: kind.name() });
    }
    context.terminal.say(&format!("made the store `{}`", path.display()));
    context.terminal.say("next: seal a real key with `till master add openai`");
    Ok(())
}

/// Makes a store whose first slot this secret opens.
///
/// # Errors
/// Where there is one already, or it cannot be made; then nothing is left of it.
pub fn make(
    context: &Context,
    path: &Path,
    new: &NewSecret,
) -> Result<(RootKey, SlotKind), Failure> {
    let root = RootKey::random()?;
    let store = StoreId(random_array()?);
    let reading = SystemClock.read();
    let options = context.options()?;
    let mut traces = Traces::before(path, &options);
    let spinner = Progress::spinner(&context.terminal, "making the store");
    let turn = matches!(new.secret, SlotSecret::Passphrase(_)).then(|| take_turn(&options.locks));
    let name = String::new();
    let slot = seal_slot(&root, &new.secret, store, SlotId(1), new.kind, name, reading.wall)?;
    drop(turn);
    let keys = root.proxy_keys();
    let made = RedbStore::create(path, &mut |rows| op::create(rows, &keys, store, &slot, reading))?;
    traces.made(path);
    drop(spinner);
    Ledger::open(Arc::new(made), Arc::new(SystemClock), options)?;
    traces.stay();
    Ok((root, new.kind))
}
