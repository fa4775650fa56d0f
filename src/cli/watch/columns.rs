//! The columns of the keys, which give way where there is no room.

use crate::cli::amount::short;
use crate::cli::commands::key_ls::last_use;
use crate::cli::commands::key_show::state_text;
use crate::cli::time_text::relative;
use crate::domain::cost::Measure;
use crate::domain::time::Timestamp;
use crate::report::watch::{Tightest, Watched};

/// How narrow the first column may become, the name.
const NARROWEST: u16 = 12;
/// The same where there are only two columns beside it.
const SHORTEST: u16 = 8;
/// How wide it may become.
const WIDEST: u16 = 40;

/// One column beside the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Id,
    Providers,
    Bar,
    Left,
    Rate,
    Spend,
    LastUse,
    Ends,
    Status,
}

/// Every column: itself, its name, its width, whether it is of numbers, and its turn to give way.
#[rustfmt::skip]
const COLUMNS: [(Column, &str, u16, bool, u8); 9] = [
    (Column::Id, "ID", 12, false, 2),
    (Column::Providers, "PROVIDERS", 12, false, 1),
    (Column::Bar, "", 10, false, 9),
    (Column::Left, "LEFT", 16, false, 8),
    (Column::Rate, "RATE", 6, true, 6),
    (Column::Spend, "SPEND", 9, true, 5),
    (Column::LastUse, "LAST USE", 8, false, 4),
    (Column::Ends, "ENDS", 9, false, 3),
    (Column::Status, "STATUS", 12, false, 7),
];

/// A column that has room.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    pub(super) column: Column,
    pub(super) name: &'static str,
    pub(super) width: u16,
    pub(super) right: bool,
}

/// The width of the name, and the columns that have room beside it.
pub(super) fn columns(width: u16) -> (u16, Vec<Shown>) {
    let mut kept = COLUMNS.to_vec();
    loop {
        let taken = kept.iter().fold(0u16, |sum, row| sum.saturating_add(row.2).saturating_add(2));
        let name = width.saturating_sub(taken);
        // The bar and its figure are worth a shorter name.
        let least = if kept.len() <= 2 { SHORTEST } else { NARROWEST };
        if name >= least || kept.is_empty() {
            let shown = kept.iter().map(|(column, name, width, right, _)| Shown {
                column: *column,
                name,
                width: *width,
                right: *right,
            });
            return (name.min(WIDEST), shown.collect());
        }
        let least = kept.iter().map(|row| row.4).min();
        kept.retain(|row| Some(row.4) != least);
    }
}

/// What stands in a column; of the bar nothing.
pub(super) fn cell(key: &Watched, column: Column, now: Timestamp) -> String {
    let (record, usage) = (&key.view.record, &key.view.usage);
    match column {
        Column::Id => record.id.to_string(),
        Column::Providers => record.providers().collect::<Vec<_>>().join(","),
        Column::Bar => String::new(),
        Column::Left => key.tightest().map_or("no limit".to_owned(), |limit| left(&limit)),
        Column::Rate => match key.rate.minute {
            0 => "-".to_owned(),
            some => format!("{some}/m"),
        },
        Column::Spend => match usage.cost.spend.0 {
            0 => "-".to_owned(),
            some => short(Measure::Spend, some),
        },
        Column::LastUse => last_use(usage.last_used_at, now),
        Column::Ends => record.limits.expires_at.map_or("never".into(), |end| relative(end, now)),
        Column::Status => state_text(&key.view).to_owned(),
    }
}

/// What is left of a limit, of how much: `12 of 50`, `98k of 100k tok`, `$4.10 of $5.00`.
pub(super) fn left(limit: &Tightest) -> String {
    let measure = limit.measure.unwrap_or(Measure::Tokens);
    let unit = match limit.measure {
        None | Some(Measure::Spend) => "",
        Some(Measure::Tokens) => " tok",
        Some(Measure::InputTokens) => " in",
        Some(Measure::OutputTokens) => " out",
    };
    format!("{} of {}{unit}", short(measure, limit.remaining()), short(measure, limit.limit))
}
