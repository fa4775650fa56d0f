//! The few styles there are. Each marks words that say the same without it.

use anstyle::{AnsiColor, Style};

/// The word `error`.
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
/// The word `warning`.
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// The words `why` and `hint`.
pub const NOTE: Style = AnsiColor::Cyan.on_default();
/// A table's header.
pub const HEADER: Style = Style::new().bold();
/// What is alive or well.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What is over, or of little weight.
pub const DIM: Style = Style::new().dimmed();

/// The text in this style, or bare where there is no colour.
#[must_use]
pub fn painted(style: Style, text: &str, color: bool) -> String {
    if color && !style.is_plain() && !text.is_empty() {
        format!("{style}{text}{style:#}")
    } else {
        text.to_owned()
    }
}
