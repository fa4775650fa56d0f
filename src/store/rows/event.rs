//! The audit log, and what is noted without an unlock.

use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{InstanceId, KeySeq, MasterId};
use crate::domain::rollup::Facts;
use crate::domain::settlement::Charge;
use crate::domain::time::Timestamp;

use super::super::Table;
use super::{Decoder, Encoder, Malformed, Row};

impl Row for Event {
    const TABLE: Table = Table::Events;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1)
            .u64(self.at.0)
            .u8(self.kind.number())
            .optional(self.key.map(|id| id.0))
            .optional(self.master.map(|id| id.0))
            .optional(self.instance.map(|id| id.0));
        match &self.charge {
            Some(charge) => out.u8(1).cost(&charge.cost).u8(u8::from(charge.estimated)),
            None => out.u8(0),
        };
        match &self.facts {
            Some(facts) => {
                out.u8(1).text(&facts.model).u64(facts.cached).u64(facts.latency);
                out.optional(facts.first_byte)
            }
            None => out.u8(0),
        };
        out.u64(self.count).text(&self.note);
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        Ok(Self {
            at: Timestamp(bytes.u64()?),
            kind: EventKind::from_number(bytes.u8()?).ok_or(Malformed("event: unknown kind"))?,
            key: bytes.optional()?.map(KeySeq),
            master: bytes.optional()?.map(MasterId),
            instance: bytes.optional()?.map(InstanceId),
            charge: if bytes.flag()? {
                Some(Charge { cost: bytes.cost()?, estimated: bytes.flag()? })
            } else {
                None
            },
            facts: if bytes.flag()? {
                Some(Facts {
                    model: bytes.text()?,
                    cached: bytes.u64()?,
                    latency: bytes.u64()?,
                    first_byte: bytes.optional()?,
                })
            } else {
                None
            },
            count: bytes.u64()?,
            note: bytes.text()?,
        })
    }
}

/// What can be noted without an unlock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteKind {
    /// A passphrase or key file opened no slot.
    UnlockFailed,
    /// A key was stopped.
    KeyKilled,
}

/// Something that happened without an unlock. Not authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// When, by the wall clock.
    pub at: Timestamp,
    /// What.
    pub kind: NoteKind,
    /// The key it is about; 0 for none.
    pub key: KeySeq,
}

impl Row for Note {
    const TABLE: Table = Table::Notes;

    fn encode(&self, out: &mut Encoder) {
        let kind = match self.kind {
            NoteKind::UnlockFailed => 1,
            NoteKind::KeyKilled => 2,
        };
        out.u8(1).u64(self.at.0).u8(kind).u64(self.key.0);
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        Ok(Self {
            at: Timestamp(bytes.u64()?),
            kind: match bytes.u8()? {
                1 => NoteKind::UnlockFailed,
                2 => NoteKind::KeyKilled,
                _ => return Err(Malformed("note: unknown kind")),
            },
            key: KeySeq(bytes.u64()?),
        })
    }
}

/// How often a key was denied for a reason within a minute. Not authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DenialCount(pub u64);

impl Row for DenialCount {
    const TABLE: Table = Table::Denials;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1).u64(self.0);
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        Ok(Self(bytes.u64()?))
    }
}
