//! The table of `till usage`.

use crate::domain::cost::Measure;
use crate::domain::denial::RULES;
use crate::domain::histogram::Histogram;
use crate::report::{Group, Grouping, Sums, UsageView};

use super::super::amount::short;
use super::super::spark::{eighths, spark};
use super::super::style::HEADER;
use super::super::table::{Cell, Column, Table};
use super::super::terminal::Terminal;

/// Cells of a bar.
const BAR: usize = 12;

/// The table, with a line of totals.
pub(super) fn text(view: &UsageView, by: &Grouping, terminal: &Terminal) -> String {
    if *by == Grouping::Reason {
        return reasons(view, terminal);
    }
    let mut table = Table::new([
        Column::left("ID").optional(),
        Column::left(heading(by)).flexible(),
        Column::right("REQUESTS"),
        Column::right("ANSWERED").gives_way(4),
        Column::right("ERRORS").gives_way(9),
        Column::right("DENIED").gives_way(8),
        Column::right("IN").gives_way(7),
        Column::right("CACHED").optional().gives_way(2),
        Column::right("OUT").gives_way(6),
        Column::right("SPEND"),
        Column::right("P50").gives_way(3),
        Column::right("P95").gives_way(5),
        Column::right("FIRST BYTE").gives_way(1),
        Column::left("").gives_way(10),
    ]);
    let over_time = matches!(by, Grouping::Hour | Grouping::Day);
    let most = view.groups.iter().map(|group| group.sums.used.sent).max().unwrap_or_default();
    for group in &view.groups {
        let course = if over_time {
            bar(group.sums.used.sent, most, terminal.utf8)
        } else {
            spark(&group.sums.course, terminal.utf8)
        };
        table.row(row(id(group, by), name(group), &group.sums, course, terminal));
    }
    let course = if over_time { String::new() } else { spark(&view.total.course, terminal.utf8) };
    let total = row(String::new(), "total".to_owned(), &view.total, course, terminal);
    table.row(total.map(|cell| cell.styled(HEADER)));
    table.render(terminal)
}

/// What stands before a figure that is an upper bound.
pub(super) const fn at_most(terminal: &Terminal) -> &'static str {
    if terminal.utf8 { "≤" } else { "<=" }
}

/// Milliseconds as people read them.
pub(super) fn millis(millis: u64) -> String {
    let tenths = |unit: u64| {
        let tenths = millis.saturating_mul(10).div_ceil(unit);
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    match millis {
        0..1_000 => format!("{millis}ms"),
        1_000..60_000 => format!("{}s", tenths(1_000)),
        60_000..3_600_000 => format!("{}m", tenths(60_000)),
        _ => format!("{}h", tenths(3_600_000)),
    }
}

fn heading(by: &Grouping) -> &'static str {
    match by {
        Grouping::Key => "KEY",
        Grouping::Master => "MASTER",
        Grouping::Provider => "PROVIDER",
        Grouping::Model => "MODEL",
        Grouping::Label(_) => "LABEL",
        Grouping::Hour => "HOUR (UTC)",
        Grouping::Day => "DAY (UTC)",
        Grouping::Reason => "REASON",
    }
}

/// A key's id; everything else has a name that says as much.
fn id(group: &Group, by: &Grouping) -> String {
    if *by == Grouping::Key { group.id.clone().unwrap_or_default() } else { String::new() }
}

fn name(group: &Group) -> String {
    if group.name.is_empty() { "-".to_owned() } else { group.name.clone() }
}

fn row(id: String, name: String, sums: &Sums, course: String, terminal: &Terminal) -> [Cell; 14] {
    let used = &sums.used;
    let mark = if used.estimated > 0 { at_most(terminal) } else { "" };
    let amount = |measure, figure| format!("{mark}{}", short(measure, figure));
    let cached = match used.cached {
        0 => String::new(),
        cached => short(Measure::InputTokens, cached),
    };
    [
        id.into(),
        name.into(),
        used.sent.to_string().into(),
        used.answered.to_string().into(),
        sums.errors().to_string().into(),
        sums.denied().to_string().into(),
        amount(Measure::InputTokens, used.cost.input).into(),
        cached.into(),
        amount(Measure::OutputTokens, used.cost.output).into(),
        amount(Measure::Spend, used.cost.spend.0).into(),
        time(&used.latency, 50).into(),
        time(&used.latency, 95).into(),
        time(&used.first_byte, 50).into(),
        course.into(),
    ]
}

fn time(times: &Histogram, percent: u64) -> String {
    times.percentile(percent).map_or("-".to_owned(), millis)
}

/// A bar against the longest one.
fn bar(value: u64, most: u64, utf8: bool) -> String {
    let cells = eighths(value, most, BAR).div_ceil(8);
    (if utf8 { "█" } else { "#" }).repeat(usize::try_from(cells).unwrap_or(BAR))
}

fn reasons(view: &UsageView, terminal: &Terminal) -> String {
    let mut table = Table::new([
        Column::left("REASON"),
        Column::right("DENIED"),
        Column::left("").gives_way(2),
        Column::left("WHEN").flexible().gives_way(1),
    ]);
    for group in &view.groups {
        let rule = RULES.iter().find(|rule| Some(rule.code) == group.id.as_deref());
        table.row([
            group.name.clone().into(),
            group.sums.denied().to_string().into(),
            spark(&group.sums.course, terminal.utf8).into(),
            rule.map_or("", |rule| rule.meaning).into(),
        ]);
    }
    let course = spark(&view.total.course, terminal.utf8);
    let total = [
        Cell::from("total"),
        view.total.denied().to_string().into(),
        course.into(),
        String::new().into(),
    ];
    table.row(total.map(|cell| cell.styled(HEADER)));
    table.render(terminal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_never_shorter_than_they_were() {
        let cases = [
            (0, "0ms"),
            (999, "999ms"),
            (1_001, "1.1s"),
            (59_999, "60.0s"),
            (90_000, "1.5m"),
            (7_200_000, "2.0h"),
        ];
        for (time, shown) in cases {
            assert_eq!(millis(time), shown);
        }
    }

    #[test]
    fn the_least_bar_can_be_seen() {
        assert_eq!(bar(0, 10, true), "");
        assert_eq!(bar(1, 1_000, true), "█");
        assert_eq!(bar(1_000, 1_000, false), "############");
        assert_eq!(bar(0, 0, false), "");
    }
}
