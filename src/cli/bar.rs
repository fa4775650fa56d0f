//! A small bar: what is used, what is held, what is left of a limit.

/// Draws `cells` cells: `██▒░░░`, or `##+---` in ASCII.
///
/// Something used or held shows at least as one cell, and the bar is full only when nothing is
/// left.
#[must_use]
pub fn bar(used: u64, held: u64, limit: u64, cells: usize, utf8: bool) -> String {
    let taken = used.saturating_add(held);
    let mut full = filled(taken, limit, cells);
    let solid = filled(used, limit, cells);
    if held > 0 && full == solid && full < cells {
        full = full.saturating_add(1);
    }
    if taken < limit {
        full = full.min(cells.saturating_sub(1));
    }
    let solid = solid.min(full);
    let [used, held, left] = if utf8 { ["█", "▒", "░"] } else { ["#", "+", "-"] };
    [
        used.repeat(solid),
        held.repeat(full.saturating_sub(solid)),
        left.repeat(cells.saturating_sub(full)),
    ]
    .concat()
}

/// How many of `cells` stand for `part` of `whole`, rounded down, but never to nothing.
fn filled(part: u64, whole: u64, cells: usize) -> usize {
    if part == 0 {
        return 0;
    }
    let cells_wide = u128::try_from(cells).unwrap_or(u128::MAX);
    let share = u128::from(part.min(whole)).saturating_mul(cells_wide);
    let count = share.checked_div(u128::from(whole)).unwrap_or_default();
    usize::try_from(count).unwrap_or(cells).clamp(1, cells.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_neither_hides_what_is_taken_nor_what_is_left() {
        let ascii = |used, held, limit| bar(used, held, limit, 6, false);
        assert_eq!(bar(20, 10, 60, 6, true), "██▒░░░");
        assert_eq!(ascii(0, 0, 50), "------");
        assert_eq!(ascii(1, 0, 50), "#-----");
        assert_eq!(ascii(1, 1, 1_000_000_000_000), "#+----");
        assert_eq!(ascii(49, 0, 50), "#####-");
        assert_eq!(ascii(49, 1, 50), "#####+");
        assert_eq!(ascii(50, 0, 50), "######");
        assert_eq!(ascii(u64::MAX, u64::MAX, u64::MAX), "######");
        assert_eq!(bar(1, 1, 3, 1, false), "-");
    }
}
