//! Sums of an hour.

use crate::domain::histogram::Histogram;
use crate::domain::ids::{KeySeq, MasterId};
use crate::domain::rollup::{Rollup, RollupKey};

use super::super::Table;
use super::{Decoder, Encoder, Malformed, Row, RowKey, key_number};

/// Bytes of the row key before the model.
const FIXED: usize = 24;

impl RowKey for RollupKey {
    fn to_key(&self) -> Vec<u8> {
        let mut bytes = (self.hour, (self.key, self.master)).to_key();
        bytes.extend(self.model.as_bytes());
        bytes
    }
}

/// What the row under this key is about.
///
/// # Errors
/// Where it is none of a rollup.
pub fn rollup_key(key: &[u8]) -> Result<RollupKey, Malformed> {
    let model = key.get(FIXED..).ok_or(Malformed("rollup key"))?;
    let model = std::str::from_utf8(model).map_err(|_| Malformed("rollup key"))?;
    Ok(RollupKey {
        hour: key_number(key, 0)?,
        key: KeySeq(key_number(key, 1)?),
        master: MasterId(key_number(key, 2)?),
        model: model.to_owned(),
    })
}

impl Row for Rollup {
    const TABLE: Table = Table::Rollups;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1).u64(self.sent).u64(self.activations).u64(self.answered).u64(self.limited);
        out.u64(self.refused).u64(self.failed).u64(self.estimated);
        out.cost(&self.cost).u64(self.cached);
        for times in [&self.latency, &self.first_byte] {
            out.count(times.counts().len());
            for (bucket, count) in times.counts() {
                out.u8(*bucket).u32(*count);
            }
        }
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        Ok(Self {
            sent: bytes.u64()?,
            activations: bytes.u64()?,
            answered: bytes.u64()?,
            limited: bytes.u64()?,
            refused: bytes.u64()?,
            failed: bytes.u64()?,
            estimated: bytes.u64()?,
            cost: bytes.cost()?,
            cached: bytes.u64()?,
            latency: histogram(bytes)?,
            first_byte: histogram(bytes)?,
        })
    }
}

fn histogram(bytes: &mut Decoder<'_>) -> Result<Histogram, Malformed> {
    let count = bytes.count()?;
    let counts = (0..count).map(|_| Ok((bytes.u8()?, bytes.u32()?)));
    let counts = counts.collect::<Result<Vec<_>, Malformed>>()?;
    Histogram::from_counts(counts).ok_or(Malformed("histogram"))
}
