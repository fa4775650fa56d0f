//! Aligned tables: a header, no borders, no trailing spaces, nothing from outside shown raw. On a
//! terminal no line is wider than it: columns give way, then cells are cut.

use anstyle::Style;
use unicode_width::UnicodeWidthChar;

use super::escaped::escaped;
use super::style::{HEADER, painted};
use super::terminal::Terminal;

/// What stands between two columns.
const GAP: usize = 2;

/// How narrow the flexible column may become.
const NARROWEST: usize = 8;

/// One column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    name: &'static str,
    right: bool,
    flexible: bool,
    optional: bool,
    /// The columns with the least of these go first; those with none stay.
    gives_way: Option<u8>,
}

impl Column {
    /// A column of words.
    #[must_use]
    pub const fn left(name: &'static str) -> Self {
        Self { name, right: false, flexible: false, optional: false, gives_way: None }
    }

    /// A column of numbers.
    #[must_use]
    pub const fn right(name: &'static str) -> Self {
        Self { name, right: true, flexible: false, optional: false, gives_way: None }
    }

    /// The same, cut where the terminal is too narrow. One column of a table is.
    #[must_use]
    pub const fn flexible(self) -> Self {
        Self { flexible: true, ..self }
    }

    /// The same, left out where all its cells are empty.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// The same, left out where the terminal is too narrow, in the order of these numbers.
    #[must_use]
    pub const fn gives_way(self, order: u8) -> Self {
        Self { gives_way: Some(order), ..self }
    }
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// The same cell in a style, which says nothing that the text does not.
    #[must_use]
    pub fn styled(self, style: Style) -> Self {
        Self { style, ..self }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: escaped(&text.into()).into_owned(), style: Style::new() }
    }
}

/// A table in the making.
#[derive(Clone, Debug)]
pub struct Table<const N: usize> {
    columns: [Column; N],
    rows: Vec<[Cell; N]>,
}

impl<const N: usize> Table<N> {
    /// A table of these columns, without rows.
    #[must_use]
    pub const fn new(columns: [Column; N]) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row at the end.
    pub fn row(&mut self, cells: [Cell; N]) {
        self.rows.push(cells);
    }

    /// The table's lines, fit for stdout: each ends with a line break.
    #[must_use]
    pub fn render(&self, terminal: &Terminal) -> String {
        let color = terminal.color && terminal.stdout_is_tty;
        self.laid_out(terminal.width, color, if terminal.utf8 { "…" } else { "~" })
    }

    fn laid_out(&self, width: Option<usize>, color: bool, ellipsis: &str) -> String {
        let widths = self.widths(width);
        let header = self.columns.map(|column| Cell::from(column.name).styled(HEADER));
        let mut text = String::new();
        for row in std::iter::once(&header).chain(&self.rows) {
            let mut pending: usize = 0;
            for ((column, cell), width) in self.columns.iter().zip(row).zip(widths) {
                let Some(width) = width else { continue };
                let shown = cut(&cell.text, width, ellipsis);
                let space = width.saturating_sub(columns_of(&shown));
                let (before, after) = if column.right { (space, 0) } else { (0, space) };
                // Spaces are written only before something.
                if shown.is_empty() {
                    pending = pending.saturating_add(width).saturating_add(GAP);
                    continue;
                }
                text.extend(std::iter::repeat_n(' ', before.saturating_add(pending)));
                text.push_str(&painted(cell.style, &shown, color));
                pending = after.saturating_add(GAP);
            }
            text.push('\n');
        }
        text
    }

