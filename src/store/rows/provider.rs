//! Providers that were added.

use crate::domain::ids::Revision;
use crate::domain::provider_row::ProviderRow;
use crate::domain::time::Timestamp;

use super::super::Table;
use super::{Decoder, Encoder, Malformed, Row};

impl Row for ProviderRow {
    const TABLE: Table = Table::Providers;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1)
            .text(&self.name)
            .text(&self.base_url)
            .text(&self.auth)
            .pairs(&self.headers)
            .u8(u8::from(self.cookies))
            .u8(u8::from(self.local))
            .u64(self.created_at.0)
            .u64(self.revision.0);
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        Ok(Self {
            name: bytes.text()?,
            base_url: bytes.text()?,
            auth: bytes.text()?,
            headers: bytes.pairs()?,
            cookies: bytes.flag()?,
            local: bytes.flag()?,
            created_at: Timestamp(bytes.u64()?),
            revision: Revision(bytes.u64()?),
        })
    }
}
