//! Real keys that came with a request for a proxy key.

use crate::domain::master::Brought;

use super::super::Table;
use super::{Decoder, Encoder, Malformed, Row};

impl Row for Brought {
    const TABLE: Table = Table::Brought;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1).raw(&self.digest).u64(self.live_keys);
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        Ok(Self { digest: bytes.array()?, live_keys: bytes.u64()? })
    }
}
