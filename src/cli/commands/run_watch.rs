//! What happens while a run goes on: all of it is counted, and a limit that is reached is acted on.

use std::ffi::OsStr;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::domain::denial::{Denial, Reason};
use crate::ledger::op::Minted;
use crate::proxy::observer::{Observed, is_limit};

use super::super::context::Context;
use super::super::environment::Environment;
use super::super::wrap::job::Killer;
use super::run_limit::OnLimit;
use super::run_summary::Tally;

/// How long a command may take to end once it is asked to.
const GRACE: Duration = Duration::from_secs(5);

/// Looks on while a run goes on.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    pub(super) context: &'a Context,
    pub(super) on_limit: OnLimit,
    /// The operator's own command for a reached limit: program and arguments.
    pub(super) hook: &'a [String],
    /// What that command gets for an environment.
    pub(super) environment: &'a Environment,
    pub(super) key: &'a Minted,
    pub(super) tally: Tally,
    /// The limits that the operator was told of.
    pub(super) told: Vec<Reason>,
    /// Whether the command was ended for a limit.
    pub(super) killed: bool,
}

impl Watch<'_> {
    /// One thing has happened. `killer` ends the command, where one runs.
    pub(super) fn see(&mut self, observed: Observed, killer: Option<&Killer>) {
        match &observed {
            Observed::Waiting(denial) => self.waits(denial),
            Observed::Denied(denial) if is_limit(denial) => self.reached(denial, killer),
            Observed::Denied(_) | Observed::Answered(_) => {}
        }
        self.tally.count(observed);
    }

    /// A request waits for a limit to be raised: somebody has to do something.
    fn waits(&self, denial: &Denial) {
        let bell = if self.context.terminal.stderr_is_tty { "\u{7}" } else { "" };
        self.say(&format!(
            "{}; the request waits for {}: raise the limit with `till key extend {} …`{bell}",
            denial.message,
            self.on_limit.patience(),
            self.key.record.id
        ));
        self.call_hook(denial);
    }

    /// A request was refused for a limit: each limit is told once.
    fn reached(&mut self, denial: &Denial, killer: Option<&Killer>) {
        if self.told.contains(&denial.reason) {
            return;
        }
        self.told.push(denial.reason);
        match (self.on_limit, killer) {
            (OnLimit::Wait(_), _) => {
                self.say(&format!("nobody raised the limit in time: {}", denial.message));
                return;
            }
            (OnLimit::Kill, Some(killer)) if !self.killed => {
                self.killed = true;
                self.say(&format!("{}; the command is ended", denial.message));
                let killer = killer.clone();
                tokio::spawn(async move { killer.kill(GRACE).await });
            }
            _ => self.say(&denial.message),
        }
        self.call_hook(denial);
    }

    fn say(&self, text: &str) {
        self.context.terminal.say(&format!("till: {text}"));
    }

    /// Starts the operator's own command, and does not wait for it. What it prints goes to stderr:
    /// stdout is the run's command's.
    fn call_hook(&self, denial: &Denial) {
        let Some((program, arguments)) = self.hook.split_first() else { return };
        // It is the operator's, and needs no key.
        let key = self.key.text.expose().as_bytes();
        let holds = |value: &OsStr| memchr::memmem::find(value.as_bytes(), key).is_some();
        let variables = self.environment.variables().filter(|(_, value)| !holds(value));
        let output = std::io::stderr().as_fd().try_clone_to_owned();
        let started = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(variables)
            .env("TILL_KEY_ID", self.key.record.id.as_str())
            .env("TILL_DENIAL", denial.reason.rule().code)
            .env("TILL_MESSAGE", &denial.message)
            .stdin(Stdio::null())
            .stdout(output.map_or_else(|_| Stdio::null(), Stdio::from))
            .spawn();
        if let Err(error) = started {
            let warning = format!("`--on-limit-command` could not be run: {error}");
            self.context.terminal.warn(&warning);
        }
    }
}
