//! `--print-env`: what would change in the environment, as lines for a shell.

use clap::ValueEnum;

use super::handover::Change;
use super::super::quoting::{self, Quoting};

/// Who reads the lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PrintForm {
    /// `export NAME='value'`
    Sh,
    /// `set -gx NAME 'value'`
    Fish,
    /// `NAME=value`
    Dotenv,
}
