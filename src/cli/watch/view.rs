//! What is shown: a function of the picture, of what was chosen, and of the room there is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::cli::amount::short;
use crate::cli::commands::key_show::text as key_text;
use crate::cli::commands::log_line::short_line;
use crate::cli::counted::counted;
use crate::cli::spark::spark;
use crate::domain::cost::Measure;
use crate::domain::ids::KeySeq;
use crate::report::watch::{Snapshot, Totals, Watched, is_alert};

use super::choose::chosen;
use super::columns::{Column, cell, columns, left};
use super::pen::{Means, Pen, Tone, below, part, right_of};
use super::state::{Dialog, Page, State};

/// The least room: with less there is only a line that says so.
const LEAST: (u16, u16) = (30, 8);

/// What there is to show.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    /// The store at some moment; none before it was read.
    pub snapshot: Option<&'a Snapshot>,
    /// Since when and why it does not answer, where it does not.
    pub trouble: Option<&'a str>,
    /// Where it lies.
    pub store: &'a str,
}

/// The keys of the keyboard, and what each does.
const KEYS: [(&str, &str); 12] = [
    ("j k up down", "mark another key"),
    ("PgUp PgDn Home End", "by pages, to the ends"),
    ("Enter", "open the marked key; Esc closes it"),
    ("r", "revoke it; asks before"),
    ("/", "filter: id, name, provider, label, status"),
    ("s", "sort by the next order"),
    ("S", "sort the other way round"),
    ("a", "show ended keys too, or not"),
    ("p", "let the picture stand still, or go on"),
    ("Ctrl-Z", "stop; `fg` goes on"),
    ("?", "this"),
    ("q Esc Ctrl-C", "leave"),
];

/// Rows of keys, or lines of an opened one, that have room in so many lines.
#[must_use]
pub fn page_rows(area: Rect, page: Page) -> usize {
    let (_, body, log) = regions(area, page);
    usize::from(if page == Page::Keys { body.height.saturating_sub(2) } else { log.height })
}

/// Draws the picture.
pub fn draw(picture: &Picture<'_>, state: &State, means: Means, buffer: &mut Buffer) {
    let area = buffer.area;
    let mut pen = Pen { buffer, means };
    if area.width < LEAST.0 || area.height < LEAST.1 {
        pen.put(area, "till watch: 30x8 needed; q leaves", Tone::Plain);
        return;
    }
    let (head, body, rest) = regions(area, state.page);
    header(&mut pen, head, picture, state);
    match (picture.snapshot, state.page) {
        (None, _) => {
            pen.put(below(body, 1), "the store is being read", Tone::Faint);
        }
        (Some(snapshot), Page::Keys) => {
            keys(&mut pen, body, snapshot, state);
            log(&mut pen, rest, snapshot, None);
        }
        (Some(snapshot), Page::Key(key)) => opened(&mut pen, rest, snapshot, state, key),
    }
    footer(&mut pen, last_line(area), state);
    if state.help {
        let lines = KEYS.map(|(keys, does)| format!("{keys:<19} {does}"));
        dialog(&mut pen, area, "keys", &lines);
    }
    if let Some(Dialog::Revoke { id, name, .. }) = &state.dialog {
        let named = if name.is_empty() { String::new() } else { format!("named `{name}`") };
        let lines = [
            format!("{id} {named}"),
            "What is in flight is finished.".to_owned(),
            "It never comes back.".to_owned(),
            String::new(),
            "y revoke it   any other: leave it".to_owned(),
        ];
        dialog(&mut pen, area, "revoke this key?", &lines);
    }
}

/// The header, the keys, and what lies below them; the last line is the footer's.
fn regions(area: Rect, page: Page) -> (Rect, Rect, Rect) {
    let head = if area.height >= 16 { 3 } else { 2 };
    let inner = Rect { height: area.height.saturating_sub(1), ..area };
    let body = below(inner, head);
    let head = Rect { height: head, ..area };
    if page != Page::Keys {
        return (head, Rect { height: 0, ..body }, body);
    }
    let log = (body.height / 3).max(2);
    let keys = Rect { height: body.height.saturating_sub(log), ..body };
    (head, keys, below(body, keys.height))
}

