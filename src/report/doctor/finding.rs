//! One thing that a check has found.

use super::check::{Check, Severity};

/// A finding. Of a key it has the last four characters, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked for.
    pub check: Check,
    /// Where it is: a variable, a file and its line, a row of the store.
    pub place: String,
    /// The key's last four characters, where it is about one.
    pub last4: Option<String>,
    /// What mends it.
    pub mend: String,
}

impl Finding {
    /// A finding at a place; `subject` is what the check's mend names.
    #[must_use]
    pub fn new(check: Check, place: impl Into<String>, subject: &str) -> Self {
        let mend = check.row().mend.replace("{}", subject);
        Self { check, place: place.into(), last4: None, mend }
    }

    /// The same, of a key that ends so.
    #[must_use]
    pub fn ending_in(self, last4: impl Into<String>) -> Self {
        Self { last4: Some(last4.into()), ..self }
    }

    /// The same, mended in another way than most of its check.
    #[must_use]
    pub fn mended_by(self, mend: impl Into<String>) -> Self {
        Self { mend: mend.into(), ..self }
    }

    /// How much it weighs.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.check.row().severity
    }
}
