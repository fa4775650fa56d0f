//! The signals that ask the process for something.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Ctrl-C and the service manager's requests, as they come; and the terminal's request to pause.
#[derive(Debug)]
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
    pause: Signal,
    hangup: Signal,
}

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To end.
    Stop,
    /// To stand still until SIGCONT.
    Pause,
    /// To read certificates again.
    Reload,
}

impl Signals {
    /// Takes the signals over from here on.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            pause: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
        })
    }

    /// Waits for the next signal.
    pub async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.interrupt.recv() => Asked::Stop,
            _ = self.terminate.recv() => Asked::Stop,
            _ = self.pause.recv() => Asked::Pause,
            _ = self.hangup.recv() => Asked::Reload,
        }
    }
}

/// Stops this process as SIGTSTP would have, until SIGCONT.
pub fn stand_still() {
    // A process can always signal itself.
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP);
}
