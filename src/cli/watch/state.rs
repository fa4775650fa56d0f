//! What the user has chosen, and what each key of the keyboard makes of it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::domain::ids::{KeyId, KeySeq};
use crate::report::watch::Snapshot;

use super::choose::{Order, chosen};

/// The most characters of a filter.
const LONGEST: usize = 100;

/// What the user has chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct State {
    /// The keys that are shown: those that hold each of these words.
    pub filter: String,
    /// Their order.
    pub order: Order,
    /// Whether that is the other way round.
    pub reversed: bool,
    /// Whether ended keys are shown too.
    pub ended: bool,
    /// Whether the picture stands still.
    pub paused: bool,
    /// What is shown.
    pub page: Page,
    /// Whether the keys of the keyboard are explained.
    pub help: bool,
    /// What is asked.
    pub dialog: Option<Dialog>,
    /// The key that is marked; none means the first.
    pub marked: Option<KeySeq>,
    /// Where it stood, for when it is no more shown.
    pub place: usize,
    /// Lines of an opened key that are scrolled away.
    pub scrolled: usize,
    /// Rows that have room: how far a page is.
    pub rows: usize,
    /// What was last done, or could not be.
    pub notice: Option<String>,
}

/// What is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// The keys.
    #[default]
    Keys,
    /// One key.
    Key(KeySeq),
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// What the keys are to hold; with what was asked for before.
    Filter(String),
    /// Whether this key is to be revoked.
    Revoke {
        /// Which.
        key: KeySeq,
        /// Its public id.
        id: KeyId,
        /// Its name; may be empty.
        name: String,
    },
}

/// What is to be done outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// To end.
    Leave,
    /// To stop, as Ctrl-Z asks.
    Suspend,
    /// To look at the store at once.
    Look,
    /// The same, and to draw everything anew.
    Redraw,
    /// To revoke a key.
    Revoke(KeySeq),
}

impl State {
    /// What a key of the keyboard does. `snapshot` is what is shown; none before the first.
    pub fn on(&mut self, key: KeyEvent, snapshot: Option<&Snapshot>) -> Option<Action> {
        self.notice = None;
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            return match key.code {
                KeyCode::Char('c' | 'd') => Some(Action::Leave),
                KeyCode::Char('z') => Some(Action::Suspend),
                KeyCode::Char('l') => Some(Action::Redraw),
                _ => None,
            };
        }
        match self.dialog.take() {
            Some(Dialog::Filter(before)) => self.on_filter(key.code, before),
            Some(Dialog::Revoke { key: seq, .. }) => {
                matches!(key.code, KeyCode::Char('y' | 'Y')).then_some(Action::Revoke(seq))
            }
            None if self.help => {
                self.help = false;
                None
            }
            None => self.on_page(key.code, snapshot),
        }
    }

    /// The marked key's place among those that are shown.
    #[must_use]
    pub fn place_in(&self, keys: &[KeySeq]) -> usize {
        let found = self.marked.and_then(|marked| keys.iter().position(|key| *key == marked));
        found.unwrap_or_else(|| self.place.min(keys.len().saturating_sub(1)))
    }

    fn on_filter(&mut self, code: KeyCode, before: String) -> Option<Action> {
        match code {
            KeyCode::Enter => return None,
            KeyCode::Esc => {
                self.filter = before;
                return None;
            }
            KeyCode::Backspace => drop(self.filter.pop()),
            KeyCode::Char(c) if !c.is_control() && self.filter.chars().count() < LONGEST => {
                self.filter.push(c);
            }
            _ => {}
        }
        self.dialog = Some(Dialog::Filter(before));
        None
    }

    fn on_page(&mut self, code: KeyCode, snapshot: Option<&Snapshot>) -> Option<Action> {
        match code {
            KeyCode::Char('q') => return Some(Action::Leave),
            KeyCode::Char('?' | 'h') => self.help = true,
            KeyCode::Char('p' | ' ') => {
                self.paused = !self.paused;
                return (!self.paused).then_some(Action::Look);
            }
            KeyCode::Char('r') => self.ask_to_revoke(snapshot?),
            _ => {
                return match self.page {
                    Page::Keys => self.on_keys(code, snapshot?),
                    Page::Key(_) => self.on_key(code),
                };
            }
        }
        None
    }

    fn on_keys(&mut self, code: KeyCode, snapshot: &Snapshot) -> Option<Action> {
        match code {
            KeyCode::Esc if self.filter.is_empty() => return Some(Action::Leave),
            KeyCode::Esc => self.filter.clear(),
            KeyCode::Char('/') => self.dialog = Some(Dialog::Filter(self.filter.clone())),
            KeyCode::Char('s') => self.order = self.order.next(),
            KeyCode::Char('S') => self.reversed = !self.reversed,
            KeyCode::Char('a') => self.ended = !self.ended,
            KeyCode::Enter | KeyCode::Right | KeyCode::Char('l') => {
                let key = self.marked_of(snapshot)?;
                (self.page, self.scrolled) = (Page::Key(key), 0);
                return Some(Action::Look);
            }
            _ => self.move_mark(code, snapshot),
        }
        None
    }

    fn on_key(&mut self, code: KeyCode) -> Option<Action> {
        if matches!(code, KeyCode::Esc | KeyCode::Left | KeyCode::Backspace | KeyCode::Enter) {
            self.page = Page::Keys;
            return None;
        }
        self.scrolled = moved(code, self.scrolled, self.rows).unwrap_or(self.scrolled);
        None
    }

    fn move_mark(&mut self, code: KeyCode, snapshot: &Snapshot) {
        let keys: Vec<KeySeq> = chosen(snapshot, self).iter().map(|k| k.view.record.seq).collect();
        let Some(place) = moved(code, self.place_in(&keys), self.rows) else { return };
        self.place = place.min(keys.len().saturating_sub(1));
        self.marked = keys.get(self.place).copied();
    }

    fn marked_of(&mut self, snapshot: &Snapshot) -> Option<KeySeq> {
        if let Page::Key(key) = self.page {
            return Some(key);
        }
        let keys: Vec<KeySeq> = chosen(snapshot, self).iter().map(|k| k.view.record.seq).collect();
        self.place = self.place_in(&keys);
        self.marked = keys.get(self.place).copied();
        self.marked
    }

    fn ask_to_revoke(&mut self, snapshot: &Snapshot) {
        let key = self.marked_of(snapshot).and_then(|key| snapshot.key(key));
        let Some(key) = key else { return };
        let record = &key.view.record;
        if key.is_live() {
            let (key, id, name) = (record.seq, record.id, record.name.clone());
            self.dialog = Some(Dialog::Revoke { key, id, name });
        } else {
            self.notice = Some(format!("the key {} has ended already", record.id));
        }
    }
}

/// Where a key of the keyboard leads from a place; none where it leads nowhere.
fn moved(code: KeyCode, place: usize, page: usize) -> Option<usize> {
    Some(match code {
        KeyCode::Down | KeyCode::Char('j') => place.saturating_add(1),
        KeyCode::Up | KeyCode::Char('k') => place.saturating_sub(1),
        KeyCode::PageDown => place.saturating_add(page.max(1)),
        KeyCode::PageUp => place.saturating_sub(page.max(1)),
        KeyCode::Home | KeyCode::Char('g') => 0,
        KeyCode::End | KeyCode::Char('G') => usize::MAX,
        _ => return None,
    })
}
