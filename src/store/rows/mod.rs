//! The rows themselves, byte by byte. `docs/format.md` draws them.
//!
//! Every row but the header, whose first number is the format of the whole store, begins with the
//! version of its own layout. Numbers are big-endian, texts and lists
//! are length-prefixed. A reader takes exactly what a writer made: a longer or shorter row is
//! damaged.

mod addresses;
mod alert;
mod brought;
mod codec;
mod event;
mod instance;
mod key;
mod log;
mod master;
mod master_usage;
mod meta;
mod minter;
mod period;
mod provider;
mod rollup;
mod slot;
mod unusual;

pub use alert::{ALERT_CURSOR_KEY, of_key};
pub use codec::{Decoder, Encoder, Malformed};
pub use event::{DenialCount, Note, NoteKind};
pub use log::{DROPPED_KEY, RETENTION_KEY, UNLOCKS_KEY};
pub use meta::{FORMAT, HEADER_KEY, Header, OLDEST, STATE_KEY, State};
pub use rollup::rollup_key;
pub use unusual::unusual_key;

use crate::domain::ids::{
    AlertId, EventSeq, HoldId, InstanceId, KeyId, KeySeq, MasterId, MinterId, SlotId, TargetId,
};
use crate::domain::time::Timestamp;

use super::Table;

/// Something that lies in a table as one row.
pub trait Row: Sized {
    /// The table.
    const TABLE: Table;

    /// Writes the row.
    fn encode(&self, out: &mut Encoder);

    /// Reads the row.
    ///
    /// # Errors
    /// Where it is not what `encode` writes.
    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed>;
}

/// The row's bytes.
pub fn to_bytes<R: Row>(row: &R) -> Vec<u8> {
    let mut out = Encoder::default();
    row.encode(&mut out);
    out.into_bytes()
}

/// The row of these bytes, all of them.
///
/// # Errors
/// Where they are not what [`to_bytes`] makes.
pub fn from_bytes<R: Row>(bytes: &[u8]) -> Result<R, Malformed> {
    let mut decoder = Decoder::new(bytes);
    let row = R::decode(&mut decoder)?;
    decoder.end()?;
    Ok(row)
}

/// What a row lies under.
pub trait RowKey {
    /// The key's bytes, which sort as it does.
    fn to_key(&self) -> Vec<u8>;
}

impl RowKey for u64 {
    fn to_key(&self) -> Vec<u8> {
        self.to_be_bytes().to_vec()
    }
}

impl RowKey for str {
    fn to_key(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }
}

impl RowKey for KeyId {
    fn to_key(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }
}

impl RowKey for [u8; 32] {
    fn to_key(&self) -> Vec<u8> {
        self.to_vec()
    }
}

macro_rules! numbered_row_keys {
    ($($id:ty),*) => {
        $(impl RowKey for $id {
            fn to_key(&self) -> Vec<u8> {
                self.0.to_key()
            }
        })*
    };
}

numbered_row_keys!(KeySeq, MasterId, MinterId, SlotId, InstanceId, EventSeq, TargetId, AlertId);

impl<A: RowKey, B: RowKey> RowKey for (A, B) {
    fn to_key(&self) -> Vec<u8> {
        let mut bytes = self.0.to_key();
        bytes.extend(self.1.to_key());
        bytes
    }
}

impl RowKey for HoldId {
    fn to_key(&self) -> Vec<u8> {
        (self.instance, self.number).to_key()
    }
}

impl RowKey for Timestamp {
    fn to_key(&self) -> Vec<u8> {
        self.0.to_key()
    }
}

/// The number at `part` (counted from 0) of a row key made of 64-bit numbers.
///
/// # Errors
/// Where the key is too short.
pub fn key_number(key: &[u8], part: usize) -> Result<u64, Malformed> {
    let start = part.checked_mul(8).ok_or(Malformed("row key"))?;
    key.get(start..)
        .and_then(|rest| rest.first_chunk::<8>())
        .map(|bytes| u64::from_be_bytes(*bytes))
        .ok_or(Malformed("row key"))
}
