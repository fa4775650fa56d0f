//! The text form of a proxy key: `till_sk_`, 33 base62 characters, 6 of checksum.
//!
//! The prefix lets secret scanners find it; the checksum tells a typing error from an unknown key
//! without a look-up. The 33 characters carry 192 random bits.

use std::fmt;
use std::str::FromStr;

use memchr::memmem;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// What every proxy key begins with.
pub const PREFIX: &str = "till_sk_";
const SECRET_LEN: usize = 33;
const CHECK_LEN: usize = 6;
/// Characters after the prefix.
const REST_LEN: usize = SECRET_LEN + CHECK_LEN;
/// Characters of a whole key.
pub const KEY_LEN: usize = PREFIX.len() + REST_LEN;
/// Random bytes that a key is made of.
pub const SECRET_BYTES: usize = 24;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A whole proxy key. Zeroed when dropped; its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct KeyText(String);

impl KeyText {
    /// The key of these random bytes.
    #[must_use]
    pub fn from_random(random: &[u8; SECRET_BYTES]) -> Self {
        Self(of_random(PREFIX, random))
    }

    /// The key itself. Whoever calls this answers for where it goes.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether a whole key stands anywhere in these bytes.
    #[must_use]
    pub fn stands_in(bytes: &[u8]) -> bool {
        memmem::find_iter(bytes, PREFIX).any(|start| {
            let whole = bytes.get(start..).and_then(|rest| rest.get(..KEY_LEN));
            let text = whole.and_then(|bytes| str::from_utf8(bytes).ok());
            text.is_some_and(|text| check(PREFIX, text).is_ok())
        })
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyText(…)")
    }
}

impl FromStr for KeyText {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        check(PREFIX, text)?;
        Ok(Self(text.to_owned()))
    }
}

/// The text of these random bytes under a prefix.
pub(super) fn of_random(prefix: &str, random: &[u8; SECRET_BYTES]) -> String {
    let mut text = String::with_capacity(prefix.len().saturating_add(REST_LEN));
    text.push_str(prefix);
    push_base62(&mut text, random, SECRET_LEN);
    let check = checksum(text.get(prefix.len()..).unwrap_or_default());
    text.push_str(&check);
    text
}

/// Refuses a text that is none of this prefix.
pub(super) fn check(prefix: &str, text: &str) -> Result<(), NotAKey> {
    let rest = text.strip_prefix(prefix).ok_or(NotAKey::Foreign)?;
    if rest.len() != REST_LEN || !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(NotAKey::Mistyped);
    }
    let (secret, check) = rest.split_at(SECRET_LEN);
    if checksum(secret) == check { Ok(()) } else { Err(NotAKey::Mistyped) }
}

/// Why a text is no proxy key. It never carries the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAKey {
    /// It does not begin as one.
    Foreign,
    /// It begins as one, but its length, a character or the checksum is wrong.
    Mistyped,
}

/// CRC-32 (ISO-HDLC) of the secret's characters, in base62.
fn checksum(secret: &str) -> String {
    let mut text = String::with_capacity(CHECK_LEN);
    push_base62(&mut text, &crc32fast::hash(secret.as_bytes()).to_be_bytes(), CHECK_LEN);
    text
}

/// Appends `bytes`, read as one big-endian number, as exactly `len` base62 digits.
fn push_base62(text: &mut String, bytes: &[u8], len: usize) {
    let mut number = [0_u8; SECRET_BYTES];
    let number = number.get_mut(..bytes.len()).unwrap_or_default();
    number.copy_from_slice(bytes);
    let mut digits = [b'0'; SECRET_LEN];
    for digit in digits.iter_mut().take(len) {
        let mut remainder: u16 = 0;
        for byte in &mut *number {
            let value = (remainder << 8) | u16::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or(u8::MAX);
            remainder = value % 62;
        }
        *digit = DIGITS.get(usize::from(remainder)).copied().unwrap_or(b'0');
    }
    text.extend(digits.iter().take(len).rev().map(|digit| char::from(*digit)));
    number.zeroize();
    digits.zeroize();
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "small numbers of a test")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_known_key() {
        let key = KeyText::from_random(&[0xff; SECRET_BYTES]);
        assert_eq!(key.expose().len(), KEY_LEN);
        assert_eq!(key.expose(), "till_sk_2lFA6LboL2xx0ldQH2K1TdSrwuqMMiME31Zs9bW");
        assert!(!format!("{key:?}").contains("2lFA"));
    }

    #[test]
    fn typing_errors_are_told_apart() {
        let key = KeyText::from_random(&[7; SECRET_BYTES]);
        let swapped = key.expose().replace("till_sk_", "till_sk_x");
        assert_eq!(swapped.parse::<KeyText>(), Err(NotAKey::Mistyped));
        assert_eq!("sk-proj-abc".parse::<KeyText>(), Err(NotAKey::Foreign));
        assert_eq!("till_sk_".parse::<KeyText>(), Err(NotAKey::Mistyped));
    }

    #[test]
    fn a_key_is_found_in_other_text() {
        let key = KeyText::from_random(&[9; SECRET_BYTES]);
        let inside = format!("till_sk_till_sk_x{}y", key.expose());
        assert!(KeyText::stands_in(inside.as_bytes()));
        assert!(KeyText::stands_in(&[b"\xff", key.expose().as_bytes(), b"\xff"].concat()));
        assert!(!KeyText::stands_in(&key.expose().as_bytes()[..KEY_LEN - 1]));
        assert!(!KeyText::stands_in(key.expose().replace("sk_", "sk_0").as_bytes()));
    }

    proptest! {
        #[test]
        fn every_key_reads_back(random in any::<[u8; SECRET_BYTES]>()) {
            let key = KeyText::from_random(&random);
            prop_assert_eq!(key.expose().parse::<KeyText>(), Ok(key));
        }

        #[test]
        fn one_wrong_character_is_found(random in any::<[u8; SECRET_BYTES]>(), at in 8..KEY_LEN, by in 1_u8..62) {
            let key = KeyText::from_random(&random);
            let mut bytes = key.expose().as_bytes().to_vec();
            let digit = DIGITS.iter().position(|digit| *digit == bytes[at]).unwrap();
            bytes[at] = DIGITS[(digit + usize::from(by)) % 62];
            let text = String::from_utf8(bytes).unwrap();
            prop_assert_eq!(text.parse::<KeyText>(), Err(NotAKey::Mistyped));
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = text.parse::<KeyText>();
            let _ = format!("till_sk_{text}").parse::<KeyText>();
        }
    }
}
