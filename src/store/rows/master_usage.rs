//! Caps on master keys.

use crate::domain::cost::Measure;
use crate::domain::ids::Revision;
use crate::domain::master_usage::{MasterCap, MasterUsage};
use crate::domain::time::Timestamp;

use super::super::Table;
use super::period::{decode_window, encode_window};
use super::{Decoder, Encoder, Malformed, Row};

impl Row for MasterUsage {
    const TABLE: Table = Table::MasterUsage;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1).u64(self.revision.0).count(self.caps.len());
        for cap in &self.caps {
            encode_window(cap.window, out.u8(cap.measure.number()));
            out.u64(cap.limit).u64(cap.since.0).u64(cap.used).u64(cap.held);
        }
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        let revision = Revision(bytes.u64()?);
        let count = bytes.count()?;
        let caps = (0..count).map(|_| cap(bytes)).collect::<Result<_, _>>()?;
        Ok(Self { revision, caps })
    }
}

fn cap(bytes: &mut Decoder<'_>) -> Result<MasterCap, Malformed> {
    let measure = Measure::from_number(bytes.u8()?);
    Ok(MasterCap {
        measure: measure.ok_or(Malformed("master usage: unknown measure"))?,
        window: decode_window(bytes)?,
        limit: bytes.u64()?,
        since: Timestamp(bytes.u64()?),
        used: bytes.u64()?,
        held: bytes.u64()?,
    })
}
