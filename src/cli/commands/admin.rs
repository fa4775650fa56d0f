//! `till admin …`: minting over the network, within bounds.

use clap::{Args, Subcommand};

use crate::ledger::op::RemoveMinter;

use super::super::context::Context;
use super::super::counted::counted;
use super::super::failure::Failure;
use super::admin_ls::{self, LsArgs, ShowArgs};
use super::admin_mint::{self, MintArgs};
use super::admin_serve::{self, ServeArgs};
use super::admin_trust::{self, TrustCommand};

/// Proxy keys for other machines: the admin API, and who may ask it for them
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "each says it where its arguments are")]
pub enum AdminCommand {
    Serve(ServeArgs),
    Mint(Box<MintArgs>),
    #[command(subcommand)]
    Trust(TrustCommand),
    Ls(LsArgs),
    Show(ShowArgs),
    Revoke(RevokeArgs),
}

/// End an admin token or a trust at once; its next request is refused
///
/// The proxy keys that it minted go on working, unless they are told to end too.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till admin revoke ci
  till admin revoke ci --revoke-keys --yes")]
pub struct RevokeArgs {
    /// Its name, from `till admin ls`
    pub name: String,
    /// End every proxy key that it minted
    #[arg(long)]
    pub revoke_keys: bool,
}

/// Runs the command.
///
/// # Errors
/// As its verb says.
pub fn run(context: &Context, command: &AdminCommand) -> Result<(), Failure> {
    match command {
        AdminCommand::Serve(args) => admin_serve::run(context, args),
        AdminCommand::Mint(args) => admin_mint::run(context, args),
        AdminCommand::Trust(command) => admin_trust::run(context, command),
        AdminCommand::Ls(args) => admin_ls::run(context, args),
        AdminCommand::Show(args) => admin_ls::show(context, args),
        AdminCommand::Revoke(args) => revoke(context, args),
    }
}

fn revoke(context: &Context, args: &RevokeArgs) -> Result<(), Failure> {
    let ledger = context.open()?;
    let view = admin_ls::find(&ledger, &args.name)?;
    if args.revoke_keys && view.usage.live_keys > 0 {
        let count = counted(view.usage.live_keys, "live proxy key");
        context.confirm(&format!("end `{}` and {count} that it minted?", args.name))?;
    }
    let unlocked = context.unlock(&ledger)?;
    let remove = RemoveMinter { name: args.name.clone(), revoke_keys: args.revoke_keys };
    let ended = ledger.run(&unlocked.root.proxy_keys(), &remove)?;
    if context.globals.json {
        return context.print_json(&serde_json::json!({
            "revoked": args.name,
            "ended_keys": ended,
        }));
    }
    context.terminal.say(&format!("revoked `{}`", args.name));
    if ended > 0 {
        context.terminal.say(&format!("ended {}", counted(ended, "proxy key")));
    }
    Ok(())
}
