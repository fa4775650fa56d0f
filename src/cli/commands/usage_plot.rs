//! `till usage --plot`: one figure over the time.

use crate::domain::money::Picodollars;
use crate::domain::rollup::RollupKey;
use crate::report::{Metric, UsageQuery, UsageView};

use super::super::plot::{Plot, bar_columns};
use super::super::terminal::Terminal;

/// Columns and lines of a chart that no terminal shows.
const SIZE: (usize, usize) = (80, 24);
/// The widest that the greatest figure may be, in a chart with this many columns for bars.
const LABEL: usize = 22;

/// In how many pieces the time is drawn at the most.
pub(super) fn pieces(terminal: &Terminal) -> usize {
    bar_columns(terminal.width.unwrap_or(SIZE.0), &"0".repeat(LABEL)).max(1)
}

/// The chart, with a line that says what it is of.
pub(super) fn text(view: &UsageView, query: &UsageQuery, terminal: &Terminal) -> String {
    let (metric, course) = (query.metric, &view.total.course);
    let most = shown(metric, course.iter().copied().max().unwrap_or_default());
    let lines = terminal.height.unwrap_or(SIZE.1);
    let at = |hour: u64| {
        let at = RollupKey::start(hour).to_rfc3339().replace('T', " ");
        at.chars().take(16).collect::<String>()
    };
    let (first, last) = (at(query.hours.first), at(query.hours.last.saturating_add(1)));
    let total = match metric {
        Metric::Denied => view.total.denied(),
        _ => metric.of(&view.total.used),
    };
    let plot = Plot {
        values: course,
        most: &most,
        ends: [&first, &last],
        width: terminal.width.unwrap_or(SIZE.0),
        height: (lines / 2).clamp(4, 40),
        utf8: terminal.utf8,
    };
    let hours = view.pieces.each;
    let (total, name) = (shown(metric, total), name(metric));
    format!("{name}: {total}; each bar {hours}h, UTC\n{}", plot.render())
}

/// The figure, exact.
fn shown(metric: Metric, figure: u64) -> String {
    match metric {
        Metric::Spend => Picodollars(figure).to_string(),
        _ => figure.to_string(),
    }
}

const fn name(metric: Metric) -> &'static str {
    match metric {
        Metric::Requests => "requests",
        Metric::Errors => "errors",
        Metric::Denied => "denied",
        Metric::Tokens => "tokens",
        Metric::Input => "input tokens",
        Metric::Cached => "cached tokens",
        Metric::Output => "output tokens",
        Metric::Spend => "spend",
    }
}
