//! Unlock slots: each wraps the store's root key under a secret of the operator's.

use super::ids::SlotId;
use super::sealed::Sealed;
use super::time::Timestamp;

/// What kind of secret opens a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SlotKind {
    /// A passphrase, stretched with Argon2id.
    Passphrase,
    /// A file of 32 random bytes, in hexadecimal. No stretching.
    KeyFile,
    /// A random secret in the system's keyring. No stretching.
    Keyring,
}

impl SlotKind {
    /// The kind's name, as tables and JSON print it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::KeyFile => "key-file",
            Self::Keyring => "keyring",
        }
    }
}

/// Argon2id parameters (RFC 9106), as a slot stores them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KdfParams {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// Drawn at random for each slot.
    pub salt: [u8; 16],
}

/// One unlock slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its number.
    pub id: SlotId,
    /// What opens it.
    pub kind: SlotKind,
    /// How the secret is stretched; none where it is random already.
    pub kdf: Option<KdfParams>,
    /// The root key, wrapped.
    pub root: Sealed,
    /// What the operator calls it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}
