//! Where things lie on this machine.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::exit::Exit;
use super::failure::Failure;

/// The folder of the platform's data, below the home directory.
#[cfg(target_os = "macos")]
const DATA: &str = "Library/Application Support";
#[cfg(not(target_os = "macos"))]
const DATA: &str = ".local/share";

/// The store's file: what `--store` says, else `$TILL_STORE`, else `till/till.redb` in the
/// platform's data directory.
///
/// # Errors
/// Where nothing names a place: no flag, and neither variable nor home directory.
pub fn store_path(environment: &Environment, flag: Option<&Path>) -> Result<PathBuf, Failure> {
    let named = flag.map(Path::to_owned).or_else(|| path(environment, "TILL_STORE"));
    named.map_or_else(
        || Ok(base(environment, "XDG_DATA_HOME", DATA)?.join("till").join("till.redb")),
        Ok,
    )
}

/// The directory of what is remembered outside the store: the anchors.
///
/// # Errors
/// Where neither variable nor home directory names a place.
pub fn state_dir(environment: &Environment) -> Result<PathBuf, Failure> {
    Ok(base(environment, "XDG_STATE_HOME", ".local/state")?.join("till"))
}

/// The directory of a store's lock files, beside it.
#[must_use]
pub fn locks_dir(store: &Path) -> PathBuf {
    let mut path = store.as_os_str().to_owned();
    path.push(".locks");
    path.into()
}

/// The directory that `variable` names, else `folder` in the home directory. Relative paths
/// count as unset (XDG Base Directory Specification 0.8).
fn base(environment: &Environment, variable: &str, folder: &str) -> Result<PathBuf, Failure> {
    let absolute = |name| path(environment, name).filter(|path| path.is_absolute());
    absolute(variable).or_else(|| Some(absolute("HOME")?.join(folder))).ok_or_else(|| {
        Failure::new(Exit::Failed, "there is no directory for till's files")
            .why(format!("neither `{variable}` nor `HOME` is set to an absolute path"))
            .hint("set `HOME`")
            .hint(format!("or set `{variable}`, and name the store with `--store`"))
    })
}

fn path(environment: &Environment, name: &str) -> Option<PathBuf> {
    environment.get_os(name).map(PathBuf::from)
}
