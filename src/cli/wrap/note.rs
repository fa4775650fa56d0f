//! Lines for stderr about what was decided.

/// One line, in lower case and without a final period. It never holds a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Whether it is shown with `--quiet` as well: the command may see a real key, or will not
    /// work.
    pub warning: bool,
    /// The line.
    pub text: String,
}

impl Note {
    /// Something to know.
    pub(in super::super) fn said(text: impl Into<String>) -> Self {
        Self { warning: false, text: text.into() }
    }

    /// Something to act on.
    pub(super) fn warned(text: impl Into<String>) -> Self {
        Self { warning: true, text: text.into() }
    }
}
