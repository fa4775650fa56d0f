//! The loop: keys of the keyboard, signals and pictures of the store come in, frames go out.

use std::io::{self, stdout};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use crossterm::event::{Event, KeyEventKind, read};
use nix::sys::signal::{SigSet, Signal};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Rect, Size};
use rustix::process::{Signal as RawSignal, getpid, kill_current_process_group, kill_process};

use crate::domain::ids::KeySeq;
use crate::ledger::{Clock, Ledger, SystemClock};
use crate::report::watch::Snapshot;

use super::pen::Means;
use super::screen::Screen;
use super::state::{Action, Page, State};
use super::store::{Ask, Opener, answer};
use super::view::{Picture, draw, page_rows};

/// Signals that are taken in turn, so that the terminal is given back first.
const HELD: [Signal; 6] = [
    Signal::SIGHUP,
    Signal::SIGINT,
    Signal::SIGQUIT,
    Signal::SIGTERM,
    Signal::SIGTSTP,
    Signal::SIGCONT,
];

/// What comes in.
#[derive(Debug)]
pub(super) enum Message {
    Input(io::Result<Event>),
    Seen(Box<Result<Snapshot, String>>),
    Revoked(KeySeq, Result<(), String>),
    Signal(Signal),
}

/// What is watched, and how.
#[derive(Debug, Clone)]
pub struct Watching {
    /// What the terminal can show.
    pub means: Means,
    /// How often the store is looked at.
    pub interval: Duration,
    /// Where it lies, for people.
    pub store: String,
    /// What is chosen at first.
    pub state: State,
}

/// Watches until the user leaves, or a signal ends it: then that signal's number comes back.
///
/// # Errors
/// Where the terminal cannot be used.
pub fn watch(watching: Watching, ledger: Ledger, open: Opener) -> io::Result<Option<i32>> {
    let held: SigSet = HELD.into_iter().collect();
    held.thread_block()?;
    let (sender, messages) = channel();
    let (asks, asked) = channel();
    answer(ledger, open, asked, sender.clone());
    listen(held, sender);
    let screen = Screen::enter()?;
    let terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
    let Watching { means, interval, store, state } = watching;
    let mut program = Program {
        screen,
        terminal,
        asks,
        means,
        interval,
        store,
        state,
        snapshot: None,
        trouble: None,
        waiting: false,
        stopped: false,
    };
    program.run(&messages)
}

/// Threads that wait for signals and for the keyboard. They end with the process.
fn listen(held: SigSet, sender: Sender<Message>) {
    let signals = sender.clone();
    thread::spawn(move || {
        while let Ok(signal) = held.wait() {
            if signals.send(Message::Signal(signal)).is_err() {
                break;
            }
        }
    });
    thread::spawn(move || {
        loop {
            let event = read();
            let failed = event.is_err();
            if sender.send(Message::Input(event)).is_err() || failed {
                break;
            }
        }
    });
}

#[derive(Debug)]
struct Program {
    screen: Screen,
    terminal: Terminal<CrosstermBackend<io::Stdout>>,
    asks: Sender<Ask>,
    means: Means,
    interval: Duration,
    store: String,
    state: State,
    snapshot: Option<Snapshot>,
    /// Since when the store does not answer, and why.
    trouble: Option<(String, String)>,
    /// Whether the store was asked and has not answered.
    waiting: bool,
    /// Whether the terminal was given back, to stand still.
    stopped: bool,
}

impl Program {
    fn run(&mut self, messages: &Receiver<Message>) -> io::Result<Option<i32>> {
        self.look()?;
        loop {
            if !self.stopped {
                self.show()?;
            }
            match messages.recv_timeout(self.interval) {
                Ok(Message::Signal(signal)) => match signal {
                    Signal::SIGTSTP => self.stop(),
                    Signal::SIGCONT => self.go_on()?,
                    #[expect(clippy::as_conversions, reason = "the signal's own number")]
                    ending => return Ok(Some(ending as i32)),
                },
                Ok(Message::Input(event)) => {
                    let action = self.on(&event?);
                    if self.act(action)? {
                        return Ok(None);
                    }
                }
                Ok(Message::Seen(seen)) => self.seen(*seen),
                Ok(Message::Revoked(key, done)) => self.revoked(key, done)?,
                Err(RecvTimeoutError::Timeout) => self.look()?,
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
            }
        }
    }

