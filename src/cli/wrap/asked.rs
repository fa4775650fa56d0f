//! What `till run` was asked for: a command, in an environment, with choices about it.

use std::ffi::OsString;

use super::super::environment::Environment;
use super::choices::Choices;
use super::clients::{Recognised, recognise};

/// A command to start, and what it would get without till.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The variables, those of an `--env-file` among them.
    pub environment: &'a Environment,
    /// The flags about them.
    pub choices: &'a Choices,
    /// The program and its arguments; empty with `--print-env`.
    pub command: &'a [OsString],
}

impl Asked<'_> {
    /// The agent that the command starts, where it is known.
    #[must_use]
    pub fn client(&self) -> Option<Recognised> {
        recognise(self.command)
    }
}
