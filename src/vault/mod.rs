//! The cryptography: key stretching, unlock slots, envelopes, grants, digests.
//!
//! What goes in unsealed comes out as ciphertext that is bound to its place (store, format,
//! record, origin, field), and comes back from that place alone. Secrets are zeroed when dropped,
//! and no `Debug` and no error shows one. Nothing here knows how a row is stored.
//!
//! A forwarder holds [`ProxyKeys`] only: with them it opens a master key through a grant and the
//! proxy key's own text ([`open_via_grant`]), and in no other way.

pub mod alert;
pub mod digest;
pub mod envelope;
pub mod error;
pub mod grant;
pub mod kdf;
pub mod key_file;
pub mod master;
pub mod master_text;
mod memory;
mod parts;
pub mod root;
pub mod secret;
pub mod slot;

#[cfg(test)]
mod fixture;

pub use alert::{AlertContext, open_alert, seal_alert};
pub use envelope::FORMAT;
pub use error::VaultError;
pub use grant::{grant, open_via_grant};
pub use key_file::{key_file_text, parse_key_file};
pub use master::{DataKey, MasterContext, open_data_key, open_secret, reseal, seal_new};
pub use master_text::{MasterTextError, SHORTEST, check_master, last4};
pub use root::{
    AlertKey, BroughtKey, ChainKey, CheckpointKey, GrantKey, LookupKey, OperatorKeys, ProxyKeys,
    RootKey, RowMacKey, SealingKey,
};
pub use secret::{Key32, SecretText, random_array};
pub use slot::{SlotSecret, open_slot, seal_slot};
