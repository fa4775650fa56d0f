//! The text of a master key: what of it can be used, and what of it may be seen.

use super::secret::SecretText;

/// Characters that a credential has at least: a shorter one could not be scrubbed from answers.
pub const SHORTEST: usize = 8;
/// Characters that a credential has at most.
pub const LONGEST: usize = 8 * 1024;

/// Reads a credential as it was typed or piped: one line break at its end is cut.
///
/// # Errors
/// What keeps it from being sent in a header, or from being scrubbed out of an answer.
pub fn check_master(text: &str) -> Result<SecretText, MasterTextError> {
    let line = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    if line.is_empty() {
        return Err(MasterTextError::Empty);
    }
    if line.contains(['\n', '\r']) {
        return Err(MasterTextError::LineBreak);
    }
    if !line.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(MasterTextError::Invisible);
    }
    match line.len() {
        0..SHORTEST => Err(MasterTextError::TooShort),
        SHORTEST..=LONGEST => Ok(line.to_owned().into()),
        _ => Err(MasterTextError::TooLong),
    }
}

/// Why a text is no credential. It never carries the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MasterTextError {
    /// There is nothing.
    #[error("it is empty")]
    Empty,
    /// There are several lines.
    #[error("it has more than one line")]
    LineBreak,
    /// A space, a control character, or one outside ASCII.
    #[error("it holds a space, or a character that is not visible ASCII")]
    Invisible,
    /// Fewer characters than [`SHORTEST`].
    #[error("it has fewer than {SHORTEST} characters")]
    TooShort,
    /// More characters than [`LONGEST`].
    #[error("it has more than {LONGEST} characters")]
    TooLong,
}

/// The last four characters, for people; nothing of a credential of less than 12.
#[must_use]
pub fn last4(secret: &SecretText) -> String {
    let text = secret.expose();
    let tail = text.len().checked_sub(4).filter(|at| *at >= 8).and_then(|at| text.get(at..));
    tail.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> SecretText {
        text.to_owned().into()
    }

    #[test]
    fn credentials_are_checked_when_they_come_in() {
        for good in ["sk-12345", "sk-12345\n", "sk-12345\r\n"] {
            assert_eq!(check_master(good), Ok(text("sk-12345")), "{good:?}");
        }
        let refused = [
            ("", MasterTextError::Empty),
            ("\r\n", MasterTextError::Empty),
            ("sk-12345\n\n", MasterTextError::LineBreak),
            ("sk-12345\r", MasterTextError::LineBreak),
            ("sk-1\nX-Evil: 2345", MasterTextError::LineBreak),
            ("sk-123 45", MasterTextError::Invisible),
            ("sk-12345\0", MasterTextError::Invisible),
            ("sk-12345é", MasterTextError::Invisible),
            ("sk-1234", MasterTextError::TooShort),
        ];
        for (bad, why) in refused {
            assert_eq!(check_master(bad), Err(why), "{bad:?}");
        }
        assert!(check_master(&"x".repeat(LONGEST)).is_ok());
        assert_eq!(check_master(&"x".repeat(LONGEST + 1)), Err(MasterTextError::TooLong));
    }

    #[test]
    fn short_credentials_have_no_last_four() {
        assert_eq!(last4(&text("sk-12345678")), "");
        assert_eq!(last4(&text("sk-123456789")), "6789");
    }
}