fn last_line(area: Rect) -> Rect {
    below(area, area.height.saturating_sub(1))
}

fn header(pen: &mut Pen<'_>, area: Rect, picture: &Picture<'_>, state: &State) {
    let time = picture.snapshot.map(|snapshot| snapshot.at.to_rfc3339()).unwrap_or_default();
    let clock = time.get(11..).unwrap_or_default().to_owned();
    let paused = if state.paused { "PAUSED" } else { "" };
    pen.put_parts(
        area,
        vec![
            part("till watch", Tone::Strong, None),
            part(paused, Tone::Care, None),
            part(clock, Tone::Plain, Some(2)),
            part(picture.store, Tone::Faint, Some(1)),
        ],
    );
    let second = below(area, 1);
    if let Some(trouble) = picture.trouble {
        pen.put(second, trouble, Tone::Bad);
    } else if let Some(snapshot) = picture.snapshot {
        pen.put_parts(second, now_parts(snapshot));
    }
    if let Some(snapshot) = picture.snapshot {
        pen.put_parts(below(area, 2), sum_parts(snapshot));
    }
}

fn now_parts(snapshot: &Snapshot) -> Vec<super::pen::Part> {
    let urls: Vec<&str> = snapshot.proxies.iter().map(|proxy| proxy.url.as_str()).collect();
    let (tenths, count) = (snapshot.rate.tenths, u64::try_from(urls.len()).unwrap_or(u64::MAX));
    let count = if count == 1 { "1 proxy".to_owned() } else { counted(count, "proxy") };
    let alerts = counted(snapshot.alerts, "alert");
    let tone = if snapshot.alerts == 0 { Tone::Faint } else { Tone::Bad };
    let running = if urls.is_empty() { Tone::Care } else { Tone::Good };
    vec![
        part(format!("{}.{} req/s", tenths / 10, tenths % 10), Tone::Strong, None),
        part(format!("{} in flight", snapshot.in_flight()), Tone::Plain, Some(3)),
        part(alerts, tone, Some(4)),
        part(count, running, Some(5)),
        part(urls.join(" "), Tone::Faint, Some(1)),
    ]
}

fn sum_parts(snapshot: &Snapshot) -> Vec<super::pen::Part> {
    let spend = |totals: &Totals| short(Measure::Spend, totals.spend.0);
    let detail = |totals: &Totals| {
        let requests = counted(totals.sent, "request");
        format!("{requests}, {}", counted(totals.errors, "error"))
    };
    let mut parts = vec![
        part(format!("hour {}", spend(&snapshot.hour)), Tone::Strong, None),
        part(detail(&snapshot.hour), Tone::Plain, Some(3)),
        part(format!("24h {}", spend(&snapshot.day)), Tone::Strong, Some(5)),
        part(detail(&snapshot.day), Tone::Plain, Some(2)),
    ];
    parts.extend(snapshot.caps.iter().map(|(master, cap)| {
        let used = short(cap.measure, cap.used.saturating_add(cap.held));
        part(format!("{master} {used} of {cap}"), Tone::Note, Some(1))
    }));
    parts
}

