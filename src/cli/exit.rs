//! The exit codes: one table, for the code, the help and the man page.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It did what it was asked.
    Done,
    /// It failed for a reason without a code of its own.
    Failed,
    /// The command line makes no sense.
    Usage,
    /// What was named is not there.
    NotFound,
    /// There is no store.
    NoStore,
    /// Another process holds the store.
    StoreHeld,
    /// The secret opens no unlock slot.
    WrongSecret,
    /// The store is damaged, was edited, or went back.
    StoreDamaged,
    /// A limit or a policy forbids it.
    Refused,
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExitRow {
    /// What the process ends with.
    pub code: u8,
    /// A short name.
    pub name: &'static str,
    /// What it says about the command.
    pub meaning: &'static str,
}

/// All exit codes, in order.
pub const TABLE: [ExitRow; 9] = [
    Exit::Done.row(),
    Exit::Failed.row(),
    Exit::Usage.row(),
    Exit::NotFound.row(),
    Exit::NoStore.row(),
    Exit::StoreHeld.row(),
    Exit::WrongSecret.row(),
    Exit::StoreDamaged.row(),
    Exit::Refused.row(),
];

/// What `till run` ends with beside the command's own codes.
pub const OF_RUN: [ExitRow; 5] = [
    ExitRow {
        code: 124,
        name: "run: limited",
        meaning: "a limit ended the command (`--on-limit kill`)",
    },
    ExitRow { code: 125, name: "run: failed", meaning: "till itself failed" },
    ExitRow { code: 126, name: "run: not executable", meaning: "the command cannot be executed" },
    ExitRow { code: 127, name: "run: not there", meaning: "the command is not there" },
    ExitRow { code: 128, name: "run: signal", meaning: "and N more: signal N ended the command" },
];

impl Exit {
    /// The row of the table.
    #[must_use]
    pub const fn row(self) -> ExitRow {
        let (code, name, meaning) = match self {
            Self::Done => (0, "done", "it is done"),
            Self::Failed => (1, "failed", "it failed, for a reason that the message gives"),
            Self::Usage => (2, "usage", "the command line makes no sense"),
            Self::NotFound => (3, "not found", "the key, master, provider or slot is not there"),
            Self::NoStore => (4, "no store", "there is no store at the path"),
            Self::StoreHeld => {
                (5, "store held", "another process holds the store and does not let go")
            }
            Self::WrongSecret => {
                (6, "wrong secret", "the passphrase or key file does not open the store")
            }
            Self::StoreDamaged => {
                (7, "store damaged", "the store is damaged, was edited, or went back")
            }
            Self::Refused => (8, "refused", "a limit or a policy forbids it"),
        };
        ExitRow { code, name, meaning }
    }

    /// What the process ends with.
    #[must_use]
    pub const fn code(self) -> u8 {
        self.row().code
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_in_order() {
        let codes: Vec<u8> = TABLE.iter().map(|row| row.code).collect();
        assert_eq!(codes, (0..=Exit::Refused.code()).collect::<Vec<_>>());
    }
}
