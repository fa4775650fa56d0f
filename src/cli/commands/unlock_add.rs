//! `till unlock add`: another way to unlock the store, and the secrets of new slots.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::domain::ids::SlotId;
use crate::domain::slot::{Slot, SlotKind};
use crate::ledger::Ledger;
use crate::ledger::op::{AddSlot, RemoveSlot, ReserveSlot};
use crate::ledger::unlock::{slots, take_turn};
use crate::vault::{Key32, ProxyKeys, RootKey, SlotSecret, key_file_text, seal_slot};
use crate::wire::names::name;

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::keyring;
use super::super::progress::Progress;
use super::super::secret_source::{key_file_flag, new_passphrase, read_key_file};
use super::passwd::new_passphrase_for;

/// What a new slot can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Something that somebody remembers
    Passphrase,
    /// A file of random bytes, for CI and services
    KeyFile,
    /// A random secret in the system's keyring
    Keyring,
}

/// Add a way to unlock the store, beside those that there are
///
/// A store has one secret in the keyring: another one takes its place.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till unlock add passphrase --name laptop
  till unlock add key-file --file /etc/till/key --name ci
  till unlock add keyring")]
pub struct AddArgs {
    /// What the new one is
    pub kind: Kind,
    /// The key file: made if it is not there, else read
    #[arg(long, value_name = "FILE", required_if_eq("kind", "key-file"))]
    pub file: Option<PathBuf>,
    /// A file to read the new passphrase from, instead of asking twice
    #[arg(long, value_name = "FILE")]
    pub new_passphrase_file: Option<PathBuf>,
    /// What you call it
    #[arg(long, value_parser = name)]
    pub name: Option<String>,
}

/// A secret for a slot that is about to be made.
#[derive(Debug)]
pub struct NewSecret {
    /// What it is.
    pub kind: SlotKind,
    /// The secret.
    pub secret: SlotSecret,
}

/// Runs the command.
///
/// # Errors
/// Where the store cannot be unlocked or written, or there is no new secret.
pub fn run(context: &Context, args: &AddArgs) -> Result<(), Failure> {
    let (ledger, unlocked) = context.open_unlocked()?;
    let new = match args.kind {
        Kind::Passphrase => {
            let file = args.new_passphrase_file.as_deref();
            let secret = SlotSecret::Passphrase(new_passphrase_for(context, file)?);
            NewSecret { kind: SlotKind::Passphrase, secret }
        }
        Kind::KeyFile => {
            let path = args.file.as_deref().unwrap_or(Path::new(""));
            NewSecret { kind: SlotKind::KeyFile, secret: key_file(path)? }
        }
        Kind::Keyring => {
            NewSecret { kind: SlotKind::Keyring, secret: SlotSecret::Random(Key32::random()?) }
        }
    };
    let keys = unlocked.root.proxy_keys();
    let id = ledger.run(&keys, &ReserveSlot)?;
    let name = args.name.clone().unwrap_or_default();
    let slot = seal(context, &ledger, &unlocked.root, &new, id, name)?;
    match (new.kind, &new.secret) {
        (SlotKind::Keyring, SlotSecret::Random(secret)) => {
            replace_keyring(&ledger, &keys, slot, secret)?;
        }
        _ => ledger.run(&keys, &AddSlot { slot, instead_of: None })?,
    }
    if context.globals.json {
        return context.print_json(&serde_json::json!({ "slot": id.0 }));
    }
    context.terminal.say(&format!("added unlock slot {id}: a {}", new.kind.name()));
    Ok(())
}

/// Puts the slot in the place of the keyring's other one, and the secret in the place of its
/// secret: both or, where one fails, neither.
fn replace_keyring(
    ledger: &Ledger,
    keys: &ProxyKeys,
    slot: Slot,
    secret: &Key32,
) -> Result<(), Failure> {
    let store = ledger.store_id();
    let mut old = slots(ledger)?.into_iter().filter(|slot| slot.kind == SlotKind::Keyring);
    let instead_of = old.next().map(|slot| slot.id);
    let kept = keyring::load(store)?;
    keyring::store(store, secret)?;
    if let Err(error) = ledger.run(keys, &AddSlot { slot, instead_of }) {
        // What was there opens the old slot; where it cannot be put back, nothing better can.
        let _ = match kept {
            Some(kept) => keyring::store(store, &kept),
            None => keyring::remove(store).map(drop),
        };
        return Err(error.into());
    }
    // Nothing opens further ones: they all had the secret that was just replaced.
    for slot in old {
        ledger.run(keys, &RemoveSlot { slot: slot.id })?;
    }
    Ok(())
}

/// The secret of a new store: a key file where one is named, else a passphrase.
///
/// # Errors
/// Where there is no source, or it cannot be read, or both a passphrase and a key file are named.
pub fn new_secret(context: &Context) -> Result<NewSecret, Failure> {
    let Context { environment, terminal, globals, .. } = context;
    let flags = &globals.secrets;
    if let (Some(flag), Some(_)) = (flags.passphrase_flag(), &flags.key_file) {
        return Err(Failure::new(
            Exit::Usage,
            format!("`{flag}` and `--key-file` cannot both be given"),
        )
        .why("a new store has one unlock slot, for a passphrase or for a key file")
        .hint("give one of them, and add the other with `till unlock add` afterwards"));
    }
    // What was typed stands before what the environment says.
    if let Some(path) = flags.key_file.clone().or_else(|| key_file_flag(flags, environment)) {
        return Ok(NewSecret { kind: SlotKind::KeyFile, secret: key_file(&path)? });
    }
    let passphrase = new_passphrase(flags, environment, terminal)?;
    Ok(NewSecret { kind: SlotKind::Passphrase, secret: SlotSecret::Passphrase(passphrase) })
}

/// The key file's secret; where there is no file, it is made, readable by its owner alone.
fn key_file(path: &Path) -> Result<SlotSecret, Failure> {
    if path.exists() {
        return read_key_file(path).map(SlotSecret::Random);
    }
    let key = Key32::random()?;
    let failed = |error: std::io::Error| {
        Failure::new(Exit::Failed, format!("the key file `{}` cannot be made", path.display()))
            .why(error)
            .hint("name another place with `--key-file`")
    };
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    file.write_all(key_file_text(&key).expose().as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    Ok(SlotSecret::Random(key))
}

/// Seals the root key in a new slot.
///
/// # Errors
/// Where the system gives no random bytes or memory.
pub fn seal(
    context: &Context,
    ledger: &Ledger,
    root: &RootKey,
    new: &NewSecret,
    id: SlotId,
    name: String,
) -> Result<Slot, Failure> {
    let _spinner = Progress::spinner(&context.terminal, "sealing the root key");
    let _turn = (new.kind == SlotKind::Passphrase).then(|| ledger.locks().and_then(take_turn));
    let at = ledger.reading().wall;
    Ok(seal_slot(root, &new.secret, ledger.store_id(), id, new.kind, name, at)?)
}
