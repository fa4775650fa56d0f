//! Stretching a passphrase: Argon2id, version 0x13 (RFC 9106).

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::Zeroize;

use super::error::VaultError;
use super::secret::{Key32, SecretText, random_array};
use crate::domain::slot::KdfParams;

/// The parameters for a new slot, with a salt of its own: 64 MiB, 3 passes, 4 lanes (RFC 9106,
/// section 4, second recommended option).
///
/// # Errors
/// Where the system gives no random bytes.
pub fn default_params() -> Result<KdfParams, VaultError> {
    Ok(KdfParams { memory_kib: 64 * 1024, passes: 3, lanes: 4, salt: random_array()? })
}

/// Holds stored parameters against the bounds: 8 MiB to 1 GiB, 1 to 16 passes, 1 to 16 lanes.
///
/// Within them the memory is always the 8 blocks for each lane that Argon2 asks for.
///
/// # Errors
/// The first parameter that is out of bounds.
pub fn check(params: &KdfParams) -> Result<(), VaultError> {
    let bounds = [
        ("KiB of memory", params.memory_kib, 8 * 1024, 1024 * 1024),
        ("passes", params.passes, 1, 16),
        ("lanes", params.lanes, 1, 16),
    ];
    for (what, found, least, most) in bounds {
        if !(least..=most).contains(&found) {
            return Err(VaultError::KdfOutOfBounds { what, found, least, most });
        }
    }
    Ok(())
}

/// The key of a passphrase.
///
/// # Errors
/// Where the parameters are out of bounds, before any work; where the memory cannot be had.
pub fn stretch(passphrase: &SecretText, params: &KdfParams) -> Result<Key32, VaultError> {
    check(params)?;
    let KdfParams { memory_kib, passes, lanes, salt } = params;
    let settings =
        Params::new(*memory_kib, *passes, *lanes, Some(32)).map_err(VaultError::KdfFailed)?;
    let mut memory =
        Memory::blocks(settings.block_count()).ok_or(VaultError::KdfMemory(params.memory_kib))?;
    let mut outcome = Ok(());
    let key = Key32::written(|key| {
        outcome = Argon2::new(Algorithm::Argon2id, Version::V0x13, settings)
            .hash_password_into_with_memory(
                passphrase.expose().as_bytes(),
                salt,
                key,
                memory.0.as_mut_slice(),
            );
    });
    outcome.map_err(VaultError::KdfFailed)?;
    Ok(key)
}

/// The memory that is worked over, zeroed afterwards: the `argon2` crate zeroes its last block
/// alone, and its own allocation never.
struct Memory(Vec<Block>);

impl Memory {
    fn blocks(count: usize) -> Option<Self> {
        let mut blocks = Vec::new();
        blocks.try_reserve_exact(count).ok()?;
        blocks.resize(count, Block::new());
        Some(Self(blocks))
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.0.iter_mut().zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{hex, small_kdf};
    use super::*;

    fn stretched(params: &KdfParams) -> Key32 {
        stretch(&"correct horse".to_owned().into(), params).unwrap()
    }

    #[test]
    fn known_keys() {
        assert_eq!(
            stretched(&small_kdf()).expose().as_slice(),
            hex("535955e2e0c81e5649e5066231cf4deeb51d1f7bfc7b106bf67fcab2b7b369e3")
        );
        let defaults = KdfParams { salt: [7; 16], ..default_params().unwrap() };
        assert_eq!(
            stretched(&defaults).expose().as_slice(),
            hex("b9544fd17a6791078aa071a2eb5d1e653ca9788d942f83158bb4ee9b552a2326")
        );
    }

    #[test]
    fn parameters_out_of_bounds_are_refused() {
        let fits = KdfParams { memory_kib: 1 << 20, passes: 16, lanes: 16, salt: [0; 16] };
        assert_eq!(check(&fits), Ok(()));
        assert_eq!(check(&small_kdf()), Ok(()));
        let refused = [
            KdfParams { memory_kib: (8 << 10) - 1, ..fits },
            KdfParams { memory_kib: (1 << 20) + 1, ..fits },
            KdfParams { memory_kib: u32::MAX, ..fits },
            KdfParams { passes: 0, ..fits },
            KdfParams { passes: 17, ..fits },
            KdfParams { lanes: 0, ..fits },
            KdfParams { lanes: 17, ..fits },
        ];
        for params in refused {
            let answer = stretch(&"x".to_owned().into(), &params);
            assert!(matches!(answer, Err(VaultError::KdfOutOfBounds { .. })), "{params:?}");
        }
    }
}
