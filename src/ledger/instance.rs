//! Lock files: how a process shows that it lives.
//!
//! A process creates and locks its file before it writes its row, and holds the lock for as long
//! as it lives; the system lets go when it dies, however it dies. Whoever can take the lock of
//! another process's file knows that it is dead, and removes the file while holding the lock.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use tracing::warn;

use crate::domain::hold::Instance;
use crate::domain::ids::InstanceId;
use crate::store::{Scan, StoreError, Table};
use crate::vault::{ProxyKeys, random_array};

use super::book::Book;
use super::error::LedgerError;
use super::handle::Ledger;
use super::op::{Recover, Recovered, StopInstance};
use super::operation::Operation;
use super::session::{ClockPolicy, scan_prefix};

/// A lock file that is locked; the lock goes with it.
#[derive(Debug)]
pub struct InstanceLock {
    id: InstanceId,
    /// None where no other process sees the store.
    file: Option<(PathBuf, File)>,
}

impl InstanceLock {
    /// Draws a new instance's number, and creates and locks its file.
    ///
    /// # Errors
    /// Where the file cannot be made, or the system gives no random bytes.
    pub fn create(locks: Option<&Path>) -> Result<Self, LedgerError> {
        let id = InstanceId(u64::from_be_bytes(random_array()?));
        let Some(locks) = locks else { return Ok(Self { id, file: None }) };
        DirBuilder::new().recursive(true).mode(0o700).create(locks).map_err(StoreError::Io)?;
        let path = path_of(locks, id);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(StoreError::Io)?;
        file.lock().map_err(StoreError::Io)?;
        Ok(Self { id, file: Some((path, file)) })
    }

    /// The instance that it belongs to.
    #[must_use]
    pub fn id(&self) -> InstanceId {
        self.id
    }

    /// Takes the instance out of the store, then removes the file and lets go.
    ///
    /// # Errors
    /// Where the storage fails; then whoever comes next finds the instance dead.
    pub fn stop(self, ledger: &Ledger, keys: &ProxyKeys) -> Result<(), LedgerError> {
        let stop = StopInstance { instance: self.id };
        ledger.transact(keys, ClockPolicy::Distrust, |session| stop.apply(session))?;
        // What is left of a file whose instance is gone harms nobody.
        if let Some((path, _lock)) = &self.file {
            let _ = std::fs::remove_file(path);
        }
        Ok(())
    }
}

/// Whether a process is dead: its lock in our hands, or its file gone.
#[derive(Debug)]
enum Dead {
    Locked(File),
    Gone,
}

/// Charges what dead processes held, and says so in the log.
///
/// # Errors
/// Where the storage fails.
pub fn recover_dead(
    ledger: &Ledger,
    keys: &ProxyKeys,
    own: Option<InstanceId>,
) -> Result<Recovered, LedgerError> {
    let mut recovered = Recovered::default();
    let Some(locks) = ledger.locks() else { return Ok(recovered) };
    for instance in running(ledger)? {
        if Some(instance.id) == own {
            continue;
        }
        let path = path_of(locks, instance.id);
        let Some(dead) = find_dead(&path).map_err(StoreError::Io)? else { continue };
        let recover = Recover { instance: instance.id };
        let one = ledger.transact(keys, ClockPolicy::Distrust, |session| recover.apply(session))?;
        if one.holds > 0 {
            let Recovered { holds, cost, .. } = one;
            let (tokens, spend) = (cost.tokens(), cost.spend.to_string());
            warn!(instance = %instance.id, holds, tokens, spend, "charged what a dead proxy held");
        }
        if let Dead::Locked(file) = dead {
            let _ = std::fs::remove_file(&path);
            drop(file);
        }
        recovered.processes = recovered.processes.saturating_add(one.processes);
        recovered.holds = recovered.holds.saturating_add(one.holds);
        recovered.cost = recovered.cost.plus(one.cost);
    }
    Ok(recovered)
}

/// The processes that have a row, dead ones included.
///
/// # Errors
/// Where the storage fails.
pub fn running(ledger: &Ledger) -> Result<Vec<Instance>, StoreError> {
    ledger.view(|rows, _| {
        let mut found = Vec::new();
        scan_prefix(rows, Table::Instances, &[], &mut |key, bytes| {
            found.push(Book::unverified().read::<Instance>(key, bytes)?);
            Ok(Scan::Continue)
        })?;
        Ok(found)
    })
}

/// Whether the instance's process lives, judged by its lock.
#[must_use]
pub fn is_alive(ledger: &Ledger, id: InstanceId) -> bool {
    ledger.locks().is_none_or(|locks| matches!(find_dead(&path_of(locks, id)), Ok(None)))
}

/// How many processes hold a lock file in the directory, whatever the store says: it may be
/// damaged.
///
/// # Errors
/// Where the directory cannot be read.
pub fn alive_beside(locks: &Path) -> io::Result<usize> {
    let mut alive: usize = 0;
    for path in lock_files(locks)? {
        if find_dead(&path)?.is_none() {
            alive = alive.saturating_add(1);
        }
    }
    Ok(alive)
}

/// The lock files in the directory that nobody holds any more.
///
/// # Errors
/// Where the directory or a file in it cannot be read.
pub fn dead_beside(locks: &Path) -> io::Result<Vec<PathBuf>> {
    let mut dead = Vec::new();
    for path in lock_files(locks)? {
        if matches!(find_dead(&path)?, Some(Dead::Locked(_))) {
            dead.push(path);
        }
    }
    Ok(dead)
}

/// Every process's lock file; none where there is no directory.
fn lock_files(locks: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(locks) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let is_lock = entry.file_name().to_str().is_some_and(|name| {
            name.strip_prefix("instance-").is_some_and(|rest| rest.strip_suffix(".lock").is_some())
        });
        if is_lock {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

fn find_dead(path: &Path) -> io::Result<Option<Dead>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Some(Dead::Gone)),
        Err(error) => return Err(error),
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(Dead::Locked(file))),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn path_of(locks: &Path, id: InstanceId) -> PathBuf {
    locks.join(format!("instance-{:016x}.lock", id.0))
}
