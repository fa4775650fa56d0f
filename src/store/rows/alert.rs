//! Targets of alerts, what waits for them, and what was told last.

use crate::domain::alert::{AlertCursor, Mark, Marked, Topic};
use crate::domain::alert_target::{AlertTarget, Delivery, TargetKind, WaitingAlert};
use crate::domain::cost::Measure;
use crate::domain::ids::{AlertId, EventSeq, KeySeq, TargetId};
use crate::domain::pattern::Pattern;
use crate::domain::rate::Period;
use crate::domain::time::Timestamp;

use super::super::Table;
use super::{Decoder, Encoder, Malformed, Row, RowKey};

/// Where it lies in `meta` how far the store was read for alerts.
pub const ALERT_CURSOR_KEY: &str = "alert_cursor";

impl Row for AlertCursor {
    const TABLE: Table = Table::Meta;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1).u64(self.next_event.0).u64(self.next_alert).u64(self.next_target);
        out.u64(self.failed_unlocks).u64(self.refused);
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        Ok(Self {
            next_event: EventSeq(bytes.u64()?),
            next_alert: bytes.u64()?,
            next_target: bytes.u64()?,
            failed_unlocks: bytes.u64()?,
            refused: bytes.u64()?,
        })
    }
}

impl Row for AlertTarget {
    const TABLE: Table = Table::AlertTargets;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1).u64(self.id.0).text(&self.name).u8(self.kind.number()).text(&self.shown);
        out.sealed(&self.address);
        match &self.secret {
            Some(secret) => out.u8(1).sealed(secret),
            None => out.u8(0),
        };
        out.u8(u8::from(self.local)).count(self.topics.len());
        for topic in &self.topics {
            out.u8(topic.row().number);
        }
        out.count(self.keys.len());
        for pattern in &self.keys {
            out.text(pattern.as_str());
        }
        out.pairs(&self.labels).u64(self.created_at.0);
        encode_delivery(&self.delivery, out);
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        Ok(Self {
            id: TargetId(bytes.u64()?),
            name: bytes.text()?,
            kind: TargetKind::from_number(bytes.u8()?).ok_or(Malformed("alert target: kind"))?,
            shown: bytes.text()?,
            address: bytes.sealed()?,
            secret: if bytes.flag()? { Some(bytes.sealed()?) } else { None },
            local: bytes.flag()?,
            topics: {
                let count = bytes.count()?;
                let topic =
                    |number| Topic::from_number(number).ok_or(Malformed("alert target: topic"));
                (0..count).map(|_| topic(bytes.u8()?)).collect::<Result<_, _>>()?
            },
            keys: {
                let count = bytes.count()?;
                let pattern = |text: String| Pattern::over_names(&text);
                let read = |bytes: &mut Decoder<'_>| {
                    pattern(bytes.text()?).map_err(|_| Malformed("alert target: pattern"))
                };
                (0..count).map(|_| read(bytes)).collect::<Result<_, _>>()?
            },
            labels: bytes.pairs()?,
            created_at: Timestamp(bytes.u64()?),
            delivery: decode_delivery(bytes)?,
        })
    }
}

fn encode_delivery(delivery: &Delivery, out: &mut Encoder) {
    out.u64(delivery.failures).u64(delivery.next_at.0);
    out.optional(delivery.succeeded_at.map(|at| at.0));
    match &delivery.failed {
        Some((at, why)) => out.u8(1).u64(at.0).text(why),
        None => out.u8(0),
    };
    out.u64(delivery.delivered).u64(delivery.given_up);
}

fn decode_delivery(bytes: &mut Decoder<'_>) -> Result<Delivery, Malformed> {
    Ok(Delivery {
        failures: bytes.u64()?,
        next_at: Timestamp(bytes.u64()?),
        succeeded_at: bytes.optional()?.map(Timestamp),
        failed: if bytes.flag()? { Some((Timestamp(bytes.u64()?), bytes.text()?)) } else { None },
        delivered: bytes.u64()?,
        given_up: bytes.u64()?,
    })
}

impl Row for WaitingAlert {
    const TABLE: Table = Table::Alerts;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1).u64(self.id.0).u64(self.at.0).text(&self.body).text(&self.text);
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        Ok(Self {
            id: AlertId(bytes.u64()?),
            at: Timestamp(bytes.u64()?),
            body: bytes.text()?,
            text: bytes.text()?,
        })
    }
}

impl Row for Mark {
    const TABLE: Table = Table::AlertLevels;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1).u64(self.level).u64(self.limit).u64(self.at.0);
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        Ok(Self { level: bytes.u64()?, limit: bytes.u64()?, at: Timestamp(bytes.u64()?) })
    }
}

impl RowKey for Marked {
    fn to_key(&self) -> Vec<u8> {
        let mut out = Encoder::default();
        match self {
            Self::Limit(key, measure) => {
                out.u8(1).u64(key.0).u8(measure.map_or(0, Measure::number));
            }
            Self::Cap(master, measure, window) => {
                out.u8(2)
                    .u64(master.0)
                    .u8(measure.number())
                    .text(window.map_or("", Period::letter));
            }
            Self::EndedKey(key) => {
                out.u8(3).u64(key.0);
            }
            Self::UnknownKeys => {
                out.u8(4);
            }
            Self::FailedUnlocks => {
                out.u8(5);
            }
            Self::Refused => {
                out.u8(6);
            }
        }
        out.into_bytes()
    }
}

/// What the marks of a key begin with.
#[must_use]
pub fn of_key(key: KeySeq) -> [Vec<u8>; 2] {
    [1, 3].map(|first| [vec![first], key.to_key()].concat())
}
