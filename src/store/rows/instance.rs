//! Running processes and what they hold.

use crate::domain::hold::{Hold, Instance};
use crate::domain::ids::{InstanceId, KeySeq, MasterId};
use crate::domain::time::Timestamp;

use super::super::Table;
use super::{Decoder, Encoder, Malformed, Row};

impl Row for Instance {
    const TABLE: Table = Table::Instances;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1).u64(self.id.0).u32(self.pid).text(&self.url).u64(self.started_at.0);
        out.count(self.keys.len());
        for key in &self.keys {
            out.u64(key.0);
        }
        out.count(self.masters.len());
        for master in &self.masters {
            out.u64(master.0);
        }
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        Ok(Self {
            id: InstanceId(bytes.u64()?),
            pid: bytes.u32()?,
            url: bytes.text()?,
            started_at: Timestamp(bytes.u64()?),
            keys: numbers(bytes)?.into_iter().map(KeySeq).collect(),
            masters: numbers(bytes)?.into_iter().map(MasterId).collect(),
        })
    }
}

fn numbers(bytes: &mut Decoder<'_>) -> Result<Vec<u64>, Malformed> {
    let count = bytes.count()?;
    (0..count).map(|_| bytes.u64()).collect()
}

impl Row for Hold {
    const TABLE: Table = Table::Holds;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1).u64(self.key.0).u64(self.master.0).cost(&self.cost).u64(self.admitted_at.0);
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        Ok(Self {
            key: KeySeq(bytes.u64()?),
            master: MasterId(bytes.u64()?),
            cost: bytes.cost()?,
            admitted_at: Timestamp(bytes.u64()?),
        })
    }
}
