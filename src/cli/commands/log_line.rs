//! A line of the audit log for people. In a narrow terminal parts of it give way, then it is cut.

use std::fmt::Write as _;

use crate::domain::cost::{Cost, Measure};
use crate::domain::event::{Event, EventKind};
use crate::domain::retention::Dropped;
use crate::domain::time::Span;
use crate::report::log::{Entry, What};

use super::super::amount::short;
use super::super::counted::counted;
use super::super::escaped::escaped;
use super::super::style::{DIM, WARNING, painted};
use super::super::table::{columns_of, cut};
use super::super::terminal::Terminal;

/// From how many columns on kinds stand in a column of their own.
const WIDE: usize = 100;
/// The columns of the longest kind.
const KIND: usize = 18;

/// One part of a line. Those with the least number give way first; those with none stay.
#[derive(Debug)]
struct Part {
    text: String,
    gives_way: Option<u8>,
}

/// The line, without a line break.
#[must_use]
pub(super) fn line(entry: &Entry, terminal: &Terminal) -> String {
    let wide = terminal.width.is_none_or(|width| width >= WIDE);
    let text = fitted(parts(entry, wide), terminal.width, terminal.utf8);
    let color = terminal.color && terminal.stdout_is_tty;
    let style = match &entry.what {
        What::Unreadable(_) => WARNING,
        What::Event(_, event) if event.kind == EventKind::Admitted => DIM,
        _ => anstyle::Style::new(),
    };
    painted(style, &text, color)
}

/// The line in so many columns, without the day and without colour.
#[must_use]
pub(in super::super) fn short_line(entry: &Entry, width: usize, utf8: bool) -> String {
    let mut parts = parts(entry, width >= WIDE);
    parts.remove(0);
    fitted(parts, Some(width), utf8)
}

/// What the line says: the day first.
fn parts(entry: &Entry, wide: bool) -> Vec<Part> {
    let time = entry.at.to_rfc3339();
    let (day, clock) = time.split_once('T').unwrap_or((&time, ""));
    let kind = entry.kind();
    let mut parts = vec![
        part(day, Some(4)),
        part(clock.trim_end_matches('Z'), None),
        part(if wide { format!("{kind:<KIND$}") } else { kind.to_owned() }, None),
    ];
    if let Some(seq) = entry.key_seq() {
        let name = entry.key.as_ref().map(|(_, name)| name.as_str());
        let id = entry.key.as_ref().map(|(id, _)| id.to_string());
        parts.push(part(id.unwrap_or_else(|| format!("key #{seq}")), None));
        let name = name.filter(|name| !name.is_empty()).map(|name| format!("`{name}`"));
        parts.push(part(name.unwrap_or_default(), Some(5)));
    }
    if let Some(id) = entry.master_id() {
        let name = entry.master.clone().unwrap_or_else(|| format!("master #{id}"));
        parts.push(part(name, Some(3)));
    }
    match &entry.what {
        What::Event(_, event) => {
            let named = entry.master.as_ref() == Some(&event.note);
            parts.extend(of_event(event, named));
        }
        What::Unreadable(seq) => parts.push(part(format!("event {seq}"), None)),
        What::Denied { reason, count, .. } => {
            parts.push(part(reason.rule().code, None));
            parts.push(part(counted(*count, "time"), Some(9)));
        }
    }
    if !entry.is_authenticated() && entry.event().is_some() {
        parts.push(part("(not authenticated)", Some(8)));
    }
    parts
}

/// What an event says; its note stands before it where it is the master key's name.
fn of_event(event: &Event, named: bool) -> Vec<Part> {
    let mut parts = Vec::new();
    let settled = event.kind == EventKind::Settled;
    if settled {
        parts.push(part(&*event.note, None));
    }
    if let Some(facts) = &event.facts {
        parts.push(part(&*facts.model, Some(6)));
    }
    if let Some(charge) = event.charge {
        let bound = if charge.estimated { "at most " } else { "" };
        let tokens = tokens(charge.cost);
        let shown = if tokens.is_empty() { tokens } else { format!("{bound}{tokens}") };
        parts.push(part(shown, Some(7)));
        let spend = charge.cost.spend;
        let shown = if spend.0 > 0 { format!("{bound}{spend}") } else { String::new() };
        parts.push(part(shown, Some(9)));
    }
    if let Some(facts) = &event.facts {
        let cached = short(Measure::Tokens, facts.cached);
        let cached = if facts.cached > 0 { format!("{cached} cached") } else { String::new() };
        parts.push(part(cached, Some(0)));
        parts.push(part(seconds(Span(facts.latency)), Some(2)));
        let first = facts.first_byte.map(|span| format!("first byte {}", seconds(Span(span))));
        parts.push(part(first.unwrap_or_default(), Some(1)));
    }
    parts.push(part(figure(event).unwrap_or_default(), Some(7)));
    if !settled && !named {
        parts.push(part(&*event.note, Some(8)));
    }
    parts
}

