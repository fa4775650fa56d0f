//! `till run` as it is typed.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::wrap::Shell;
use super::key_limits::LimitFlags;
use super::key_mint::generations;
use super::run::failed;
use super::run_limit::{Hook, OnLimit};
use super::upstream_flags::UpstreamFlags;

/// Run a command with proxy keys in place of the real ones
///
/// Takes the real keys that the environment holds (or an `--env-file`, or the store's master keys
/// where there is a store, or asks for one), starts a forwarder of its own on a free loopback port,
/// mints one key for this run with the limits given, and starts the command in an environment where
/// the real keys are gone. With no store, nothing touches the disk. The command gets the terminal
/// and the signals as if till were not there; the key ends with it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till run -- python agent.py                    200 activations, 24 hours
  till run -n 50 --spend 2 -- claude
  till run --env-file .env --expires 1h -- npm test
  till run --only openai -- codex exec 'fix the tests'
  till run --on-limit wait=10m -n 20 -- ./agent  `till key extend` lets it go on
  till run --print-env=fish                      lines for another shell, until Ctrl-C

Exit codes: those of the command; 124 a limit ended it (`--on-limit kill`), 125 till failed,
126 it cannot be executed, 127 it is not there, 128+N signal N ended it.")]
pub struct RunArgs {
    /// The command and its arguments, after `--`
    #[arg(last = true, value_name = "COMMAND", required_unless_present = "print_env")]
    pub command: Vec<OsString>,
    /// What the run may use up, and what for [default: 200 activations, 24 hours].
    #[command(flatten)]
    pub limits: LimitFlags,
    /// Mint a key without an end
    #[arg(long)]
    pub unlimited: bool,
    /// Let the command make further keys from the run's, one from the other, through so many
    /// generations; they end with the run
    #[arg(long, value_name = "DEPTH", num_args = 0..=1, require_equals = true,
          default_missing_value = "1", value_parser = generations)]
    pub delegate: Option<u8>,
    /// What becomes of a request when a limit is reached: `fail`, `kill` the command, or
    /// `wait=10m` for `till key extend`
    #[arg(long, value_name = "HOW", default_value = "fail")]
    pub on_limit: OnLimit,
    /// A command to run when a limit is reached; no shell reads it
    ///
    /// It gets the environment of the run's command, and `TILL_KEY_ID`, `TILL_DENIAL` (the code)
    /// and `TILL_MESSAGE`; what it prints goes to stderr.
    #[arg(long, value_name = "COMMAND")]
    pub on_limit_command: Option<Hook>,
    /// Read further variables from this file; real keys in it never reach the command
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Providers, or master keys by their names, that the key opens; others' keys are not replaced
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Leave this variable as it is, also with a real key in it; may be given more than once
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub keep_env: Vec<String>,
    /// Take this variable away; may be given more than once
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub drop_env: Vec<String>,
    /// Do not use the store, although there is one
    #[arg(long)]
    pub no_store: bool,
    /// Print the environment instead of running a command, and forward until Ctrl-C
    #[arg(long, value_name = "FORM", num_args = 0..=1, require_equals = true,
          default_missing_value = "sh", conflicts_with = "command")]
    pub print_env: Option<Shell>,
    /// The forwarder's port, or a range to take a free one from [default: any free port]
    #[arg(long, value_name = "FIRST[-LAST]", value_parser = ports)]
    pub port: Option<(u16, u16)>,
    /// The way to providers, and what they cost.
    #[command(flatten)]
    pub upstream: UpstreamFlags,
    /// How the summary at the end is written to stderr
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub summary: SummaryForm,
    /// Write the summary to this file too, as JSON
    #[arg(long, value_name = "FILE")]
    pub summary_file: Option<PathBuf>,
}

/// How a summary is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum SummaryForm {
    /// For people
    #[default]
    Text,
    /// One JSON object
    Json,
}

impl RunArgs {
    /// Refuses what makes no sense, before anything is done.
    ///
    /// # Errors
    /// Which flag, and why.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.print_env.is_some() && self.on_limit == OnLimit::Kill {
            return Err(Failure::new(Exit::Usage, "`--on-limit kill` has no command to end")
                .why("with `--print-env`, till starts none")
                .hint("say `--on-limit fail`, or leave it out"));
        }
        let Some(path) = &self.summary_file else { return Ok(()) };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        match folder {
            Some(folder) if !folder.is_dir() => {
                Err(failed(&format!("there is no folder `{}` for the summary", folder.display()))
                    .hint("make it, or name another file with `--summary-file`"))
            }
            _ => Ok(()),
        }
    }
}

fn ports(text: &str) -> Result<(u16, u16), String> {
    let hint = || "write it as in 4200 or 4200-4299".to_owned();
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let port = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0).ok_or_else(hint);
    let (first, last) = (port(first)?, port(last)?);
    if first <= last { Ok((first, last)) } else { Err(hint()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_one_or_a_range() {
        assert_eq!(ports("4200"), Ok((4200, 4200)));
        assert_eq!(ports("4200-4299"), Ok((4200, 4299)));
        for text in ["", "0", "4300-4200", "70000", "a", "1-", "-1"] {
            assert!(ports(text).is_err(), "{text}");
        }
    }
}
