//! Names of things in a store. Numbers inside, short texts outside.

use std::fmt;
use std::str::FromStr;

use super::base32;

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number_id! {
    /// A proxy key's number inside the store: the row key of everything that is kept about it.
    KeySeq
}
number_id! {
    /// A master key's number inside the store. Its name is what people see.
    MasterId
}
number_id! {
    /// One running process that has opened the store for forwarding. Drawn at random.
    InstanceId
}
number_id! {
    /// An unlock slot. Numbered from 1.
    SlotId
}
number_id! {
    /// One who may mint without unlocking the store. Its name is what people see.
    MinterId
}
number_id! {
    /// A target of alerts. Its name is what people see.
    TargetId
}
number_id! {
    /// An alert that is told. Numbered from 1; the same at all its targets.
    AlertId
}
number_id! {
    /// A row of the audit log. Numbered from 1, without gaps.
    EventSeq
}
number_id! {
    /// How often a row was written. Only grows; one that went back is refused.
    Revision
}

impl Revision {
    /// The revision of the next write.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// One hold: what one request in flight has set aside, and who is answerable for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HoldId {
    /// The process that forwards the request.
    pub instance: InstanceId,
    /// Counted by that process, from 1.
    pub number: u64,
}

/// A store's identity, drawn at random when it is made; part of what every ciphertext is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StoreId(pub [u8; 16]);

impl fmt::Display for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A proxy key's public id: what people, logs and headers call it. It opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; Self::LEN]);

impl KeyId {
    /// Characters of an id.
    pub const LEN: usize = 12;

    /// An id from random bits; the lowest 60 are used.
    #[must_use]
    pub fn from_bits(bits: u64) -> Self {
        Self(base32::encode(bits))
    }

    /// The id as text: 12 characters of lower-case base32.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The id as bytes, which sort as the text does.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for KeyId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let bytes: [u8; Self::LEN] = text.as_bytes().try_into().map_err(|_| NotAnId)?;
        if bytes.iter().all(|byte| base32::ALPHABET.contains(byte)) {
            Ok(Self(bytes))
        } else {
            Err(NotAnId)
        }
    }
}

/// The text is no id: not 12 characters, or one outside the alphabet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnId;
