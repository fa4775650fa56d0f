//! The root key, and the keys that are derived from it, one for each purpose.
//!
//! Derivation is BLAKE3's `derive_key` mode (BLAKE3 specification, section 2.3) with a context
//! string of its own for each purpose; it cannot be turned round. So a process that keeps
//! [`ProxyKeys`] and drops the rest has no way back to the sealing key.

use std::sync::Arc;

use super::error::VaultError;
use super::memory;
use super::secret::Key32;

/// The secret that all others of a store come from. The unlock slots wrap it.
#[derive(Debug, PartialEq, Eq)]
pub struct RootKey(pub(super) Key32);

/// Wraps the data keys of master keys. Not cloned: dropping the one there is erases it.
#[derive(Debug)]
pub struct SealingKey(pub(super) Key32);

/// Makes the digest that a proxy key is looked up by.
#[derive(Debug)]
pub struct LookupKey(pub(super) Key32);

/// Authenticates rows.
#[derive(Debug)]
pub struct RowMacKey(pub(super) Key32);

/// Chains the audit log.
#[derive(Debug)]
pub struct ChainKey(pub(super) Key32);

/// Vouches for exported heads of the audit log.
#[derive(Debug)]
pub struct CheckpointKey(pub(super) Key32);

/// Half of what opens a grant; the other half is the proxy key's own text.
#[derive(Debug)]
pub struct GrantKey(pub(super) Key32);

/// Seals where alerts go, and what they are signed with: a forwarder delivers them.
#[derive(Debug)]
pub struct AlertKey(pub(super) Key32);

/// Makes the digest that a real key is found by which came with a request.
#[derive(Debug)]
pub struct BroughtKey(pub(super) Key32);

/// All keys of a store, for whoever may add master keys and mint.
#[derive(Debug)]
pub struct OperatorKeys {
    /// Seals and opens master keys.
    pub sealing: SealingKey,
    /// Finds master keys that came with a request.
    pub brought: BroughtKey,
    /// The rest.
    pub proxy: ProxyKeys,
}

/// The keys that a forwarder keeps. Clones share them; the last one dropped erases them.
#[derive(Clone, Debug)]
pub struct ProxyKeys(Arc<Purposes>);

#[derive(Debug)]
struct Purposes {
    lookup: LookupKey,
    row_mac: RowMacKey,
    chain: ChainKey,
    checkpoint: CheckpointKey,
    grant: GrantKey,
    alert: AlertKey,
}

impl ProxyKeys {
    /// For looking proxy keys up.
    #[must_use]
    pub fn lookup(&self) -> &LookupKey {
        &self.0.lookup
    }

    /// For writing and believing rows.
    #[must_use]
    pub fn row_mac(&self) -> &RowMacKey {
        &self.0.row_mac
    }

    /// For writing and believing the audit log.
    #[must_use]
    pub fn chain(&self) -> &ChainKey {
        &self.0.chain
    }

    /// For exporting heads of the audit log, and believing them.
    #[must_use]
    pub fn checkpoint(&self) -> &CheckpointKey {
        &self.0.checkpoint
    }

    /// For opening grants.
    #[must_use]
    pub fn grant(&self) -> &GrantKey {
        &self.0.grant
    }

    /// For sealing and opening where alerts go.
    #[must_use]
    pub fn alert(&self) -> &AlertKey {
        &self.0.alert
    }
}

impl RootKey {
    /// The root key of a new store.
    ///
    /// # Errors
    /// Where the system gives no random bytes.
    pub fn random() -> Result<Self, VaultError> {
        let key = Key32::random()?;
        memory::lock(key.expose());
        Ok(Self(key))
    }

    /// The keys of an operator.
    #[must_use]
    pub fn operator_keys(&self) -> OperatorKeys {
        OperatorKeys {
            sealing: SealingKey(self.derive("till v1 2026 sealing")),
            brought: BroughtKey(self.derive("till v1 2026 brought master")),
            proxy: self.proxy_keys(),
        }
    }

    /// The keys of a forwarder.
    #[must_use]
    pub fn proxy_keys(&self) -> ProxyKeys {
        ProxyKeys(Arc::new(Purposes {
            lookup: LookupKey(self.derive("till v1 2026 key lookup")),
            row_mac: RowMacKey(self.derive("till v1 2026 row mac")),
            chain: ChainKey(self.derive("till v1 2026 event chain")),
            checkpoint: CheckpointKey(self.derive("till v1 2026 log checkpoint")),
            grant: GrantKey(self.derive("till v1 2026 grant")),
            alert: AlertKey(self.derive("till v1 2026 alert target")),
        }))
    }

    /// One derived key. It and the root key, which may come from a slot, are locked in memory.
    fn derive(&self, context: &str) -> Key32 {
        memory::lock(self.0.expose());
        let mut hasher = blake3::Hasher::new_derive_key(context);
        hasher.update(self.0.expose());
        let key = Key32::from_hasher(hasher);
        memory::lock(key.expose());
        key
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{hex, root};
    use super::*;

    #[test]
    fn known_derivations() {
        let OperatorKeys { sealing, proxy, .. } = root().operator_keys();
        let expected = [
            (&sealing.0, "a4ca90937ecdb73b1e32539f59180a05cf1f997f78dcf5c2c510cf335e8b11b9"),
            (&proxy.lookup().0, "23a41bd19690125ef91f4485012b8cb62060594c48b2c2945fc8bbf080887808"),
            (
                &proxy.row_mac().0,
                "4d3ee965a7404a6b52d413c64f43c7e86e7a0dba7ddbb0063cefc5ed5cc0841e",
            ),
            (&proxy.chain().0, "c19e369d2207b6e4fdf382fffbb5a87a9bbbf9e2b72e76d22be347d3324b65d5"),
            (
                &proxy.checkpoint().0,
                "78457a4c0f341cf9b4ded8190c7f72fcce9fc094951155fdc5746f21962c7026",
            ),
            (&proxy.grant().0, "6134199c597481bdbfb0516840e4b2ba0b8a0533f9c819dfa44d7f846f2502b3"),
        ];
        for (key, known) in expected {
            assert_eq!(key.expose().as_slice(), hex(known));
        }
    }

    #[test]
    fn the_keys_of_a_forwarder_are_shared_by_its_threads_and_shown_by_none() {
        fn shared(_: &(impl Clone + Send + Sync + 'static)) {}
        let keys = root().operator_keys();
        shared(&keys.proxy);
        let shown = format!("{:?} {keys:?}", root());
        assert_eq!(shown.matches("Key32(…)").count(), 9);
    }
}
