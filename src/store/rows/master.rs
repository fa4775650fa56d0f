//! Master keys and grants.

use crate::domain::ids::{MasterId, Revision};
use crate::domain::master::Master;
use crate::domain::sealed::Sealed;
use crate::domain::time::Timestamp;

use super::super::Table;
use super::{Decoder, Encoder, Malformed, Row};

impl Row for Master {
    const TABLE: Table = Table::Masters;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1)
            .u64(self.id.0)
            .text(&self.name)
            .text(&self.provider)
            .u8(u8::from(self.base_url.is_some()))
            .text(self.base_url.as_deref().unwrap_or_default())
            .u8(u8::from(self.local))
            .pairs(&self.headers)
            .text(&self.origin)
            .sealed(&self.secret)
            .sealed(&self.data_key)
            .text(&self.last4)
            .u64(self.created_at.0)
            .optional(self.rotated_at.map(|at| at.0))
            .u64(self.revision.0);
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        Ok(Self {
            id: MasterId(bytes.u64()?),
            name: bytes.text()?,
            provider: bytes.text()?,
            base_url: {
                let given = bytes.flag()?;
                Some(bytes.text()?).filter(|_| given)
            },
            local: bytes.flag()?,
            headers: bytes.pairs()?,
            origin: bytes.text()?,
            secret: bytes.sealed()?,
            data_key: bytes.sealed()?,
            last4: bytes.text()?,
            created_at: Timestamp(bytes.u64()?),
            rotated_at: bytes.optional()?.map(Timestamp),
            revision: Revision(bytes.u64()?),
        })
    }
}

/// A grant is nothing but its ciphertext, which is bound to its key, master and store.
impl Row for Sealed {
    const TABLE: Table = Table::Grants;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1).sealed(self);
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        bytes.sealed()
    }
}
