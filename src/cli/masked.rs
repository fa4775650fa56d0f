//! Keys that stand where none belongs: in arguments they are refused, in what is said they are cut
//! short.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};

use super::exit::Exit;
use super::failure::Failure;
use crate::provider::leak::{Kind, leaks};

/// Bytes of a key that are shown: what tells its kind.
const SHOWN: usize = 8;
/// The same of a real key, of which nobody needs to be told more.
const SHOWN_OF_REAL: usize = 4;

/// The text with each key in it cut down to how it begins, as in `till_sk_…`.
#[must_use]
pub(super) fn masked(text: &str) -> Cow<'_, str> {
    let found = leaks(text.as_bytes());
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    for leak in found {
        let len = if matches!(leak.kind, Kind::Real(_)) { SHOWN_OF_REAL } else { SHOWN };
        let begins = leak.at.start.saturating_add(len).min(leak.at.end);
        // Keys are ASCII: both ends stand between characters.
        shown.push_str(text.get(at..begins).unwrap_or_default());
        shown.push('…');
        at = leak.at.end;
    }
    shown.push_str(text.get(at..).unwrap_or_default());
    Cow::Owned(shown)
}

/// Refuses a key among till's own arguments, before anything looks at them: they would be names,
/// or be repeated in a message. What comes after `--` is another command's.
///
/// # Errors
/// Where there is one.
pub(super) fn refuse_keys(arguments: &[OsString]) -> Result<(), Failure> {
    let own = arguments.iter().skip(1).take_while(|word| *word != OsStr::new("--"));
    let Some(leak) = own.flat_map(|word| leaks(word.as_encoded_bytes())).next() else {
        return Ok(());
    };
    let (what, instead) = match leak.kind {
        Kind::Real(_) => (
            "a real key stands in the arguments",
            "pipe it to stdin, as in `till master add openai <FILE`, or name its variable with \
             `--from-env`",
        ),
        Kind::Proxy => (
            "a proxy key stands in the arguments",
            "name it by its id, from `till key ls`; `till left` and `till key delegate` take it \
             from `TILL_KEY` or stdin",
        ),
        Kind::Admin => (
            "an admin token stands in the arguments",
            "name it by its name, from `till admin ls`; it is used from `TILL_ADMIN_TOKEN`",
        ),
    };
    Err(Failure::new(Exit::Usage, what)
        .why("other processes can read arguments, and shells remember them")
        .hint(instead)
        .hint("take it out of the shell's history; others may have seen it"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::key_text::KeyText;

    fn key() -> String {
        KeyText::from_random(&[7; 24]).expose().to_owned()
    }

    fn refused(words: &[&str]) -> bool {
        refuse_keys(&words.iter().map(OsString::from).collect::<Vec<_>>()).is_err()
    }

    #[test]
    fn keys_are_cut_to_how_they_begin() {
        let key = key();
        assert_eq!(masked(&format!("é `{key}`, {key}")), "é `till_sk_…`, till_sk_…");
        let real = ["sk-", "ant-api03-", "Zk3vQ9tB1nLxW7pR4sYdZk3mQ2tB8nLxW7pR4sYfAb1"].concat();
        assert_eq!(masked(&real), "sk-a…");
        assert!(matches!(masked("there is no key `00000000`"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_key_is_an_argument_of_the_command_alone() {
        let key = key();
        assert!(refused(&["till", "key", "show", &key]));
        assert!(refused(&["till", "key", "mint", &format!("--name={key}")]));
        assert!(!refused(&["till", "run", "--", "curl", &key]));
        assert!(!refused(&["till", "key", "show", "00000000", "till_sk_short"]));
    }
}
