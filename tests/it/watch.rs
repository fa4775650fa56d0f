//! `till watch`: what it shows in every size, what the keyboard does, and how it leaves a terminal.

use std::path::Path;
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use till::cli::watch::{Action, Dialog, Means, Page, Picture, Screen, State, draw};
use till::domain::event::{Event, EventKind};
use till::domain::ids::EventSeq;
use till::domain::money::Picodollars;
use till::domain::time::Timestamp;
use till::ledger::{Ledger, Options, Rollback, SystemClock};
use till::report::log::{Entry, What};
use till::report::watch::{Snapshot, Watched, Watcher};
use till::store::redb::RedbStore;

use crate::support::answer::Answer;
use crate::support::home::Home;
use crate::support::http::Request;
use crate::support::run::{Run, TILL};
use crate::support::terminal::Terminal;
use crate::support::upstream::Upstream;
use crate::support::wait_until;

/// 2026-11-28T10:00:00Z.
const NOW: Timestamp = Timestamp(1_795_860_000_000);
const BARE: Means = Means { utf8: true, color: false };

fn ledger(home: &Home) -> Ledger {
    let path = home.path("store/till.redb");
    let store = RedbStore::open(&path, till::store::redb::Options::default()).unwrap();
    let options = Options {
        locks: till::cli::paths::locks_dir(&path),
        state_dir: home.path("state"),
        rollback: Rollback::Overlook,
    };
    Ledger::open(Arc::new(store), Arc::new(SystemClock), options).unwrap()
}

/// A home with a few keys, one of them with a name that would do harm.
fn furnished() -> (Home, Snapshot) {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    home.mint("openai -n 50 --name nightly --expires 2h");
    home.mint("openai -n 200 --spend 5 --name review");
    home.mint("openai --tokens 100k --label team=search");
    let snapshot = Watcher::default().look(&ledger(&home), None).unwrap();
    (home, snapshot)
}

fn shown(snapshot: &Snapshot, state: &State, (width, height): (u16, u16), means: Means) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    let picture = Picture { snapshot: Some(snapshot), trouble: None, store: "till.redb" };
    draw(&picture, state, means, &mut buffer);
    buffer
}

fn text(buffer: &Buffer) -> String {
    let rows = buffer.content().chunks(usize::from(buffer.area.width).max(1));
    let line = |cells: &[ratatui::buffer::Cell]| {
        let (mut line, mut skip) = (String::new(), 0);
        for cell in cells {
            if skip == 0 {
                line.push_str(cell.symbol());
                skip = unicode_width::UnicodeWidthStr::width(cell.symbol());
            }
            skip = skip.saturating_sub(1);
        }
        line.trim_end().to_owned() + "\n"
    };
    rows.map(line).collect()
}

fn edit(snapshot: &mut Snapshot, at: usize, change: impl FnOnce(&mut Watched)) {
    change(Arc::make_mut(&mut snapshot.keys[at]));
}

/// The same in every run: ids, times and figures.
fn settled(mut snapshot: Snapshot) -> Snapshot {
    snapshot.at = NOW;
    for (at, id) in ["k3x9m2p7q4w8", "7wq2r5t8y1v4", "b6n3v8c1x5z9"].into_iter().enumerate() {
        edit(&mut snapshot, at, |key| key.view.record.id = id.parse().unwrap());
    }
    edit(&mut snapshot, 0, |key| {
        key.view.record.limits.expires_at = Some(Timestamp(NOW.0 + 3_600_000));
        key.view.record.created_at = Timestamp(NOW.0 - 60_000);
        (key.view.usage.used, key.view.usage.held) = (38, 2);
        key.view.usage.last_used_at = Timestamp(NOW.0 - 4_000);
        key.rate.minute = 12;
    });
    edit(&mut snapshot, 1, |key| {
        key.view.usage.used = 31;
        key.view.usage.cost.spend = Picodollars(4_250_000_000_000);
        key.view.usage.last_used_at = Timestamp(NOW.0 - 90_000);
    });
    let entry = |kind, key: Option<usize>, before| {
        let at = Timestamp(NOW.0 - before);
        let record = key.map(|key| &snapshot.keys[key].view.record);
        let mut event = Event::new(kind, at).count(50);
        event.key = record.map(|record| record.seq);
        let key = record.map(|record| (record.id, record.name.clone()));
        let what = What::Event(EventSeq(1), event);
        Arc::new(Entry { at, what, key, master: None, provider: None })
    };
    let log = vec![
        entry(EventKind::KeyMinted, Some(0), 60_000),
        entry(EventKind::Admitted, Some(0), 4_000),
    ];
    snapshot.log = log;
    snapshot.rate.tenths = 14;
    (snapshot.hour.sent, snapshot.day.sent) = (69, 412);
    snapshot.day.spend = Picodollars(4_250_000_000_000);
    snapshot
}

