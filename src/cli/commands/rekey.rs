//! `till rekey`: a new root key.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::domain::slot::SlotKind;
use crate::ledger::instance::{is_alive, running};
use crate::ledger::op::{Rekey, ReserveSlot};
use crate::ledger::{LedgerError, Refusal};
use crate::store::Verdict;
use crate::vault::{RootKey, SlotSecret};

use super::super::context::Context;
use super::super::counted::counted;
use super::super::failure::Failure;
use super::super::progress::Progress;
use super::passwd::new_passphrase_for;
use super::unlock_add::{NewSecret, seal};

/// Put the store under a new root key; every proxy key ends
///
/// For when a passphrase or a copy of the store may have come into other hands. Every master key
/// is sealed anew, every row is signed anew, and every proxy key ends. One unlock slot is left: a
/// new passphrase. Copies made before still open with the old passphrase: replace the master keys
/// at their providers too.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till rekey
  till rekey --yes --new-passphrase-file new.txt")]
pub struct RekeyArgs {
    /// A file to read the new passphrase from, instead of asking twice
    #[arg(long, value_name = "FILE")]
    pub new_passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Rekeyed {
    ended_keys: u64,
    slot: u64,
}

/// Runs the command.
///
/// # Errors
/// Where a proxy runs, the store cannot be unlocked, or a row is not as it was written.
pub fn run(context: &Context, args: &RekeyArgs) -> Result<(), Failure> {
    let ledger = context.open()?;
    let alive = running(&ledger)?.iter().filter(|one| is_alive(&ledger, one.id)).count();
    if alive > 0 {
        // Again in the transaction: this is for nobody to be asked in vain.
        return Err(Refusal::ProxiesRun(alive).into());
    }
    context.confirm("end every proxy key, and put the store under a new root key?")?;
    let old = context.unlock(&ledger)?;
    let passphrase = new_passphrase_for(context, args.new_passphrase_file.as_deref())?;
    let new = NewSecret { kind: SlotKind::Passphrase, secret: SlotSecret::Passphrase(passphrase) };
    let (old_keys, root) = (old.keys(), RootKey::random()?);
    let id = ledger.run(&old_keys.proxy, &ReserveSlot)?;
    let slot = seal(context, &ledger, &root, &new, id, String::new())?;
    let new_keys = root.operator_keys();
    let bar = Progress::bar(&context.terminal, "sealing and signing", 3);
    let rekey = Rekey {
        old: &old_keys,
        new: &new_keys,
        slot: &slot,
        reading: ledger.reading(),
        is_alive: &|id| is_alive(&ledger, id),
        progress: &|_| bar.advance(1),
    };
    let mut ended: Result<(u64, u64), LedgerError> = Ok((0, 0));
    ledger.store().transact(&mut |rows| match rekey.apply(rows) {
        Err(LedgerError::Store(error)) => Err(error),
        done => {
            let verdict = if done.is_ok() { Verdict::Commit } else { Verdict::Abort };
            ended = done;
            Ok(verdict)
        }
    })?;
    let (ended, generation) = ended?;
    if let Err(error) = ledger.raise_anchor(generation) {
        context.terminal.warn(&error.to_string());
    }
    drop(bar);
    if context.globals.json {
        return context.print_json(&Rekeyed { ended_keys: ended, slot: id.0 });
    }
    context
        .terminal
        .say(&format!("the store has a new root key; {} ended", counted(ended, "proxy key")));
    context.terminal.say("next: replace the master keys at their providers, if they may be known");
    Ok(())
}
