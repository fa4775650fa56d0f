//! `till log …`: the audit log.

use clap::{Args, Subcommand};

use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::log_checkpoint::{self, CheckpointArgs};
use super::log_retention::{self, RetentionArgs};
use super::log_show::{self, ShowArgs};
use super::log_verify::{self, VerifyArgs};

/// What happened: the audit log; reading it needs no unlock
///
/// Every admission and settlement of a request, every key minted, edited and ended, every change of
/// master keys, providers, unlock slots and admin tokens, and every unlock (once an hour for each
/// slot), newest last; denials by the minute. What is shown is as it is written: `till log verify`
/// checks it. Bodies, prompts and credentials are never in it. Times are UTC.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till log
  till log -f --key k3x9
  till log --since 24h --kind key-minted,key-ended,unlocked
  till log --all --provider openai --model 'gpt-*' --json
  till log verify")]
pub struct LogArgs {
    /// What else can be done with it.
    #[command(subcommand)]
    pub command: Option<LogCommand>,
    /// What is shown.
    #[command(flatten)]
    pub show: ShowArgs,
}

/// What else can be done with the log.
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "each says it where its arguments are")]
pub enum LogCommand {
    Verify(VerifyArgs),
    Checkpoint(CheckpointArgs),
    Retention(RetentionArgs),
}

/// Runs the command.
///
/// # Errors
/// As its verb says.
pub fn run(context: &Context, args: &LogArgs) -> Result<(), Failure> {
    if args.command.is_some() && args.show.says_something() {
        return Err(Failure::new(Exit::Usage, "what is shown cannot be said here")
            .hint("leave it out, or leave out the word after `till log`"));
    }
    match &args.command {
        None => log_show::run(context, &args.show),
        Some(LogCommand::Verify(args)) => log_verify::run(context, args),
        Some(LogCommand::Checkpoint(args)) => log_checkpoint::run(context, args),
        Some(LogCommand::Retention(args)) => log_retention::run(context, args),
    }
}
