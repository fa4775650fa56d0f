//! `till usage --csv`: RFC 4180, with a header line. Safe to open in a spreadsheet: no cell is taken
//! for a formula.

use crate::report::{Group, Grouping, UsageView};

use super::super::escaped::escaped;
use super::usage_json::by_name;

/// The columns.
const HEADER: [&str; 20] = [
    "by",
    "id",
    "name",
    "requests",
    "activations",
    "answered",
    "limited",
    "refused",
    "failed",
    "denied",
    "estimated",
    "input_tokens",
    "cached_tokens",
    "output_tokens",
    "spend_picodollars",
    "spend_usd",
    "latency_p50_ms",
    "latency_p95_ms",
    "first_byte_p50_ms",
    "first_byte_p95_ms",
];

/// All lines.
pub(super) fn text(view: &UsageView, by: &Grouping) -> String {
    let by = by_name(by);
    let mut text = line(HEADER.map(str::to_owned));
    for group in &view.groups {
        text.push_str(&line(record(&by, group)));
    }
    text
}

fn record(by: &str, group: &Group) -> [String; 20] {
    let used = &group.sums.used;
    let count = |number: u64| number.to_string();
    let time = |millis: Option<u64>| millis.map(|millis| millis.to_string()).unwrap_or_default();
    let dollars = used.cost.spend.to_string();
    [
        by.to_owned(),
        group.id.clone().unwrap_or_default(),
        group.name.clone(),
        count(used.sent),
        count(used.activations),
        count(used.answered),
        count(used.limited),
        count(used.refused),
        count(used.failed),
        count(group.sums.denied()),
        count(used.estimated),
        count(used.cost.input),
        count(used.cached),
        count(used.cost.output),
        count(used.cost.spend.0),
        dollars.trim_start_matches('$').to_owned(),
        time(used.latency.percentile(50)),
        time(used.latency.percentile(95)),
        time(used.first_byte.percentile(50)),
        time(used.first_byte.percentile(95)),
    ]
}

fn line(cells: [String; 20]) -> String {
    let cells = cells.map(|text| cell(&text));
    format!("{}\r\n", cells.join(","))
}

/// One cell: no control character, no formula, quoted where it must be (RFC 4180 section 2).
fn cell(text: &str) -> String {
    let mut shown = escaped(text).into_owned();
    if shown.starts_with(['=', '+', '-', '@']) {
        shown.insert(0, '\'');
    }
    if shown.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", shown.replace('"', "\"\""));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_neither_two_nor_a_formula() {
        let cases = [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("=A1,\"\"", "\"'=A1,\"\"\"\"\""),
            ("two\nlines", "two\\nlines"),
            ("\t=1", "\\t=1"),
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("", ""),
        ];
        for (text, shown) in cases {
            assert_eq!(cell(text), shown, "{text:?}");
        }
    }
}
