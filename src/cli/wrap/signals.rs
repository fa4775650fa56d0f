//! The signals that till holds back while a command runs, and who sent them.
//!
//! They are blocked and read, never handled: what till was started with, such as the ignored
//! hangup of `nohup`, stays as it is, and the command inherits it.

use std::future::pending;
use std::io;
use std::os::fd::RawFd;
use std::thread;

use nix::sys::signal::{SigSet, Signal, raise};
use rustix::process::{Resource, Rlimit, getrlimit};
use tokio::sync::mpsc;

/// What would end or stop till while the command lives, or is meant for the command.
const HELD: [Signal; 12] = [
    Signal::SIGHUP,
    Signal::SIGINT,
    Signal::SIGQUIT,
    Signal::SIGTERM,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGALRM,
    Signal::SIGWINCH,
    Signal::SIGCONT,
    Signal::SIGTSTP,
    Signal::SIGTTIN,
    Signal::SIGTTOU,
];

/// Those of them that end who does not ignore them.
const ENDING: [Signal; 7] = [
    Signal::SIGHUP,
    Signal::SIGINT,
    Signal::SIGQUIT,
    Signal::SIGTERM,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGALRM,
];

/// Holds signals back from here on, for good; and knows what the process had before, which the
/// command gets.
#[derive(Debug)]
pub struct Held {
    /// The signal mask.
    pub(super) before: SigSet,
    /// How many descriptors may be open. A forwarder raises it.
    pub(super) open_files: Rlimit,
}

impl Held {
    /// Begins to hold them back in this thread and in those that it starts. So it comes before the
    /// runtime and the ledger's writer, and after the last question to the user.
    ///
    /// What till was given open, such as the pipe of a `<(…)` or a jobserver's, is the command's
    /// too; what till opens itself closes as a program starts. `secret_descriptors` are those that
    /// till was given, has read secrets from, and does not close itself: they are closed. A
    /// standard stream among them stays.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn new(secret_descriptors: &[RawFd]) -> io::Result<Self> {
        let mut numbers = secret_descriptors.to_vec();
        numbers.sort_unstable();
        numbers.dedup();
        for number in numbers.into_iter().filter(|number| *number > 2) {
            // One that is not open need not be closed.
            let _ = nix::unistd::close(number);
        }
        let before = SigSet::thread_get_mask()?;
        held().thread_block()?;
        Ok(Self { before, open_files: getrlimit(Resource::Nofile) })
    }

    /// Whether one has come that will end this process once it is let through.
    #[must_use]
    pub fn ends_now(&self) -> bool {
        let due = platform::due();
        ENDING.into_iter().any(|signal| due.contains(signal) && !self.before.contains(signal))
    }

    /// Lets those that have come so far do what they would have done.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn let_through(&self) -> io::Result<()> {
        self.before.thread_set_mask()?;
        Ok(held().thread_block()?)
    }
}

/// Does to this process what the signal does, though it is held back: ends it as the command
/// ended, or stops it until SIGCONT. Returns where the signal does neither.
pub fn undergo(signal: i32) {
    // What is no signal does nothing.
    let Ok(signal) = Signal::try_from(signal) else { return };
    let mut set = SigSet::empty();
    set.add(signal);
    // It waits in this thread, and arrives as it is let through.
    if raise(signal).is_ok() && set.thread_unblock().is_ok() {
        let _ = held().thread_block();
    }
}

/// A signal that has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arrival {
    pub(super) signal: Signal,
    pub(super) sender: Sender,
}

/// Who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    /// The kernel: a key of the terminal, its new size, its end. It sends to the whole group.
    Kernel,
    /// A process, by its number where it is known.
    Process(Option<i32>),
}

fn held() -> SigSet {
    HELD.into_iter().collect()
}

/// Those that are held back, as they come.
#[derive(Debug)]
pub(super) struct Arrivals(mpsc::UnboundedReceiver<Arrival>);

impl Arrivals {
    /// Begins to take them.
    pub(super) fn open() -> io::Result<Self> {
        let mut source = platform::Source::open(&held())?;
        let (sender, receiver) = mpsc::unbounded_channel();
        // It waits in the system for as long as the process lives.
        thread::Builder::new().name("signals".to_owned()).spawn(move || {
            while let Ok(arrival) = source.take() {
                if sender.send(arrival).is_err() {
                    break;
                }
            }
        })?;
        Ok(Self(receiver))
    }

    /// Waits for the next. Dropped while it waits, it has taken none.
    pub(super) async fn next(&mut self) -> Arrival {
        match self.0.recv().await {
            Some(arrival) => arrival,
            // The thread ends only where none can come any more.
            None => pending().await,
        }
    }
}

#[cfg(target_os = "linux")]
mod platform {
    use nix::errno::Errno;
    use nix::sys::signal::{SigSet, Signal};
    use nix::sys::signalfd::{SfdFlags, SignalFd};

    use super::{Arrival, Sender};

    /// The signals that have come, and that the process does not ignore.
    pub(super) fn due() -> SigSet {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
        };
        let due = (mask("SigPnd:") | mask("ShdPnd:")) & !mask("SigIgn:");
        let is_due = |number: &u32| {
            let bit = 1_u64.checked_shl(number.saturating_sub(1));
            bit.is_some_and(|bit| due & bit != 0)
        };
        let signal = |number| Signal::try_from(i32::try_from(number).ok()?).ok();
        (1..=31_u32).filter(is_due).filter_map(signal).collect()
    }

    pub(super) struct Source(SignalFd);

    impl Source {
        pub(super) fn open(held: &SigSet) -> nix::Result<Self> {
            Ok(Self(SignalFd::with_flags(held, SfdFlags::SFD_CLOEXEC)?))
        }

        pub(super) fn take(&mut self) -> nix::Result<Arrival> {
            loop {
                match self.0.read_signal() {
                    Ok(Some(info)) => {
                        let number = i32::try_from(info.ssi_signo).map_err(|_| Errno::EINVAL)?;
                        // Above zero the kernel speaks for itself (sigaction(2), `si_code`).
                        let sender = if info.ssi_code > 0 {
                            Sender::Kernel
                        } else {
                            Sender::Process(i32::try_from(info.ssi_pid).ok())
                        };
                        return Ok(Arrival { signal: Signal::try_from(number)?, sender });
                    }
                    Ok(None) | Err(Errno::EINTR | Errno::EAGAIN) => {}
                    Err(errno) => return Err(errno),
                }
            }
        }
    }
}

/// Without word of who sent a signal: what terminals send counts as sent by one.
#[cfg(not(target_os = "linux"))]
mod platform {
    use nix::sys::signal::{SigSet, Signal};

    use super::{Arrival, Sender};

    /// Nobody says here what has come.
    pub(super) fn due() -> SigSet {
        SigSet::empty()
    }

    pub(super) struct Source(SigSet);

    impl Source {
        #[expect(clippy::unnecessary_wraps, reason = "on Linux the system may refuse")]
        pub(super) fn open(held: &SigSet) -> nix::Result<Self> {
            Ok(Self(*held))
        }

        pub(super) fn take(&mut self) -> nix::Result<Arrival> {
            let signal = self.0.wait()?;
            let sender = match signal {
                Signal::SIGINT
                | Signal::SIGQUIT
                | Signal::SIGTSTP
                | Signal::SIGTTIN
                | Signal::SIGTTOU
                | Signal::SIGWINCH => Sender::Kernel,
                _ => Sender::Process(None),
            };
            Ok(Arrival { signal, sender })
        }
    }
}
