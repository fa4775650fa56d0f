//! The command line, as it is typed. What it means is worked out by the commands.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};

use super::commands::{
    admin, alert, backup, check, completions, demo, doctor, init, key, left, log, man, master,
    passwd, prices, provider, proxy, rekey, restore, run_args, stop, unlock, usage, watch,
};
use super::environment::VARIABLES;
use super::exit;
use super::secret_flags::SecretFlags;

/// What `till` alone and `till --help` say first.
const ABOUT: &str = "Hand out proxy keys in place of API keys: each works N times, then destroys \
                     itself";

/// What a first look should see.
const EXAMPLES: &str = "\
Examples:
  till demo                                  see it work, with no account and no set-up
  till init                                  make a store
  till master add openai                     seal a real key
  till key mint openai -n 50 --expires 2h    mint a proxy key of 50 activations
  till proxy                                 forward, on http://127.0.0.1:4100
  till key ls                                see what is left";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "till", version, about = ABOUT, max_term_width = 100)]
#[command(after_help = EXAMPLES, after_long_help = reference())]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub globals: Globals,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of every command")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Globals {
    /// The store's file [default: `TILL_STORE`, else till/till.redb in the data directory]
    #[arg(long, global = true, value_name = "PATH")]
    pub store: Option<PathBuf>,
    /// Print what is asked for, and errors, and nothing else
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say which store is used, what unlocks it and what is tidied up; `till proxy` logs every
    /// request too, and with `-vv` everything of its own
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Never ask: fail where an answer is missing
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Answer in JSON, on stdout, in a stable schema
    #[arg(long, global = true)]
    pub json: bool,
    /// Do what cannot be undone without asking
    #[arg(short, long, global = true)]
    pub yes: bool,
    /// Take a store that is older than what was seen of it
    #[arg(long, global = true)]
    pub accept_rollback: bool,
    /// Where the secret that unlocks the store comes from.
    #[command(flatten)]
    pub secrets: SecretFlags,
}

/// The commands.
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "each says it where its arguments are")]
pub enum Command {
    Init(init::InitArgs),
    Passwd(passwd::PasswdArgs),
    Rekey(rekey::RekeyArgs),
    #[command(subcommand)]
    Unlock(unlock::UnlockCommand),
    #[command(subcommand)]
    Master(master::MasterCommand),
    #[command(subcommand)]
    Provider(provider::ProviderCommand),
    #[command(subcommand)]
    Key(key::KeyCommand),
    #[command(subcommand)]
    Prices(prices::PricesCommand),
    #[command(subcommand)]
    Admin(Box<admin::AdminCommand>),
    #[command(subcommand)]
    Alert(alert::AlertCommand),
    Stop(stop::StopArgs),
    Run(Box<run_args::RunArgs>),
    Proxy(proxy::ProxyArgs),
    Left(left::LeftArgs),
    Doctor(doctor::DoctorArgs),
    Log(Box<log::LogArgs>),
    Usage(Box<usage::UsageArgs>),
    Backup(backup::BackupArgs),
    Restore(restore::RestoreArgs),
    Check(check::CheckArgs),
    Watch(watch::WatchArgs),
    Demo(demo::DemoArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// The examples, the exit codes and the environment variables, from their tables.
fn reference() -> String {
    // Writing to a string cannot fail.
    let mut text = format!("{EXAMPLES}\n\nExit codes:\n");
    for row in exit::TABLE.iter().chain(&exit::OF_RUN) {
        let _ = writeln!(text, "  {}  {}: {}", row.code, row.name, row.meaning);
    }
    text.push_str("\nEnvironment:\n");
    for variable in VARIABLES {
        let _ = writeln!(text, "  {:<24} {}", variable.name, variable.meaning);
    }
    text
}
