//! Where the passphrase comes from, and who can read it there.

use std::path::Path;

use rustix::fs::{Access, access};

use super::super::context::Context;
use super::super::secret_order::{Source, candidates};
use super::places::Places;
use super::shown::{shown, word};
use crate::report::doctor::{Check, Finding};

/// What is to be said of the sources. The passphrase in a variable is said with the environment,
/// a slot of the keyring with the store.
pub(super) fn of_sources(context: &Context, places: &Places) -> Vec<Finding> {
    let sources = candidates(&context.globals.secrets, &context.environment);
    let found = sources.into_iter().filter_map(|candidate| match candidate.source {
        Source::File(path) | Source::Credential(path) => {
            readable(&path, Check::PassphraseFile, places)
        }
        Source::KeyFile(path) => readable(&path, Check::KeyFile, places),
        Source::Command(command) => {
            // Its arguments are nobody's business.
            let program = command.split_whitespace().next().unwrap_or_default().to_owned();
            Some(Finding::new(Check::PassphraseCommand, program, ""))
        }
        Source::Fd(_) | Source::Keyring | Source::Variable(_) | Source::Terminal => None,
    });
    found.collect()
}

/// A finding where the file is there and this user can read it.
fn readable(path: &Path, check: Check, places: &Places) -> Option<Finding> {
    let is_file = std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    let readable = is_file && access(path, Access::READ_OK).is_ok();
    readable.then(|| Finding::new(check, shown(path, places), &word(path, places)))
}
