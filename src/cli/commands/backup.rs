//! `till backup`: a copy of the store, while it is used.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::report::log::head;
use crate::store::redb::{Options, Over, RedbStore};
use crate::store::{Rows, StoreError, Table, view};

use super::super::context::Context;
use super::super::counted::counted;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::progress::Progress;

/// Copy the store into a file, while proxies and commands go on; needs no unlock
///
/// The copy is the store of one moment, encrypted as it is, and opens with the secrets of that
/// moment. It is made under another name and put in its place when it is whole and durable. Keep
/// it where whoever can write the store cannot; `till restore` puts it back.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till backup /mnt/elsewhere/till.backup
  till backup till.backup --force")]
pub struct BackupArgs {
    /// The file that is made
    pub file: PathBuf,
    /// Write over a file that is there already
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Serialize)]
struct BackedUp<'a> {
    store: String,
    file: &'a Path,
    generation: u64,
    rows: u64,
}

/// Runs the command.
///
/// # Errors
/// Where the store cannot be read, or the file not be made.
pub fn run(context: &Context, args: &BackupArgs) -> Result<(), Failure> {
    // Opened like any other time: a store that went back is no good copy.
    let ledger = context.open()?;
    let path = context.store_path()?;
    let file = &args.file;
    if RedbStore::is_same_file(file, &path)? {
        let what = format!("`{}` is the store itself", file.display());
        return Err(Failure::new(Exit::Usage, what).hint("name another file for the backup"));
    }
    let over = match file.symlink_metadata() {
        Ok(there) if args.force && there.is_file() => Over::File,
        Ok(there) if args.force => {
            let kind = if there.is_dir() { "a folder" } else { "no regular file" };
            let what = format!("`{}` is {kind}", file.display());
            return Err(Failure::new(Exit::Usage, what).hint("name a file for the backup"));
        }
        _ => Over::Nothing,
    };
    let store = RedbStore::open(&path, Options::default())?;
    let all = view(&store, all_rows)?;
    let bar = Progress::bar(&context.terminal, "copying rows", all);
    let rows =
        store.back_up(file, &over, &|rows| bar.advance(rows)).map_err(|error| match error {
            StoreError::Exists(there) => Failure::new(
                Exit::Failed,
                format!("there is a file at `{}` already", there.display()),
            )
            .hint("name another one, or write over it with `--force`"),
            StoreError::Full => Failure::new(
                Exit::Failed,
                format!("there is no space left for `{}`", file.display()),
            )
            .hint("free some space, or name a file on another device; nothing is left of it"),
            StoreError::Absent(_) => {
                Failure::new(Exit::Failed, format!("`{}` cannot be made", file.display()))
                    .why("its folder is not there")
                    .hint("make it first")
            }
            error => error.into(),
        })?;
    drop(bar);
    // Of the copy: the store may have gone on since.
    let copy = context.open_file(file).map_err(|failure| failure.located_at(file))?;
    let generation = view(copy.store(), head)?.next.0;
    if context.globals.json {
        let store = ledger.store_id().to_string();
        return context.print_json(&BackedUp { store, file, generation, rows });
    }
    context.terminal.say(&format!(
        "copied {} into `{}`: generation {generation}",
        counted(rows, "row"),
        file.display()
    ));
    Ok(())
}

/// How many rows there are.
///
/// # Errors
/// Where the storage fails.
pub(super) fn all_rows(rows: &dyn Rows) -> Result<u64, StoreError> {
    Table::ALL.iter().try_fold(0, |sum: u64, table| Ok(sum.saturating_add(rows.len(*table)?)))
}
