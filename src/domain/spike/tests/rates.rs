//! How much is found, and how often it is wrong: measured, and stated in `docs/spikes.md`.

use std::fmt::Write as _;

use crate::domain::spike::{Figures, History};

use super::days::{CENT, Dice, Kind};

/// Keys of each kind.
const KEYS: u64 = 100;
/// Days of each; the first half is learnt.
const DAYS: u64 = 28;
const LEARNT: u64 = 14;

/// What is put into one hour of a key.
#[derive(Clone, Copy, Debug)]
enum Injected {
    Loop,
    Tenfold,
    Night,
    Errors,
    Spend,
}

const INJECTED: [(Injected, &str); 5] = [
    (Injected::Loop, "a loop at ten times its busy hours"),
    (Injected::Tenfold, "ten times what that very hour had"),
    (Injected::Night, "a busy hour at night, 0 to 5"),
    (Injected::Errors, "a busy hour in which all fails"),
    (Injected::Spend, "requests at ten times the price"),
];

impl Injected {
    fn put_into(self, busy: u64, hour: Figures) -> Figures {
        let plain =
            |requests: u64| Figures { requests, spend: requests * CENT, ..Figures::default() };
        match self {
            Self::Loop => hour.plus(plain(busy * 10)),
            Self::Tenfold => Figures {
                requests: hour.requests * 10,
                spend: hour.spend * 10,
                denials: hour.denials * 10,
                errors: hour.errors * 10,
            },
            Self::Night => hour.plus(plain(busy)),
            Self::Errors => Figures { errors: busy, ..plain(busy) },
            Self::Spend => Figures { spend: busy * CENT * 10, ..plain(busy) },
        }
    }

    /// Whether it can come in an hour.
    fn fits(self, hour: Figures, time: u64) -> bool {
        match self {
            Self::Night => time < 6,
            Self::Tenfold => hour.requests > 0,
            _ => true,
        }
    }
}

/// What was measured of a kind of key.
struct Measured {
    /// Hours that were told, of those with nothing in them that should be.
    alarms: u64,
    /// Keys in which it was found, of those that it was put into.
    found: [(u64, u64); INJECTED.len()],
}

fn measure(kind: Kind) -> Measured {
    let mut measured = Measured { alarms: 0, found: [(0, 0); INJECTED.len()] };
    for key in 0..KEYS {
        let mut dice = Dice::new(key * 64 + kind.busy(0) + 1);
        let spikes = INJECTED.map(|_| (LEARNT + 7 + dice.below(7)) * 24 + dice.below(24));
        let mut pending = [true; INJECTED.len()];
        let mut history = History::default();
        for hour in 0..DAYS * 24 {
            let (day, time) = (hour / 24, hour % 24);
            let figures = kind.hour(&mut dice, day, time);
            if let Some(baseline) = history.baseline(hour).filter(|_| day >= LEARNT) {
                measured.alarms += u64::from(!baseline.judge(&figures).is_empty());
                for (at, (injected, _)) in INJECTED.iter().enumerate() {
                    let due = pending[at] && hour >= spikes[at];
                    if due && injected.fits(figures, time) {
                        pending[at] = false;
                        let odd = injected.put_into(kind.busy(day), figures);
                        measured.found[at].0 += u64::from(!baseline.judge(&odd).is_empty());
                        measured.found[at].1 += 1;
                    }
                }
            }
            history.add(hour, figures);
        }
    }
    measured
}

/// The table of the document.
fn table(all: &[(&str, Measured)]) -> String {
    let mut text = String::from("| key | false alarms in 100 weeks |");
    for number in 1..=INJECTED.len() {
        let _ = write!(text, " {number} |");
    }
    text.push_str("\n|---|--:|");
    text.push_str(&"--:|".repeat(INJECTED.len()));
    for (name, Measured { alarms, found, .. }) in all {
        let weeks = KEYS * (DAYS - LEARNT) / 7;
        let tenths = alarms * 1_000 / weeks;
        let _ = write!(text, "\n| {name} | {}.{} |", tenths / 10, tenths % 10);
        for (found, of) in found {
            let percent = (found * 100).checked_div(*of);
            let _ = write!(text, " {} |", percent.map_or("-".into(), |it| format!("{it} %")));
        }
    }
    text
}

#[test]
fn the_document_says_how_much_is_found_and_how_often_it_is_wrong() {
    let all = Kind::ALL.map(|(kind, name)| (name, measure(kind)));
    let table = table(&all);
    for (name, measured) in &all {
        let weeks = KEYS * (DAYS - LEARNT) / 7;
        // A new key has few days to be held against.
        let each = if name.starts_with("new") { 10 } else { 20 };
        assert!(
            measured.alarms * each <= weeks,
            "{name}: {} in {weeks} weeks\n{table}",
            measured.alarms
        );
        // Bursts of very different sizes hide one more.
        let least = if name.contains("bursts") { 40 } else { 95 };
        let (found, of) = measured.found[0];
        assert!(found * 100 >= of * least, "{name}: a loop was found {found} times of {of}");
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/spikes.md");
    let document = std::fs::read_to_string(path).unwrap();
    assert!(document.contains(&table), "docs/spikes.md should have this table:\n{table}");
    for (number, (_, name)) in INJECTED.iter().enumerate() {
        let line = format!("{}. {name}", number + 1);
        assert!(document.contains(&line), "docs/spikes.md should say: {line}");
    }
}
