//! Unlock slots: the root key, wrapped under a secret of the operator's.

use super::envelope::{self, Aad};
use super::error::VaultError;
use super::kdf;
use super::root::RootKey;
use super::secret::{Key32, SecretText};
use crate::domain::ids::{SlotId, StoreId};
use crate::domain::slot::{KdfParams, Slot, SlotKind};
use crate::domain::time::Timestamp;

/// What opens a slot.
#[derive(Debug)]
pub enum SlotSecret {
    /// What somebody remembers. It is stretched.
    Passphrase(SecretText),
    /// What is random already: a key file, a secret in the keyring.
    Random(Key32),
}

/// Makes a slot that this secret opens. Stretches a passphrase, which takes its time.
///
/// # Errors
/// Where the kind is not that of the secret, or random bytes or memory cannot be had.
pub fn seal_slot(
    root: &RootKey,
    secret: &SlotSecret,
    store: StoreId,
    id: SlotId,
    kind: SlotKind,
    name: String,
    at: Timestamp,
) -> Result<Slot, VaultError> {
    let kdf = match kind {
        SlotKind::Passphrase => Some(kdf::default_params()?),
        SlotKind::KeyFile | SlotKind::Keyring => None,
    };
    let key = wrapping_key(secret, kind, kdf.as_ref())?;
    let root = envelope::seal(&key, &place(store, id, kind, kdf.as_ref()), root.0.expose())?;
    Ok(Slot { id, kind, kdf, root, name, created_at: at })
}

/// Opens a slot. Stretches a passphrase, which takes its time.
///
/// # Errors
/// [`VaultError::WrongSecret`] where the secret does not open it;
/// [`VaultError::WrongKind`] where it is a secret for slots of another kind;
/// [`VaultError::KdfOutOfBounds`] or [`VaultError::Tampered`] where the slot's header is none
/// that is ever written.
pub fn open_slot(slot: &Slot, secret: &SlotSecret, store: StoreId) -> Result<RootKey, VaultError> {
    let kdf = slot.kdf.as_ref();
    let key = wrapping_key(secret, slot.kind, kdf)?;
    let root = envelope::open_key(&key, &place(store, slot.id, slot.kind, kdf), &slot.root);
    root.map(RootKey).map_err(|_| VaultError::WrongSecret)
}

/// What wraps the root key in a slot with this header.
fn wrapping_key(
    secret: &SlotSecret,
    kind: SlotKind,
    kdf: Option<&KdfParams>,
) -> Result<Key32, VaultError> {
    let stretched = kind == SlotKind::Passphrase;
    if stretched != kdf.is_some() {
        return Err(VaultError::Tampered("slot header"));
    }
    match (secret, kdf) {
        (SlotSecret::Passphrase(passphrase), Some(params)) => kdf::stretch(passphrase, params),
        (SlotSecret::Random(key), None) => Ok(key.clone()),
        _ => Err(VaultError::WrongKind(kind)),
    }
}

fn place(store: StoreId, id: SlotId, kind: SlotKind, kdf: Option<&KdfParams>) -> Aad {
    let place = Aad::new(store, "root key").number(id.0).part(kind.name().as_bytes());
    match kdf {
        None => place,
        Some(KdfParams { memory_kib, passes, lanes, salt }) => place
            .number(u64::from(*memory_kib))
            .number(u64::from(*passes))
            .number(u64::from(*lanes))
            .part(salt),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{STORE, key, root, sealed, small_kdf};
    use super::*;
    use crate::domain::sealed::Sealed;

    fn passphrase(text: &str) -> SlotSecret {
        SlotSecret::Passphrase(text.to_owned().into())
    }

    fn slot(kind: SlotKind, kdf: Option<KdfParams>, root: Sealed) -> Slot {
        let (name, created_at) = ("laptop".to_owned(), Timestamp(5));
        Slot { id: SlotId(1), kind, kdf, root, name, created_at }
    }

    fn known_passphrase_slot() -> Slot {
        let wrapped = sealed(
            4,
            "92f1e4da36089360413eb309ec06847f7690db330e0d7e51f185dd770e38bef2\
44cb1be3cba1c59a7c09b493cee2896b",
        );
        slot(SlotKind::Passphrase, Some(small_kdf()), wrapped)
    }

    #[test]
    fn known_slots_open() {
        let opened = open_slot(&known_passphrase_slot(), &passphrase("correct horse"), STORE);
        assert_eq!(opened, Ok(root()));
        let wrapped = sealed(
            4,
            "bc8ed3542052058a97fd2e9777ee60942d7474abef7ac95e749654be0e0efbdf\
1516834bef3c738e5e7bb8f45c6302c2",
        );
        let key_file = slot(SlotKind::KeyFile, None, wrapped);
        assert_eq!(open_slot(&key_file, &SlotSecret::Random(key(9)), STORE), Ok(root()));
    }

    #[test]
    fn a_new_slot_opens_with_its_own_secret_alone() {
        let seal = |kind, secret: &SlotSecret| {
            seal_slot(&root(), secret, STORE, SlotId(2), kind, String::new(), Timestamp(0))
        };
        let secret = passphrase("correct horse");
        let slot = seal(SlotKind::Passphrase, &secret).unwrap();
        assert_eq!(open_slot(&slot, &secret, STORE), Ok(root()));

        let secret = SlotSecret::Random(key(9));
        let slot = seal(SlotKind::Keyring, &secret).unwrap();
        assert_eq!(open_slot(&slot, &secret, STORE), Ok(root()));
        let wrong = open_slot(&slot, &SlotSecret::Random(key(8)), STORE);
        assert_eq!(wrong, Err(VaultError::WrongSecret));
        let wrong = open_slot(&slot, &passphrase("correct horse"), STORE);
        assert_eq!(wrong, Err(VaultError::WrongKind(SlotKind::Keyring)));
        let wrong = seal(SlotKind::Passphrase, &secret).unwrap_err();
        assert_eq!(wrong, VaultError::WrongKind(SlotKind::Passphrase));
    }

    #[test]
    fn a_changed_slot_does_not_open() {
        let good = known_passphrase_slot();
        let secret = passphrase("correct horse");
        let kdf = small_kdf();
        let with = |kdf| Slot { kdf: Some(kdf), ..good.clone() };
        let refused = [
            (Slot { id: SlotId(2), ..good.clone() }, VaultError::WrongSecret),
            (with(KdfParams { memory_kib: 8 * 1024 + 4, ..kdf }), VaultError::WrongSecret),
            (with(KdfParams { passes: 2, ..kdf }), VaultError::WrongSecret),
            (with(KdfParams { lanes: 2, ..kdf }), VaultError::WrongSecret),
            (with(KdfParams { salt: [8; 16], ..kdf }), VaultError::WrongSecret),
            (Slot { kdf: None, ..good.clone() }, VaultError::Tampered("slot header")),
            (Slot { kind: SlotKind::KeyFile, ..good.clone() }, VaultError::Tampered("slot header")),
        ];
        for (slot, why) in refused {
            assert_eq!(open_slot(&slot, &secret, STORE), Err(why), "{slot:?}");
        }
        let elsewhere = open_slot(&good, &secret, StoreId([8; 16]));
        assert_eq!(elsewhere, Err(VaultError::WrongSecret));
        let wrong = open_slot(&good, &passphrase("correct hors"), STORE);
        assert_eq!(wrong, Err(VaultError::WrongSecret));
    }
}
