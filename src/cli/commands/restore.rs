//! `till restore`: a backup in the store's place.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde::Serialize;

use crate::ledger::instance::alive_beside;
use crate::ledger::op::{Restore, Restored};
use crate::ledger::{Ledger, LedgerError, Options, Refusal, Rollback, SystemClock};
use crate::store::redb::{Over, RedbStore, name_aside};
use crate::store::rows::{STATE_KEY, State};
use crate::store::{StoreError, copy, view};
use crate::vault::ProxyKeys;

use super::super::context::Context;
use super::super::counted::counted;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::progress::Progress;
use super::backup::all_rows;
use super::check::{CheckArgs, checked, line};

/// Put a backup in the store's place; every proxy key in it ends
///
/// The backup is checked first, as `till check` does. What was used, spent and revoked after it was
/// made is not known to it, so its proxy keys end, unless `--keep-keys` is said. A store that is
/// there is put aside, with `--replace`. Nothing may run on the store.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till restore /mnt/elsewhere/till.backup
  till restore till.backup --replace --yes
  till restore till.backup --keep-keys")]
pub struct RestoreArgs {
    /// The backup
    pub file: PathBuf,
    /// Let its proxy keys live, with what they had left when it was made
    #[arg(long)]
    pub keep_keys: bool,
    /// Put aside the store that is there, as `….old-DATE` beside the new one
    #[arg(long)]
    pub replace: bool,
}

#[derive(Debug, Serialize)]
struct Answer<'a> {
    store: String,
    path: &'a Path,
    from: &'a Path,
    backup_generation: u64,
    generation: u64,
    ended_keys: u64,
    put_aside: Option<&'a Path>,
}

/// Runs the command.
///
/// # Errors
/// Where a proxy runs, the backup is not as it was written or cannot be unlocked, or the store
/// cannot be made; then the store that was there is untouched.
pub fn run(context: &Context, args: &RestoreArgs) -> Result<(), Failure> {
    let path = context.store_path()?;
    let file = &args.file;
    if RedbStore::is_same_file(file, &path)? {
        let what = format!("`{}` is the store itself", file.display());
        return Err(Failure::new(Exit::Usage, what).hint("name a backup of it"));
    }
    let options = Options { rollback: Rollback::Accept, ..context.options()? };
    refuse_beside_proxies(&options.locks)?;
    let there = path.symlink_metadata().is_ok();
    if there && !args.replace {
        return Err(Failure::from(StoreError::Exists(path)).hint("put it aside with `--replace`"));
    }
    let (backup, keys) = opened(context, file)?;
    let state = backup.view(|rows, _| {
        crate::ledger::Book::verified(keys.row_mac()).get::<State>(rows, STATE_KEY)
    })?;
    let state = state.ok_or_else(|| StoreError::Damaged("it has no state row".into()))?;
    let (generation, written_at) = (state.next_event.0, state.clock.wall);
    context.confirm(&question(args, there, generation, &written_at.to_rfc3339()))?;
    let reading = backup.reading();
    let aside = there.then(|| name_aside(&path, &reading.wall.to_rfc3339()));
    let over = aside.clone().map_or(Over::Nothing, Over::Aside);
    let op = Restore { keep_keys: args.keep_keys, generation, written_at };
    let bar = Progress::bar(&context.terminal, "copying rows", view(backup.store(), all_rows)?);
    let source = Source { backup: &backup, progress: &|rows| bar.advance(rows) };
    let (store, restored) =
        make(&path, &over, &source, |rows| op.apply_to(rows, &keys, reading), &options)?;
    drop(bar);
    let store = Ledger::open(Arc::new(store), Arc::new(SystemClock), options)?.store_id();
    if context.globals.json {
        return context.print_json(&Answer {
            store: store.to_string(),
            path: &path,
            from: file,
            backup_generation: generation,
            generation: restored.generation,
            ended_keys: restored.ended,
            put_aside: aside.as_deref(),
        });
    }
    let ended = counted(restored.ended, "proxy key");
    context.terminal.say(&format!(
        "restored `{}`, as it was at {}; {ended} ended",
        path.display(),
        written_at.to_rfc3339()
    ));
    if let Some(aside) = aside {
        context.terminal.say(&format!("the store that was there is `{}`", aside.display()));
    }
    if args.keep_keys {
        context.terminal.warn("its keys have again what they had left when the backup was made");
    }
    Ok(())
}

