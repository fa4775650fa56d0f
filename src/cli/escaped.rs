//! Text from outside, made fit to be shown: nothing in it moves the cursor, changes a colour, or
//! turns the reading direction.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with every control and formatting character spelt out, as in `\u{1b}`.
#[must_use]
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_control) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_control(c) {
            // Writing to a string cannot fail.
            let _ = match c {
                '\n' | '\r' | '\t' => write!(shown, "{}", c.escape_default()),
                _ => write!(shown, "{}", c.escape_unicode()),
            };
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// Control characters, line separators, and what Unicode calls zero-width and bidirectional
/// formatting.
fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
        )
}