#[test]
fn every_size_shows_the_keys_and_fits() {
    let (_home, snapshot) = furnished();
    let snapshot = settled(snapshot);
    for size in [(40, 12), (80, 24), (120, 40), (200, 60)] {
        for utf8 in [true, false] {
            let means = Means { utf8, color: true };
            let shown = text(&shown(&snapshot, &State::default(), size, means));
            for word in ["nightly", "review", "1.4 req/s", "q leave", "10 of 50"] {
                assert!(shown.contains(word), "{size:?} without {word}:\n{shown}");
            }
            assert!(utf8 || shown.is_ascii(), "{shown}");
        }
    }
    let small = text(&shown(&snapshot, &State::default(), (29, 8), BARE));
    assert!(small.starts_with("till watch: 30x8 needed"), "{small}");
}

/// Pictures of the keys, of an opened one and of a question, as they are kept in `watch/`. With
/// `TILL_WRITE_PICTURES=1` in the environment they are written anew.
#[test]
fn the_pictures_are_as_they_were() {
    let (_home, snapshot) = furnished();
    let snapshot = settled(snapshot);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/watch");
    let mut state = State::default();
    state.on(press(KeyCode::Char('r')), Some(&snapshot));
    let opened = Page::Key(snapshot.keys[0].view.record.seq);
    let pictures = [
        ("keys-40x12", (40, 12), State::default()),
        ("keys-80x24", (80, 24), State::default()),
        ("keys-120x40", (120, 40), State::default()),
        ("keys-200x60", (200, 60), State::default()),
        ("opened-80x24", (80, 24), State { page: opened, ..State::default() }),
        ("revoke-80x24", (80, 24), state),
        ("help-80x24", (80, 24), State { help: true, ..State::default() }),
    ];
    for (name, size, state) in pictures {
        let drawn = text(&shown(&snapshot, &state, size, BARE));
        let path = folder.join(name).with_extension("txt");
        if std::env::var_os("TILL_WRITE_PICTURES").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &drawn).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(drawn == kept, "{name} is another picture now:\n{drawn}");
        if name == "keys-80x24" {
            let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/watch.md");
            let page = std::fs::read_to_string(page).unwrap();
            assert!(
                page.contains(&format!("```text\n{drawn}```")),
                "docs/watch.md has another one"
            );
        }
    }
}

/// What lies behind a box shows through in no letter and no colour.
#[test]
fn a_box_has_nothing_of_what_is_behind_it() {
    let (_home, snapshot) = furnished();
    let snapshot = settled(snapshot);
    let means = Means { utf8: true, color: true };
    let plain = Buffer::empty(Rect::new(0, 0, 1, 1)).content()[0].style();
    let state = State { help: true, ..State::default() };
    let buffer = shown(&snapshot, &state, (80, 24), means);
    let mut lines = 0;
    for row in buffer.content().chunks(80) {
        let line: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
        let Some(start) = ["mark another", "by pages", "revoke it;", "sort by"]
            .iter()
            .find_map(|words| line.find(words).map(|at| line[..at].chars().count()))
        else {
            continue;
        };
        lines += 1;
        let inside = &row[start - 22..start + 36];
        assert!(inside.iter().all(|cell| cell.style() == plain), "{line}");
    }
    assert_eq!(lines, 4);
}

#[test]
fn nothing_from_outside_is_shown_raw() {
    let (_home, snapshot) = furnished();
    let mut snapshot = settled(snapshot);
    let name = "\u{1b}[2J日本語\u{202e}evil\u{200b}\u{7}";
    edit(&mut snapshot, 0, |key| key.view.record.name = name.to_owned());
    for page in [Page::Keys, Page::Key(snapshot.keys[0].view.record.seq)] {
        let state = State { page, ..State::default() };
        let shown = text(&shown(&snapshot, &state, (200, 60), BARE));
        assert!(shown.contains("\\u{1b}[2J日本語\\u{202e}evil\\u{200b}\\u{7}"), "{shown}");
        let raw = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{200b}');
        assert!(!shown.contains(raw), "{shown}");
    }
}

#[test]
fn without_colours_there_is_no_style() {
    let (_home, snapshot) = furnished();
    let buffer = shown(&settled(snapshot), &State::default(), (120, 40), BARE);
    let plain = Buffer::empty(Rect::new(0, 0, 1, 1)).content()[0].style();
    assert!(buffer.content().iter().all(|cell| cell.style() == plain));
}

