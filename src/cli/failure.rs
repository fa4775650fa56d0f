//! What a command says when it does not do what it was asked: what, why, and what to do about it.

use std::fmt;
use std::path::Path;

use super::escaped::escaped;
use super::exit::Exit;
use super::style::{ERROR, NOTE, painted};

/// A failure, on its way to the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What the process ends with.
    pub exit: Exit,
    /// What did not happen.
    pub what: String,
    /// Why.
    pub why: Option<String>,
    /// What to do, each with the exact command or flag.
    pub hints: Vec<String>,
    /// Whether it is about the store's file, whose path belongs to the message.
    pub of_store: bool,
}

impl Failure {
    /// A failure with nothing but its message: lower case, no final period, names in backticks.
    #[must_use]
    pub fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self { exit, what: what.into(), why: None, hints: Vec::new(), of_store: false }
    }

    /// The same, with its cause.
    #[must_use]
    pub fn why(mut self, why: impl fmt::Display) -> Self {
        self.why = Some(why.to_string());
        self
    }

    /// The same, with one more thing to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same, about the store's file: [`Failure::located`] says where that is.
    #[must_use]
    pub fn of_store(self) -> Self {
        Self { of_store: true, ..self }
    }

    /// The same, with the path of the store's file where it is about that.
    #[must_use]
    pub fn located(mut self, store: &Path) -> Self {
        if self.of_store {
            self.what = format!("{}: `{}`", self.what, store.display());
        }
        self
    }

    /// The same, located already, whatever store the command line names.
    #[must_use]
    pub fn located_at(self, store: &Path) -> Self {
        Self { of_store: false, ..self.located(store) }
    }

    /// The lines to show, the last one without a line break.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let mut text = format!("{}: {}", painted(ERROR, "error", color), escaped(&self.what));
        let why = self.why.iter().map(|why| ("why", why));
        let hints = self.hints.iter().map(|hint| ("hint", hint));
        for (label, line) in why.chain(hints) {
            text.push_str("\n  ");
            text.push_str(&painted(NOTE, label, color));
            text.push_str(": ");
            text.push_str(&escaped(line));
        }
        text
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_what_why_and_what_to_do() {
        let failure = Failure::new(Exit::NotFound, "there is no key `a\u{1b}[2Jb\nc`")
            .why("nobody\u{202e} minted it")
            .hint("list them with `till key ls`")
            .hint("mint one with `till key mint`");
        assert_eq!(
            failure.to_string(),
            "error: there is no key `a\\u{1b}[2Jb\\nc`\n  \
             why: nobody\\u{202e} minted it\n  \
             hint: list them with `till key ls`\n  \
             hint: mint one with `till key mint`"
        );
        assert_eq!(Failure::new(Exit::Failed, "no").to_string(), "error: no");
        assert!(Failure::new(Exit::Failed, "no").render(true).starts_with("\u{1b}["));
    }
}
