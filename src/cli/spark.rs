//! A figure's course in a few characters: `▁▃█·▂`, or `.-@_:` in ASCII.

/// The heights, the lowest first.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The same in ASCII.
const ASCII: [char; 8] = ['.', ':', '-', '=', '+', '*', '#', '@'];

/// One character for each value, against the greatest of them. Nothing is told from a little.
#[must_use]
pub fn spark(values: &[u64], utf8: bool) -> String {
    let most = values.iter().copied().max().unwrap_or_default();
    let (heights, nothing) = if utf8 { (BLOCKS, '·') } else { (ASCII, '_') };
    let height = |value: &u64| {
        let level = eighths(*value, most, 1);
        let place = usize::try_from(level).unwrap_or_default().checked_sub(1);
        place.and_then(|place| heights.get(place)).copied().unwrap_or(nothing)
    };
    values.iter().map(height).collect()
}

/// How many eighths of `cells` cells stand for `part` of `most`, rounded up: never nothing for
/// something.
#[must_use]
pub fn eighths(part: u64, most: u64, cells: usize) -> u64 {
    let all = u128::try_from(cells).unwrap_or(u128::MAX).saturating_mul(8);
    let share = u128::from(part.min(most)).saturating_mul(all);
    let most = u128::from(most).max(1);
    u64::try_from(share.div_ceil(most)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_little_is_more_than_nothing() {
        assert_eq!(spark(&[0, 1, 500, 1_000], true), "·▁▄█");
        assert_eq!(spark(&[0, 1, 500, 1_000], false), "_.=@");
        assert_eq!(spark(&[0, 0], true), "··");
        assert_eq!(spark(&[u64::MAX, 1], true), "█▁");
        assert_eq!(spark(&[], true), "");
    }

    proptest! {
        #[test]
        fn one_character_each_and_the_greatest_is_the_highest(
            values in prop::collection::vec(any::<u64>(), 1..50),
        ) {
            let shown: Vec<char> = spark(&values, false).chars().collect();
            prop_assert_eq!(shown.len(), values.len());
            let most = *values.iter().max().unwrap();
            for (value, c) in values.iter().zip(&shown) {
                prop_assert_eq!(*c == '_', *value == 0);
                prop_assert!(*value < most || most == 0 || *c == '@');
            }
        }
    }
}
