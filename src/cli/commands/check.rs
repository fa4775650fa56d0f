//! `till check`: whether the store, or a backup, is as it was written.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use crate::ledger::Ledger;
use crate::report::check::{Finding, Found, Remedy, check};
use crate::report::log::head;
use crate::store::redb::{Options, RedbStore};
use crate::store::{StoreError, Table};
use crate::vault::ProxyKeys;

use super::super::context::Context;
use super::super::counted::counted;
use super::super::escaped::escaped;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::progress::Progress;
use super::backup::all_rows;
use super::check_notes::{Note, notes};

/// Check that the store, or a backup, is whole, and as it was written
///
/// Checks the pages of the file on a private copy, then every row: its layout, its MAC, what leads
/// to it, what it adds up to, and what the audit log says of it. It runs beside proxies, changes
/// nothing, and exits with 7 where something is wrong. Files that were left beside the store are
/// noted, and are no fault. Unlocks the store; with `--no-unlock`
/// MACs and the chain of the log are left out, and whoever can write the file can deceive it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till check
  till check /mnt/elsewhere/till.backup
  till check --no-unlock --quick")]
pub struct CheckArgs {
    /// A backup, instead of the store
    pub file: Option<PathBuf>,
    /// Leave the pages of the file out, for which it is copied: rows alone
    #[arg(long)]
    pub quick: bool,
    /// Check without the secret: structure and layouts, no MACs
    #[arg(long)]
    pub no_unlock: bool,
}

/// What was checked, and what was found.
pub(super) struct Checked {
    pub(super) found: Found,
    pub(super) ledger: Ledger,
    /// None where the store was not unlocked.
    pub(super) keys: Option<ProxyKeys>,
    /// Why it was not, where it should have been.
    pub(super) locked: Option<Failure>,
    pub(super) rows: u64,
    pub(super) generation: u64,
}

/// Runs the command.
///
/// # Errors
/// Where the file is not there, cannot be unlocked, or cannot be read at all.
pub fn run(context: &Context, args: &CheckArgs) -> Result<Exit, Failure> {
    let store = context.store_path()?;
    let path = args.file.as_deref().unwrap_or(&store);
    let checked = checked(context, path, args).map_err(|failure| failure.located_at(path))?;
    let mut found = checked.found;
    let seen = checked.ledger.anchored()?.unwrap_or_default();
    let generation = checked.generation;
    if args.file.is_none() && generation < seen {
        let what = format!("the store went back: generation {generation}, and {seen} was seen");
        found.of_file(what, Remedy::Newer);
    }
    if found.count() == 0
        && let Some(locked) = checked.locked
    {
        return Err(locked.located_at(path));
    }
    let notes = match args.file {
        Some(_) => Vec::new(),
        None => notes(&store, &context.options()?.locks),
    };
    if context.globals.json {
        context.print_json(&json!({
            "file": path,
            "clean": found.count() == 0,
            "unlocked": checked.keys.is_some(),
            "pages": !args.quick,
            "rows": checked.rows,
            "generation": generation,
            "newest_seen": seen,
            "findings": found.findings().iter().map(to_json).collect::<Vec<_>>(),
            "count": found.count(),
            "notes": notes.iter().map(note_to_json).collect::<Vec<_>>(),
        }))?;
    } else {
        for finding in found.findings() {
            context.terminal.line(&escaped(&line(finding)))?;
            context.terminal.line(&format!("  do: {}", finding.remedy.text()))?;
        }
    }
    for Note { path, what } in &notes {
        context.terminal.say(&escaped(&format!("note: `{}`: {what}", path.display())));
    }
    if checked.keys.is_none() {
        context.terminal.say("without an unlock: no MAC and no chain was checked");
    }
    if found.count() > 0 {
        let count = counted(found.count(), "thing");
        context.terminal.say(&format!("{count} not as it should be in `{}`", path.display()));
        return Ok(Exit::StoreDamaged);
    }
    let rows = counted(checked.rows, "row");
    context
        .terminal
        .say(&format!("`{}` is whole: {rows}, generation {generation}", path.display()));
    Ok(Exit::Done)
}

/// Checks a file.
///
/// # Errors
/// Where it cannot be opened or read at all.
pub(super) fn checked(
    context: &Context,
    path: &Path,
    args: &CheckArgs,
) -> Result<Checked, Failure> {
    let mut found = Found::new();
    let store = RedbStore::open(path, Options::default())?;
    if !args.quick {
        let bytes = path.metadata().map_or(0, |file| file.len());
        let bar = Progress::bar(&context.terminal, "checking pages", bytes);
        match store.check_pages(path, &|bytes| bar.advance(bytes)) {
            Err(error @ StoreError::Damaged(_)) => {
                found.of_file(error.to_string(), Remedy::Restore);
            }
            Err(StoreError::Full | StoreError::Io(_)) => {
                let what = "the file cannot be copied to have its pages checked";
                return Err(Failure::new(Exit::Failed, what)
                    .why("there is no space beside it, or it lies where nothing can be written")
                    .hint("leave them out with `--quick`, or copy the file elsewhere"));
            }
            done => done?,
        }
    }
    drop(store);
    let ledger = context.open_file(path)?;
    let mut locked = None;
    let keys = if args.no_unlock {
        None
    } else {
        match context.unlock_alone(&ledger) {
            Ok(unlocked) => Some(unlocked.root.proxy_keys()),
            // What the pages say is said all the same.
            Err(failure) => {
                locked = Some(failure);
                None
            }
        }
    };
    if locked.is_some() && found.count() == 0 {
        // Who cannot unlock it is not to wait for a check that was not asked for.
        let (rows, generation) = (0, 0);
        return Ok(Checked { found, ledger, keys, locked, rows, generation });
    }
    let (rows, generation) = ledger.view(|rows, _| Ok((all_rows(rows)?, head(rows)?.next.0)))?;
    // Rows are walked through once for themselves, and about once more for each other.
    let bar = Progress::bar(&context.terminal, "checking rows", rows.saturating_mul(2));
    ledger
        .view(|rows, _| check(rows, keys.as_ref(), &mut found, &|_, steps| bar.advance(steps)))?;
    Ok(Checked { found, ledger, keys, locked, rows, generation })
}

/// One finding as one line.
pub(super) fn line(finding: &Finding) -> String {
    let table = finding.table.map_or("file", Table::name);
    let row = if finding.row.is_empty() { String::new() } else { format!(" {}", finding.row) };
    format!("{table}{row}: {}", finding.what)
}

fn note_to_json(note: &Note) -> Value {
    json!({ "path": note.path, "what": note.what })
}

fn to_json(finding: &Finding) -> Value {
    json!({
        "table": finding.table.map(Table::name),
        "row": finding.row,
        "what": finding.what,
        "remedy": finding.remedy.name(),
    })
}
