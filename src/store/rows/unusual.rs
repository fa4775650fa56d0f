//! What was told as unusual in an hour.

use crate::domain::ids::{KeySeq, MasterId};
use crate::domain::spike::{Figure, Finding, Found, Subject, Unusual};

use super::super::Table;
use super::{Decoder, Encoder, Malformed, Row, RowKey, key_number};

const FIGURES: [(Figure, u8); 4] =
    [(Figure::Requests, 1), (Figure::Spend, 2), (Figure::Denials, 3), (Figure::Errors, 4)];
/// Bytes of the row key: the hour, 0 for a proxy key or 1 for a master key, its number.
const KEY_LEN: usize = 24;

impl RowKey for Subject {
    fn to_key(&self) -> Vec<u8> {
        match self {
            Self::Key(key) => (0_u64, *key).to_key(),
            Self::Master(master) => (1_u64, *master).to_key(),
        }
    }
}

/// The hour, and whom the row under this key is about.
///
/// # Errors
/// Where it is the key of no such row.
pub fn unusual_key(key: &[u8]) -> Result<(u64, Subject), Malformed> {
    let number = key_number(key, 2)?;
    let about = match key_number(key, 1)? {
        0 => Subject::Key(KeySeq(number)),
        1 => Subject::Master(MasterId(number)),
        _ => return Err(Malformed("row key")),
    };
    if key.len() == KEY_LEN { Ok((key_number(key, 0)?, about)) } else { Err(Malformed("row key")) }
}

impl Row for Unusual {
    const TABLE: Table = Table::Unusual;

    fn encode(&self, out: &mut Encoder) {
        out.u8(1).u8(u8::from(self.paused)).count(self.found.len());
        for found in &self.found {
            match found {
                Found::Figure(Finding { figure, amount, usual, quiet }) => {
                    let number = FIGURES.iter().find(|(known, _)| known == figure);
                    out.u8(1).u8(number.map_or(0, |(_, number)| *number));
                    out.u64(*amount).u64(*usual).u8(u8::from(*quiet));
                }
                Found::Model(model) => drop(out.u8(2).text(model)),
                Found::Address(network) => drop(out.u8(3).text(network)),
                Found::ManyAddresses => drop(out.u8(4)),
            }
        }
    }

    fn decode(bytes: &mut Decoder<'_>) -> Result<Self, Malformed> {
        bytes.version(1)?;
        let (paused, count) = (bytes.flag()?, bytes.count()?);
        let found = (0..count).map(|_| found(bytes)).collect::<Result<_, _>>()?;
        Ok(Self { found, paused })
    }
}

fn found(bytes: &mut Decoder<'_>) -> Result<Found, Malformed> {
    Ok(match bytes.u8()? {
        1 => {
            let number = bytes.u8()?;
            let figure = FIGURES.iter().find(|(_, known)| *known == number);
            let (figure, _) = *figure.ok_or(Malformed("figure"))?;
            let (amount, usual, quiet) = (bytes.u64()?, bytes.u64()?, bytes.flag()?);
            Found::Figure(Finding { figure, amount, usual, quiet })
        }
        2 => Found::Model(bytes.text()?),
        3 => Found::Address(bytes.text()?),
        4 => Found::ManyAddresses,
        _ => return Err(Malformed("what was found")),
    })
}
