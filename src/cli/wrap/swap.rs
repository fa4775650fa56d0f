//! Real keys in the middle of other text: `Authorization: Bearer sk-…` in a variable or an
//! argument.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::vault::SecretText;

/// Characters of a key that is looked for inside other text. What is shorter is a stand-in for a
/// key (`lm-studio`), and stands in paths too.
pub(super) const DISTINCT: usize = 16;

/// The text with `key` in place of each of `secrets`, the longest first, since one may be part of
/// another; none where it holds none of them.
pub(super) fn swap<'a>(
    text: &OsStr,
    secrets: impl IntoIterator<Item = &'a SecretText>,
    key: &str,
) -> Option<OsString> {
    let mut secrets: Vec<_> = secrets.into_iter().filter(|secret| holds(text, secret)).collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
    if secrets.is_empty() {
        return None;
    }
    let mut bytes = text.as_bytes().to_vec();
    for secret in secrets {
        bytes = replaced(&bytes, secret.expose().as_bytes(), key.as_bytes());
    }
    Some(OsString::from_vec(bytes))
}

/// Whether the text is the secret, or a secret long enough stands in it.
pub(super) fn holds(text: &OsStr, secret: &SecretText) -> bool {
    let (text, secret) = (text.as_bytes(), secret.expose().as_bytes());
    text.trim_ascii() == secret
        || (secret.len() >= DISTINCT && text.windows(secret.len()).any(|part| part == secret))
}

fn replaced(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(from) {
            result.extend_from_slice(to);
            rest = after;
        } else {
            result.push(*first);
            rest = tail;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn swapped(text: &str, secrets: &[&str]) -> Option<String> {
        let secrets: Vec<SecretText> =
            secrets.iter().map(|secret| (*secret).to_owned().into()).collect();
        swap(OsStr::new(text), &secrets, "K").map(|text| text.into_string().unwrap())
    }

    #[test]
    fn keys_are_found_wherever_they_stand() {
        let secret = "sk-0123456789abcdef";
        let twice = format!("{{\"a\": \"{secret}\", \"b\": \"{secret}\"}}");
        assert_eq!(swapped(&twice, &[secret]).unwrap(), "{\"a\": \"K\", \"b\": \"K\"}");
        assert_eq!(swapped("sk-0123456789abcde", &[secret]), None);
        let longer = format!("{secret}-and-more");
        assert_eq!(swapped(&longer, &[secret, &longer]).unwrap(), "K");
    }

    #[test]
    fn stand_ins_are_told_as_a_whole_only() {
        assert_eq!(swapped("/opt/lm-studio/bin", &["lm-studio"]), None);
        assert_eq!(swapped("lm-studio\n", &["lm-studio"]).unwrap(), "K\n");
    }
}
