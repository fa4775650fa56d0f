//! The keys as they pass from one life of the process to the next: bytes that say where each pair
//! ends, and whose they are.
//!
//! A magic line, the process's number in four bytes, then for each pair a name and a value, each
//! after its length in four bytes. Numbers are little-endian.

use std::fmt;

use zeroize::Zeroizing;

/// What a parcel begins with. Its version is no format on disk: both lives are one binary.
const MAGIC: &[u8] = b"till parcel 1\n";

/// Names with their secrets.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parcel(pub Vec<(String, Zeroizing<Vec<u8>>)>);

/// Why bytes are no parcel for this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParcelError {
    /// They do not follow the format.
    #[error("it holds no parcel of keys")]
    Malformed,
    /// Another process packed them.
    #[error("process {0} packed it, and not this one")]
    Foreign(u32),
}

impl Parcel {
    /// The parcel's bytes, for the process of this number.
    ///
    /// None where a name or a secret has 4 GiB or more.
    #[must_use]
    pub fn pack(&self, process: u32) -> Option<Zeroizing<Vec<u8>>> {
        // Room for all from the start: growing would leave copies behind.
        let pairs = self.0.iter().map(|(name, secret)| [name.len(), secret.len(), 4, 4]);
        let room = pairs.flatten().fold(MAGIC.len().saturating_add(4), usize::saturating_add);
        let mut bytes = Zeroizing::new(Vec::with_capacity(room));
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&process.to_le_bytes());
        for (name, secret) in &self.0 {
            for part in [name.as_bytes(), secret.as_slice()] {
                bytes.extend_from_slice(&u32::try_from(part.len()).ok()?.to_le_bytes());
                bytes.extend_from_slice(part);
            }
        }
        Some(bytes)
    }

    /// The parcel that these bytes are, to the last of them.
    ///
    /// # Errors
    /// Where they are none, or were packed for a process of another number.
    pub fn unpack(bytes: &[u8], process: u32) -> Result<Self, ParcelError> {
        let mut rest = bytes.strip_prefix(MAGIC).ok_or(ParcelError::Malformed)?;
        let packed = number(&mut rest).ok_or(ParcelError::Malformed)?;
        if packed != process {
            return Err(ParcelError::Foreign(packed));
        }
        let mut pairs = Vec::new();
        while !rest.is_empty() {
            pairs.push(pair(&mut rest).ok_or(ParcelError::Malformed)?);
        }
        Ok(Self(pairs))
    }
}

impl fmt::Debug for Parcel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

fn pair(rest: &mut &[u8]) -> Option<(String, Zeroizing<Vec<u8>>)> {
    let name = str::from_utf8(part(rest)?).ok()?.to_owned();
    Some((name, Zeroizing::new(part(rest)?.to_vec())))
}

fn part<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(number(rest)?).ok()?;
    rest.split_off(..length)
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    rest.split_off(..4)?.try_into().ok().map(u32::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_parcel_comes_back_whole_or_not_at_all(
            pairs in proptest::collection::vec((".{0,20}", proptest::collection::vec(any::<u8>(), 0..40)), 0..5),
            cut in any::<proptest::sample::Index>(),
        ) {
            let parcel = Parcel(
                pairs.into_iter().map(|(name, secret)| (name, Zeroizing::new(secret))).collect(),
            );
            let bytes = parcel.pack(7).unwrap();
            prop_assert_eq!(bytes.capacity(), bytes.len());
            prop_assert_eq!(Parcel::unpack(&bytes, 7), Ok(parcel.clone()));
            prop_assert_eq!(Parcel::unpack(&bytes, 8), Err(ParcelError::Foreign(7)));
            // Cut between two pairs it is a smaller parcel.
            if let Ok(less) = Parcel::unpack(&bytes[..cut.index(bytes.len())], 7) {
                prop_assert!(less.0.len() < parcel.0.len());
            }
        }

        #[test]
        fn other_bytes_are_no_parcel(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            prop_assert_eq!(Parcel::unpack(&bytes, 7), Err(ParcelError::Malformed));
            let mut begun = [MAGIC, &7u32.to_le_bytes()].concat();
            begun.extend_from_slice(&bytes);
            // Whatever follows, it is read without a panic.
            let _ = Parcel::unpack(&begun, 7);
        }
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let parcel = Parcel(vec![("OPENAI_API_KEY".into(), Zeroizing::new(b"sk-secret".to_vec()))]);
        assert_eq!(format!("{parcel:?}"), "{\"OPENAI_API_KEY\"}");
    }
}