fn keys(pen: &mut Pen<'_>, area: Rect, snapshot: &Snapshot, state: &State) {
    let found = chosen(snapshot, state);
    let order = if state.reversed { ", reversed" } else { "" };
    let filter =
        if state.filter.is_empty() { String::new() } else { format!(", with `{}`", state.filter) };
    let words = format!(
        "keys {} of {}, by {}{order}{filter}",
        found.len(),
        snapshot.keys.len(),
        state.order.name()
    );
    pen.rule(area, &words);
    let (name, shown) = columns(area.width.saturating_sub(2));
    let header = below(area, 1);
    pen.put(right_of(header, 2), "NAME", Tone::Strong);
    let mut place = right_of(header, name.saturating_add(4));
    for column in &shown {
        let cell = Rect { width: column.width.min(place.width), ..place };
        if column.right {
            pen.put_right(cell, column.name, Tone::Strong);
        } else {
            pen.put(cell, column.name, Tone::Strong);
        }
        place = right_of(place, column.width.saturating_add(2));
    }
    let rows = below(area, 2);
    if found.is_empty() {
        let why = if snapshot.keys.is_empty() {
            "no keys; mint one with `till key mint`"
        } else {
            "no such keys; `a` shows ended ones too"
        };
        pen.put(right_of(rows, 2), why, Tone::Faint);
        return;
    }
    let numbers: Vec<KeySeq> = found.iter().map(|key| key.view.record.seq).collect();
    let marked = state.place_in(&numbers);
    let room = usize::from(rows.height);
    let top = marked.saturating_sub(room / 2).min(found.len().saturating_sub(room));
    for (at, key) in found.iter().enumerate().skip(top).take(room) {
        let line = below(rows, u16::try_from(at.saturating_sub(top)).unwrap_or(u16::MAX));
        row(pen, line, (name, &shown), key, (at == marked, snapshot));
    }
}

fn row(
    pen: &mut Pen<'_>,
    line: Rect,
    (name, shown): (u16, &[super::columns::Shown]),
    key: &Watched,
    (marked, snapshot): (bool, &Snapshot),
) {
    let record = &key.view.record;
    let plain = match (marked, key.is_live()) {
        (true, _) => Tone::Marked,
        (false, true) => Tone::Plain,
        (false, false) => Tone::Faint,
    };
    if marked {
        pen.put(line, if pen.means.utf8 { "▸" } else { ">" }, Tone::Key);
    }
    let first = Rect { width: name, ..right_of(line, 2) };
    let called = if record.name.is_empty() { record.id.as_str() } else { &record.name };
    pen.put(first, called, plain);
    let mut place = right_of(line, name.saturating_add(4));
    for column in shown {
        let area = Rect { width: column.width.min(place.width), ..place };
        let tone = match column.column {
            Column::Status if key.view.pause.is_some() => Tone::Care,
            Column::Status if key.is_live() => Tone::Good,
            _ if key.is_live() => Tone::Plain,
            _ => Tone::Faint,
        };
        let text = cell(key, column.column, snapshot.at);
        match key.tightest().filter(|_| column.column == Column::Bar) {
            Some(limit) => pen.put_bar(area, &limit),
            None if column.right => pen.put_right(area, &text, tone),
            None => drop(pen.put(area, &text, tone)),
        }
        place = right_of(place, column.width.saturating_add(2));
    }
}

fn log(pen: &mut Pen<'_>, area: Rect, snapshot: &Snapshot, key: Option<KeySeq>) {
    let missed = match snapshot.missed {
        0 => String::new(),
        some => format!(", {} not shown", counted(some, "event")),
    };
    pen.rule(area, &format!("what happens{missed}"));
    let lines = below(area, 1);
    let wanted = snapshot.log.iter().rev().filter(|entry| key.is_none() || entry.key_seq() == key);
    let newest: Vec<_> = wanted.take(usize::from(lines.height)).collect();
    let mut rest = lines;
    for entry in newest.into_iter().rev() {
        let tone = match entry.kind() {
            _ if is_alert(entry) => Tone::Bad,
            "denied" | "unreadable" => Tone::Care,
            "admitted" => Tone::Faint,
            _ => Tone::Plain,
        };
        let mark = if is_alert(entry) { "! " } else { "" };
        let width = usize::from(rest.width).saturating_sub(mark.len());
        let text = format!("{mark}{}", short_line(entry, width, pen.means.utf8));
        pen.put(rest, &text, tone);
        rest = below(rest, 1);
    }
}

