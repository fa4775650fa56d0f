//! Types for what must not be seen: zeroed when dropped, silent in `Debug`, compared in constant
//! time.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::error::VaultError;

/// Bytes of a key.
const LEN: usize = 32;

/// A 256-bit secret. It lies on the heap, so that moving it leaves no copy behind.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key32(Box<[u8; LEN]>);

impl Key32 {
    /// A new key.
    ///
    /// # Errors
    /// Where the system gives no random bytes.
    pub fn random() -> Result<Self, VaultError> {
        let mut key = Self(Box::new([0; LEN]));
        getrandom::fill(key.0.as_mut_slice()).map_err(VaultError::Random)?;
        Ok(key)
    }

    /// The key that `write` leaves in the place it is given, which holds zeros before.
    pub(super) fn written(write: impl FnOnce(&mut [u8; LEN])) -> Self {
        let mut key = Self(Box::new([0; LEN]));
        write(&mut key.0);
        key
    }

    /// The key of these bytes; none where there are not 32.
    pub(super) fn from_slice(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == LEN).then(|| Self::written(|key| key.copy_from_slice(bytes)))
    }

    /// The hash that `hasher` has come to, as a key. Its state is zeroed.
    pub(super) fn from_hasher(mut hasher: blake3::Hasher) -> Self {
        let key = Self::written(|key| {
            let mut output = hasher.finalize_xof();
            output.fill(key);
            output.zeroize();
        });
        hasher.zeroize();
        key
    }

    /// The key itself. Whoever calls this answers for where it goes.
    #[must_use]
    pub fn expose(&self) -> &[u8; LEN] {
        &self.0
    }
}

impl PartialEq for Key32 {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&*other.0).into()
    }
}

impl Eq for Key32 {}

impl fmt::Debug for Key32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key32(…)")
    }
}

/// A secret text: a passphrase, a credential.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretText(String);

impl SecretText {
    /// The text itself. Whoever calls this answers for where it goes.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for SecretText {
    /// Takes the text over where it lies; copies made before are the caller's to erase.
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl PartialEq for SecretText {
    /// Takes as long wherever the texts differ; their lengths are no secret here.
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for SecretText {}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(…)")
    }
}

/// Random bytes from the operating system, for what is no secret or is wrapped at once.
///
/// # Errors
/// Where the system gives none.
pub fn random_array<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(VaultError::Random)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_compared_whole_and_shown_never() {
        let key = Key32::written(|key| key.fill(0xab));
        assert_eq!(key, key.clone());
        assert_ne!(key, Key32::written(|other| other[..31].fill(0xab)));
        assert_eq!(format!("{key:?}"), "Key32(…)");
        let text = SecretText::from("hunter2".to_owned());
        assert_ne!(text, SecretText::from("hunter".to_owned()));
        assert_eq!(format!("{text:?}"), "SecretText(…)");
    }
}
