//! Unlock slots.

use crate::domain::ids::SlotId;
use crate::domain::slot::{KdfParams, Slot, SlotKind};
use crate::domain::time::Timestamp;

use super::super::Table;
use super::{Decoder, Encoder, Malformed, Row};

const KINDS: [(SlotKind, u8); 3] =
    [(SlotKind::Passphrase, 1), (SlotKind::KeyFile, 2), (SlotKind::Keyring, 3)];

impl Row for Slot {
    const TABLE: Table = Table::Slots;

    fn encode(&self, out: &mut Encoder) {
        let kind = KINDS.iter().find(|(kind, _)| *kind == self.kind).map_or(0, |(_, n)| *n);
        out.u8(1).u64(self.id.0).u8(kind);
        match &self.kdf {
            Some(kdf) => {
                out.u8(1).u32(kdf.memory_kib).u32(kdf.passes).u32(kdf.lanes).raw(&kdf.salt)
            }
            None => out.u8(0),
        };
        out.sealed(&self.root).text(&self.name).u64(self.created_at.0);
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        let id = SlotId(bytes.u64()?);
        let number = bytes.u8()?;
        let kind = KINDS.iter().find(|(_, known)| *known == number).map(|(kind, _)| *kind);
        let kdf = if bytes.flag()? {
            Some(KdfParams {
                memory_kib: bytes.u32()?,
                passes: bytes.u32()?,
                lanes: bytes.u32()?,
                salt: bytes.array()?,
            })
        } else {
            None
        };
        Ok(Self {
            id,
            kind: kind.ok_or(Malformed("slot: unknown kind"))?,
            kdf,
            root: bytes.sealed()?,
            name: bytes.text()?,
            created_at: Timestamp(bytes.u64()?),
        })
    }
}
