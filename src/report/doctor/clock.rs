//! The machine's clock, held against the last reading that the store remembers.

use crate::domain::clock::{Reading, Suspect, TOLERANCE, judge};

use super::check::Check;
use super::finding::Finding;

/// What is to be said of the clock.
pub(super) fn of_clock(remembered: Option<Reading>, now: Reading) -> Option<Finding> {
    if let Err(Suspect(ahead)) = judge(remembered, now) {
        let place = format!("by {}", ahead.rounded());
        return Some(Finding::new(Check::ClockAhead, place, ""));
    }
    let last = remembered?.wall;
    let behind = last.since(now.wall);
    (behind > TOLERANCE)
        .then(|| Finding::new(Check::ClockBehind, format!("by {}", behind.rounded()), ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::{Span, Timestamp};

    const HOUR: u64 = 3_600_000;

    #[test]
    fn a_clock_that_was_set_is_said() {
        let reading =
            |wall: u64, boot: u64| Reading { wall: Timestamp(wall), boot: Span(boot), boot_id: 1 };
        let last = Some(reading(100 * HOUR, HOUR));
        let check = |now| of_clock(last, now).map(|finding| (finding.check, finding.place));
        assert_eq!(check(reading(101 * HOUR, 2 * HOUR)), None);
        assert_eq!(check(reading(99 * HOUR, 2 * HOUR)), None);
        let ahead = check(reading(105 * HOUR, 2 * HOUR));
        assert_eq!(ahead, Some((Check::ClockAhead, "by 4h".to_owned())));
        let behind = check(reading(90 * HOUR, 2 * HOUR));
        assert_eq!(behind, Some((Check::ClockBehind, "by 10h".to_owned())));
        assert_eq!(of_clock(None, reading(0, 0)), None);
    }
}
