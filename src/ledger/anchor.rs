//! The anchor: how far a store had come, remembered outside the store.
//!
//! It finds a whole store that went back, by accident or by a careless copy. Somebody who can
//! write both is not stopped by it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::ids::StoreId;

/// How often a file that another process keeps, which takes microseconds, is tried again: half a
/// second. One that stands still must not hold up all others.
const TRIES: usize = 100;
const PAUSE: Duration = Duration::from_millis(5);

/// The anchor of one store: a file with a number in it, that only grows.
#[derive(Clone, Debug)]
pub struct Anchor {
    path: PathBuf,
}

impl Anchor {
    /// The anchor of this store in the state directory.
    #[must_use]
    pub fn of(state_dir: &Path, store: StoreId) -> Self {
        Self { path: state_dir.join(format!("anchor-{store}")) }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The generation that was seen last; 0 where none was.
    ///
    /// # Errors
    /// Where the file is there and cannot be read, or another process keeps it.
    pub fn read(&self) -> io::Result<u64> {
        match File::open(&self.path) {
            Ok(mut file) => {
                within_patience(|| file.try_lock_shared())?;
                number_in(&mut file)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Remembers a generation, if it is newer than the one that is remembered; says which is now.
    ///
    /// # Errors
    /// Where the file cannot be made or written, or another process keeps it.
    pub fn raise(&self, generation: u64) -> io::Result<u64> {
        let mut file = self.open()?;
        within_patience(|| file.try_lock())?;
        next(&mut file, |seen| generation.max(seen))
    }

    /// Remembers this generation, although it is older: the operator accepted that it went back.
    ///
    /// # Errors
    /// Where the file cannot be made or written.
    pub fn reset(&self, generation: u64) -> io::Result<()> {
        self.set(|_| generation)
    }

    /// Remembers a generation, if it is older: a store that had come so far is about to be put in
    /// the place of the one that is there.
    ///
    /// # Errors
    /// Where the file cannot be made or written.
    pub fn lower(&self, generation: u64) -> io::Result<()> {
        self.set(|seen| generation.min(seen))
    }

    fn set(&self, number: impl FnOnce(u64) -> u64) -> io::Result<()> {
        let mut file = self.open()?;
        file.lock()?;
        next(&mut file, number).map(|_| ())
    }

    fn open(&self) -> io::Result<File> {
        if let Some(parent) = self.path.parent() {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
        }
        OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&self.path)
    }
}

/// Writes the number that follows the one in the file, which is locked, and returns it.
fn next(file: &mut File, number: impl FnOnce(u64) -> u64) -> io::Result<u64> {
    let seen = number_in(file)?;
    let next = number(seen);
    if next != seen {
        // As many digits as any number has: the text never has to be cut.
        file.rewind()?;
        file.write_all(format!("{next:020}\n").as_bytes())?;
    }
    Ok(next)
}

/// Tries to lock until it can be, or nobody waits any more.
fn within_patience(lock: impl Fn() -> Result<(), TryLockError>) -> io::Result<()> {
    for _ in 0..TRIES {
        match lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
        }
    }
    Err(io::Error::new(io::ErrorKind::WouldBlock, "another process keeps it"))
}

/// The number in the file; 0 in one that is empty or unreadable, which happens when a machine
/// dies while it is made.
fn number_in(file: &mut File) -> io::Result<u64> {
    let mut text = String::new();
    file.take(64).read_to_string(&mut text)?;
    Ok(text.trim().parse().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_only_grows_unless_told() {
        let dir = tempfile::tempdir().unwrap();
        let anchor = Anchor::of(dir.path(), StoreId([1; 16]));
        assert_eq!(anchor.read().unwrap(), 0);
        anchor.raise(100).unwrap();
        anchor.raise(20).unwrap();
        assert_eq!(anchor.read().unwrap(), 100);
        anchor.reset(20).unwrap();
        assert_eq!(anchor.read().unwrap(), 20);
        anchor.lower(30).unwrap();
        assert_eq!(anchor.read().unwrap(), 20);
        anchor.lower(10).unwrap();
        assert_eq!(anchor.read().unwrap(), 10);
        assert_eq!((anchor.raise(5).unwrap(), anchor.raise(15).unwrap()), (10, 15));
    }

    #[test]
    fn who_keeps_it_holds_nobody_up_for_long() {
        let dir = tempfile::tempdir().unwrap();
        let anchor = Anchor::of(dir.path(), StoreId([1; 16]));
        anchor.raise(7).unwrap();
        let held = File::open(anchor.path()).unwrap();
        held.lock().unwrap();
        let kept = |result: io::Result<u64>| result.unwrap_err().kind();
        assert_eq!(kept(anchor.raise(8)), io::ErrorKind::WouldBlock);
        assert_eq!(kept(anchor.read()), io::ErrorKind::WouldBlock);
        held.unlock().unwrap();
        assert_eq!(anchor.raise(8).unwrap(), 8);
    }
}
