//! What time it is, when the wall clock may lie.
//!
//! The wall clock can be set; the boot clock (which runs on while the machine sleeps) cannot.
//! One remembered reading of both bounds the other.

use super::time::{Span, Timestamp};

/// How far the wall clock may run ahead of what the boot clock allows.
pub const TOLERANCE: Span = Span::minutes(60);

/// Both clocks, read together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The wall clock.
    pub wall: Timestamp,
    /// Time since the machine booted, sleep included.
    pub boot: Span,
    /// Which boot: readings of different boots cannot be compared.
    pub boot_id: u64,
}

/// The wall clock is ahead of what the boot clock allows, by this much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suspect(pub Span);

/// The time that decisions are made at, given the newest reading that the store remembers.
///
/// It never goes back, so that a clock that is set back revives nothing; and it never stands still
/// for longer than [`TOLERANCE`] within one boot, so that a clock that once ran far ahead makes no
/// key live longer.
///
/// # Errors
/// Where the wall clock ran ahead more than [`TOLERANCE`]: nothing must be decided by it.
pub fn judge(remembered: Option<Reading>, now: Reading) -> Result<Timestamp, Suspect> {
    let Some(last) = remembered else { return Ok(now.wall) };
    if last.boot_id == now.boot_id {
        let elapsed = Span(now.boot.0.saturating_sub(last.boot.0));
        let expected = last.wall.after(elapsed);
        if now.wall > expected.after(TOLERANCE) {
            return Err(Suspect(now.wall.since(expected)));
        }
        if now.wall.after(TOLERANCE) < expected {
            return Ok(expected);
        }
    }
    Ok(now.wall.max(last.wall))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600_000;

    fn reading(wall: u64, boot: u64, boot_id: u64) -> Reading {
        Reading { wall: Timestamp(wall), boot: Span(boot), boot_id }
    }

    #[test]
    fn a_clock_set_forward_is_suspect_and_one_set_back_revives_nothing() {
        let last = Some(reading(1_000 * HOUR, HOUR, 1));
        assert_eq!(judge(last, reading(1_002 * HOUR, 3 * HOUR, 1)), Ok(Timestamp(1_002 * HOUR)));
        assert_eq!(judge(last, reading(1_004 * HOUR, 2 * HOUR, 1)), Err(Suspect(Span(3 * HOUR))));
        assert_eq!(judge(last, reading(900 * HOUR, 4 * HOUR, 1)), Ok(Timestamp(1_003 * HOUR)));
        assert_eq!(judge(last, reading(1_000 * HOUR - 5, HOUR, 1)), Ok(Timestamp(1_000 * HOUR)));
        assert_eq!(judge(last, reading(1_009 * HOUR, 0, 2)), Ok(Timestamp(1_009 * HOUR)));
    }
}
