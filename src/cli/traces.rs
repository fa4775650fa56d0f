//! What making a store leaves behind, taken away again where no store comes of it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::ledger::Options;

/// What was not there before. Unless it is told to stay, what is there of it by the end is
/// removed: the file where it was made, lock files, and folders that are empty.
#[derive(Debug)]
pub struct Traces {
    store: Option<PathBuf>,
    locks: Option<PathBuf>,
    /// The deepest first.
    folders: Vec<PathBuf>,
}

impl Traces {
    /// Looks at what is there before a store is made at this path.
    #[must_use]
    pub fn before(store: &Path, options: &Options) -> Self {
        let mut folders = missing(&options.locks);
        folders.extend(store.parent().map(missing).unwrap_or_default());
        folders.extend(missing(&options.state_dir));
        folders.sort_by_key(|folder| std::cmp::Reverse(folder.components().count()));
        folders.dedup();
        let locks = Some(options.locks.clone()).filter(|locks| folders.contains(locks));
        Self { store: None, locks, folders }
    }

    /// The file at this path is ours.
    pub fn made(&mut self, store: &Path) {
        self.store = Some(store.to_owned());
    }

    /// The store is whole: everything stays.
    pub fn stay(mut self) {
        self.store = None;
        self.locks = None;
        self.folders.clear();
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        // Another process may have put something there, or removed it: then it stays so.
        if let Some(store) = &self.store {
            let _ = fs::remove_file(store);
        }
        let locks = self.locks.as_deref().and_then(|locks| fs::read_dir(locks).ok());
        for file in locks.into_iter().flatten().flatten() {
            let _ = fs::remove_file(file.path());
        }
        for folder in &self.folders {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// The folder and those above it, as far as they are not there.
fn missing(folder: &Path) -> Vec<PathBuf> {
    let above = folder.ancestors().filter(|path| !path.as_os_str().is_empty());
    above.take_while(|path| path.symlink_metadata().is_err()).map(Path::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Rollback;

    #[test]
    fn what_was_there_stays_and_what_is_ours_goes() {
        let place = tempfile::tempdir().unwrap();
        let here = place.path();
        let store = here.join("a/b/till.redb");
        let options = Options {
            locks: here.join("a/b/till.redb.locks"),
            state_dir: here.join("state/till"),
            rollback: Rollback::Refuse,
        };
        fs::create_dir(here.join("state")).unwrap();
        let make = || {
            let mut traces = Traces::before(&store, &options);
            fs::create_dir_all(&options.locks).unwrap();
            fs::create_dir_all(&options.state_dir).unwrap();
            fs::write(options.locks.join("kdf.lock"), "").unwrap();
            fs::write(&store, "").unwrap();
            traces.made(&store);
            traces
        };
        drop(make());
        let left = fs::read_dir(here).unwrap().map(|entry| entry.unwrap().file_name());
        assert_eq!(left.collect::<Vec<_>>(), ["state"]);
        assert_eq!(fs::read_dir(here.join("state")).unwrap().count(), 0);
        make().stay();
        assert!(store.exists() && options.state_dir.exists());
        // Nothing of a store that was there is taken away.
        drop(Traces::before(&store, &options));
        assert!(store.exists() && options.locks.join("kdf.lock").exists());
    }
}
