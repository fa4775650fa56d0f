//! The client addresses of a proxy key.

use crate::domain::spike::{Addresses, Seen};
use crate::domain::time::Timestamp;

use super::super::Table;
use super::{Decoder, Encoder, Malformed, Row};

impl Row for Addresses {
    const TABLE: Table = Table::Addresses;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1).u64(self.since.0).u8(u8::from(self.many)).count(self.seen.len());
        for seen in &self.seen {
            out.text(&seen.network.to_string()).u64(seen.day);
        }
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        let (since, many, count) = (Timestamp(bytes.u64()?), bytes.flag()?, bytes.count()?);
        let seen = (0..count).map(|_| {
            let text = bytes.text()?;
            let network = text.parse::<ipnet::IpNet>().map_err(|_| Malformed("network"))?;
            if network.to_string() != text {
                return Err(Malformed("network"));
            }
            Ok(Seen { network, day: bytes.u64()? })
        });
        Ok(Self { since, many, seen: seen.collect::<Result<_, Malformed>>()? })
    }
}
