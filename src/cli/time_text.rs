//! Points in time as people read them.

use crate::domain::time::{Span, Timestamp};

/// The grains that a span to come is rounded up to, each with the least span it is for.
const GRAINS: [(Span, Span); 4] = [
    (Span::minutes(7 * 24 * 60), Span::minutes(24 * 60)),
    (Span::minutes(24 * 60), Span::minutes(60)),
    (Span::minutes(60), Span::minutes(1)),
    (Span(0), Span::seconds(1)),
];

/// How far a point is from now: `in 2h`, `in 1h59m`, `3m ago`, `now`.
#[must_use]
pub fn relative(at: Timestamp, now: Timestamp) -> String {
    let (ahead, behind) = (at.since(now), now.since(at));
    if ahead > Span(0) {
        format!("in {}", rounded_up(ahead))
    } else if behind < Span::seconds(1) {
        "now".to_owned()
    } else {
        format!("{} ago", behind.rounded())
    }
}

/// The span with at most two units, never less than it is: a moment after it was minted, a key
/// for two hours reads `2h`.
fn rounded_up(span: Span) -> Span {
    let grain = GRAINS.iter().find(|(least, _)| span >= *least).map_or(1, |(_, grain)| grain.0);
    span.0.checked_next_multiple_of(grain).map_or(span, Span)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400_000;

    /// 2026-11-24T16:00:00Z.
    const NOW: Timestamp = Timestamp(1_795_536_000_000);

    #[test]
    fn distances_have_two_units_at_most() {
        let shown = |ahead: i64| relative(Timestamp(NOW.0.saturating_add_signed(ahead)), NOW);
        assert_eq!(shown(0), "now");
        assert_eq!(shown(-999), "now");
        assert_eq!(shown(1), "in 1s");
        assert_eq!(shown(2 * 3_600_000 - 5), "in 2h");
        assert_eq!(shown(90 * 60_000), "in 1h30m");
        assert_eq!(shown(DAY.cast_signed() * 10), "in 1w3d");
        assert_eq!(shown(-200_000), "3m ago");
        assert_eq!(relative(Timestamp(u64::MAX), NOW).split('w').count(), 2);
    }
}
