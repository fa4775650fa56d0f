//! Whose the files of till are, and who else can open them.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::super::commands::prices_files;
use super::super::context::Context;
use super::super::paths::{locks_dir, state_dir};
use super::super::secret_order::{Source, candidates};
use super::places::Places;
use super::shown::{shown, word};
use crate::report::doctor::{Check, Finding};

const ANY_ACCESS: u32 = 0o077;
const WRITABLE: u32 = 0o022;
const STICKY: u32 = 0o1000;

/// What is to be said of the files and folders that belong to till.
pub(super) fn of_files(context: &Context, places: &Places) -> Vec<Finding> {
    let mut private: Vec<PathBuf> = Vec::new();
    let mut folders = Vec::new();
    if let Ok(store) = context.store_path() {
        let folder = store.parent().filter(|folder| !folder.as_os_str().is_empty());
        // A folder matters once there is something in it.
        folders.extend(folder.filter(|_| store.exists()).map(Path::to_owned));
        private.extend([locks_dir(&store), store]);
    }
    private.extend(state_dir(&context.environment).ok());
    for candidate in candidates(&context.globals.secrets, &context.environment) {
        if let Source::File(path) | Source::KeyFile(path) = candidate.source {
            private.push(path);
        }
    }
    private.extend(context.environment.get_os("TILL_ADMIN_TOKEN_FILE").map(PathBuf::from));
    let prices = prices_files::files(context, None).unwrap_or_default();

    let mut found = Vec::new();
    for path in private {
        found.extend(mode_of(&path, ANY_ACCESS, Check::OpenToOthers, places));
    }
    for path in folders {
        found.extend(mode_of(&path, WRITABLE, Check::FolderOpenToOthers, places));
    }
    for file in prices {
        found.extend(mode_of(&file.path, WRITABLE, Check::PricesWritable, places));
    }
    found
}

/// What is wrong with what lies at the path, if anything does: bits of its mode, and its owner.
fn mode_of(path: &Path, unwanted: u32, check: Check, places: &Places) -> Vec<Finding> {
    let Ok(metadata) = std::fs::metadata(path) else { return Vec::new() };
    if !metadata.is_file() && !metadata.is_dir() {
        return Vec::new();
    }
    let finding = |check, more: String| {
        let place = format!("{} ({more})", shown(path, places));
        Finding::new(check, place, &word(path, places))
    };
    let mode = metadata.mode();
    // In a sticky folder nobody replaces what is another's.
    let is_safe = mode & unwanted == 0 || (unwanted == WRITABLE && mode & STICKY != 0);
    let open = (!is_safe).then(|| finding(check, format!("mode {:o}", mode & 0o7777)));
    let owner = metadata.uid();
    let ours = owner == rustix::process::geteuid().as_raw() || owner == 0;
    let foreign = (!ours).then(|| finding(Check::OfAnother, format!("user {owner}")));
    open.into_iter().chain(foreign).collect()
}
