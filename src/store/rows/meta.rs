//! What the store is, and the figures that every commit moves.

use crate::domain::clock::Reading;
use crate::domain::ids::{EventSeq, StoreId};
use crate::domain::time::{Span, Timestamp};

use super::super::Table;
use super::{Decoder, Encoder, Malformed, Row};

/// The format of the whole store. It moves when a reader of the old one would misread the new.
pub const FORMAT: u32 = 3;

/// The oldest format that was promised: a store of it, or of any since, is brought forward.
pub const OLDEST: u32 = 3;

/// Where the header lies in `meta`.
pub const HEADER_KEY: &str = "header";
/// Where the state lies in `meta`.
pub const STATE_KEY: &str = "state";

/// Written once. The format comes first and its place never moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The format.
    pub format: u32,
    /// The store's identity.
    pub store: StoreId,
    /// When the store was made.
    pub created_at: Timestamp,
}

impl Row for Header {
    const TABLE: Table = Table::Meta;

    fn encode(&self, out: &mut Encoder) {
        out.u32(self.format).raw(&self.store.0).u64(self.created_at.0);
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            format: bytes.u32()?,
            store: StoreId(bytes.array()?),
            created_at: Timestamp(bytes.u64()?),
        })
    }
}

/// Written with every authenticated commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The next proxy key's number.
    pub next_key: u64,
    /// The next master key's number.
    pub next_master: u64,
    /// The next slot's number.
    pub next_slot: u64,
    /// The next minter's number.
    pub next_minter: u64,
    /// The oldest event that is kept.
    pub first_event: EventSeq,
    /// The next event's number. It grows with everything that is worth an event: the store's
    /// generation. Kill rows, notes and counts of denials do not move it.
    pub next_event: EventSeq,
    /// The link before the oldest event that is kept.
    pub chain_tail: [u8; 32],
    /// The newest event's link.
    pub chain_head: [u8; 32],
    /// The newest reading of the clocks.
    pub clock: Reading,
}

impl Row for State {
    const TABLE: Table = Table::Meta;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1)
            .u64(self.next_key)
            .u64(self.next_master)
            .u64(self.next_slot)
            .u64(self.next_minter)
            .u64(self.first_event.0)
            .u64(self.next_event.0)
            .raw(&self.chain_tail)
            .raw(&self.chain_head)
            .u64(self.clock.wall.0)
            .u64(self.clock.boot.0)
            .u64(self.clock.boot_id);
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        Ok(Self {
            next_key: bytes.u64()?,
            next_master: bytes.u64()?,
            next_slot: bytes.u64()?,
            next_minter: bytes.u64()?,
            first_event: EventSeq(bytes.u64()?),
            next_event: EventSeq(bytes.u64()?),
            chain_tail: bytes.array()?,
            chain_head: bytes.array()?,
            clock: Reading {
                wall: Timestamp(bytes.u64()?),
                boot: Span(bytes.u64()?),
                boot_id: bytes.u64()?,
            },
        })
    }
}
