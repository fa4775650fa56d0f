//! How much of the audit log is kept, what is known of the rest, and when the store was unlocked.

use std::collections::BTreeMap;

use crate::domain::ids::{EventSeq, SlotId};
use crate::domain::retention::{Dropped, Retention, Unlocks};
use crate::domain::time::{Span, Timestamp};

use super::super::Table;
use super::{Decoder, Encoder, Malformed, Row};

/// Where the retention lies in `meta`.
pub const RETENTION_KEY: &str = "log_retention";
/// Where the summary of what was dropped lies in `meta`.
pub const DROPPED_KEY: &str = "log_dropped";
/// Where the times of the last unlocks lie in `meta`.
pub const UNLOCKS_KEY: &str = "log_unlocks";

impl Row for Retention {
    const TABLE: Table = Table::Meta;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1).u64(self.events).optional(self.age.map(|age| age.0));
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        Ok(Self { events: bytes.u64()?, age: bytes.optional()?.map(Span) })
    }
}

impl Row for Dropped {
    const TABLE: Table = Table::Meta;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1)
            .u64(self.first.0)
            .u64(self.first_at.0)
            .u64(self.last.0)
            .u64(self.last_at.0)
            .u64(self.settled)
            .cost(&self.cost)
            .count(self.kinds.len());
        for (kind, count) in &self.kinds {
            out.u8(*kind).u64(*count);
        }
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        Ok(Self {
            first: EventSeq(bytes.u64()?),
            first_at: Timestamp(bytes.u64()?),
            last: EventSeq(bytes.u64()?),
            last_at: Timestamp(bytes.u64()?),
            settled: bytes.u64()?,
            cost: bytes.cost()?,
            kinds: {
                let count = bytes.count()?;
                let kinds = (0..count).map(|_| Ok((bytes.u8()?, bytes.u64()?)));
                ascending(kinds.collect::<Result<_, Malformed>>()?)?
            },
        })
    }
}

impl Row for Unlocks {
    const TABLE: Table = Table::Meta;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1).count(self.0.len());
        for (slot, at) in &self.0 {
            out.u64(slot.0).u64(at.0);
        }
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        let count = bytes.count()?;
        let unlocks = (0..count).map(|_| Ok((SlotId(bytes.u64()?), Timestamp(bytes.u64()?))));
        Ok(Self(unlocks.collect::<Result<_, Malformed>>()?))
    }
}

/// The pairs, each of which must lie above the one before: a row has one spelling.
fn ascending<V>(pairs: Vec<(u8, V)>) -> Result<BTreeMap<u8, V>, Malformed> {
    if pairs.is_sorted_by(|(before, _), (after, _)| before < after) {
        Ok(pairs.into_iter().collect())
    } else {
        Err(Malformed("order of kinds"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::rows::{from_bytes, to_bytes};

    #[test]
    fn kinds_stand_once_and_in_order() {
        let kinds = BTreeMap::from([(1, 5), (2, 5)]);
        let row = to_bytes(&Dropped { kinds, ..Dropped::default() });
        assert!(from_bytes::<Dropped>(&row).is_ok());
        for (first, second) in [(2, 1), (1, 1)] {
            let mut row = row.clone();
            let places: Vec<_> = row.iter_mut().rev().skip(8).step_by(9).take(2).collect();
            let [last, before] = places.try_into().unwrap();
            (*before, *last) = (first, second);
            assert!(from_bytes::<Dropped>(&row).is_err());
        }
    }
}
