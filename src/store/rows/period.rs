//! Periods, as rates and caps have them.

use crate::domain::rate::Period;

use super::{Decoder, Encoder, Malformed};

const PERIODS: [(Period, u8); 4] =
    [(Period::Second, 1), (Period::Minute, 2), (Period::Hour, 3), (Period::Day, 4)];

/// One byte; 0 for none.
pub(super) fn encode_window(window: Option<Period>, out: &mut Encoder) {
    let number = PERIODS.iter().find(|(known, _)| Some(*known) == window);
    out.u8(number.map_or(0, |row| row.1));
}

pub(super) fn decode_window(bytes: &mut Decoder<'_>) -> Result<Option<Period>, Malformed> {
    match bytes.u8()? {
        0 => Ok(None),
        number => {
            let period = PERIODS.iter().find(|(_, known)| *known == number);
            period.map(|row| Some(row.0)).ok_or(Malformed("period"))
        }
    }
}
