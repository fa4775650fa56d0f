//! Ciphertext as it lies in a row. Only the vault makes it and opens it.

/// Bytes of an XChaCha20-Poly1305 nonce.
pub const NONCE_LEN: usize = 24;

/// An XChaCha20-Poly1305 ciphertext (draft-irtf-cfrg-xchacha-03), tag included, and its nonce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Drawn at random for each sealing.
    pub nonce: [u8; NONCE_LEN],
    /// The ciphertext, with the 16-byte tag at its end.
    pub ciphertext: Vec<u8>,
}
