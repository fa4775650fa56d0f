//! `till master add|ls|rotate|rm|limit`: real API keys, sealed.

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::ledger::op::{RemoveMaster, RotateMaster};
use crate::ledger::{Book, Ledger, Refusal};
use crate::report::{MasterView, masters};

use super::super::context::Context;
use super::super::counted::counted;
use super::super::failure::Failure;
use super::super::style::DIM;
use super::super::table::{Cell, Column, Table};
use super::super::time_text::relative;
use super::master_add::{self, AddArgs, KeySource, read_master};
use super::master_caps::{CapJson, short_caps};
use super::master_limit::{self, LimitArgs};

/// Real API keys, sealed in the store
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "each says it where its arguments are")]
pub enum MasterCommand {
    Add(AddArgs),
    Ls(LsArgs),
    Rotate(RotateArgs),
    Rm(RmArgs),
    Limit(LimitArgs),
}

/// List the master keys; needs no unlock
///
/// What is shown is as it is written; `--verify` unlocks the store and checks that nothing was
/// edited.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  till master ls\n  till master ls --json\n  till master ls --verify"
)]
pub struct LsArgs {
    /// Unlock the store and check every row's MAC
    #[arg(long)]
    pub verify: bool,
}

/// Replace a master key by another of the same account; proxy keys go on working
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till master rotate openai
  till master rotate openai --from-env OPENAI_API_KEY
  till master rotate openai --end-keys --yes < new-key.txt")]
pub struct RotateArgs {
    /// Its name, from `till master ls`
    pub name: String,
    /// Where the new key comes from.
    #[command(flatten)]
    pub source: KeySource,
    /// End every proxy key that depends on it
    #[arg(long)]
    pub end_keys: bool,
}

/// Erase a master key; refused while live proxy keys depend on it
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  till master rm openai\n  till master rm openai --revoke-keys --yes"
)]
pub struct RmArgs {
    /// Its name, from `till master ls`
    pub name: String,
    /// End every proxy key that depends on it
    #[arg(long)]
    pub revoke_keys: bool,
}

/// One master key as JSON.
#[derive(Debug, Serialize)]
pub struct MasterJson<'a> {
    name: &'a str,
    provider: &'a str,
    last4: &'a str,
    origin: &'a str,
    base_url: Option<&'a str>,
    local: bool,
    headers: Vec<String>,
    live_keys: u64,
    caps: Vec<CapJson>,
    created_at: String,
    rotated_at: Option<String>,
}

impl<'a> From<&'a MasterView> for MasterJson<'a> {
    fn from(view: &'a MasterView) -> Self {
        let MasterView { master, live_keys, usage } = view;
        Self {
            name: &master.name,
            provider: &master.provider,
            last4: &master.last4,
            origin: &master.origin,
            base_url: master.base_url.as_deref(),
            local: master.local,
            headers: master
                .headers
                .iter()
                .map(|(name, value)| format!("{name}: {value}"))
                .collect(),
            live_keys: *live_keys,
            caps: usage.caps.iter().map(CapJson::from).collect(),
            created_at: master.created_at.to_rfc3339(),
            rotated_at: master.rotated_at.map(crate::domain::time::Timestamp::to_rfc3339),
        }
    }
}

/// Runs the command.
///
/// # Errors
/// Where the store cannot be unlocked or written, the name is unknown, or the rules refuse it.
pub fn run(context: &Context, command: &MasterCommand) -> Result<(), Failure> {
    match command {
        MasterCommand::Add(args) => master_add::run(context, args),
        MasterCommand::Ls(args) => list(context, args),
        MasterCommand::Rotate(args) => rotate(context, args),
        MasterCommand::Rm(args) => remove(context, args),
        MasterCommand::Limit(args) => master_limit::run(context, args),
    }
}