    /// The width of each column that is shown: that of its widest cell, less what is too much.
    fn widths(&self, available: Option<usize>) -> [Option<usize>; N] {
        let header = |column: Column| if column.optional { 0 } else { columns_of(column.name) };
        let mut widths = self.columns.map(|column| Some(header(column)));
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(Some(columns_of(&cell.text)));
            }
        }
        for (column, width) in self.columns.iter().zip(&mut widths) {
            let least = columns_of(column.name);
            *width =
                width.filter(|width| *width > 0 || !column.optional).map(|width| width.max(least));
        }
        let Some(available) = available else { return widths };
        let excess = |widths: &[Option<usize>; N]| total(widths).saturating_sub(available);
        while excess(&widths) > self.slack(&widths) {
            let shown = self.columns.iter().zip(&mut widths).filter(|(_, width)| width.is_some());
            let first = shown.filter(|(column, _)| column.gives_way.is_some());
            let Some((_, width)) = first.min_by_key(|(column, _)| column.gives_way) else { break };
            *width = None;
        }
        let too_much = excess(&widths).min(self.slack(&widths));
        for (column, width) in self.columns.iter().zip(&mut widths) {
            if column.flexible {
                *width = width.map(|width| width.saturating_sub(too_much));
            }
        }
        // What is still too much is cut from whatever is widest.
        for _ in 0..excess(&widths) {
            let widest = widths.iter_mut().flatten().max();
            let Some(widest) = widest.filter(|width| **width > 1) else { break };
            *widest = widest.saturating_sub(1);
        }
        widths
    }

    /// How much narrower the flexible column may become.
    fn slack(&self, widths: &[Option<usize>; N]) -> usize {
        let columns = self.columns.iter().zip(widths).filter(|(column, _)| column.flexible);
        let slack = columns.map(|(column, width)| {
            let least = NARROWEST.max(columns_of(column.name));
            width.unwrap_or_default().saturating_sub(least)
        });
        slack.fold(0, usize::saturating_add)
    }
}

/// The width of a line.
fn total(widths: &[Option<usize>]) -> usize {
    let shown = widths.iter().flatten().map(|width| width.saturating_add(GAP));
    shown.fold(0, usize::saturating_add).saturating_sub(GAP)
}

/// The text, cut to so many columns; then it ends in the ellipsis.
/// The text, cut to so many columns.
pub(super) fn cut(text: &str, width: usize, ellipsis: &str) -> String {
    if columns_of(text) <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(columns_of(ellipsis));
    let mut shown = String::new();
    let mut taken: usize = 0;
    for c in text.chars() {
        taken = taken.saturating_add(c.width().unwrap_or_default());
        if taken > room {
            break;
        }
        shown.push(c);
    }
    shown.push_str(ellipsis);
    shown
}

/// Columns of a text in a terminal.
pub(super) fn columns_of(text: &str) -> usize {
    text.chars().fold(0, |sum, c| sum.saturating_add(c.width().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table<3> {
        let mut table = Table::new([
            Column::left("id"),
            Column::left("name").flexible(),
            Column::right("used"),
        ]);
        table.row(["a".into(), "short".into(), "7".into()]);
        table.row(["bcd".into(), "日本語 and more".into(), "1,000".into()]);
        table.row(["e".into(), "\u{1b}[2J".into(), "".into()]);
        table
    }

    #[test]
    fn columns_stand_below_one_another() {
        assert_eq!(
            table().laid_out(None, false, "…"),
            "id   name              used\n\
             a    short                7\n\
             bcd  日本語 and more  1,000\n\
             e    \\u{1b}[2J\n"
        );
    }

    #[test]
    fn the_flexible_column_gives_way() {
        assert_eq!(
            table().laid_out(Some(22), false, "~"),
            "id   name         used\n\
             a    short           7\n\
             bcd  日本語 an~  1,000\n\
             e    \\u{1b}[2J\n"
        );
    }

    #[test]
    fn columns_give_way_before_anything_is_cut() {
        let mut table = Table::new([
            Column::left("id"),
            Column::left("name").flexible(),
            Column::left("last").gives_way(2),
            Column::left("first").gives_way(1),
            Column::right("used"),
        ]);
        table.row(["abcdef".into(), "a long name".into(), "3".into(), "4".into(), "5".into()]);
        let shown = |width| table.laid_out(width, false, "~").lines().next().unwrap().to_owned();
        assert_eq!(shown(None), "id      name         last  first  used");
        assert_eq!(shown(Some(38)), "id      name         last  first  used");
        assert_eq!(shown(Some(35)), "id      name      last  first  used");
        assert_eq!(shown(Some(33)), "id      name         last  used");
        assert_eq!(shown(Some(25)), "id      name         used");
        for width in 7..40 {
            let text = table.laid_out(Some(width), false, "~");
            assert!(text.lines().all(|line| columns_of(line) <= width), "{width}: {text}");
        }
    }

    #[test]
    fn colour_changes_no_place() {
        let plain = table().laid_out(None, false, "…");
        let mut painted = table().laid_out(None, true, "…");
        for code in ["\u{1b}[1m", "\u{1b}[0m"] {
            painted = painted.replace(code, "");
        }
        assert_eq!(painted, plain);
    }
}
