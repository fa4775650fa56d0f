//! Keyed BLAKE3 (BLAKE3 specification, section 2.3), one key for each use: what a proxy key is
//! looked up by, what authenticates rows, what chains events.

use subtle::ConstantTimeEq;

use super::parts;
use super::root::{BroughtKey, ChainKey, CheckpointKey, LookupKey, RowMacKey};
use super::secret::{Key32, SecretText};
use crate::domain::admin_text::AdminText;
use crate::domain::ids::{EventSeq, StoreId};
use crate::domain::key_text::KeyText;

impl LookupKey {
    /// What the store knows a proxy key by. Without this key it tells nothing of it.
    #[must_use]
    pub fn digest(&self, key: &KeyText) -> [u8; 32] {
        blake3::keyed_hash(self.0.expose(), key.expose().as_bytes()).into()
    }
}

impl LookupKey {
    /// What the store knows an admin token by. The prefix in it tells it from a proxy key.
    #[must_use]
    pub fn digest_token(&self, token: &AdminText) -> [u8; 32] {
        blake3::keyed_hash(self.0.expose(), token.expose().as_bytes()).into()
    }

    /// What the store knows a used identity token by, whole or a part of it.
    #[must_use]
    pub fn digest_used(&self, part: &[u8]) -> [u8; 32] {
        keyed(&self.0, &[b"used identity token", part])
    }
}

impl BroughtKey {
    /// What the store knows a real key by that came with a request: what it is, and where it goes.
    #[must_use]
    pub fn digest(&self, origin: &str, provider: &str, secret: &SecretText) -> [u8; 32] {
        let parts = [origin.as_bytes(), provider.as_bytes(), secret.expose().as_bytes()];
        keyed(&self.0, &parts)
    }
}

impl RowMacKey {
    /// The tag of a row: of its table, its key and its content.
    #[must_use]
    pub fn tag(&self, table: &str, key: &[u8], row: &[u8]) -> [u8; 32] {
        keyed(&self.0, &[table.as_bytes(), key, row])
    }

    /// Whether `tag` is the row's. Takes as long wherever they differ.
    #[must_use]
    pub fn verify(&self, table: &str, key: &[u8], row: &[u8], tag: &[u8]) -> bool {
        self.tag(table, key, row).ct_eq(tag).into()
    }
}

impl ChainKey {
    /// The link of an event: of the link before it, its number and its content.
    #[must_use]
    pub fn link(&self, previous: &[u8; 32], seq: EventSeq, event: &[u8]) -> [u8; 32] {
        keyed(&self.0, &[previous, &seq.0.to_le_bytes(), event])
    }
}

impl CheckpointKey {
    /// The tag of an exported head: of its store, its generation, its link, and when it was made.
    #[must_use]
    pub fn tag(&self, store: StoreId, generation: u64, head: &[u8; 32], at: &str) -> [u8; 32] {
        keyed(&self.0, &[&store.0, &generation.to_le_bytes(), head, at.as_bytes()])
    }

    /// Whether `tag` is that of such a head. Takes as long wherever they differ.
    #[must_use]
    pub fn verify(
        &self,
        (store, generation): (StoreId, u64),
        head: &[u8; 32],
        at: &str,
        tag: &[u8; 32],
    ) -> bool {
        self.tag(store, generation, head, at).ct_eq(tag).into()
    }
}

fn keyed(key: &Key32, message: &[&[u8]]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_keyed(key.expose());
    parts::write(message, |bytes| {
        hasher.update(bytes);
    });
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{hex, key_text, root};
    use super::*;

    #[test]
    fn known_digests() {
        let keys = root().proxy_keys();
        assert_eq!(
            keys.lookup().digest(&key_text(1)).as_slice(),
            hex("b3d34bbffff2297ec9d655a2f98bb2e41ea781afba652a7f0323ae9c9c02f9ae")
        );
        assert_eq!(
            keys.row_mac().tag("usage", &[0, 1], b"row").as_slice(),
            hex("b26f52f3482c61393ed3f6a4f4ee6c993e1e31e4533b3454b34986987dfac860")
        );
        assert_eq!(
            keys.chain().link(&[9; 32], EventSeq(258), b"event").as_slice(),
            hex("cf1bdd05d38b9bba16c7aaf3737f4d10516f08c019f2b2d91ac90248a3b4fd2b")
        );
    }

    #[test]
    fn a_tag_is_good_for_its_own_row_alone() {
        let keys = root().proxy_keys();
        let mac = keys.row_mac();
        let tag = mac.tag("usage", b"ab", b"c");
        assert!(mac.verify("usage", b"ab", b"c", &tag));
        assert!(!mac.verify("usage", b"a", b"bc", &tag));
        assert!(!mac.verify("usag", b"eab", b"c", &tag));
        assert!(!mac.verify("usage", b"ab", b"c", &tag[..31]));
        assert!(!mac.verify("usage", b"ab", b"c", &[]));
    }
}
