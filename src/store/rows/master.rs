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
            base_url: match (bytes.flag()?, bytes.text()?) {
                (true, base_url) => Some(base_url),
                (false, nothing) if nothing.is_empty() => None,
                (false, _) => return Err(Malformed("base URL")),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::rows::{from_bytes, to_bytes};

    /// A row with an address that its flag denies would be read as another than was written.
    #[test]
    fn a_base_url_stands_with_its_flag_alone() {
        let sealed = || Sealed { nonce: [0; _], ciphertext: Vec::new() };
        let base_url = Some("https://a".to_owned());
        let master = Master {
            id: MasterId(1),
            name: String::new(),
            provider: String::new(),
            base_url,
            local: false,
            headers: Vec::new(),
            origin: String::new(),
            secret: sealed(),
            data_key: sealed(),
            last4: String::new(),
            created_at: Timestamp(0),
            rotated_at: None,
            revision: Revision(1),
        };
        let mut row = to_bytes(&master);
        assert_eq!(from_bytes::<Master>(&row), Ok(master));
        // Version, id, and two texts of no length stand before the flag.
        let flag = row.get_mut(1 + 8 + 4 + 4).unwrap();
        assert_eq!(std::mem::replace(flag, 0), 1);
        assert_eq!(from_bytes::<Master>(&row), Err(Malformed("base URL")));
    }
}