fn press(code: KeyCode) -> KeyEvent {
    KeyEvent::new(code, KeyModifiers::NONE)
}

#[test]
fn a_key_is_revoked_only_after_a_yes() {
    let (_home, snapshot) = furnished();
    let mut state = State::default();
    assert_eq!(state.on(press(KeyCode::Char('r')), Some(&snapshot)), None);
    let Some(Dialog::Revoke { key, .. }) = state.dialog.clone() else { panic!("{state:?}") };
    assert_eq!(state.on(press(KeyCode::Enter), Some(&snapshot)), None);
    assert_eq!(state.dialog, None);
    state.on(press(KeyCode::Char('r')), Some(&snapshot));
    let revoke = state.on(press(KeyCode::Char('y')), Some(&snapshot));
    assert_eq!(revoke, Some(Action::Revoke(key)));
}

#[test]
fn no_keys_and_no_size_panic() {
    let (_home, snapshot) = furnished();
    let code = prop_oneof![
        "[\\PC]".prop_map(|text| KeyCode::Char(text.chars().next().unwrap_or('q'))),
        "[rysSa/?pjkgGlh]".prop_map(|text| KeyCode::Char(text.chars().next().unwrap_or('q'))),
        prop::sample::select(vec![
            KeyCode::Enter,
            KeyCode::Esc,
            KeyCode::Up,
            KeyCode::Down,
            KeyCode::PageUp,
            KeyCode::PageDown,
            KeyCode::Home,
            KeyCode::End,
            KeyCode::Backspace,
        ]),
    ];
    let steps = prop::collection::vec((code, 0u16..220, 0u16..70), 1..40);
    proptest!(ProptestConfig::with_cases(48), |(steps in steps, utf8: bool)| {
        let mut state = State::default();
        for (code, width, height) in steps {
            state.on(press(code), Some(&snapshot));
            shown(&snapshot, &state, (width, height), Means { utf8, color: true });
        }
    });
}

/// What changes is read again, and the figures are those of the store.
#[test]
fn a_watcher_sees_what_others_do() {
    let upstream = Upstream::answering(Answer::status(200));
    let home = Home::with_openai(&upstream);
    let (ledger, mut watcher) = (ledger(&home), Watcher::default());
    assert!(watcher.look(&ledger, None).unwrap().keys.is_empty());
    let key = home.mint("openai -n 1 --allow /** --name late");
    let proxy = home.proxy();
    let seen = watcher.look(&ledger, None).unwrap();
    assert_eq!(seen.keys.len(), 1);
    assert!(seen.keys[0].is_live());
    assert_eq!(seen.proxies.len(), 1);
    assert!(seen.proxies[0].url.ends_with(&proxy.address().port().to_string()));
    let chat = || Request::chat(&key.text).send(proxy.address());
    chat().expect(200, "");
    wait_until("it is settled", || home.activations(&key, "used") == 1);
    let seen = watcher.look(&ledger, None).unwrap();
    assert_eq!(seen.keys[0].view.usage.used, 1);
    assert!(!seen.keys[0].is_live());
    assert_eq!((seen.rate.minute, seen.hour.sent, seen.day.sent), (1, 1, 1));
    let other = home.mint("openai -n 5");
    home.till(&format!("key revoke {}", other.id)).ok();
    let seen = watcher.look(&ledger, None).unwrap();
    assert_eq!(seen.keys.len(), 2);
    assert!(!seen.keys[1].is_live());
    proxy.kill();
    assert!(watcher.look(&ledger, None).unwrap().proxies.is_empty());
}

/// A pause reaches those that were made from the key, and so does its end.
#[test]
fn a_pause_is_seen_of_children_too() {
    let upstream = Upstream::answering(Answer::status(200)).may_idle();
    let home = Home::with_openai(&upstream);
    let parent = home.mint("openai -n 9 --delegate");
    let proxy = home.proxy();
    let url = format!("http://{}", proxy.address());
    let child = home.till("key delegate -n 2 --json --url").arg(&url).env("TILL_KEY", &parent.text);
    child.ok();
    let (ledger, mut watcher) = (ledger(&home), Watcher::default());
    let mut paused = || -> Vec<bool> {
        let keys = watcher.look(&ledger, None).unwrap().keys;
        keys.iter().map(|key| key.view.pause.is_some()).collect()
    };
    assert_eq!(paused(), [false, false]);
    home.till(&format!("key pause {}", parent.id)).ok();
    assert_eq!(paused(), [true, true]);
    home.till(&format!("key resume {}", parent.id)).ok();
    assert_eq!(paused(), [false, false]);
}

