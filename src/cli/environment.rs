//! The process's environment, read in one place.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;

/// One variable that till reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it sets.
    pub meaning: &'static str,
}

/// All variables that till reads. Empty ones count as unset.
pub const VARIABLES: &[Variable] = &[
    Variable { name: "TILL_STORE", meaning: "the path of the store's file" },
    Variable {
        name: "TILL_PASSPHRASE_FD",
        meaning: "the number of a file descriptor to read the passphrase from",
    },
    Variable { name: "TILL_PASSPHRASE_FILE", meaning: "a file that holds the passphrase" },
    Variable {
        name: "TILL_PASSPHRASE_COMMAND",
        meaning: "a command that prints the passphrase; no shell reads it",
    },
    Variable { name: "TILL_KEY_FILE", meaning: "a key file that unlocks the store" },
    Variable {
        name: "TILL_PASSPHRASE",
        meaning: "the passphrase; other processes of the same user can read it",
    },
    Variable { name: "TILL_URL", meaning: "the proxy that `till left` asks; `till run` sets it" },
    Variable { name: "TILL_KEY", meaning: "the proxy key that `till left` asks about" },
    Variable {
        name: "TILL_ADMIN_URL",
        meaning: "an admin API: `till key mint|ls|show|revoke` and `till run` work with it, not a store",
    },
    Variable {
        name: "TILL_ADMIN_TOKEN",
        meaning: "a token for it: of `till admin mint`, or the identity token of a CI job",
    },
    Variable { name: "TILL_ADMIN_TOKEN_FILE", meaning: "a file that holds the token" },
    Variable {
        name: "TILL_ADMIN_AUDIENCE",
        meaning: "whom the identity token of a GitHub Actions job is asked for; `till` where unset",
    },
    Variable {
        name: "TILL_PRICES",
        meaning: "a file of prices over those in till and those that were set",
    },
    Variable {
        name: "ACTIONS_ID_TOKEN_REQUEST_URL",
        meaning: "set by GitHub Actions: where a job's OIDC token is asked for",
    },
    Variable {
        name: "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        meaning: "set by GitHub Actions: what it is asked for with",
    },
    Variable {
        name: "CREDENTIALS_DIRECTORY",
        meaning: "set by systemd: where the credential `till-passphrase` lies",
    },
    Variable { name: "XDG_DATA_HOME", meaning: "where the store lies, in `till/till.redb`" },
    Variable { name: "XDG_STATE_HOME", meaning: "where the anchors lie, in `till`" },
    Variable { name: "HOME", meaning: "stands in for the two above, with its usual folders" },
    Variable { name: "NO_COLOR", meaning: "no colours, whatever it is set to" },
    Variable { name: "TERM", meaning: "`dumb` for a terminal without colours" },
    Variable { name: "LC_ALL", meaning: "bars are drawn in ASCII where it is not UTF-8" },
    Variable { name: "LC_CTYPE", meaning: "the same, where `LC_ALL` is not set" },
    Variable { name: "LANG", meaning: "the same, where neither is set" },
    Variable { name: "TZ", meaning: "the time zone of times that are given without one" },
];

/// Those of [`VARIABLES`] that hold what unlocks the store or mints keys, or lead to it: no command
/// that till starts inherits them.
pub const LEADING_TO_SECRETS: &[&str] = &[
    "TILL_PASSPHRASE_FD",
    "TILL_PASSPHRASE_FILE",
    "TILL_PASSPHRASE_COMMAND",
    "TILL_KEY_FILE",
    "TILL_PASSPHRASE",
    "TILL_ADMIN_TOKEN",
    "TILL_ADMIN_TOKEN_FILE",
    "CREDENTIALS_DIRECTORY",
];

/// Variables and their values: those of the process, as they were at the start, or those of a
/// command to start. The `Debug` shows names alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// The environment of this process.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the environment"
    )]
    pub fn of_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// An environment of these variables.
    #[cfg(test)]
    pub(crate) fn from_pairs<N: Into<OsString>, V: Into<OsString>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// The variable's value; none where it is unset, empty, or no UTF-8.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_os(name)?.to_str()
    }

    /// The variable's value, whatever its bytes; none where it is unset or empty.
    #[must_use]
    pub fn get_os(&self, name: &str) -> Option<&OsStr> {
        self.0.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// All variables, by name, empty ones too.
    pub fn variables(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.0.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// Sets a variable, whether or not it was set.
    pub fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        self.0.insert(name.into(), value.into());
    }

    /// Removes a variable. Returns whether it was set.
    pub fn remove(&mut self, name: impl AsRef<OsStr>) -> bool {
        self.0.remove(name.as_ref()).is_some()
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_to_secrets_is_something_that_till_reads() {
        for name in LEADING_TO_SECRETS {
            assert!(VARIABLES.iter().any(|variable| variable.name == *name), "{name}");
        }
    }
}
