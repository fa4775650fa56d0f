//! Master keys: the real credentials, sealed.

use super::ids::{MasterId, Revision};
use super::sealed::Sealed;
use super::time::Timestamp;

/// A master key that came with a request for a proxy key: nobody has named it, and it is erased with
/// the last key that opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brought {
    /// The keyed hash of what it is and where it goes, which the index must agree with.
    pub digest: [u8; 32],
    /// Live proxy keys that open it.
    pub live_keys: u64,
}

/// One master key as it lies in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Master {
    /// Its number.
    pub id: MasterId,
    /// What the operator calls it; the provider's name where nothing else was said.
    pub name: String,
    /// The provider that it opens.
    pub provider: String,
    /// A base URL other than the provider's, where one was given: origin and root, no query.
    pub base_url: Option<String>,
    /// Whether plain http and private addresses are allowed for it.
    pub local: bool,
    /// Headers that every request with it carries, as those that select an account.
    pub headers: Vec<(String, String)>,
    /// The origin (`https://host[:port]`) that both ciphertexts are bound to.
    pub origin: String,
    /// The credential, sealed under the data key.
    pub secret: Sealed,
    /// The data key, wrapped under the store's sealing key.
    pub data_key: Sealed,
    /// The credential's last four characters, for people.
    pub last4: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When its credential was last replaced.
    pub rotated_at: Option<Timestamp>,
    /// How often the row was written.
    pub revision: Revision,
}
