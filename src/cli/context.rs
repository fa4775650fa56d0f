//! What every command needs: the environment, the terminal, the store.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use crate::domain::ids::SlotId;
use crate::ledger::instance::recover_dead;
use crate::ledger::op::{Fold, LogUnlock, Sweep};
use crate::ledger::unlock::{Unlocked, slots, unlock};
use crate::ledger::{Book, Ledger, LedgerError, Options, Rollback, SystemClock, bring_forward};
use crate::store::StoreError;
use crate::store::redb::RedbStore;
use crate::store::rows::FORMAT;
use crate::vault::ProxyKeys;

use super::args::Globals;
use super::counted::counted;
use super::environment::Environment;
use super::escaped::escaped;
use super::exit::Exit;
use super::failure::Failure;
use super::harden::{Cores, harden};
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
    /// What becomes of core files once a secret is read.
    pub cores: Cores,
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
            rollback: if self.globals.accept_rollback {
                Rollback::Accept
            } else {
                Rollback::Refuse
            },
        })
    }

    /// Opens the store, to look or to be unlocked.
    ///
    /// # Errors
    /// Where there is none, it cannot be read, or it went back.
    pub fn open(&self) -> Result<Ledger, Failure> {
        self.open_with(self.options()?)
    }

    /// Opens the store to stop keys, which is right in a store that went back as well.
    ///
    /// # Errors
    /// Where there is none, or it cannot be read.
    pub fn open_to_stop(&self) -> Result<Ledger, Failure> {
        self.open_with(Options { rollback: Rollback::Overlook, ..self.options()? })
    }

    /// Opens the store in any file, of any age, with the lock files and the anchor of this one's
    /// place.
    ///
    /// # Errors
    /// Where there is none, or it cannot be read.
    pub fn open_file(&self, path: &Path) -> Result<Ledger, Failure> {
        let options = Options { rollback: Rollback::Overlook, ..self.options()? };
        let store = RedbStore::open(path, crate::store::redb::Options::default())?;
        Ok(Ledger::open(Arc::new(store), Arc::new(SystemClock), options)?)
    }

    fn open_with(&self, options: Options) -> Result<Ledger, Failure> {
        let path = self.store_path()?;
        self.explain(&format!("the store is `{}`", path.display()));
        let store = RedbStore::open(&path, crate::store::redb::Options::default())?;
        Ok(Ledger::open(Arc::new(store), Arc::new(SystemClock), options)?)
    }

    /// Unlocks the store with the secret that flags, environment or terminal give. One of an older
    /// format is brought forward: here, and nowhere else.
    ///
    /// # Errors
    /// Where there is none, it opens no slot, or the store cannot be brought forward.
    pub fn unlock(&self, ledger: &Ledger) -> Result<Unlocked, Failure> {
        let unlocked = self.unlock_alone(ledger)?;
        if let Some(before) = bring_forward(ledger, &unlocked.keys())? {
            self.terminal.say(&format!("brought the store from format {before} to {FORMAT}"));
        }
        self.tidy(ledger, &unlocked)?;
        Ok(unlocked)
    }

    /// The same, and nothing of the store is changed but for the note of a secret that opens none
    /// of its slots.
    ///
    /// # Errors
    /// As [`Context::unlock`].
    pub fn unlock_alone(&self, ledger: &Ledger) -> Result<Unlocked, Failure> {
        harden(&self.terminal, self.cores);
        let slots = slots(ledger)?;
        let kinds: Vec<_> = slots.iter().map(|slot| slot.kind).collect();
        let keyring = || keyring::load(ledger.store_id());
        let wanted = Wanted { kinds: &kinds, keyring: &keyring };
        let (kind, secret) =
            unlock_secret(&self.globals.secrets, &self.environment, &self.terminal, &wanted)?;
        let spinner = Progress::spinner(&self.terminal, "unlocking");
        let unlocked = unlock(ledger, kind, &secret)?;
        drop(spinner);
        let opened = slots.iter().find(|slot| slot.id == unlocked.slot);
        let name = opened.map(|slot| &slot.name).filter(|name| !name.is_empty());
        let name = name.map(|name| format!(" (`{name}`)")).unwrap_or_default();
        self.explain(&format!("unlocked with slot {}{name}: a {}", unlocked.slot, kind.name()));
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

    /// Says on stderr, with `-v`, what is done on the way.
    pub fn explain(&self, text: &str) {
        if self.globals.verbose > 0 {
            self.terminal.say(&escaped(text));
        }
    }

    /// Writes down what time, kill rows and dead processes have ended since somebody last could.
    fn tidy(&self, ledger: &Ledger, unlocked: &Unlocked) -> Result<(), Failure> {
        let keys = &unlocked.root.proxy_keys();
        let recovered = recover_dead(ledger, keys, None)?;
        self.log_unlock(ledger, keys, unlocked.slot)?;
        let mut ended = 0;
        if ledger.view(|rows, now| Sweep::is_due(rows, now))? {
            ended = ledger.run(keys, &Sweep)?.ended;
        }
        if recovered.holds > 0 {
            self.terminal.say(&format!(
                "charged {} that a dead proxy had in flight: up to {} and {}",
                counted(recovered.holds, "request"),
                counted(recovered.cost.tokens(), "token"),
                recovered.cost.spend
            ));
        }
        self.explain(&format!(
            "tidied up: {}, {}",
            counted(recovered.processes, "dead proxy"),
            counted(ended, "ended key")
        ));
        Ok(())
    }

    /// Takes what was noted without an unlock into the audit log, and logs this unlock. That the
    /// log cannot grow, on a full disk, keeps nobody from anything.
    fn log_unlock(&self, ledger: &Ledger, keys: &ProxyKeys, slot: SlotId) -> Result<(), Failure> {
        let unlock = LogUnlock { slot };
        let log = || -> Result<(), LedgerError> {
            if ledger.view(|rows, _| Fold::is_due(rows))? {
                while ledger.run(keys, &Fold)?.more {}
            }
            let book = Book::verified(keys.row_mac());
            if ledger.view(|rows, now| unlock.is_due(rows, book, now))? {
                ledger.run(keys, &unlock)?;
            }
            Ok(())
        };
        match log() {
            Err(LedgerError::Store(StoreError::Full)) => {
                let why = StoreError::Full;
                self.terminal.warn(&format!("the audit log does not say of this unlock: {why}"));
                Ok(())
            }
            logged => Ok(logged?),
        }
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
