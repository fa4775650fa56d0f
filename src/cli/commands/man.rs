//! `till man`: the manual.

use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory};

use super::super::args::Cli;
use super::super::context::Context;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::man_page::page;

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
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    let version = root.get_version().unwrap_or_default().to_owned();
    let Some(dir) = &args.dir else {
        let page = page(&root, &version).map_err(|error| {
            Failure::new(Exit::Failed, "the man page cannot be rendered").why(error)
        })?;
        return context.terminal.out(page);
    };
    let written = std::fs::create_dir_all(dir).and_then(|()| write_all(&root, &version, dir));
    written.map_err(|error| {
        Failure::new(
            Exit::Failed,
            format!("the man pages cannot be written to `{}`", dir.display()),
        )
        .why(error)
        .hint("name a directory that you may write with `--dir`")
    })
}

/// Writes the page of the command and those of all below it.
fn write_all(command: &Command, version: &str, dir: &Path) -> io::Result<()> {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        write_all(below, version, dir)?;
    }
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    std::fs::write(dir.join(format!("{name}.1")), page(command, version)?)
}
