//! What is wrong with a row, and what to do about it.

use crate::store::{StoreError, Table};

/// So many findings are kept; the rest is counted.
const MOST: usize = 100;

/// One thing that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The table that it lies in; none where it is about the whole file.
    pub table: Option<Table>,
    /// The row's key, as a person reads it; empty where it is about the whole table.
    pub row: String,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: Remedy,
}

/// What is to be done about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// The whole store is not to be relied on.
    Restore,
    /// One key is refused, or should be.
    Key,
    /// Evidence that somebody wrote into the file past till.
    Evidence,
    /// Figures for people alone.
    Figures,
    /// A newer copy must be somewhere.
    Newer,
}

impl Remedy {
    /// The word for it in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Restore => "restore",
            Self::Key => "revoke-key",
            Self::Evidence => "find-out",
            Self::Figures => "figures",
            Self::Newer => "newer-copy",
        }
    }

    /// What to do.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Restore => "put a backup in its place with `till restore FILE --replace`",
            Self::Key => "end the key with `till key revoke`, and mint another one",
            Self::Evidence => {
                "keep a copy of the file, and find out who can write it; then `till restore FILE \
                 --replace`"
            }
            Self::Figures => "no request depends on it; a backup has the right figures",
            Self::Newer => "put the newest copy back; if this one is meant, `--accept-rollback`",
        }
    }
}

/// What was found, in the order in which it was.
#[derive(Clone, Debug, Default)]
pub struct Found {
    findings: Vec<Finding>,
    count: u64,
}

impl Found {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The first ones.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// One about a row; about the whole table where `row` is empty.
    pub fn add(&mut self, table: Table, row: &str, what: impl Into<String>, remedy: Remedy) {
        self.push(Finding { table: Some(table), row: row.to_owned(), what: what.into(), remedy });
    }

    /// One about the whole file.
    pub fn of_file(&mut self, what: impl Into<String>, remedy: Remedy) {
        self.push(Finding { table: None, row: String::new(), what: what.into(), remedy });
    }

    /// Damage that ended the walk through a table.
    ///
    /// # Errors
    /// A failure that is no damage.
    pub fn damage(&mut self, table: Table, error: StoreError) -> Result<(), StoreError> {
        match error {
            StoreError::Damaged(_) | StoreError::Forged(_) => {
                self.add(table, "", error.to_string(), Remedy::Restore);
                Ok(())
            }
            error => Err(error),
        }
    }

    fn push(&mut self, finding: Finding) {
        self.count = self.count.saturating_add(1);
        if self.findings.len() < MOST {
            self.findings.push(finding);
        }
    }
}
