//! What becomes of a run when a limit of its key is reached.

use std::fmt;
use std::process::{Command, Stdio};
use std::str::FromStr;

use crate::domain::denial::Denial;
use crate::domain::time::Span;

use super::super::words::words;

/// How long a wait may be: a day.
const LONGEST: Span = Span::minutes(24 * 60);

/// `--on-limit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnLimit {
    /// The command sees the provider's own error.
    Fail,
    /// The command is ended.
    Kill,
    /// Requests are held open for so long, until the limit is raised.
    Wait(Span),
}

impl OnLimit {
    /// How long a request waits.
    #[must_use]
    pub const fn patience(self) -> Span {
        match self {
            Self::Wait(span) => span,
            Self::Fail | Self::Kill => Span(0),
        }
    }
}

impl FromStr for OnLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.strip_prefix("wait=")) {
            ("fail", _) => Ok(Self::Fail),
            ("kill", _) => Ok(Self::Kill),
            (_, Some(span)) => span
                .parse()
                .ok()
                .filter(|span| (Span(1)..=LONGEST).contains(span))
                .map(Self::Wait)
                .ok_or_else(|| "a wait is up to a day, as in `wait=10m`".to_owned()),
            _ => Err("it is `fail`, `kill` or `wait=10m`".to_owned()),
        }
    }
}

impl fmt::Display for OnLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fail => f.pad("fail"),
            Self::Kill => f.pad("kill"),
            Self::Wait(span) => f.pad(&format!("wait={span}")),
        }
    }
}

/// Starts the operator's own command for a reached limit, and does not wait for it.
///
/// # Errors
/// Why it could not be started.
pub(super) fn call_hook(hook: &str, key: &str, denial: &Denial) -> Result<(), String> {
    let words = words(hook).map_err(str::to_owned)?;
    let (program, arguments) = words.split_first().ok_or("it has no words")?;
    Command::new(program)
        .args(arguments)
        .env("TILL_KEY_ID", key)
        .env("TILL_DENIAL", denial.reason.rule().code)
        .env("TILL_MESSAGE", &denial.message)
        .stdin(Stdio::null())
        .spawn()
        .map(drop)
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_read() {
        let read = |text: &str| text.parse::<OnLimit>();
        assert_eq!(read("fail"), Ok(OnLimit::Fail));
        assert_eq!(read("kill"), Ok(OnLimit::Kill));
        assert_eq!(read("wait=10m"), Ok(OnLimit::Wait(Span::minutes(10))));
        for text in ["", "wait", "wait=", "wait=0s", "wait=2d", "stop"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
