//! What every command needs: the environment, the terminal, the store.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use crate::ledger::instance::recover_dead;
use crate::ledger::op::Sweep;
use crate::ledger::unlock::{Unlocked, slots, unlock};
use crate::ledger::{Ledger, Options, SystemClock};
use crate::store::redb::RedbStore;
use crate::vault::ProxyKeys;

use super::args::Globals;
use super::environment::Environment;
use super::exit::Exit;
use super::failure::Failure;
use super::harden::harden;
use super::keyring;
use super::paths;
use super::progress::Progress;
use super::secret_source::{Wanted, unlock_secret};
use super::terminal::Terminal;

/// Everything that comes in at the edge, resolved.
#[derive(Debug)]
pub struct Context {
    /// The process's environment.
    pub environment: Environment,
    /// The terminal.
    pub terminal: Terminal,
    /// What every command takes.
    pub globals: Globals,
}

impl Context {
    /// Where the store lies.
    ///
    /// # Errors
    /// Where nothing says so.
    pub fn store_path(&self) -> Result<PathBuf, Failure> {
        paths::store_path(&self.environment, self.globals.store.as_deref())
    }

    /// Where things lie beside the store.
    ///
    /// # Errors
    /// Where nothing says so.
    pub fn options(&self) -> Result<Options, Failure> {
        Ok(Options {
            locks: paths::locks_dir(&self.store_path()?),
            state_dir: paths::state_dir(&self.environment)?,
            accept_rollback: self.globals.accept_rollback,
        })
    }

    /// Opens the store, to look or to be unlocked.
    ///
    /// # Errors
    /// Where there is none, it cannot be read, or it went back.
    pub fn open(&self) -> Result<Ledger, Failure> {
        let path = self.store_path()?;
        let store = RedbStore::open(&path, crate::store::redb::Options::default())?;
        Ok(Ledger::open(Arc::new(store), Arc::new(SystemClock), self.options()?)?)
    }

    /// Unlocks the store with the secret that flags, environment or terminal give.
    ///
    /// # Errors
    /// Where there is none, or it opens no slot.
    pub fn unlock(&self, ledger: &Ledger) -> Result<Unlocked, Failure> {
        harden(&self.terminal);
        let kinds: Vec<_> = slots(ledger)?.iter().map(|slot| slot.kind).collect();
        let keyring = || keyring::load(ledger.store_id());
        let wanted = Wanted { kinds: &kinds, keyring: &keyring };
        let (kind, secret) =
            unlock_secret(&self.globals.secrets, &self.environment, &self.terminal, &wanted)?;
        let spinner = Progress::spinner(&self.terminal, "unlocking");
        let unlocked = unlock(ledger, kind, &secret)?;
        drop(spinner);
        tidy(ledger, &unlocked.root.proxy_keys())?;
        Ok(unlocked)
    }

    /// Opens and unlocks the store.
    ///
    /// # Errors
    /// As [`Context::open`] and [`Context::unlock`].
    pub fn open_unlocked(&self) -> Result<(Ledger, Unlocked), Failure> {
        let ledger = self.open()?;
        let unlocked = self.unlock(&ledger)?;
        Ok((ledger, unlocked))
    }

    /// Prints an answer as JSON.
    ///
    /// # Errors
    /// Where stdout cannot be written.
    pub fn print_json(&self, answer: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(answer).map_err(|error| {
            Failure::new(Exit::Failed, "the answer cannot be written as JSON").why(error)
        })?;
        self.terminal.line(&text)
    }

    /// Asks before something that cannot be undone, unless `--yes` was said.
    ///
    /// # Errors
    /// Where the answer is no, or nobody can be asked.
    pub fn confirm(&self, question: &str) -> Result<(), Failure> {
        if self.globals.yes {
            return Ok(());
        }
        if !self.terminal.can_ask() {
            return Err(Failure::new(
                Exit::Usage,
                "this cannot be undone, and nobody can be asked",
            )
            .why(question)
            .hint("say `--yes` to do it"));
        }
        if self.terminal.confirm(question)? {
            Ok(())
        } else {
            Err(Failure::new(Exit::Refused, "nothing was done"))
        }
    }
}

/// Writes down what time, kill rows and dead processes have ended since somebody last could.
fn tidy(ledger: &Ledger, keys: &ProxyKeys) -> Result<(), Failure> {
    recover_dead(ledger, keys, None)?;
    if ledger.view(|rows, now| Sweep::is_due(rows, now))? {
        ledger.run(keys, &Sweep)?;
    }
    Ok(())
}
