//! A chart of bars over time, with blocks or in ASCII.

use std::fmt::Write as _;

use super::spark::eighths;

const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Plot<'a> {
    /// The bars, from left to right.
    pub values: &'a [u64],
    /// What the greatest of them is, in words.
    pub most: &'a str,
    /// What stands below the first bar, and below the last.
    pub ends: [&'a str; 2],
    /// Columns of all of it.
    pub width: usize,
    /// Lines of the bars.
    pub height: usize,
    /// Whether more than ASCII can be shown.
    pub utf8: bool,
}

/// Columns that are left for bars beside this label.
#[must_use]
pub fn bar_columns(width: usize, most: &str) -> usize {
    width.saturating_sub(most.chars().count()).saturating_sub(2).max(1)
}

impl Plot<'_> {
    /// The chart's lines, each with a line break.
    #[must_use]
    pub fn render(&self) -> String {
        let margin = self.most.chars().count();
        let count = self.values.len().max(1);
        let columns = bar_columns(self.width, self.most);
        let wide = columns.checked_div(count).unwrap_or_default().max(1);
        let most = self.values.iter().copied().max().unwrap_or_default();
        let (side, corner, floor) = if self.utf8 { ("┤", "└", "─") } else { ("|", "+", "-") };
        let mut text = String::new();
        for line in (0..self.height).rev() {
            let top = line.saturating_add(1) == self.height;
            let label = if top { self.most } else { "" };
            let bars = self.values.iter().map(|value| {
                let level = eighths(*value, most, self.height);
                self.block(level, line).to_string().repeat(wide)
            });
            let bars: String = bars.collect();
            text.push_str(format!("{label:>margin$} {side}{bars}").trim_end());
            text.push('\n');
        }
        let drawn = wide.saturating_mul(count);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{:>margin$} {corner}{}", "0", floor.repeat(drawn));
        let [first, last] = self.ends;
        let indent = margin.saturating_add(2);
        let room = drawn.saturating_sub(first.chars().count());
        if room > last.chars().count() {
            let _ = writeln!(text, "{:indent$}{first}{last:>room$}", "");
        } else {
            // Too narrow for both in one line.
            let _ = writeln!(text, "from {first}\nto   {last}");
        }
        text
    }

    /// What stands in this line, from below, of a bar of so many eighths.
    fn block(&self, level: u64, line: usize) -> char {
        let below = u64::try_from(line).unwrap_or(u64::MAX).saturating_mul(8);
        let filled = level.saturating_sub(below).min(8);
        if self.utf8 {
            let place = usize::try_from(filled).unwrap_or_default();
            return BLOCKS.get(place).copied().unwrap_or(' ');
        }
        // Half a line and more is a line; a little is more than nothing.
        if filled >= 4 || (line == 0 && filled > 0) { '#' } else { ' ' }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(values: &[u64], width: usize, utf8: bool) -> String {
        let ends = ["23:00", "01:00"];
        Plot { values, most: "100", ends, width, height: 3, utf8 }.render()
    }

    #[test]
    fn bars_stand_on_an_axis() {
        assert_eq!(
            drawn(&[100, 0, 50, 1], 17, true),
            "100 ┤███\n    ┤███   ▄▄▄\n    ┤███   ███▁▁▁\n  0 └────────────\n     23:00  01:00\n"
        );
        assert_eq!(
            drawn(&[100, 0, 50, 1], 17, false),
            "100 |###\n    |###   ###\n    |###   ######\n  0 +------------\n     23:00  01:00\n"
        );
    }

    #[test]
    fn it_is_never_wider_than_it_may_be() {
        for width in 16..60 {
            for count in 1..=bar_columns(width, "100") {
                let values: Vec<u64> = (0..).take(count).collect();
                let text = drawn(&values, width, true);
                assert!(text.lines().all(|line| line.chars().count() <= width), "{text}");
            }
        }
    }
}
