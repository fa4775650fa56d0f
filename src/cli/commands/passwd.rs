//! `till passwd`: another passphrase.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::domain::slot::SlotKind;
use crate::ledger::op::{AddSlot, ReserveSlot};
use crate::ledger::unlock::slots;
use crate::vault::{SecretText, SlotSecret};

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::secret_source::{check_new_passphrase, read_passphrase_file};
use super::unlock_add::{NewSecret, seal};

/// Change the passphrase
///
/// The old one unlocks the store; the new one is asked for twice, or read from a file. Only the
/// root key is wrapped anew: proxy keys, master keys and running proxies go on as they are.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till passwd
  till passwd --passphrase-file old.txt --new-passphrase-file new.txt")]
pub struct PasswdArgs {
    /// A file to read the new passphrase from, instead of asking twice
    #[arg(long, value_name = "FILE")]
    pub new_passphrase_file: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// Where the old passphrase is wrong, or there is no new one.
pub fn run(context: &Context, args: &PasswdArgs) -> Result<(), Failure> {
    let (ledger, unlocked) = context.open_unlocked()?;
    let old = slots(&ledger)?.into_iter().find(|slot| slot.id == unlocked.slot);
    let Some(old) = old.filter(|slot| slot.kind == SlotKind::Passphrase) else {
        return Err(Failure::new(Exit::Refused, "the store was not unlocked with a passphrase")
            .hint("give the old passphrase, and no key file")
            .hint("or add a passphrase with `till unlock add passphrase`"));
    };
    let passphrase = new_passphrase_for(context, args.new_passphrase_file.as_deref())?;
    let new = NewSecret { kind: SlotKind::Passphrase, secret: SlotSecret::Passphrase(passphrase) };
    let keys = unlocked.root.proxy_keys();
    let id = ledger.run(&keys, &ReserveSlot)?;
    let slot = seal(context, &ledger, &unlocked.root, &new, id, old.name)?;
    ledger.run(&keys, &AddSlot { slot, instead_of: Some(old.id) })?;
    context.terminal.say("changed the passphrase");
    Ok(())
}

/// A passphrase that is new: from a file where one is named, else asked for twice.
///
/// # Errors
/// Where nobody can be asked, or it is too short.
pub fn new_passphrase_for(context: &Context, file: Option<&Path>) -> Result<SecretText, Failure> {
    if let Some(path) = file {
        let passphrase = read_passphrase_file(path)?;
        check_new_passphrase(&passphrase)?;
        return Ok(passphrase);
    }
    if !context.terminal.can_ask() {
        return Err(Failure::new(Exit::Failed, "there is no new passphrase")
            .why("nobody can be asked for it")
            .hint("name a file that holds it with `--new-passphrase-file`"));
    }
    let passphrase =
        context.terminal.ask_secret_twice("new passphrase", "`--new-passphrase-file`")?;
    check_new_passphrase(&passphrase)?;
    Ok(passphrase)
}
