//! A random unlock secret in the kernel's keyring.
//!
//! It lies in the user's persistent keyring (persistent-keyring(7)): every login of the user finds
//! it, for as long as it is asked for at least every three days. A restart of the machine empties
//! it, and every process of the user can read it; so it stands beside another slot, never alone.

use crate::domain::ids::StoreId;
use crate::vault::Key32;

use super::exit::Exit;
use super::failure::Failure;

/// Keeps the secret for this store, over the one that was kept.
///
/// # Errors
/// Where the system has no keyring or does not let it be written.
pub fn store(id: StoreId, secret: &Key32) -> Result<(), Failure> {
    kernel::store(id, secret).map_err(|why| unusable(&why))
}

/// The secret that is kept for this store; none where none is, or it has expired.
///
/// # Errors
/// Where the system has no keyring or does not let it be read.
pub fn load(id: StoreId) -> Result<Option<Key32>, Failure> {
    kernel::load(id).map_err(|why| unusable(&why))
}

/// Forgets the secret for this store; says whether one was kept.
///
/// # Errors
/// Where the system has no keyring or does not let it be changed.
pub fn remove(id: StoreId) -> Result<bool, Failure> {
    kernel::remove(id).map_err(|why| unusable(&why))
}

fn unusable(why: &str) -> Failure {
    Failure::new(Exit::Failed, "the system's keyring cannot be used")
        .why(why)
        .hint("use a passphrase, or a key file with `--key-file`")
}

#[cfg(target_os = "linux")]
mod kernel {
    use linux_keyutils::{Key, KeyError, KeyRing, KeyRingIdentifier};
    use zeroize::Zeroizing;

    use crate::domain::ids::StoreId;
    use crate::vault::{Key32, key_file_text, parse_key_file};

    /// More bytes than the text of a secret has.
    const ROOM: usize = 128;

    pub(super) fn store(id: StoreId, secret: &Key32) -> Result<(), String> {
        let text = key_file_text(secret);
        keyring()?.add_key(&name(id), text.expose().as_bytes()).map_err(explain)?;
        Ok(())
    }

    pub(super) fn load(id: StoreId) -> Result<Option<Key32>, String> {
        let Some((_, key)) = find(id)? else { return Ok(None) };
        let mut buffer = Zeroizing::new([0; ROOM]);
        let len = key.read(&mut *buffer).map_err(explain)?;
        let text = buffer.get(..len).and_then(|bytes| str::from_utf8(bytes).ok());
        let secret = text.and_then(|text| parse_key_file(text).ok());
        secret.map(Some).ok_or_else(|| "what it holds for this store is no secret".to_owned())
    }

    pub(super) fn remove(id: StoreId) -> Result<bool, String> {
        let Some((keyring, key)) = find(id)? else { return Ok(false) };
        keyring.unlink_key(key).map_err(explain)?;
        Ok(true)
    }

    fn find(id: StoreId) -> Result<Option<(KeyRing, Key)>, String> {
        let keyring = keyring()?;
        match keyring.search(&name(id)) {
            Ok(key) => Ok(Some((keyring, key))),
            Err(KeyError::KeyDoesNotExist | KeyError::KeyExpired | KeyError::KeyRevoked) => {
                Ok(None)
            }
            Err(error) => Err(explain(error)),
        }
    }

    /// The user's persistent keyring, or the user's keyring where the kernel has no persistent
    /// ones. It is linked to this process, which could not read from it otherwise.
    fn keyring() -> Result<KeyRing, String> {
        let own = KeyRingIdentifier::Process;
        if let Ok(keyring) = KeyRing::get_persistent(own) {
            return Ok(keyring);
        }
        let user = KeyRing::from_special_id(KeyRingIdentifier::User, true).map_err(explain)?;
        let process = KeyRing::from_special_id(own, true).map_err(explain)?;
        process.link_keyring(user).map_err(explain)?;
        Ok(user)
    }

    fn name(id: StoreId) -> String {
        format!("till:{id}")
    }

    fn explain(error: KeyError) -> String {
        match error {
            KeyError::Unknown(code) if code == rustix::io::Errno::NOSYS.raw_os_error() => {
                "this kernel or sandbox has no keyring".to_owned()
            }
            KeyError::Unknown(code) => std::io::Error::from_raw_os_error(code).to_string(),
            KeyError::PermissionDenied | KeyError::AccessDenied => {
                "the kernel or a sandbox forbids it".to_owned()
            }
            KeyError::QuotaExceeded => "the user's quota of keys is used up".to_owned(),
            other => format!("the kernel answers `{other:?}`"),
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod kernel {
    use crate::domain::ids::StoreId;
    use crate::vault::Key32;

    const WHY: &str = "till knows no keyring of this system";

    pub(super) fn store(_: StoreId, _: &Key32) -> Result<(), String> {
        Err(WHY.to_owned())
    }

    pub(super) fn load(_: StoreId) -> Result<Option<Key32>, String> {
        Err(WHY.to_owned())
    }

    pub(super) fn remove(_: StoreId) -> Result<bool, String> {
        Err(WHY.to_owned())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// Sandboxes without a keyring are common: there it must say so.
    #[test]
    fn a_secret_is_kept_and_forgotten() {
        let id = StoreId(crate::vault::random_array().unwrap());
        let secret = Key32::random().unwrap();
        if let Err(failure) = store(id, &secret) {
            assert!(failure.why.is_some());
            return;
        }
        assert_eq!(load(id), Ok(Some(secret)));
        assert_eq!(remove(id), Ok(true));
        assert_eq!(load(id), Ok(None));
        assert_eq!(remove(id), Ok(false));
    }
}
