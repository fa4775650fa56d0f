//! Writing into a picture: nothing from outside goes in raw, and no colour says what no word says.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use crate::cli::bar::bar;
use crate::cli::escaped::escaped;
use crate::cli::table::{columns_of, cut};
use crate::report::watch::Tightest;

/// What a terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Means {
    /// More than ASCII.
    pub utf8: bool,
    /// Colours.
    pub color: bool,
}

/// How something looks, beside what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Strong,
    Faint,
    Good,
    Care,
    Bad,
    Note,
    /// The marked row.
    Marked,
    /// The names of keys of the keyboard.
    Key,
}

impl Means {
    pub(super) fn style(self, tone: Tone) -> Style {
        let style = Style::new();
        if !self.color {
            return style;
        }
        match tone {
            Tone::Plain => style,
            Tone::Strong => style.add_modifier(Modifier::BOLD),
            Tone::Faint => style.fg(Color::DarkGray),
            Tone::Good => style.fg(Color::Green),
            Tone::Care => style.fg(Color::Yellow),
            Tone::Bad => style.fg(Color::Red).add_modifier(Modifier::BOLD),
            Tone::Note => style.fg(Color::Cyan),
            Tone::Marked => style.add_modifier(Modifier::REVERSED),
            Tone::Key => style.fg(Color::Cyan).add_modifier(Modifier::BOLD),
        }
    }

    pub(super) const fn ellipsis(self) -> &'static str {
        if self.utf8 { "…" } else { "~" }
    }
}

/// A part of a line. Those with the least number give way first; those with none stay.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) text: String,
    pub(super) tone: Tone,
    pub(super) gives_way: Option<u8>,
}

pub(super) fn part(text: impl Into<String>, tone: Tone, gives_way: Option<u8>) -> Part {
    Part { text: text.into(), tone, gives_way }
}

/// Writes into a picture.
#[derive(Debug)]
pub(super) struct Pen<'a> {
    pub(super) buffer: &'a mut Buffer,
    pub(super) means: Means,
}

impl Pen<'_> {
    /// Takes everything out of an area, the looks of it as well.
    pub(super) fn clear(&mut self, area: Rect) {
        for place in area.intersection(self.buffer.area).positions() {
            if let Some(cell) = self.buffer.cell_mut(place) {
                cell.reset();
            }
        }
    }

    /// Writes a text at the beginning of an area's first line; answers with the columns it took.
    pub(super) fn put(&mut self, area: Rect, text: &str, tone: Tone) -> u16 {
        if area.height == 0 || area.width == 0 {
            return 0;
        }
        let width = usize::from(area.width);
        let shown = cut(&escaped(text), width, self.means.ellipsis());
        let style = self.means.style(tone);
        let (end, _) = self.buffer.set_stringn(area.x, area.y, shown, width, style);
        end.saturating_sub(area.x)
    }

    /// The same at the end of the line.
    pub(super) fn put_right(&mut self, area: Rect, text: &str, tone: Tone) {
        let taken = u16::try_from(columns_of(&escaped(text))).unwrap_or(u16::MAX);
        self.put(right_of(area, area.width.saturating_sub(taken)), text, tone);
    }

    /// Writes the parts that have room, two spaces between them.
    pub(super) fn put_parts(&mut self, area: Rect, mut parts: Vec<Part>) {
        parts.retain(|part| !part.text.is_empty());
        let length = |parts: &[Part]| {
            let all = parts.iter().map(|part| columns_of(&escaped(&part.text)).saturating_add(2));
            all.fold(0, usize::saturating_add).saturating_sub(2)
        };
        while length(&parts) > usize::from(area.width) {
            let Some(least) = parts.iter().filter_map(|part| part.gives_way).min() else { break };
            parts.retain(|part| part.gives_way != Some(least));
        }
        let mut rest = area;
        for part in parts {
            let taken = self.put(rest, &part.text, part.tone);
            rest = right_of(rest, taken.saturating_add(2));
        }
    }

    /// Draws a limit's bar over all of the area's first line.
    pub(super) fn put_bar(&mut self, area: Rect, limit: &Tightest) {
        let Means { utf8, .. } = self.means;
        let cells = usize::from(area.width);
        let drawn = bar(limit.used, limit.held, limit.limit, cells, utf8);
        let used = match limit.share() {
            0..100_000 => Tone::Bad,
            100_000..300_000 => Tone::Care,
            _ => Tone::Good,
        };
        let mut rest = area;
        for c in drawn.chars() {
            let tone = match c {
                '█' | '#' => used,
                '▒' | '+' => Tone::Note,
                _ => Tone::Faint,
            };
            let taken = self.put(rest, c.encode_utf8(&mut [0; 4]), tone);
            rest = right_of(rest, taken);
        }
    }

    /// A line across the area, with words in it.
    pub(super) fn rule(&mut self, area: Rect, words: &str) {
        let line = if self.means.utf8 { "─" } else { "-" };
        self.put(area, &line.repeat(usize::from(area.width)), Tone::Faint);
        if words.is_empty() {
            return;
        }
        let inner = right_of(area, 2);
        let inner = Rect { width: inner.width.saturating_sub(2), ..inner };
        self.put(inner, &format!(" {words} "), Tone::Strong);
    }
}

/// What is left of an area without its first columns.
pub(super) fn right_of(area: Rect, columns: u16) -> Rect {
    let columns = columns.min(area.width);
    Rect { x: area.x.saturating_add(columns), width: area.width.saturating_sub(columns), ..area }
}

/// The area without its first lines.
pub(super) fn below(area: Rect, lines: u16) -> Rect {
    let lines = lines.min(area.height);
    Rect { y: area.y.saturating_add(lines), height: area.height.saturating_sub(lines), ..area }
}
