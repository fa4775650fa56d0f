//! What can go wrong in the vault. No error carries a secret or a part of one.

use crate::domain::slot::SlotKind;

/// Why something was not sealed or not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The secret is not the slot's; or the slot was changed, which looks the same.
    #[error("the secret does not open the unlock slot")]
    WrongSecret,
    /// A passphrase was offered to a slot of random bytes, or the other way round.
    #[error("an unlock slot of kind `{}` takes another kind of secret", .0.name())]
    WrongKind(SlotKind),
    /// The named ciphertext is not what was sealed for this place.
    #[error("the sealed {0} was changed, or belongs to another place or store")]
    Tampered(&'static str),
    /// A slot asks for more or less work than is ever asked for.
    #[error("an unlock slot asks argon2id for {found} {what}; {least} to {most} are allowed")]
    KdfOutOfBounds {
        /// What there is too much or too little of, in the plural.
        what: &'static str,
        /// What the slot asks for.
        found: u32,
        /// The least that is allowed.
        least: u32,
        /// The most that is allowed.
        most: u32,
    },
    /// The memory for stretching, in KiB, cannot be had.
    #[error("argon2id needs {0} KiB of memory, and the system gives less")]
    KdfMemory(u32),
    /// The stretching failed for another reason.
    #[error("argon2id failed: {0}")]
    KdfFailed(argon2::Error),
    /// The text is no key file.
    #[error("a key file holds 64 hexadecimal digits, and this one does not")]
    NotAKeyFile,
    /// More bytes than one nonce can seal, 256 GiB.
    #[error("the text is too long to be sealed")]
    TooLong,
    /// There were no random bytes for a key, a salt or a nonce.
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
}
