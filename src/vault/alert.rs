//! Where alerts go, and what they are signed with, sealed so that a forwarder can open it.

use super::envelope::{self, Aad};
use super::error::VaultError;
use super::root::AlertKey;
use super::secret::SecretText;
use crate::domain::ids::{StoreId, TargetId};
use crate::domain::sealed::Sealed;

/// Whose field it is: what its ciphertext is bound to.
#[derive(Clone, Copy, Debug)]
pub struct AlertContext {
    /// The store.
    pub store: StoreId,
    /// The target.
    pub id: TargetId,
    /// Which field: `alert address` or `alert secret`.
    pub field: &'static str,
}

impl AlertContext {
    fn place(&self) -> Aad {
        Aad::new(self.store, self.field).number(self.id.0)
    }
}

/// Seals a field of a target.
///
/// # Errors
/// Where the system gives no random bytes.
pub fn seal_alert(
    key: &AlertKey,
    context: AlertContext,
    text: &SecretText,
) -> Result<Sealed, VaultError> {
    envelope::seal(&key.0, &context.place(), text.expose().as_bytes())
}

/// Opens a field of a target.
///
/// # Errors
/// [`VaultError::Tampered`]
pub fn open_alert(
    key: &AlertKey,
    context: AlertContext,
    sealed: &Sealed,
) -> Result<SecretText, VaultError> {
    let bytes = envelope::open(&key.0, &context.place(), sealed)?;
    let text = str::from_utf8(&bytes).map_err(|_| VaultError::Tampered(context.field))?;
    Ok(text.to_owned().into())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{STORE, root};
    use super::*;

    #[test]
    fn nothing_opens_in_another_place() {
        let keys = root().operator_keys().proxy;
        let here = AlertContext { store: STORE, id: TargetId(3), field: "alert address" };
        let text = SecretText::from("https://hooks.example.com/T0/B0/x".to_owned());
        let sealed = seal_alert(keys.alert(), here, &text).unwrap();
        assert_eq!(open_alert(keys.alert(), here, &sealed), Ok(text));
        let elsewhere = [
            AlertContext { store: StoreId([8; 16]), ..here },
            AlertContext { id: TargetId(4), ..here },
            AlertContext { field: "alert secret", ..here },
        ];
        for place in elsewhere {
            assert!(open_alert(keys.alert(), place, &sealed).is_err(), "{place:?}");
        }
    }
}
