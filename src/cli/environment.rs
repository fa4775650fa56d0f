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
    Variable { name: "TILL_KEY", meaning: "the proxy key that `till left` asks about" },
    Variable {
        name: "TILL_PRICES",
        meaning: "a file of prices over those in till and those that were set",
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

/// The environment as it was at the start. Its `Debug` shows names alone.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, OsString>);

impl Environment {
    /// The environment of this process.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the environment"
    )]
    pub fn of_process() -> Self {
        let named = std::env::vars_os()
            .filter_map(|(name, value)| name.into_string().ok().map(|name| (name, value)));
        Self(named.collect())
    }

    /// An environment of these variables.
    #[cfg(test)]
    pub(crate) fn from_pairs<N: Into<String>, V: Into<OsString>>(
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
        self.0.get(name).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
