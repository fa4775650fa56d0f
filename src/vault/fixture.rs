//! What the vault's tests share. Known answers were made outside this code (libsodium through
//! `PyNaCl`, the reference Argon2 through `argon2-cffi`, BLAKE3 through its Python package), so
//! that they freeze the format.

use super::root::RootKey;
use super::secret::Key32;
use crate::domain::ids::StoreId;
use crate::domain::key_text::KeyText;
use crate::domain::sealed::{NONCE_LEN, Sealed};
use crate::domain::slot::KdfParams;

pub(super) const STORE: StoreId = StoreId([7; 16]);

/// A root key of 32 equal bytes.
pub(super) fn root() -> RootKey {
    RootKey(key(0x42))
}

/// A key of 32 equal bytes.
pub(super) fn key(byte: u8) -> Key32 {
    Key32::written(|key| key.fill(byte))
}

/// A proxy key of equal bytes.
pub(super) fn key_text(byte: u8) -> KeyText {
    KeyText::from_random(&[byte; 24])
}

/// The quickest parameters within the bounds.
pub(super) fn small_kdf() -> KdfParams {
    KdfParams { memory_kib: 8 * 1024, passes: 1, lanes: 1, salt: [7; 16] }
}

/// A ciphertext with a nonce of equal bytes.
pub(super) fn sealed(nonce: u8, ciphertext: &str) -> Sealed {
    Sealed { nonce: [nonce; NONCE_LEN], ciphertext: hex(ciphertext) }
}

/// The bytes of hexadecimal digits.
pub(super) fn hex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}
