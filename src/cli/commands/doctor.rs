//! `till doctor`: what lies open on this machine, and what in the store should not be so.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::report::doctor::{Finding, Severity};

use super::super::context::Context;
use super::super::counted::counted;
use super::super::doctor::{Examined, Report, examine, render};
use super::super::exit::Exit;
use super::super::failure::Failure;

/// Find real keys that lie open, and what in the store or the machine weakens it; needs no unlock
///
/// Looks at the environment, `.env` files, the files of shells and AI clients, histories, where the
/// passphrase comes from, permissions, swap, core files, the clock, and the rows of the store, if
/// there is one. It changes nothing, sends nothing, and shows the last four characters of a key
/// alone. It ends with 8 where something is bad, with 1 where something should be mended, else
/// with 0.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till doctor
  till doctor --path ~/projects
  till doctor --json --fail-on bad")]
pub struct DoctorArgs {
    /// Search this file or folder for real keys too; may be given several times
    #[arg(long, value_name = "FILE|DIR")]
    pub path: Vec<PathBuf>,
    /// From which weight on the exit code says that something was found
    #[arg(long, value_name = "WEIGHT", default_value = "warn")]
    pub fail_on: FailOn,
}

/// What makes the command end with a code of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// 1 for what should be mended, 8 for what is bad.
    Warn,
    /// 8 for what is bad.
    Bad,
    /// Never for what was found.
    Never,
}

/// Runs the command.
///
/// # Errors
/// Where a path is not there, or stdout cannot be written.
pub fn run(context: &Context, args: &DoctorArgs) -> Result<Exit, Failure> {
    let folder = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let Examined { findings, files } = examine(context, folder, &args.path)?;
    if context.globals.json {
        context.print_json(&Report::of(&findings))?;
    } else {
        context.terminal.out(render(&findings, &context.terminal))?;
    }
    context.terminal.say(&summary(&findings, files));
    Ok(args.fail_on.exit(findings.iter().map(Finding::severity).max()))
}

impl FailOn {
    /// The exit code, by the worst that was found.
    fn exit(self, worst: Option<Severity>) -> Exit {
        match (self, worst) {
            (Self::Warn | Self::Bad, Some(Severity::Bad)) => Exit::Refused,
            (Self::Warn, Some(Severity::Warn)) => Exit::Failed,
            _ => Exit::Done,
        }
    }
}

/// One line: how much of each weight, and where it was looked for.
fn summary(findings: &[Finding], files: usize) -> String {
    let counts = Severity::ALL.map(|severity| {
        let count = findings.iter().filter(|finding| finding.severity() == severity).count();
        (severity, u64::try_from(count).unwrap_or(u64::MAX))
    });
    let counts = counts.into_iter().filter(|(_, count)| *count > 0);
    let counts = counts.map(|(severity, count)| match severity {
        Severity::Bad => format!("{count} bad"),
        Severity::Warn => counted(count, "warning"),
        Severity::Note => counted(count, "note"),
    });
    let counts: Vec<_> = counts.collect();
    let found = if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") };
    let files = counted(u64::try_from(files).unwrap_or(u64::MAX), "file");
    format!("found {found}; searched the environment and {files}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_decides() {
        let cases = [
            (FailOn::Warn, [Exit::Done, Exit::Done, Exit::Failed, Exit::Refused]),
            (FailOn::Bad, [Exit::Done, Exit::Done, Exit::Done, Exit::Refused]),
            (FailOn::Never, [Exit::Done; 4]),
        ];
        let worst = [None, Some(Severity::Note), Some(Severity::Warn), Some(Severity::Bad)];
        for (fail_on, exits) in cases {
            assert_eq!(worst.map(|worst| fail_on.exit(worst)), exits, "{fail_on:?}");
        }
    }
}
