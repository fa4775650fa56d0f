//! Proxy keys: the cold record and the hot usage row.

use std::num::NonZeroU32;

use crate::domain::cost::Caps;
use crate::domain::ids::{InstanceId, KeyId, KeySeq, MasterId, MinterId, Revision};
use crate::domain::key::{EndCause, Ended, KeyRecord, Usage};
use crate::domain::limits::{Counting, Limits, MaxPrice, OnCancel, Overshoot};
use crate::domain::money::Picodollars;
use crate::domain::pattern::Pattern;
use crate::domain::pause::OnSpike;
use crate::domain::rate::{ArrivalTime, Rate};
use crate::domain::scope::{Allow, Scope};
use crate::domain::share::Share;
use crate::domain::time::{Span, Timestamp};

use super::super::Table;
use super::period::{decode_window, encode_window};
use super::{Decoder, Encoder, Malformed, Row};

const CAUSES: [(EndCause, u8); 8] = [
    (EndCause::Activations, 1),
    (EndCause::Expired, 2),
    (EndCause::Revoked, 3),
    (EndCause::MasterGone, 4),
    (EndCause::Tokens, 5),
    (EndCause::Spend, 6),
    (EndCause::RunOver, 7),
    (EndCause::ParentEnded, 8),
];

impl Row for KeyRecord {
    const TABLE: Table = Table::Keys;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1).u64(self.seq.0).raw(self.id.as_bytes()).raw(&self.lookup).text(&self.name);
        out.pairs(&self.labels).count(self.masters.len());
        for (id, provider) in &self.masters {
            out.u64(id.0).text(provider);
        }
        encode_limits(&self.limits, out);
        encode_scope(&self.scope, out);
        out.optional(self.ends_with.map(|id| id.0)).optional(self.minter.map(|id| id.0));
        out.optional(self.parent.map(|key| key.0)).u8(self.delegate);
        out.u64(self.created_at.0).u64(self.revision.0);
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        Ok(Self {
            seq: KeySeq(bytes.u64()?),
            id: decode_id(bytes)?,
            lookup: bytes.array()?,
            name: bytes.text()?,
            labels: bytes.pairs()?,
            masters: {
                let count = bytes.count()?;
                (0..count).map(|_| Ok((MasterId(bytes.u64()?), bytes.text()?))).collect::<Result<
                    _,
                    Malformed,
                >>(
                )?
            },
            limits: decode_limits(bytes)?,
            scope: decode_scope(bytes)?,
            ends_with: bytes.optional()?.map(InstanceId),
            minter: bytes.optional()?.map(MinterId),
            parent: bytes.optional()?.map(KeySeq),
            delegate: bytes.u8()?,
            created_at: Timestamp(bytes.u64()?),
            revision: Revision(bytes.u64()?),
        })
    }
}

impl Row for Usage {
    const TABLE: Table = Table::Usage;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1)
            .u64(self.revision.0)
            .u64(self.record.0)
            .u64(self.used)
            .u64(self.held)
            .u64(self.attempts)
            .u64(self.answered)
            .cost(&self.cost)
            .cost(&self.cost_held);
        encode_lineage(self, out);
        out.u64(self.arrival.0).u64(self.last_used_at.0);
        match self.ended {
            Some(Ended { cause, at }) => {
                let number = CAUSES.iter().find(|(known, _)| *known == cause).map_or(0, |c| c.1);
                out.u8(number).u64(at.0)
            }
            None => out.u8(0),
        };
        out.optional(self.paused_since().map(|at| at.0));
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        let before = Self {
            revision: Revision(bytes.u64()?),
            record: Revision(bytes.u64()?),
            used: bytes.u64()?,
            held: bytes.u64()?,
            attempts: bytes.u64()?,
            answered: bytes.u64()?,
            cost: bytes.cost()?,
            cost_held: bytes.cost()?,
            ..Self::default()
        };
        let before = decode_lineage(bytes, before)?;
        Ok(Self {
            arrival: ArrivalTime(bytes.u64()?),
            last_used_at: Timestamp(bytes.u64()?),
            ended: match bytes.u8()? {
                0 => None,
                number => {
                    let cause = CAUSES.iter().find(|(_, known)| *known == number).map(|c| c.0);
                    let cause = cause.ok_or(Malformed("usage: unknown end"))?;
                    Some(Ended { cause, at: Timestamp(bytes.u64()?) })
                }
            },
            paused_at: match bytes.optional()? {
                // As a row in memory says that there is none.
                Some(0) => return Err(Malformed("usage: pause")),
                at => at.map(Timestamp).unwrap_or_default(),
            },
            ..before
        })
    }
}

/// Most keys have neither a parent nor children, and one byte says so.
fn encode_lineage(usage: &Usage, out: &mut Encoder) {
    if has_no_lineage(usage) {
        out.u8(0);
        return;
    }
    let Usage { lent, below, descendants, carved, .. } = usage;
    out.u8(1);
    encode_share(lent, out);
    out.u64(*below).u64(*descendants);
    match carved {
        Some(carved) => encode_share(carved, out.u8(1)),
        None => drop(out.u8(0)),
    }
}

fn decode_lineage(bytes: &mut Decoder<'_>, usage: Usage) -> Result<Usage, Malformed> {
    if !bytes.flag()? {
        return Ok(usage);
    }
    let usage = Usage {
        lent: decode_share(bytes)?,
        below: bytes.u64()?,
        descendants: bytes.u64()?,
        carved: if bytes.flag()? { Some(decode_share(bytes)?) } else { None },
        ..usage
    };
    if has_no_lineage(&usage) { Err(Malformed("usage: lineage")) } else { Ok(usage) }
}

