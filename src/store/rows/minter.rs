//! Those who may mint without unlocking the store, and what they have minted.

use crate::domain::bounds::Bounds;
use crate::domain::cost::Measure;
use crate::domain::ids::{MasterId, MinterId, Revision};
use crate::domain::minter::{Minter, Proof, Trust};
use crate::domain::pattern::Pattern;
use crate::domain::time::{Span, Timestamp};
use crate::domain::totals::{MinterUsage, Quantity, Total};

use super::super::Table;
use super::key::{decode_caps, decode_scope, encode_caps, encode_scope};
use super::period::{decode_window, encode_window};
use super::{Decoder, Encoder, Malformed, Row};

impl Row for Minter {
    const TABLE: Table = Table::Minters;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1).u64(self.id.0).text(&self.name);
        match &self.proof {
            Proof::Token { lookup } => {
                out.u8(1).raw(lookup);
            }
            Proof::Identity(trust) => encode_trust(trust, out.u8(2)),
        }
        let bounds = &self.bounds;
        out.count(bounds.masters.len());
        for (id, provider) in &bounds.masters {
            out.u64(id.0).text(provider);
        }
        out.u8(u8::from(bounds.bring_keys)).u8(bounds.delegate).optional(bounds.activations);
        encode_caps(&bounds.caps, out);
        out.optional(bounds.lifetime.map(|span| span.0));
        encode_scope(&bounds.scope, out);
        out.optional(bounds.expires_at.map(|at| at.0));
        out.u64(self.created_at.0).u64(self.revision.0);
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        Ok(Self {
            id: MinterId(bytes.u64()?),
            name: bytes.text()?,
            proof: match bytes.u8()? {
                1 => Proof::Token { lookup: bytes.array()? },
                2 => Proof::Identity(decode_trust(bytes)?),
                _ => return Err(Malformed("minter: unknown proof")),
            },
            bounds: decode_bounds(bytes)?,
            created_at: Timestamp(bytes.u64()?),
            revision: Revision(bytes.u64()?),
        })
    }
}

fn decode_bounds(bytes: &mut Decoder<'_>) -> Result<Bounds, Malformed> {
    let count = bytes.count()?;
    let masters = (0..count).map(|_| Ok((MasterId(bytes.u64()?), bytes.text()?)));
    Ok(Bounds {
        masters: masters.collect::<Result<_, Malformed>>()?,
        bring_keys: bytes.flag()?,
        delegate: bytes.u8()?,
        activations: bytes.optional()?,
        caps: decode_caps(bytes)?,
        lifetime: bytes.optional()?.map(Span),
        scope: decode_scope(bytes)?,
        expires_at: bytes.optional()?.map(Timestamp),
    })
}

fn encode_trust(trust: &Trust, out: &mut Encoder) {
    out.text(&trust.kind).text(&trust.issuer).text(&trust.audience).count(trust.claims.len());
    for (claim, pattern) in &trust.claims {
        out.text(claim).text(pattern.as_str());
    }
    out.u8(u8::from(trust.local));
}

fn decode_trust(bytes: &mut Decoder<'_>) -> Result<Trust, Malformed> {
    Ok(Trust {
        kind: bytes.text()?,
        issuer: bytes.text()?,
        audience: bytes.text()?,
        claims: {
            let count = bytes.count()?;
            let claim = |bytes: &mut Decoder<'_>| {
                let name = bytes.text()?;
                let pattern = Pattern::over_names(&bytes.text()?);
                Ok((name, pattern.map_err(|_| Malformed("minter: claim"))?))
            };
            (0..count).map(|_| claim(bytes)).collect::<Result<_, Malformed>>()?
        },
        local: bytes.flag()?,
    })
}

impl Row for MinterUsage {
    const TABLE: Table = Table::MinterUsage;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1).u64(self.revision.0).u64(self.live_keys).optional(self.max_live_keys);
        out.u64(self.minted).count(self.totals.len());
        for total in &self.totals {
            out.u8(match total.quantity {
                Quantity::Keys => 0,
                Quantity::Activations => 255,
                Quantity::Of(measure) => measure.number(),
            });
            encode_window(total.window, out);
            out.u64(total.limit).u64(total.since.0).u64(total.granted);
        }
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        Ok(Self {
            revision: Revision(bytes.u64()?),
            live_keys: bytes.u64()?,
            max_live_keys: bytes.optional()?,
            minted: bytes.u64()?,
            totals: {
                let count = bytes.count()?;
                (0..count).map(|_| total(bytes)).collect::<Result<_, _>>()?
            },
        })
    }
}

fn total(bytes: &mut Decoder<'_>) -> Result<Total, Malformed> {
    let quantity = match bytes.u8()? {
        0 => Quantity::Keys,
        255 => Quantity::Activations,
        number => Quantity::Of(
            Measure::from_number(number).ok_or(Malformed("minter usage: unknown quantity"))?,
        ),
    };
    Ok(Total {
        quantity,
        window: decode_window(bytes)?,
        limit: bytes.u64()?,
        since: Timestamp(bytes.u64()?),
        granted: bytes.u64()?,
    })
}
