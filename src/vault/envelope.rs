//! The envelope: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) with a random nonce, bound to
//! its place by associated data.

use chacha20poly1305::{AeadInOut, KeyInit, XChaCha20Poly1305};
use zeroize::Zeroizing;

use super::error::VaultError;
use super::parts;
use super::secret::{Key32, random_array};
use crate::domain::ids::StoreId;
use crate::domain::sealed::{NONCE_LEN, Sealed};

/// Version of the envelope, part of what every ciphertext is bound to.
pub const FORMAT: u32 = 1;

/// Bytes of a Poly1305 tag.
const TAG_LEN: usize = 16;

/// What a ciphertext is bound to: the store, the format, the field, and what else names its
/// place. Each part is preceded by its length, so that no two places read the same.
#[derive(Clone, Debug)]
pub struct Aad {
    field: &'static str,
    bytes: Vec<u8>,
}

impl Aad {
    /// The place of `field` in this store. A failure to open calls it by that name.
    #[must_use]
    pub fn new(store: StoreId, field: &'static str) -> Self {
        let place = Self { field, bytes: Vec::new() };
        place.part(&store.0).part(&FORMAT.to_le_bytes()).part(field.as_bytes())
    }

    /// The same, with one more part.
    #[must_use]
    pub fn part(mut self, part: &[u8]) -> Self {
        parts::write(&[part], |bytes| self.bytes.extend_from_slice(bytes));
        self
    }

    /// The same, with a number as one more part: 64 bits, little-endian.
    #[must_use]
    pub fn number(self, number: u64) -> Self {
        self.part(&number.to_le_bytes())
    }
}

/// Seals `plaintext` under `key` for the place `aad`.
///
/// # Errors
/// Where there are no random bytes for the nonce, or the text exceeds the cipher's limit.
pub fn seal(key: &Key32, aad: &Aad, plaintext: &[u8]) -> Result<Sealed, VaultError> {
    let nonce: [u8; NONCE_LEN] = random_array()?;
    // The room for the tag is made first: growing would leave the plaintext behind.
    let mut buffer = Zeroizing::new(Vec::with_capacity(plaintext.len().saturating_add(TAG_LEN)));
    buffer.extend_from_slice(plaintext);
    cipher(key)
        .encrypt_in_place(&nonce.into(), &aad.bytes, &mut *buffer)
        .map_err(|_| VaultError::TooLong)?;
    Ok(Sealed { nonce, ciphertext: std::mem::take(&mut *buffer) })
}

/// Opens what was sealed under `key` for the place `aad`.
///
/// # Errors
/// [`VaultError::Tampered`] where any of key, place, nonce and ciphertext is another.
pub fn open(key: &Key32, aad: &Aad, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let mut buffer = Zeroizing::new(sealed.ciphertext.clone());
    cipher(key)
        .decrypt_in_place(&sealed.nonce.into(), &aad.bytes, &mut *buffer)
        .map_err(|_| VaultError::Tampered(aad.field))?;
    Ok(buffer)
}

/// Opens what holds a key: exactly 32 bytes.
pub(super) fn open_key(key: &Key32, aad: &Aad, sealed: &Sealed) -> Result<Key32, VaultError> {
    let bytes = open(key, aad, sealed)?;
    Key32::from_slice(&bytes).ok_or(VaultError::Tampered(aad.field))
}

fn cipher(key: &Key32) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.expose().into())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{STORE, key};
    use super::*;

    #[test]
    fn a_nonce_is_used_once() {
        let aad = Aad::new(STORE, "test");
        let [one, two] = [(); 2].map(|()| seal(&key(1), &aad, b"text").unwrap());
        assert_ne!(one.nonce, two.nonce);
        assert_eq!(*open(&key(1), &aad, &one).unwrap(), b"text");
        assert_eq!(*open(&key(1), &aad, &two).unwrap(), b"text");
    }

    #[test]
    fn no_changed_byte_opens() {
        let aad = Aad::new(STORE, "test").number(7);
        let sealed = seal(&key(1), &aad, b"a credential").unwrap();
        let refused =
            |sealed: &Sealed| open(&key(1), &aad, sealed) == Err(VaultError::Tampered("test"));
        for bit in 0..8 {
            for at in 0..NONCE_LEN {
                let mut changed = sealed.clone();
                changed.nonce[at] ^= 1 << bit;
                assert!(refused(&changed), "nonce byte {at}, bit {bit}");
            }
            for at in 0..sealed.ciphertext.len() {
                let mut changed = sealed.clone();
                changed.ciphertext[at] ^= 1 << bit;
                assert!(refused(&changed), "ciphertext byte {at}, bit {bit}");
            }
        }
        for len in 0..sealed.ciphertext.len() {
            let ciphertext = sealed.ciphertext[..len].to_vec();
            assert!(refused(&Sealed { nonce: sealed.nonce, ciphertext }), "cut to {len}");
        }
    }

    #[test]
    fn places_that_read_alike_are_told_apart() {
        let place = |one: &[u8], two: &[u8]| Aad::new(STORE, "test").part(one).part(two);
        let sealed = seal(&key(1), &place(b"ab", b"c"), b"text").unwrap();
        assert!(open(&key(1), &place(b"ab", b"c"), &sealed).is_ok());
        assert!(open(&key(1), &place(b"a", b"bc"), &sealed).is_err());
        assert!(open(&key(1), &place(b"ab", b"c").part(b""), &sealed).is_err());
    }
}
