//! What becomes of a run when a limit of its key is reached.

use std::fmt;
use std::str::FromStr;

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

/// `--on-limit-command`: its words, quoted as for a shell, which does not read them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook(pub Vec<String>);

impl FromStr for Hook {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        words(text).map(Self).map_err(str::to_owned)
    }
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
        let hook = "notify-send 'a limit'".parse::<Hook>().unwrap();
        assert_eq!(hook.0, ["notify-send", "a limit"]);
        assert!("".parse::<Hook>().is_err() && "a 'b".parse::<Hook>().is_err());
        for text in ["", "wait", "wait=", "wait=0s", "wait=2d", "stop"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