fn list(context: &Context, args: &LsArgs) -> Result<(), Failure> {
    let ledger = context.open()?;
    let unlocked = args.verify.then(|| context.unlock(&ledger)).transpose()?;
    let keys = unlocked.map(|unlocked| unlocked.root.proxy_keys());
    let book = keys.as_ref().map_or(Book::unverified(), |keys| Book::verified(keys.row_mac()));
    let (found, now) = ledger.view(|rows, now| Ok((masters(rows, book, now)?, now)))?;
    if context.globals.json {
        let rows: Vec<MasterJson<'_>> = found.iter().map(Into::into).collect();
        return context.print_json(&rows);
    }
    if found.is_empty() {
        context.terminal.say("no master keys; seal one with `till master add openai`");
        return Ok(());
    }
    let mut table = Table::new([
        Column::left("NAME").flexible(),
        Column::left("PROVIDER"),
        Column::left("KEY"),
        Column::left("GOES TO"),
        Column::right("LIVE KEYS"),
        Column::left("CAPS").optional().gives_way(3),
        Column::left("ADDED").gives_way(2),
        Column::left("ROTATED").gives_way(1),
    ]);
    for MasterView { master, live_keys, usage } in &found {
        let rotated = master.rotated_at.map_or("-".into(), |at| relative(at, now));
        table.row([
            master.name.clone().into(),
            master.provider.clone().into(),
            format!("…{}", master.last4).into(),
            Cell::from(master.origin.clone()).styled(DIM),
            live_keys.to_string().into(),
            short_caps(usage).into(),
            relative(master.created_at, now).into(),
            rotated.into(),
        ]);
    }
    context.terminal.out(table.render(&context.terminal))
}

/// How many live proxy keys depend on the master key of this name.
fn live_keys(ledger: &Ledger, name: &str) -> Result<u64, Failure> {
    let found = ledger.view(|rows, now| masters(rows, Book::unverified(), now))?;
    let found = found.iter().find(|view| view.master.name == name);
    let view = found.ok_or_else(|| Failure::from(Refusal::NoSuchMaster(name.to_owned())))?;
    Ok(view.live_keys)
}

fn rotate(context: &Context, args: &RotateArgs) -> Result<(), Failure> {
    let ledger = context.open()?;
    let live = live_keys(&ledger, &args.name)?;
    if args.end_keys {
        let keys = counted(live, "live proxy key");
        context.confirm(&format!("replace the master key `{}`, and end {keys}?", args.name))?;
    }
    let unlocked = context.unlock(&ledger)?;
    let secret = read_master(context, &args.source, &args.name, &[])?;
    let operator = unlocked.keys();
    let rotate = RotateMaster {
        operator: &operator,
        secret: &secret,
        name: args.name.clone(),
        end_keys: args.end_keys,
    };
    let ended = ledger.run(&operator.proxy, &rotate)?;
    if context.globals.json {
        let answer = serde_json::json!({ "name": args.name, "ended_keys": ended });
        return context.print_json(&answer);
    }
    let what = if args.end_keys {
        format!("{} ended", counted(ended, "proxy key"))
    } else {
        "its proxy keys go on working".to_owned()
    };
    context.terminal.say(&format!("replaced the master key `{}`; {what}", args.name));
    Ok(())
}

fn remove(context: &Context, args: &RmArgs) -> Result<(), Failure> {
    let ledger = context.open()?;
    let live = live_keys(&ledger, &args.name)?;
    if live > 0 && !args.revoke_keys {
        // Again in the transaction: this is for nobody to be asked in vain.
        return Err(Refusal::KeysDepend(live).into());
    }
    let keys = counted(live, "live proxy key");
    let end = if live > 0 { format!(", and end {keys}") } else { String::new() };
    context.confirm(&format!("erase the master key `{}`{end}?", args.name))?;
    let unlocked = context.unlock(&ledger)?;
    let remove = RemoveMaster { name: args.name.clone(), revoke_keys: args.revoke_keys };
    let ended = ledger.run(&unlocked.root.proxy_keys(), &remove)?;
    if context.globals.json {
        let answer = serde_json::json!({ "name": args.name, "ended_keys": ended });
        return context.print_json(&answer);
    }
    let keys = counted(ended, "proxy key");
    context.terminal.say(&format!("erased the master key `{}`; {keys} ended", args.name));
    Ok(())
}
