//! Caps on master keys.

use crate::domain::cost::Measure;
use crate::domain::ids::Revision;
use crate::domain::master_usage::{MasterCap, MasterUsage};
use crate::domain::time::Timestamp;

use super::super::Table;
use super::key::PERIODS;
use super::{Decoder, Encoder, Malformed, Row};

impl Row for MasterUsage {
    const TABLE: Table = Table::MasterUsage;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1).u64(self.revision.0).count(self.caps.len());
        for cap in &self.caps {
            let measure = Measure::ALL.iter().find(|row| row.0 == cap.measure).map_or(0, |r| r.1);
            let window = PERIODS.iter().find(|(known, _)| Some(*known) == cap.window);
            out.u8(measure).u8(window.map_or(0, |row| row.1)).u64(cap.limit);
            out.u64(cap.since.0).u64(cap.used).u64(cap.held);
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
    let number = bytes.u8()?;
    let measure = Measure::ALL.iter().find(|row| row.1 == number);
    let measure = measure.map(|row| row.0).ok_or(Malformed("master usage: unknown measure"))?;
    let window = match bytes.u8()? {
        0 => None,
        number => {
            let period = PERIODS.iter().find(|(_, known)| *known == number);
            Some(period.map(|row| row.0).ok_or(Malformed("master usage: unknown window"))?)
        }
    };
    Ok(MasterCap {
        measure,
        window,
        limit: bytes.u64()?,
        since: Timestamp(bytes.u64()?),
        used: bytes.u64()?,
        held: bytes.u64()?,
    })
}
