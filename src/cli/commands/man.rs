//! `till man`: the manual.

use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_mangen::Man;

use super::super::args::Cli;
use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;

/// Print the man page, or write all of them to a directory
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  till man | man -l -\n  till man --dir /usr/local/share/man/man1"
)]
pub struct ManArgs {
    /// Write a page for each command into this directory
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// Where the pages cannot be written.
pub fn run(context: &Context, args: &ManArgs) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(Exit::Failed, "the man pages cannot be written").why(error)
    };
    let Some(dir) = &args.dir else {
        // As `generate_to` does, so that both write the same page.
        let mut command = Cli::command().disable_help_subcommand(true);
        command.build();
        let mut page = Vec::new();
        Man::new(command).render(&mut page).map_err(failed)?;
        return context.terminal.out(page);
    };
    std::fs::create_dir_all(dir).map_err(failed)?;
    clap_mangen::generate_to(Cli::command(), dir).map_err(failed)
}