fn opened(pen: &mut Pen<'_>, area: Rect, snapshot: &Snapshot, state: &State, key: KeySeq) {
    let Some(watched) = snapshot.key(key) else {
        pen.put(area, "this key is gone; Esc closes it", Tone::Faint);
        return;
    };
    let log_lines = (area.height / 3).max(2);
    let upper = Rect { height: area.height.saturating_sub(log_lines), ..area };
    pen.rule(upper, &format!("key {}", watched.view.record.id));
    let masters = watched.view.record.providers().collect::<Vec<_>>().join(", ");
    let utf8 = pen.means.utf8;
    let mut lines: Vec<String> = Vec::new();
    if let Some(limit) = watched.tightest() {
        lines.push(format!("left         {}, the least of its limits", left(&limit)));
    }
    if let Some(focus) = snapshot.focus.as_ref().filter(|focus| focus.key == key) {
        lines.push(format!("last 24 h    {}", spark(&focus.requests, utf8)));
        lines.extend(focus.models.iter().take(3).map(|(model, row)| {
            let name = if model.is_empty() { "(no model)" } else { model };
            let spend = short(Measure::Spend, row.cost.spend.0);
            format!("             {}, {spend}: {name}", counted(row.sent, "request"))
        }));
    }
    let told = key_text(&watched.view, &masters, utf8, snapshot.at);
    lines.extend(told.lines().map(str::to_owned));
    let children = snapshot.keys.iter().filter(|one| one.view.record.parent == Some(key));
    lines.extend(children.map(|child| {
        let record = &child.view.record;
        let left = child.tightest().map(|limit| left(&limit)).unwrap_or_default();
        format!("child        {} {left} {}", record.id, record.name)
    }));
    let room = usize::from(upper.height.saturating_sub(1));
    let top = state.scrolled.min(lines.len().saturating_sub(room));
    let mut rest = below(upper, 1);
    for line in lines.iter().skip(top) {
        pen.put(rest, line, Tone::Plain);
        rest = below(rest, 1);
    }
    log(pen, below(area, upper.height), snapshot, Some(key));
}

fn footer(pen: &mut Pen<'_>, area: Rect, state: &State) {
    if let Some(Dialog::Filter(_)) = state.dialog {
        pen.put(
            area,
            &format!("filter: {}_  (Enter keeps it, Esc does not)", state.filter),
            Tone::Key,
        );
        return;
    }
    if let Some(notice) = &state.notice {
        pen.put(area, notice, Tone::Care);
        return;
    }
    let key = |text: &str, turn| part(text, Tone::Note, turn);
    let open = if state.page == Page::Keys { "Enter open" } else { "Esc back" };
    pen.put_parts(
        area,
        vec![
            key(open, Some(8)),
            key("r revoke", Some(9)),
            key("/ filter", Some(7)),
            key("s sort", Some(6)),
            key("a ended", Some(5)),
            key("p pause", Some(4)),
            key("? help", None),
            key("q leave", None),
        ],
    );
}

/// A box in the middle, with nothing of the picture behind it.
fn dialog(pen: &mut Pen<'_>, area: Rect, title: &str, lines: &[String]) {
    let longest = lines.iter().map(|line| crate::cli::table::columns_of(line)).max();
    let wide = u16::try_from(longest.unwrap_or_default()).unwrap_or(u16::MAX).saturating_add(4);
    let width = wide.clamp(24, area.width.saturating_sub(2).max(24)).min(area.width);
    let lines_high = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let height = lines_high.saturating_add(2).min(area.height);
    let across = area.width.saturating_sub(width) / 2;
    let down = area.height.saturating_sub(height) / 2;
    let frame = Rect { width, height, ..below(right_of(area, across), down) };
    pen.clear(frame);
    pen.rule(frame, title);
    pen.rule(below(frame, height.saturating_sub(1)), "");
    let inner = Rect { width: width.saturating_sub(4), ..right_of(frame, 2) };
    let inner = Rect { height: height.saturating_sub(1), ..inner };
    let mut rest = below(inner, 1);
    for line in lines {
        pen.put(rest, line, Tone::Plain);
        rest = below(rest, 1);
    }
}
