//! What lies beside a store and is no part of it: no fault, and nothing that goes away by itself.

use std::path::{Path, PathBuf};

use crate::ledger::dead_beside;
use crate::store::redb::left_beside;

/// A file, and what it is.
pub(super) struct Note {
    pub(super) path: PathBuf,
    pub(super) what: &'static str,
}

/// What is left beside the store at this path, whose processes have their lock files in `locks`.
pub(super) fn notes(store: &Path, locks: &Path) -> Vec<Note> {
    let left = left_beside(store);
    // A folder that cannot be read has nothing to be told of.
    let dead = dead_beside(locks).unwrap_or_default();
    let of = |paths: Vec<PathBuf>, what: &'static str| {
        paths.into_iter().map(move |path| Note { path, what })
    };
    of(left.unfinished, "left by a command that did not end; it can be removed")
        .chain(of(
            left.aside,
            "a store that was put aside; it holds sealed keys, remove it when it is not needed",
        ))
        .chain(of(
            dead,
            "of a process that died; what it had in flight is charged when the store is next unlocked",
        ))
        .collect()
}
