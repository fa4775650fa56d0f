//! `till unlock add|ls|rm`: what unlocks the store.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use crate::domain::ids::{SlotId, StoreId};
use crate::domain::slot::{Slot, SlotKind};
use crate::ledger::op::{AddSlot, RemoveSlot, ReserveSlot};
use crate::ledger::unlock::{slots, take_turn};
use crate::ledger::{Ledger, Refusal};
use crate::vault::{Key32, RootKey, SlotSecret, key_file_text, seal_slot};

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::keyring;
use super::super::progress::Progress;
use super::super::secret_source::{key_file_flag, new_passphrase, read_key_file};
use super::super::table::{Column, Table};
use super::super::time_text::relative;

/// What unlocks the store: passphrases, key files, the keyring
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "each says it where its arguments are")]
pub enum UnlockCommand {
    Add(AddArgs),
    Ls(LsArgs),
    Rm(RmArgs),
}

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
    #[arg(long)]
    pub name: Option<String>,
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

/// A secret for a slot that is about to be made.
#[derive(Debug)]
pub struct NewSecret {
    /// What it is.
    pub kind: SlotKind,
    /// The secret.
    pub secret: SlotSecret,
}

impl NewSecret {
    /// Puts it where it will be looked for: into the keyring, where it belongs there.
    ///
    /// # Errors
    /// Where the keyring refuses it.
    pub fn keep(&self, store: StoreId) -> Result<(), Failure> {
        match (self.kind, &self.secret) {
            (SlotKind::Keyring, SlotSecret::Random(key)) => keyring::store(store, key),
            _ => Ok(()),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// Where the store cannot be unlocked or written, or the slot is not there.
pub fn run(context: &Context, command: &UnlockCommand) -> Result<(), Failure> {
    match command {
        UnlockCommand::Add(args) => add(context, args),
        UnlockCommand::Ls(LsArgs {}) => list(context),
        UnlockCommand::Rm(args) => remove(context, args),
    }
}

/// The secret of a new store: a key file where one is named, else a passphrase.
///
/// # Errors
/// Where there is no source, or it cannot be read.
pub fn new_secret(context: &Context) -> Result<NewSecret, Failure> {
    let Context { environment, terminal, globals } = context;
    if let Some(path) = key_file_flag(&globals.secrets, environment) {
        return Ok(NewSecret { kind: SlotKind::KeyFile, secret: key_file(&path)? });
    }
    let passphrase = new_passphrase(&globals.secrets, environment, terminal)?;
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

fn add(context: &Context, args: &AddArgs) -> Result<(), Failure> {
    let (ledger, unlocked) = context.open_unlocked()?;
    let new = match args.kind {
        Kind::Passphrase => NewSecret {
            kind: SlotKind::Passphrase,
            secret: SlotSecret::Passphrase(super::passwd::new_passphrase_for(
                context,
                args.new_passphrase_file.as_deref(),
            )?),
        },
        Kind::KeyFile => {
            let path = args.file.as_deref().unwrap_or(Path::new(""));
            NewSecret { kind: SlotKind::KeyFile, secret: key_file(path)? }
        }
        Kind::Keyring => {
            NewSecret { kind: SlotKind::Keyring, secret: SlotSecret::Random(Key32::random()?) }
        }
    };
    new.keep(ledger.store_id())?;
    let keys = unlocked.root.proxy_keys();
    let id = ledger.run(&keys, &ReserveSlot)?;
    let slot =
        seal(context, &ledger, &unlocked.root, &new, id, args.name.clone().unwrap_or_default())?;
    ledger.run(&keys, &AddSlot { slot, instead_of: None })?;
    if context.globals.json {
        return context.print_json(&serde_json::json!({ "slot": id.0 }));
    }
    context.terminal.say(&format!("added unlock slot {id}: a {}", new.kind.name()));
    Ok(())
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
    let _turn = (new.kind == SlotKind::Passphrase).then(|| take_turn(ledger.locks()));
    let at = ledger.reading().wall;
    Ok(seal_slot(root, &new.secret, ledger.store_id(), id, new.kind, name, at)?)
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
            slot.name.clone().into(),
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
    if slot.kind == SlotKind::Keyring {
        keyring::remove(ledger.store_id())?;
    }
    context.terminal.say(&format!("removed unlock slot {}", slot.id));
    Ok(())
}
