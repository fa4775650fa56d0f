//! `till watch`: keys, requests and spend, as they change.

use std::sync::Arc;

use clap::Args;

use crate::domain::time::Span;
use crate::ledger::{Ledger, SystemClock};
use crate::store::redb::RedbStore;

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::watch::{Means, Order, State, Watching, watch};

/// See keys, requests and spend as they change, full-screen; needs no unlock
///
/// What is shown is as it is written. `?` explains the keys of the keyboard: `Enter` opens a key,
/// `r` revokes one, `/` filters, `s` sorts, `q` leaves.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till watch
  till watch --sort spend --all
  till watch --filter team=search --interval 5s")]
pub struct WatchArgs {
    /// Only keys that hold each of these words: in id, name, provider, label or status
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub filter: String,
    /// In this order
    #[arg(long, default_value = "last-used", value_name = "ORDER")]
    pub sort: Order,
    /// Ended keys too
    #[arg(long)]
    pub all: bool,
    /// How often the store is looked at
    #[arg(long, value_name = "SPAN", default_value = "1s", value_parser = interval)]
    pub interval: Span,
}

/// Runs the command.
///
/// # Errors
/// Where there is no terminal, or the store cannot be read at first.
pub fn run(context: &Context, args: &WatchArgs) -> Result<Exit, Failure> {
    let terminal = &context.terminal;
    if !terminal.stdin_is_tty || !terminal.stdout_is_tty {
        return Err(Failure::new(Exit::Usage, "there is no terminal to watch in")
            .why("stdin or stdout is a pipe or a file")
            .hint("`till usage` and `till log -f` go on anywhere, with `--json` for programs"));
    }
    let (path, options) = (context.store_path()?, context.options()?);
    let ledger = context.open()?;
    let means = Means { utf8: terminal.utf8, color: terminal.color };
    let state = State {
        filter: args.filter.clone(),
        order: args.sort,
        ended: args.all,
        ..State::default()
    };
    let (store, interval) = (path.display().to_string(), args.interval.to_std());
    let open = move || {
        let store = RedbStore::open(&path, crate::store::redb::Options::default())?;
        Ok(Ledger::open(Arc::new(store), Arc::new(SystemClock), options.clone())?)
    };
    let watching = Watching { means, interval, store, state };
    let ended = watch(watching, ledger, Box::new(open)).map_err(|error| {
        Failure::new(Exit::Failed, "the terminal cannot be used")
            .why(error)
            .hint("`till usage` and `till log -f` need none")
    })?;
    if let Some(signal) = ended {
        crate::cli::wrap::signals::undergo(signal);
    }
    Ok(Exit::Done)
}

fn interval(text: &str) -> Result<Span, String> {
    let span: Span = text.parse().map_err(|error| format!("{error}"))?;
    let bounds = Span(100)..=Span::minutes(60);
    if bounds.contains(&span) { Ok(span) } else { Err("it is from 100ms to 1h".to_owned()) }
}
