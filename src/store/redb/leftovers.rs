//! Temporary files beside a store, and what crashes leave of them.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry, File, OpenOptions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::file::{Identity, directory_of};

/// A new name beside `path` for the store that is about to be made there.
///
/// # Errors
/// Where the system has no random numbers.
pub(super) fn name_beside(path: &Path) -> Result<PathBuf, getrandom::Error> {
    let mut name = prefix(path);
    name.push(format!("{:016x}", getrandom::u64()?));
    Ok(path.with_file_name(name))
}

/// Marks the temporary file as one that somebody works on, for as long as it is open.
///
/// redb, which locks the whole file too, makes the lock a shared one.
pub(super) fn mark(file: &File) {
    // Without locks on whole files, leftovers are never taken to be dead.
    let _ = file.try_lock();
}

/// Removes the temporary names that belong to nobody any more, or to the store itself.
///
/// What cannot be removed does no harm: names are drawn anew each time.
pub(super) fn remove(path: &Path, store: Option<Identity>) {
    let prefix = prefix(path);
    let Ok(entries) = fs::read_dir(directory_of(path)) else { return };
    for entry in entries.flatten() {
        if starts_with(&entry.file_name(), &prefix)
            && (is_second_name(&entry, store) || is_dead(&entry.path()))
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The files beside the store that a command was making when it died, and those that a restore put
/// aside. Empty where the folder cannot be read.
#[must_use]
pub fn left_beside(path: &Path) -> Left {
    let (making, aside) = (prefix(path), aside_prefix(path));
    let mut left = Left::default();
    let Ok(entries) = fs::read_dir(directory_of(path)) else { return left };
    for entry in entries.flatten() {
        if starts_with(&entry.file_name(), &making) {
            if is_dead(&entry.path()) {
                left.unfinished.push(entry.path());
            }
        } else if starts_with(&entry.file_name(), &aside) {
            left.aside.push(entry.path());
        }
    }
    left.unfinished.sort();
    left.aside.sort();
    left
}

/// What lies beside a store and is no part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Files that nobody is making any more.
    pub unfinished: Vec<PathBuf>,
    /// Stores that were replaced.
    pub aside: Vec<PathBuf>,
}

/// The name beside a store for one that is put aside, at a time of this spelling.
#[must_use]
pub fn name_aside(path: &Path, now: &str) -> PathBuf {
    let mut name = aside_prefix(path);
    name.push(now.chars().filter(char::is_ascii_alphanumeric).collect::<String>());
    path.with_file_name(name)
}

fn aside_prefix(path: &Path) -> OsString {
    let mut prefix = path.file_name().unwrap_or_default().to_owned();
    prefix.push(".old-");
    prefix
}

fn prefix(path: &Path) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(path.file_name().unwrap_or(OsStr::new("store")));
    prefix.push(".new-");
    prefix
}

fn starts_with(name: &OsStr, prefix: &OsStr) -> bool {
    name.as_bytes().starts_with(prefix.as_bytes())
}

fn is_second_name(entry: &DirEntry, store: Option<Identity>) -> bool {
    let identity = entry.metadata().ok().map(|metadata| Identity::of(&metadata));
    identity.is_some() && identity == store
}

fn is_dead(path: &Path) -> bool {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let Ok(flags) = i32::try_from(flags.bits()) else { return false };
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path);
    file.is_ok_and(|file| file.try_lock().is_ok())
}
