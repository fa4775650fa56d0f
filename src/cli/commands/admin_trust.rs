//! `till admin trust`: CI jobs mint by their own identity, with no stored secret.

use clap::Subcommand;

use super::super::context::Context;
use super::super::failure::Failure;

/// Let CI jobs mint by their own identity token: no stored secret at all
#[derive(Debug, Subcommand)]
pub enum TrustCommand {}

/// Runs the command.
///
/// # Errors
/// As its verb says.
pub fn run(_context: &Context, command: &TrustCommand) -> Result<(), Failure> {
    match *command {}
}
