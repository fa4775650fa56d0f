//! `till log checkpoint`: a head of the log that finds a store later that went back.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::domain::ids::StoreId;
use crate::report::log::{Checked, Checkpoint, NotACheckpoint, NotTrue, check};

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::log_verify::{sound, walked};

/// Bytes that a checkpoint has at the most.
const MOST: u64 = 4_096;

/// Export the head of the log, or hold the store against one that was exported
///
/// Keep checkpoints where whoever can write the store cannot: then a store that went back, or that
/// has another past, is found. A checkpoint holds no secret. With `--check` the exit code is 7
/// where the store is older than the checkpoint or has another past.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till log checkpoint > checkpoint.json
  till log checkpoint /mnt/elsewhere/till.json
  till log checkpoint --check checkpoint.json")]
pub struct CheckpointArgs {
    /// Where it is written, instead of stdout; a file that is there already is not written over
    pub file: Option<PathBuf>,
    /// Hold the store against the checkpoint in this file; `-` for stdin
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    pub check: Option<PathBuf>,
}

/// Exports a checkpoint, or checks one.
///
/// # Errors
/// Where the store cannot be unlocked or read, or is not what the checkpoint says.
pub fn run(context: &Context, args: &CheckpointArgs) -> Result<(), Failure> {
    match &args.check {
        Some(file) => checked(context, file),
        None => export(context, args.file.as_deref()),
    }
}

fn export(context: &Context, file: Option<&Path>) -> Result<(), Failure> {
    let ledger = context.open()?;
    let keys = context.unlock(&ledger)?.root.proxy_keys();
    let verified = walked(context, &ledger, &keys, None)?;
    // What is wrong must not be vouched for.
    sound(&verified)?;
    let now = ledger.reading().wall;
    let checkpoint = Checkpoint::new(ledger.store_id(), &verified, &keys, now);
    let text = serde_json::to_string(&checkpoint).map_err(|error| {
        Failure::new(Exit::Failed, "the checkpoint cannot be written as JSON").why(error)
    })?;
    let Some(path) = file else { return context.terminal.line(&text) };
    let written =
        OpenOptions::new().write(true).create_new(true).open(path).and_then(|mut file| {
            file.write_all(format!("{text}\n").as_bytes())?;
            file.sync_all()
        });
    written.map_err(|error| {
        let what = format!("the checkpoint cannot be written to `{}`", path.display());
        Failure::new(Exit::Failed, what).why(error).hint("name a file that is not there yet")
    })?;
    let generation = checkpoint.generation;
    context.terminal.say(&format!("wrote a checkpoint of generation {generation}"));
    Ok(())
}

fn checked(context: &Context, file: &Path) -> Result<(), Failure> {
    let text = read(file)?;
    // Opened like any other time: with an anchor, a store that went back is refused before.
    let ledger = context.open()?;
    let checkpoint = parse(&text, ledger.store_id())?;
    let keys = context.unlock(&ledger)?.root.proxy_keys();
    let verified = walked(context, &ledger, &keys, Some(checkpoint.event()))?;
    let found = check(&checkpoint, ledger.store_id(), &verified, &keys);
    let (generation, at) = (checkpoint.generation, &checkpoint.at);
    let damaged = |what: String| Failure::new(Exit::StoreDamaged, what);
    let goes_on = match found {
        Ok(goes_on) => goes_on,
        Err(NotTrue::Unvouched) => {
            return Err(damaged("the checkpoint is not vouched for".to_owned())
                .why("it was edited, or the store was put under a new root key since")
                .hint("after `till rekey`, export a new one with `till log checkpoint`"));
        }
        Err(NotTrue::RolledBack) => {
            let found = verified.next;
            return Err(damaged("the store went back".to_owned())
                .why(format!("it is at generation {found}; at {at} it was at {generation}"))
                .hint("put the newest copy back"));
        }
        Err(NotTrue::Forked) => {
            let event = checkpoint.event();
            return Err(damaged("the store has another past than the checkpoint".to_owned())
                .why(format!("event {event} is not the one that was written by {at}"))
                .hint("an older copy was put in its place, and went on from there")
                .hint("put the newest copy back"));
        }
    };
    sound(&verified)?;
    let words = match goes_on {
        Checked::GoesOn => "goes-on",
        Checked::Dropped => "dropped",
    };
    if context.globals.json {
        let generation = verified.next.0;
        let answer =
            json!({ "checked": words, "checkpoint": checkpoint, "generation": generation });
        return context.print_json(&answer);
    }
    let next = verified.next;
    context.terminal.line(&match goes_on {
        Checked::GoesOn => format!(
            "the store goes on from the checkpoint of {at}: from generation {generation} to {next}"
        ),
        Checked::Dropped => format!(
            "the store is not older than the checkpoint of {at}: generation {next}, then \
             {generation}; the checkpoint's event was dropped since, and more cannot be checked"
        ),
    })
}

fn parse(text: &str, store: StoreId) -> Result<Checkpoint, Failure> {
    Checkpoint::parse(text, store).map_err(|error| match error {
        NotACheckpoint::Malformed(_) => Failure::new(Exit::Usage, "the file is no checkpoint")
            .why(error)
            .hint("export one with `till log checkpoint FILE`"),
        NotACheckpoint::OtherStore(_) => {
            Failure::new(Exit::Usage, "the checkpoint is of another store")
                .why(error)
                .hint("name its store with `--store` or `TILL_STORE`")
        }
    })
}

fn read(file: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().lock().take(MOST).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(MOST).read_to_string(&mut text))
    };
    read.map_err(|error| {
        let what = format!("the checkpoint `{}` cannot be read", file.display());
        Failure::new(Exit::Failed, what).why(error).hint("name the file that was exported")
    })?;
    Ok(text)
}