fn has_no_lineage(usage: &Usage) -> bool {
    let Usage { lent, below, descendants, carved, .. } = usage;
    (*lent, *below, *descendants, *carved) == (Share::default(), 0, 0, None)
}

fn encode_share(share: &Share, out: &mut Encoder) {
    let Share { activations, attempts, tokens, input_tokens, output_tokens, spend } = *share;
    out.u64(activations).u64(attempts).u64(tokens).u64(input_tokens).u64(output_tokens).u64(spend);
}

fn decode_share(bytes: &mut Decoder<'_>) -> Result<Share, Malformed> {
    Ok(Share {
        activations: bytes.u64()?,
        attempts: bytes.u64()?,
        tokens: bytes.u64()?,
        input_tokens: bytes.u64()?,
        output_tokens: bytes.u64()?,
        spend: bytes.u64()?,
    })
}

fn decode_id(bytes: &mut Decoder<'_>) -> Result<KeyId, Malformed> {
    let id = bytes.array::<{ KeyId::LEN }>()?;
    std::str::from_utf8(&id).ok().and_then(|id| id.parse().ok()).ok_or(Malformed("key id"))
}

fn encode_limits(limits: &Limits, out: &mut Encoder) {
    out.optional(limits.activations).optional(limits.expires_at.map(|at| at.0));
    match limits.rate {
        Some(rate) => {
            encode_window(Some(rate.per), out);
            out.u32(rate.count.get())
        }
        None => out.u8(0),
    };
    out.u32(limits.concurrency.map_or(0, NonZeroU32::get));
    out.u8(match limits.counting {
        Counting::Sent => 0,
        Counting::Answered => 1,
    });
    encode_caps(&limits.caps, out);
    out.u64(limits.least_spend.0);
    out.u8(u8::from(limits.overshoot == Overshoot::LastCall));
    out.u8(u8::from(limits.on_cancel == OnCancel::Drain));
    match limits.max_price {
        Some(MaxPrice { prompt, completion }) => out.u8(1).u64(prompt.0).u64(completion.0),
        None => out.u8(0),
    };
    out.u64(limits.patience.0).u8(u8::from(limits.on_spike == OnSpike::Pause));
}

fn decode_limits(bytes: &mut Decoder<'_>) -> Result<Limits, Malformed> {
    Ok(Limits {
        activations: bytes.optional()?,
        expires_at: bytes.optional()?.map(Timestamp),
        rate: match decode_window(bytes)? {
            None => None,
            Some(per) => {
                let count = NonZeroU32::new(bytes.u32()?).ok_or(Malformed("rate"))?;
                Some(Rate { count, per })
            }
        },
        concurrency: NonZeroU32::new(bytes.u32()?),
        counting: if bytes.flag()? { Counting::Answered } else { Counting::Sent },
        caps: decode_caps(bytes)?,
        least_spend: Picodollars(bytes.u64()?),
        overshoot: if bytes.flag()? { Overshoot::LastCall } else { Overshoot::Never },
        on_cancel: if bytes.flag()? { OnCancel::Drain } else { OnCancel::Stop },
        max_price: if bytes.flag()? {
            let prompt = Picodollars(bytes.u64()?);
            Some(MaxPrice { prompt, completion: Picodollars(bytes.u64()?) })
        } else {
            None
        },
        patience: Span(bytes.u64()?),
        on_spike: if bytes.flag()? { OnSpike::Pause } else { OnSpike::Alert },
    })
}

pub(super) fn encode_caps(caps: &Caps, out: &mut Encoder) {
    let Caps { tokens, input_tokens, output_tokens, spend } = *caps;
    out.optional(tokens).optional(input_tokens).optional(output_tokens);
    out.optional(spend.map(|spend| spend.0));
}

pub(super) fn decode_caps(bytes: &mut Decoder<'_>) -> Result<Caps, Malformed> {
    Ok(Caps {
        tokens: bytes.optional()?,
        input_tokens: bytes.optional()?,
        output_tokens: bytes.optional()?,
        spend: bytes.optional()?.map(Picodollars),
    })
}

pub(super) fn encode_scope(scope: &Scope, out: &mut Encoder) {
    out.count(scope.models.len());
    for model in &scope.models {
        out.text(model.as_str());
    }
    out.count(scope.allow.len());
    for allow in &scope.allow {
        out.text(&allow.to_string());
    }
    out.count(scope.networks.len());
    for network in &scope.networks {
        out.text(&network.to_string());
    }
}

pub(super) fn decode_scope(bytes: &mut Decoder<'_>) -> Result<Scope, Malformed> {
    fn list<T>(
        bytes: &mut Decoder<'_>,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, Malformed> {
        let count = bytes.count()?;
        (0..count).map(|_| parse(&bytes.text()?).ok_or(Malformed("scope"))).collect()
    }
    Ok(Scope {
        models: list(bytes, |text| Pattern::over_names(text).ok())?,
        allow: list(bytes, |text| text.parse::<Allow>().ok())?,
        networks: list(bytes, |text| text.parse().ok())?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::rows::{from_bytes, to_bytes};

    /// Fuzz runs look for rows that read as another is written.
    #[test]
    fn figures_have_one_spelling() {
        let paused = Usage { paused_at: Timestamp(7), ..Usage::default() };
        let parent = Usage { descendants: 3, ..Usage::default() };
        for (usage, value, message) in [(paused, 7, "usage: pause"), (parent, 3, "usage: lineage")]
        {
            let mut row = to_bytes(&usage);
            assert_eq!(from_bytes::<Usage>(&row), Ok(usage));
            let place = row.iter().rposition(|byte| *byte == value).unwrap();
            *row.get_mut(place).unwrap() = 0;
            assert_eq!(from_bytes::<Usage>(&row), Err(Malformed(message)));
        }
    }
}