/// What an event's figure says, in words.
fn figure(event: &Event) -> Option<String> {
    use EventKind as K;
    let count = event.count;
    let some = |one| (count > 0).then(|| counted(count, one));
    match event.kind {
        K::SlotAdded | K::SlotRemoved | K::Unlocked => Some(format!("slot {count}")),
        K::Rekeyed => Some(format!("{} ended", counted(count, "key"))),
        K::KeyMinted | K::KeyEdited | K::KeyReturned => some("activation"),
        K::KeysPruned => some("tombstone"),
        K::AdminRefused => some("time"),
        K::InstanceStarted => Some(format!("pid {count}")),
        K::InstanceRecovered => some("request"),
        K::RetentionChanged => some("event"),
        _ => None,
    }
}

fn tokens(cost: Cost) -> String {
    if cost.tokens() == 0 {
        return String::new();
    }
    let (input, output) = (short(Measure::InputTokens, cost.input), cost.output);
    format!("{input} in {} out", short(Measure::OutputTokens, output))
}

/// A span in seconds, to the millisecond: `0.042s`.
fn seconds(span: Span) -> String {
    let (whole, rest) = (span.0 / 1_000, span.0 % 1_000);
    format!("{whole}.{rest:03}s")
}

fn part(text: impl Into<String>, gives_way: Option<u8>) -> Part {
    Part { text: escaped(&text.into()).into_owned(), gives_way }
}

fn fitted(mut parts: Vec<Part>, width: Option<usize>, utf8: bool) -> String {
    parts.retain(|part| !part.text.is_empty());
    loop {
        let text = joined(&parts);
        let Some(width) = width.filter(|width| columns_of(&text) > *width) else {
            return text;
        };
        let Some(least) = parts.iter().filter_map(|part| part.gives_way).min() else {
            return cut(&text, width, if utf8 { "…" } else { "~" });
        };
        parts.retain(|part| part.gives_way != Some(least));
    }
}

fn joined(parts: &[Part]) -> String {
    let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
    texts.join(" ").trim_end().to_owned()
}

/// What is known of dropped events, in a few lines.
#[must_use]
pub(super) fn dropped_text(dropped: &Dropped) -> String {
    let name = |number| EventKind::from_number(number).map_or("unreadable", EventKind::name);
    let kinds: Vec<String> =
        dropped.kinds.iter().map(|(kind, count)| format!("{count} {}", name(*kind))).collect();
    let mut text = format!(
        "{} dropped since, number {} of {} to number {} of {}: {}",
        counted(dropped.count(), "older event"),
        dropped.first,
        dropped.first_at.to_rfc3339(),
        dropped.last,
        dropped.last_at.to_rfc3339(),
        kinds.join(", ")
    );
    if dropped.settled > 0 {
        let Cost { input, output, spend } = dropped.cost;
        let sent = counted(dropped.settled, "request");
        // Writing to a string cannot fail.
        let _ = write!(text, "; {sent}, {input} tokens in, {output} out, {spend}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{EventSeq, KeySeq, MasterId};
    use crate::domain::rollup::Facts;
    use crate::domain::time::Timestamp;

    fn terminal(width: Option<usize>) -> Terminal {
        Terminal {
            stdin_is_tty: false,
            stdout_is_tty: width.is_some(),
            stderr_is_tty: false,
            color: false,
            utf8: false,
            width,
            height: None,
            quiet: false,
            no_input: true,
        }
    }

    #[test]
    fn a_line_fits_and_shows_nothing_raw() {
        let facts = Facts { model: "gpt\u{1b}[2J".into(), latency: 42, ..Facts::default() };
        let event = Event::new(EventKind::Settled, Timestamp(1_795_536_000_000));
        let event = event.key(KeySeq(7)).master(MasterId(3)).facts(facts).note("200");
        let what = What::Event(EventSeq(5), event);
        let at = Timestamp(1_795_536_000_000);
        let entry = Entry { at, what, key: None, master: None, provider: None };
        let whole = line(&entry, &terminal(None));
        assert_eq!(
            whole,
            "2026-11-24 16:00:00 settled            key #7 master #3 200 gpt\\u{1b}[2J 0.042s"
        );
        for width in 1..120 {
            let shown = line(&entry, &terminal(Some(width)));
            assert!(columns_of(&shown) <= width, "{width}: {shown}");
        }
        assert_eq!(line(&entry, &terminal(Some(38))), "16:00:00 settled key #7 200");
    }
}
