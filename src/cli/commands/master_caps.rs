//! The caps of a master key, as they are typed and shown.

use serde::Serialize;

use crate::domain::cost::Measure;
use crate::domain::demand::Gauge;
use crate::domain::master_usage::{MasterCap, MasterUsage};
use crate::domain::rate::Period;
use crate::domain::time::Timestamp;

use super::super::amount::{amount, short};
use super::super::bar::bar;
use super::super::figures_json::FiguresJson;
use super::super::table::{Column, Table};
use super::super::terminal::Terminal;
use super::super::time_text::relative;

/// Cells of a bar.
const BAR: usize = 8;

/// The windows that a cap can have, with the letter that they are written with.
const WINDOWS: [(Period, &str); 3] =
    [(Period::Minute, "m"), (Period::Hour, "h"), (Period::Day, "d")];

/// Reads a cap on this measure: `20/d`, `5M/h`, `100`.
///
/// # Errors
/// What is wrong with it, in words.
pub fn cap(measure: Measure, text: &str) -> Result<(u64, Option<Period>), String> {
    windowed(text, |figure| amount(measure, figure))
}

/// Reads a figure with or without a window: `20/d`, `100`.
///
/// # Errors
/// What is wrong with it, in words.
pub fn windowed(
    text: &str,
    figure: impl Fn(&str) -> Result<u64, String>,
) -> Result<(u64, Option<Period>), String> {
    match text.split_once('/') {
        Some((text, letter)) => Ok((figure(text)?, Some(period(letter)?))),
        None => Ok((figure(text)?, None)),
    }
}

/// Reads which cap is meant: `spend/d`, `tokens`.
///
/// # Errors
/// What is wrong with it, in words.
pub fn which(text: &str) -> Result<(Measure, Option<Period>), String> {
    let (name, window) = match text.split_once('/') {
        Some((name, letter)) => (name, Some(period(letter)?)),
        None => (text, None),
    };
    let known = Measure::ALL.iter().find(|(_, _, known)| *known == name);
    known.map(|(measure, ..)| (*measure, window)).ok_or_else(|| {
        "name it as in tokens, input-tokens/m, output-tokens/h or spend/d".to_owned()
    })
}

/// A cap's name: `spend/d`.
#[must_use]
pub fn cap_name(measure: Measure, window: Option<Period>) -> String {
    format!("{}{}", measure.name(), suffix(window))
}

fn period(letter: &str) -> Result<Period, String> {
    let known = WINDOWS.iter().find(|(_, known)| *known == letter);
    known.map(|(period, _)| *period).ok_or_else(|| {
        "the window is /m, /h or /d, for a minute, an hour or a day; without one it is for ever"
            .to_owned()
    })
}

fn letter(window: Option<Period>) -> Option<&'static str> {
    WINDOWS.iter().find(|(period, _)| Some(*period) == window).map(|(_, letter)| *letter)
}

fn suffix(window: Option<Period>) -> String {
    letter(window).map(|letter| format!("/{letter}")).unwrap_or_default()
}

/// One cap as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CapJson {
    on: &'static str,
    window: Option<&'static str>,
    #[serde(flatten)]
    figures: FiguresJson,
    resets_at: Option<String>,
}

impl From<&MasterCap> for CapJson {
    fn from(cap: &MasterCap) -> Self {
        Self {
            on: cap.measure.name(),
            window: letter(cap.window),
            figures: (&gauge(cap)).into(),
            resets_at: resets_at(cap).map(Timestamp::to_rfc3339),
        }
    }
}

/// The caps for a column: `$3.20 of $20.00/d, 1.2M of 5M tokens/h`.
#[must_use]
pub fn short_caps(usage: &MasterUsage) -> String {
    let caps = usage.caps.iter().map(|cap| {
        let figure = |figure| short(cap.measure, figure);
        let kind = match cap.measure {
            Measure::Tokens => " tokens",
            Measure::InputTokens => " in",
            Measure::OutputTokens => " out",
            Measure::Spend => "",
        };
        let window = suffix(cap.window);
        format!("{} of {}{kind}{window}", figure(cap.used), figure(cap.limit))
    });
    caps.collect::<Vec<_>>().join(", ")
}

/// The caps, one a line.
#[must_use]
pub fn table(usage: &MasterUsage, terminal: &Terminal, now: Timestamp) -> String {
    let mut table = Table::new([
        Column::left("CAP").flexible(),
        Column::right("USED"),
        Column::left("").gives_way(1),
        Column::right("HELD").gives_way(2),
        Column::right("LEFT"),
        Column::left("BEGINS ANEW"),
    ]);
    for cap in &usage.caps {
        let figure = |figure| match cap.measure {
            Measure::Spend => cap.measure.words(figure),
            _ => figure.to_string(),
        };
        table.row([
            cap.to_string().into(),
            figure(cap.used).into(),
            bar(cap.used, cap.held, cap.limit, BAR, terminal.utf8).into(),
            figure(cap.held).into(),
            figure(gauge(cap).remaining()).into(),
            resets_at(cap).map_or("never".into(), |at| relative(at, now)).into(),
        ]);
    }
    table.render(terminal)
}

/// When the window begins anew that the figures are of.
fn resets_at(cap: &MasterCap) -> Option<Timestamp> {
    cap.rest(cap.since).map(|length| cap.since.after(length))
}

const fn gauge(cap: &MasterCap) -> Gauge {
    Gauge { measure: cap.measure, limit: cap.limit, used: cap.used, held: cap.held }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caps_are_typed_with_their_window() {
        let spend = |text| cap(Measure::Spend, text);
        assert_eq!(spend("20/d"), Ok((20_000_000_000_000, Some(Period::Day))));
        assert_eq!(spend("0.5"), Ok((500_000_000_000, None)));
        assert_eq!(cap(Measure::Tokens, "5M/h"), Ok((5_000_000, Some(Period::Hour))));
        for text in ["20/", "20/s", "20/w", "20/dd", "20/d/h"] {
            assert!(spend(text).unwrap_err().contains("/m, /h or /d"), "{text}");
        }
        assert!(spend("/d").unwrap_err().contains("dollars"));
        for (measure, _, name) in Measure::ALL {
            assert_eq!(which(name), Ok((measure, None)));
            for (window, _) in WINDOWS {
                let name = cap_name(measure, Some(window));
                assert_eq!(which(&name), Ok((measure, Some(window))), "{name}");
            }
        }
        assert!(which("money").unwrap_err().contains("spend/d"));
    }
}
