//! Master keys: each sealed under a data key of its own, which the sealing key wraps.

use super::envelope::{self, Aad};
use super::error::VaultError;
use super::root::SealingKey;
use super::secret::{Key32, SecretText};
use crate::domain::ids::{MasterId, StoreId};
use crate::domain::sealed::Sealed;

/// Where a master key lies, and where it may go: what both its ciphertexts are bound to.
#[derive(Clone, Copy, Debug)]
pub struct MasterContext<'a> {
    /// The store.
    pub store: StoreId,
    /// The master key.
    pub id: MasterId,
    /// The origin that it may be sent to (`https://host[:port]`).
    pub origin: &'a str,
}

impl MasterContext<'_> {
    fn place(&self, field: &'static str) -> Aad {
        Aad::new(self.store, field).number(self.id.0).part(self.origin.as_bytes())
    }

    fn secret(&self) -> Aad {
        self.place("master secret")
    }

    fn data_key(&self) -> Aad {
        self.place("master data key")
    }
}

/// What one master key is sealed under. Grants wrap it, so it outlives rotations.
#[derive(Debug, PartialEq, Eq)]
pub struct DataKey(pub(super) Key32);

/// Seals a credential under a new data key: the sealed credential, and the wrapped data key.
///
/// # Errors
/// Where the system gives no random bytes.
pub fn seal_new(
    sealing: &SealingKey,
    context: &MasterContext<'_>,
    secret: &SecretText,
) -> Result<(Sealed, Sealed), VaultError> {
    let data_key = DataKey(Key32::random()?);
    let wrapped = envelope::seal(&sealing.0, &context.data_key(), data_key.0.expose())?;
    Ok((seal_secret(&data_key, context, secret)?, wrapped))
}

/// Seals another credential under the data key that there is, so that grants stay good.
///
/// # Errors
/// Where the data key does not open, or the system gives no random bytes.
pub fn reseal(
    sealing: &SealingKey,
    context: &MasterContext<'_>,
    data_key: &Sealed,
    secret: &SecretText,
) -> Result<Sealed, VaultError> {
    seal_secret(&open_data_key(sealing, context, data_key)?, context, secret)
}

/// Opens a wrapped data key.
///
/// # Errors
/// [`VaultError::Tampered`]
pub fn open_data_key(
    sealing: &SealingKey,
    context: &MasterContext<'_>,
    data_key: &Sealed,
) -> Result<DataKey, VaultError> {
    envelope::open_key(&sealing.0, &context.data_key(), data_key).map(DataKey)
}

/// Opens a sealed credential.
///
/// # Errors
/// [`VaultError::Tampered`]
pub fn open_secret(
    data_key: &DataKey,
    context: &MasterContext<'_>,
    secret: &Sealed,
) -> Result<SecretText, VaultError> {
    let bytes = envelope::open(&data_key.0, &context.secret(), secret)?;
    let text = str::from_utf8(&bytes).map_err(|_| VaultError::Tampered("master secret"))?;
    Ok(text.to_owned().into())
}

fn seal_secret(
    data_key: &DataKey,
    context: &MasterContext<'_>,
    secret: &SecretText,
) -> Result<Sealed, VaultError> {
    envelope::seal(&data_key.0, &context.secret(), secret.expose().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{STORE, key, root, sealed};
    use super::*;

    const HERE: MasterContext<'static> =
        MasterContext { store: STORE, id: MasterId(3), origin: "https://api.openai.com" };

    fn text(text: &str) -> SecretText {
        text.to_owned().into()
    }

    #[test]
    fn known_ciphertexts_open() {
        let sealing = root().operator_keys().sealing;
        let wrapped = sealed(
            1,
            "7fe03f4075ceea14693cbe547d64abdfa4f375ffa020aa988bc8657d1b16fa00\
ae2553023b8b67b1a83aeee391194117",
        );
        let secret = sealed(
            2,
            "0c7c710eba0cb6e01bd51c50343728efd216d14a1fc74352109445ce33f2b2ff\
729490",
        );
        let data_key = open_data_key(&sealing, &HERE, &wrapped).unwrap();
        assert_eq!(data_key, DataKey(key(5)));
        assert_eq!(open_secret(&data_key, &HERE, &secret), Ok(text("sk-known-credential")));
    }

    #[test]
    fn nothing_opens_in_another_place() {
        let sealing = root().operator_keys().sealing;
        let (secret, wrapped) = seal_new(&sealing, &HERE, &text("sk-something")).unwrap();
        let data_key = open_data_key(&sealing, &HERE, &wrapped).unwrap();
        let elsewhere = [
            MasterContext { store: StoreId([8; 16]), ..HERE },
            MasterContext { id: MasterId(4), ..HERE },
            MasterContext { origin: "https://api.openai.com.evil.example", ..HERE },
        ];
        for place in elsewhere {
            assert!(open_data_key(&sealing, &place, &wrapped).is_err(), "{place:?}");
            assert!(open_secret(&data_key, &place, &secret).is_err(), "{place:?}");
        }
        // A field for another, under a key that is right for both.
        let under_one_key = envelope::seal(&sealing.0, &HERE.secret(), &[1; 32]).unwrap();
        assert_eq!(
            open_data_key(&sealing, &HERE, &under_one_key),
            Err(VaultError::Tampered("master data key"))
        );
    }

    #[test]
    fn a_rotation_keeps_the_data_key() {
        let sealing = root().operator_keys().sealing;
        let (_, wrapped) = seal_new(&sealing, &HERE, &text("sk-old-one")).unwrap();
        let granted = open_data_key(&sealing, &HERE, &wrapped).unwrap();
        let rotated = reseal(&sealing, &HERE, &wrapped, &text("sk-new-one")).unwrap();
        assert_eq!(open_secret(&granted, &HERE, &rotated), Ok(text("sk-new-one")));
    }
}