#[test]
fn without_a_terminal_it_says_what_else_there_is() {
    Home::new().till("watch").fails(2, &["no terminal to watch in", "till usage", "till log -f"]);
}

/// A shell with job control, in a home.
fn shell(home: &Home) -> Run {
    let mut shell = Run::program("bash").arg("--norc").arg("--noprofile").arg("-i");
    for (name, value) in home.till("watch").variables() {
        shell = shell.env(&name, value);
    }
    shell.env("TILL", TILL).env("TERM", "xterm").env("LANG", "C.UTF-8").env("PS1", "ready> ")
}

/// Ctrl-Z gives the terminal back, `fg` shows what was minted meanwhile, `r` `y` revokes it, and
/// the terminal is in the end what it was.
#[test]
fn the_terminal_is_left_as_it_was_found() {
    let home = Home::with_openai(&Upstream::answering(Answer::status(200)).may_idle());
    let Some(terminal) = Terminal::of(&shell(&home)) else { return };
    let shown = terminal
        .resize(24, 80)
        .expect("ready> ")
        .types("stty -g >\"$HOME/before\"; \"$TILL\" watch --interval 100ms\r")
        .expect("\u{1b}[?1049h")
        .expect("mint")
        .types("\u{1a}")
        .expect("\u{1b}[?1049l")
        .expect("ready> ")
        .types("stty -g >\"$HOME/between\"; \"$TILL\" key mint openai -n 5 --name la\"\"te\r")
        .expect("till_sk_")
        .expect("ready> ")
        .types("fg\r")
        .expect("\u{1b}[?1049h")
        .expect("late")
        .resize(40, 120)
        .expect("LAST")
        .types("\r")
        .expect("limits")
        .types("\r")
        .types("\u{c}")
        .expect("LAST")
        .types("r")
        .expect("never")
        .types("y")
        .expect("revoked")
        .types("q")
        .expect("\u{1b}[?25h")
        .expect("\u{1b}[?1049l")
        .expect("ready> ")
        .types("stty -g >\"$HOME/after\"; exit 3\r")
        .play();
    assert_eq!(shown.code, 3, "{}", shown.text);
    let modes = |name| std::fs::read_to_string(home.path(name)).unwrap();
    assert_eq!(modes("before"), modes("between"));
    assert_eq!(modes("before"), modes("after"));
    let keys = home.till("key ls").json();
    assert_eq!(keys[0]["ended_reason"], "revoked", "{keys}");
}

#[test]
fn a_signal_ends_it_and_the_terminal_comes_back_first() {
    let home = Home::new();
    let Some(terminal) = Terminal::of(&shell(&home)) else { return };
    let shown = terminal
        .resize(24, 80)
        .expect("ready> ")
        .types("stty -g >\"$HOME/before\"; sh -c 'echo $$ >\"$HOME/pid\"; exec \"$TILL\" watch'\r")
        .expect("mint")
        .types("\u{1a}")
        .expect("ready> ")
        .types(
            "kill -TERM $(cat \"$HOME/pid\"); fg; echo left by\"\" $?; stty -g >\"$HOME/after\"\r",
        )
        .expect("left by 143")
        .expect("ready> ")
        .types("exit\r")
        .play();
    let modes = |name| std::fs::read_to_string(home.path(name)).unwrap();
    assert_eq!(modes("before"), modes("after"), "{}", shown.text);
}

/// Run by the test below, in a terminal.
#[test]
#[ignore = "it panics, and the test below looks at it"]
fn a_screen_that_panics() {
    let _screen = Screen::enter().unwrap();
    panic!("nothing is drawn any more");
}

/// The message is shown on the terminal as it was before.
#[test]
fn a_panic_gives_the_terminal_back_first() {
    let home = Home::new();
    let this = std::env::current_exe().unwrap();
    let shell = shell(&home).env("THIS", &this);
    let Some(terminal) = Terminal::of(&shell) else { return };
    let shown = terminal
        .resize(24, 80)
        .expect("ready> ")
        .types(
            "stty -g >\"$HOME/before\"; \"$THIS\" --ignored --exact watch::a_screen_that_panics \
             --nocapture; echo left by\"\" $?; stty -g >\"$HOME/after\"\r",
        )
        .expect("\u{1b}[?1049h")
        .expect("\u{1b}[?25h")
        .expect("\u{1b}[?1049l")
        .expect("nothing is drawn any more")
        .expect("left by 101")
        .expect("ready> ")
        .types("exit\r")
        .play();
    let modes = |name| std::fs::read_to_string(home.path(name)).unwrap();
    assert_eq!(modes("before"), modes("after"), "{}", shown.text);
}