/// The backup, which was checked, and what it was unlocked with.
fn opened(context: &Context, file: &Path) -> Result<(Ledger, ProxyKeys), Failure> {
    let all = CheckArgs { file: None, quick: false, no_unlock: false };
    let checked = checked(context, file, &all).map_err(|failure| failure.located_at(file))?;
    if let Some(first) = checked.found.findings().first() {
        let what = format!("the backup `{}` is not as it was written", file.display());
        return Err(Failure::new(Exit::StoreDamaged, what)
            .why(line(first))
            .hint("see all of it with `till check FILE`")
            .hint("name another backup"));
    }
    match (checked.keys, checked.locked) {
        (Some(keys), _) => Ok((checked.ledger, keys)),
        (None, Some(locked)) => Err(locked.located_at(file)),
        (None, None) => Err(Failure::new(Exit::WrongSecret, "the backup was not unlocked")),
    }
}

/// What a store is made of, and who is told how many more rows of it are copied.
struct Source<'a> {
    backup: &'a Ledger,
    progress: &'a dyn Fn(u64),
}

/// Makes the store out of the backup's rows and what `finish` does to them, and puts it in its
/// place.
fn make(
    path: &Path,
    over: &Over,
    source: &Source<'_>,
    finish: impl Fn(&mut dyn crate::store::RowsMut) -> Result<Restored, LedgerError>,
    options: &Options,
) -> Result<(RedbStore, Restored), Failure> {
    let Source { backup, progress } = source;
    let mut outcome = None;
    let mut refused = None;
    let made = backup.view(|rows, _| {
        RedbStore::create_over(path, over, &mut |to| {
            copy(rows, to, progress)?;
            let restored = match finish(to) {
                Ok(restored) => restored,
                Err(LedgerError::Store(error)) => return Err(error),
                Err(error) => {
                    let what = error.to_string();
                    refused = Some(error);
                    return Err(StoreError::Damaged(what));
                }
            };
            let generation = restored.generation;
            outcome = Some(restored);
            // Again, as late as can be: one that starts now finds its file replaced.
            match alive_beside(&options.locks) {
                // Before it has its place: a crash after that leaves a store that was not seen newer.
                Ok(0) => match backup.lower_anchor(&options.state_dir, generation) {
                    Ok(()) => Ok(()),
                    Err(error) => {
                        let what = error.to_string();
                        refused = Some(error);
                        Err(StoreError::Damaged(what))
                    }
                },
                Ok(alive) => {
                    refused = Some(Refusal::ProxiesRun(alive).into());
                    Err(StoreError::Busy)
                }
                Err(error) => Err(StoreError::Io(error)),
            }
        })
    });
    if let Some(refused) = refused {
        return Err(beside_proxies(refused));
    }
    let restored = outcome.ok_or_else(|| StoreError::Damaged("nothing was restored".into()));
    Ok((made?, restored?))
}

fn refuse_beside_proxies(locks: &Path) -> Result<(), Failure> {
    match alive_beside(locks).map_err(StoreError::Io)? {
        0 => Ok(()),
        alive => Err(beside_proxies(Refusal::ProxiesRun(alive).into())),
    }
}

/// Why nothing may run: not as with a new root key.
fn beside_proxies(error: LedgerError) -> Failure {
    let failure = Failure::from(error);
    if failure.exit == Exit::Refused {
        return failure.why("they would go on with a file that is not the store any more");
    }
    failure
}

fn question(args: &RestoreArgs, there: bool, generation: u64, at: &str) -> String {
    let keys = if args.keep_keys { "keep its proxy keys" } else { "end every proxy key" };
    let aside = if there { ", put the store that is there aside" } else { "" };
    format!("restore generation {generation} of {at}{aside}, and {keys}?")
}
