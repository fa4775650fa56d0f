//! `till alert …`: who is told when limits are near, and when something is wrong.

use clap::{Args, Subcommand};

use crate::domain::alert_retry::Attempt;
use crate::ledger::Refusal;
use crate::ledger::op::RemoveTarget;
use crate::report::alerts::{targets, test_alert};
use crate::serve::alerts::Post;

use super::super::context::Context;
use super::super::counted::counted;
use super::super::escaped::escaped;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::alert_add::{self, AddArgs};
use super::alert_ls::{self, LsArgs};
use super::upstream_flags::tls_of;

/// Alerts: webhooks and commands that are told what happens
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "each says it where its arguments are")]
pub enum AlertCommand {
    Add(Box<AddArgs>),
    Ls(LsArgs),
    Rm(RmArgs),
    Test(TestArgs),
}

/// Take a target away, with what waits for it
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  till alert rm ops")]
pub struct RmArgs {
    /// Its name, from `till alert ls`
    pub name: String,
}

/// Send one message now, and say what came of it
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  till alert test ops")]
pub struct TestArgs {
    /// The target's name, from `till alert ls`
    pub name: String,
    /// Further certificates (PEM) to trust, as `till proxy` has them
    #[arg(long, value_name = "FILE")]
    pub upstream_ca: Option<std::path::PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// As its verb says.
pub fn run(context: &Context, command: &AlertCommand) -> Result<(), Failure> {
    match command {
        AlertCommand::Add(args) => alert_add::run(context, args),
        AlertCommand::Ls(args) => alert_ls::run(context, args),
        AlertCommand::Rm(args) => remove(context, args),
        AlertCommand::Test(args) => test(context, args),
    }
}

fn remove(context: &Context, args: &RmArgs) -> Result<(), Failure> {
    let (ledger, unlocked) = context.open_unlocked()?;
    let remove = RemoveTarget { name: args.name.clone() };
    let waiting = ledger.run(&unlocked.root.proxy_keys(), &remove)?;
    if context.globals.json {
        let answer = serde_json::json!({ "removed": args.name, "dropped": waiting });
        return context.print_json(&answer);
    }
    context.terminal.say(&format!("took `{}` away", escaped(&args.name)));
    if waiting > 0 {
        context.terminal.say(&format!("{} waited for it", counted(waiting, "alert")));
    }
    Ok(())
}

fn test(context: &Context, args: &TestArgs) -> Result<(), Failure> {
    let (ledger, unlocked) = context.open_unlocked()?;
    let keys = unlocked.root.proxy_keys();
    let book = crate::ledger::Book::verified(keys.row_mac());
    let all = ledger.view(|rows, _| targets(rows, book))?;
    let found = all.into_iter().map(|view| view.target).find(|one| one.name == args.name);
    let target = found.ok_or_else(|| Refusal::NoSuchTarget(args.name.clone()))?;
    let unsent = |why: &str| {
        Failure::new(Exit::Failed, format!("`{}` did not take the message", target.name))
            .why(escaped(why))
            .hint("see that the receiver runs, and is reached from this machine")
            .hint("to change the address, use `till alert rm` and `till alert add`")
    };
    let tls = tls_of(args.upstream_ca.as_deref())?;
    let post = Post::new(&tls).map_err(|why| unsent(&why))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| unsent(&error.to_string()))?;
    let (store, at) = (ledger.store_id(), ledger.reading().wall);
    let alert = test_alert(store, &target.name, at);
    let sent = runtime.block_on(post.deliver(keys.alert(), store, &target, &alert, at));
    match sent {
        Attempt::Delivered => {
            context.terminal.say(&format!("`{}` took the message", target.name));
            Ok(())
        }
        Attempt::Failed(failure) => Err(unsent(&failure.why)),
    }
}
