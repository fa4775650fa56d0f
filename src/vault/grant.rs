//! Grants: what lets one proxy key open one master key.
//!
//! The wrapping key is keyed BLAKE3 of the proxy key's text under the grant key. Neither the
//! store's keys nor the proxy key suffice, and once a grant is erased nothing of both does.

use super::envelope::{self, Aad};
use super::error::VaultError;
use super::master::DataKey;
use super::root::GrantKey;
use super::secret::Key32;
use crate::domain::ids::{KeySeq, MasterId, StoreId};
use crate::domain::key_text::KeyText;
use crate::domain::sealed::Sealed;

/// Wraps a master key's data key for one proxy key.
///
/// # Errors
/// Where the system gives no random bytes.
pub fn grant(
    grant_key: &GrantKey,
    key: &KeyText,
    data_key: &DataKey,
    store: StoreId,
    seq: KeySeq,
    master: MasterId,
) -> Result<Sealed, VaultError> {
    let place = place(store, seq, master);
    envelope::seal(&wrapping_key(grant_key, key), &place, data_key.0.expose())
}

/// Opens a master key's data key with the proxy key that it was granted to.
///
/// # Errors
/// [`VaultError::Tampered`]
pub fn open_via_grant(
    grant_key: &GrantKey,
    key: &KeyText,
    granted: &Sealed,
    store: StoreId,
    seq: KeySeq,
    master: MasterId,
) -> Result<DataKey, VaultError> {
    let place = place(store, seq, master);
    envelope::open_key(&wrapping_key(grant_key, key), &place, granted).map(DataKey)
}

fn place(store: StoreId, seq: KeySeq, master: MasterId) -> Aad {
    Aad::new(store, "grant").number(seq.0).number(master.0)
}

fn wrapping_key(grant_key: &GrantKey, key: &KeyText) -> Key32 {
    let mut hasher = blake3::Hasher::new_keyed(grant_key.0.expose());
    hasher.update(key.expose().as_bytes());
    Key32::from_hasher(hasher)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{STORE, key, key_text, root, sealed};
    use super::*;

    #[test]
    fn a_known_grant_opens() {
        let keys = root().proxy_keys();
        let known = sealed(
            3,
            "d75f2d7149229f51d5e19b959dd2e406436c95af8eac14682b34652611ba96fb\
19fb7fe3b250807bad8e01b6a7571cfe",
        );
        let opened =
            open_via_grant(keys.grant(), &key_text(1), &known, STORE, KeySeq(2), MasterId(3));
        assert_eq!(opened, Ok(DataKey(key(5))));
    }

    #[test]
    fn a_grant_is_good_for_its_own_key_and_master_alone() {
        let keys = root().proxy_keys();
        let own = keys.grant();
        let data_key = DataKey(key(5));
        let (text, seq, master) = (key_text(1), KeySeq(2), MasterId(3));
        let granted = grant(own, &text, &data_key, STORE, seq, master).unwrap();
        let open = |grant_key: &GrantKey, text: &KeyText, store, seq, master| {
            open_via_grant(grant_key, text, &granted, store, seq, master)
        };
        assert_eq!(open(own, &text, STORE, seq, master), Ok(data_key));
        let foreign = GrantKey(key(6));
        let refused = [
            open(&foreign, &text, STORE, seq, master),
            open(own, &key_text(2), STORE, seq, master),
            open(own, &text, StoreId([8; 16]), seq, master),
            open(own, &text, STORE, KeySeq(3), master),
            open(own, &text, STORE, KeySeq(3), MasterId(2)),
            open(own, &text, STORE, seq, MasterId(4)),
        ];
        for answer in refused {
            assert_eq!(answer, Err(VaultError::Tampered("grant")));
        }
    }
}
