//! `till completions`: what a shell completes.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::super::args::Cli;
use super::super::context::Context;
use super::super::failure::Failure;

/// Print the completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  till completions bash > ~/.local/share/bash-completion/completions/till
  till completions zsh > ~/.zfunc/_till
  till completions fish > ~/.config/fish/completions/till.fish")]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

/// Runs the command.
///
/// # Errors
/// Where stdout cannot be written.
pub fn run(context: &Context, args: &CompletionsArgs) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "till", &mut text);
    context.terminal.out(text)
}