    fn show(&mut self) -> io::Result<()> {
        let (state, means) = (&mut self.state, self.means);
        let trouble = self.trouble.as_ref().map(|(since, why)| {
            let clock = since.get(11..19).unwrap_or_default();
            format!("no answer since {clock}: {why}")
        });
        let picture = Picture {
            snapshot: self.snapshot.as_ref(),
            trouble: trouble.as_deref(),
            store: &self.store,
        };
        self.terminal.draw(|frame| {
            state.rows = page_rows(frame.area(), state.page);
            draw(&picture, state, means, frame.buffer_mut());
        })?;
        Ok(())
    }

    fn on(&mut self, event: &Event) -> Option<Action> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                self.state.on(*key, self.snapshot.as_ref())
            }
            _ => None,
        }
    }

    /// Does what was asked for; says whether that was to leave.
    fn act(&mut self, action: Option<Action>) -> io::Result<bool> {
        match action {
            None => {}
            Some(Action::Leave) => return Ok(true),
            // The whole job stops, as with every other program; here it comes back as a signal.
            Some(Action::Suspend) => kill_current_process_group(RawSignal::TSTP)?,
            Some(Action::Look) => self.look()?,
            Some(Action::Redraw) => self.redraw()?,
            Some(Action::Revoke(key)) => {
                if let Some(shown) = &self.snapshot {
                    self.ask(Ask::Revoke(shown.store, key))?;
                }
            }
        }
        Ok(false)
    }

    fn look(&mut self) -> io::Result<()> {
        if self.waiting || self.state.paused || self.stopped {
            return Ok(());
        }
        self.waiting = true;
        let key = match self.state.page {
            Page::Key(key) => Some(key),
            Page::Keys => None,
        };
        self.ask(Ask::Look(key))
    }

    fn ask(&self, ask: Ask) -> io::Result<()> {
        self.asks.send(ask).map_err(|_| io::Error::other("the store is looked at no more"))
    }

    fn seen(&mut self, seen: Result<Snapshot, String>) {
        self.waiting = false;
        match seen {
            Ok(snapshot) => {
                let before = self.snapshot.replace(snapshot).map(|before| before.store);
                self.trouble = None;
                let now = self.snapshot.as_ref().map(|now| now.store);
                if before.is_some() && before != now {
                    self.state = State { rows: self.state.rows, ..State::default() };
                    self.state.notice = Some("another store stands in its place".to_owned());
                }
            }
            Err(why) => {
                let now = || SystemClock.read().wall.to_rfc3339();
                let since = self.trouble.take().map_or_else(now, |(since, _)| since);
                self.trouble = Some((since, why));
            }
        }
    }

    fn revoked(&mut self, key: KeySeq, done: Result<(), String>) -> io::Result<()> {
        let known = self.snapshot.as_ref().and_then(|snapshot| snapshot.key(key));
        let id = known.map(|key| key.view.record.id.to_string()).unwrap_or_default();
        self.state.notice = Some(match done {
            Ok(()) => format!("revoked the key {id}"),
            Err(why) => format!("{id} was not revoked: {why}"),
        });
        self.look()
    }

    fn stop(&mut self) {
        self.screen.leave();
        self.stopped = true;
        // A process can always signal itself.
        let _ = kill_process(getpid(), RawSignal::STOP);
    }

    fn go_on(&mut self) -> io::Result<()> {
        self.stopped = false;
        self.screen.enter_again()?;
        self.redraw()
    }

    /// Draws everything anew. `Terminal::clear` would ask the terminal where its cursor is, and the
    /// thread that reads the keyboard would take the answer.
    fn redraw(&mut self) -> io::Result<()> {
        let Size { width, height } = self.terminal.size()?;
        self.terminal.resize(Rect::new(0, 0, width, height))?;
        self.look()
    }
}
