//! The terminal as a full screen, and back again: also after a panic.

use std::io::{self, Write, stdout};
use std::sync::Once;
use std::thread::{self, ThreadId};

use crossterm::cursor::{Hide, Show};
use crossterm::execute;
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

/// For as long as it lives, the terminal is in raw mode and shows the alternate screen.
#[derive(Debug)]
pub struct Screen {
    entered: bool,
}

impl Screen {
    /// Takes the terminal. A panic of this thread gives it back before its message is shown.
    ///
    /// # Errors
    /// Where the terminal cannot be set.
    pub fn enter() -> io::Result<Self> {
        give_back_on_panic(thread::current().id());
        let mut screen = Self { entered: false };
        screen.enter_again()?;
        Ok(screen)
    }

    /// Gives the terminal back as it was found, until it is taken again.
    pub fn leave(&mut self) {
        if self.entered {
            self.entered = false;
            give_back();
        }
    }

    /// Takes the terminal again, whatever was done to it meanwhile.
    ///
    /// # Errors
    /// As [`Screen::enter`].
    pub fn enter_again(&mut self) -> io::Result<()> {
        self.leave();
        self.entered = true;
        enable_raw_mode()?;
        execute!(stdout(), EnterAlternateScreen, Hide)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Where it cannot be given back, the terminal is gone.
fn give_back() {
    let _ = execute!(stdout(), Show, LeaveAlternateScreen);
    let _ = stdout().flush();
    let _ = disable_raw_mode();
}

fn give_back_on_panic(drawing: ThreadId) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            // One of another thread is caught there, or ends the watching in good order.
            if thread::current().id() == drawing {
                give_back();
            }
            before(panic);
        }));
    });
}
