//! The command as a job: till waits for it, passes signals on, and stops and ends as it does.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use rustix::io::Errno;
use rustix::process::{Pid, WaitOptions, WaitStatus, getpid, getsid, waitpid};
use tokio::signal::unix::{SignalKind, signal};

use super::child::{Command, SpawnError};
use super::descendants::{Process, below};
use super::signals::{Arrival, Arrivals, Held, Sender, undergo};

/// How often one that was asked to end is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// A command that runs.
#[derive(Debug)]
pub struct Job {
    child: Child,
    killing: Arc<tokio::sync::Mutex<()>>,
    arrivals: Arrivals,
    changes: tokio::signal::unix::Signal,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this code.
    Code(u8),
    /// By a signal of this number. [`undergo`] lets this process end likewise, which whoever waits
    /// for it can tell from an exit code.
    Signal(i32),
}

impl Ended {
    /// The exit code, as shells have it.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Code(code) => code,
            Self::Signal(signal) => u8::try_from(signal).unwrap_or_default().saturating_add(128),
        }
    }
}

impl Job {
    /// Starts the command, within a runtime. Signals that have come until now do to this process
    /// what they would have done.
    ///
    /// # Errors
    /// As [`SpawnError`] says.
    pub fn start(command: &Command, held: &Held) -> Result<Self, SpawnError> {
        // Before the command is there, which may end at once. Where till's parent had it ignore
        // ended children, the handler makes it learn of its own again.
        let changes = signal(SignalKind::child())?;
        held.let_through()?;
        let arrivals = Arrivals::open()?;
        let child = Child(Arc::new(Mutex::new(Some(command.spawn(held)?))));
        Ok(Self { child, killing: Arc::default(), arrivals, changes })
    }

    /// Waits until the command has ended; what it has started may go on, unless a [`Killer`] is at
    /// work, which is waited for. Where the command stops, this process does too: `pause` is handed
    /// what stops it, and runs it when it may.
    ///
    /// # Errors
    /// Where the system refuses; the command may live on.
    pub async fn wait(&mut self, pause: impl Fn(&dyn Fn())) -> io::Result<Ended> {
        loop {
            match self.child.change()? {
                Some(Change::Ended(ended)) => {
                    drop(self.killing.lock().await);
                    return Ok(ended);
                }
                Some(Change::Stopped(signal)) => pause(&|| undergo(signal)),
                None => tokio::select! {
                    _ = self.changes.recv() => {}
                    arrival = self.arrivals.next() => self.child.pass_on(arrival),
                },
            }
        }
    }

    /// What ends the command.
    #[must_use]
    pub fn killer(&self) -> Killer {
        Killer { child: self.child.clone(), at_work: Arc::clone(&self.killing) }
    }
}

/// Ends a command and what it has started, while something else waits for it.
#[derive(Clone, Debug)]
pub struct Killer {
    child: Child,
    /// Held until nothing is left to end.
    at_work: Arc<tokio::sync::Mutex<()>>,
}

impl Killer {
    /// Asks the command and what it has started to end (SIGTERM), and makes them end after this
    /// long (SIGKILL). Comes back as soon as all have ended. What has left the command's tree
    /// before, as a daemon does, lives on.
    pub async fn kill(&self, grace: Duration) {
        let _at_work = self.at_work.lock().await;
        let mut processes = self.child.descendants(&[]);
        for signal in [Signal::SIGTERM, Signal::SIGCONT] {
            // One that is stopped hears nothing before it goes on.
            self.child.send(signal);
            for process in &processes {
                process.send(signal);
            }
        }
        let lives = |processes: &[Process]| {
            self.child.is_there() || processes.iter().any(Process::is_alive)
        };
        let end = tokio::time::Instant::now().checked_add(grace);
        while lives(&processes) && end.is_none_or(|end| tokio::time::Instant::now() < end) {
            tokio::time::sleep(LOOK_AGAIN).await;
            // What is new may be a part of ending: it has the time that is left.
            processes = self.child.descendants(&processes);
        }
        self.child.send(Signal::SIGKILL);
        for process in &processes {
            process.send(Signal::SIGKILL);
        }
    }
}

/// The command's process. Its number is another's once it was waited for, and is gone by then.
#[derive(Clone, Debug)]
struct Child(Arc<Mutex<Option<Pid>>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Stopped(i32),
    Ended(Ended),
}

impl Child {
    /// What has become of it since this was last asked.
    fn change(&self) -> io::Result<Option<Change>> {
        let mut child = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(pid) = *child else { return Err(Errno::CHILD.into()) };
        let options = WaitOptions::NOHANG | WaitOptions::UNTRACED;
        let Some((_, status)) = waitpid(Some(pid), options)? else { return Ok(None) };
        let change = change(status);
        if let Some(Change::Ended(_)) = change {
            *child = None;
        }
        Ok(change)
    }

    /// Sends on what a process sent to till; what the kernel sends to till's group has reached it.
    /// What a process sends to the whole group reaches it twice: nothing tells that from a signal
    /// for till alone.
    fn pass_on(&self, arrival: Arrival) {
        let own = self.0.lock().unwrap_or_else(PoisonError::into_inner).map(Pid::as_raw_pid);
        match arrival.sender {
            // The terminal's end is told to the leader of its session alone.
            Sender::Kernel if arrival.signal == Signal::SIGHUP && leads_its_session() => {
                self.send(arrival.signal);
            }
            Sender::Kernel => {}
            // What it sends to its own group has reached it as well.
            Sender::Process(Some(sender)) if Some(sender) == own => {}
            Sender::Process(_) => self.send(arrival.signal),
        }
    }

    /// What it has started, and what of that is `known` and lives.
    fn descendants(&self, known: &[Process]) -> Vec<Process> {
        let child = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        below(child.map(Pid::as_raw_pid), known)
    }

    fn is_there(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn send(&self, signal: Signal) {
        let child = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pid) = *child {
            // One that has ended needs no signal, and one that runs as another user takes none.
            let _ = kill(nix::unistd::Pid::from_raw(pid.as_raw_pid()), signal);
        }
    }
}

fn change(status: WaitStatus) -> Option<Change> {
    if let Some(signal) = status.stopping_signal() {
        return Some(Change::Stopped(signal));
    }
    if let Some(signal) = status.terminating_signal() {
        return Some(Change::Ended(Ended::Signal(signal)));
    }
    let code = u8::try_from(status.exit_status()?).ok()?;
    Some(Change::Ended(Ended::Code(code)))
}

fn leads_its_session() -> bool {
    getsid(None).is_ok_and(|session| session == getpid())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a line of shell to its end, and kills it at once where told so.
    fn run(held: &Held, line: &str, kill: Option<Duration>) -> Ended {
        let command = Command {
            program: "/bin/sh".into(),
            arguments: vec!["-c".into(), line.into()],
            environment: vec![("PATH".into(), "/bin:/usr/bin".into())],
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut job = Job::start(&command, held).unwrap();
            let killer = job.killer();
            if let Some(grace) = kill {
                tokio::spawn(async move { killer.kill(grace).await });
            }
            job.wait(|_| panic!("nothing has stopped")).await.unwrap()
        })
    }

    #[test]
    fn it_ends_as_its_command_does() {
        let held = Held::new(&[]).unwrap();
        for (line, ended, code) in [
            ("exit 0", Ended::Code(0), 0),
            ("exit 3", Ended::Code(3), 3),
            ("exit 255", Ended::Code(255), 255),
            ("kill -TERM $$", Ended::Signal(15), 143),
            ("kill -KILL $$", Ended::Signal(9), 137),
            // What it leaves running is not waited for.
            ("sleep 60 >/dev/null 2>&1 & kill $! ; exit 4", Ended::Code(4), 4),
        ] {
            let got = run(&held, line, None);
            assert_eq!((got, got.code()), (ended, code), "{line}");
        }
    }

    #[test]
    fn a_command_is_asked_to_end_and_then_made_to() {
        let held = Held::new(&[]).unwrap();
        let grace = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(run(&held, "exec sleep 60", grace(60)), Ended::Signal(15));
        // Where the signal came before its trap, it ended by that.
        let deaf = "trap '' TERM; exec sleep 60";
        assert!(matches!(run(&held, deaf, grace(1)), Ended::Signal(9 | 15)));
    }

    /// `npx` and `sh -c` are a process between till and the one that is meant.
    #[cfg(target_os = "linux")]
    #[test]
    fn what_a_command_has_started_ends_with_it() {
        let held = Held::new(&[]).unwrap();
        for (inner, outer) in [
            ("exec sleep 60", "wait"),
            // It outlives its parent, and ends by force.
            ("trap '' TERM; echo; sleep 60; sleep 60", "wait"),
            ("trap '' TERM; echo; sleep 60; sleep 60", "trap 'exit 7' TERM; wait"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("pid");
            let line =
                format!("sh -c \"{inner}\" >/dev/null & echo $! >{}; {outer}", file.display());
            let command = Command {
                program: "/bin/sh".into(),
                arguments: vec!["-c".into(), line.into()],
                environment: vec![("PATH".into(), "/bin:/usr/bin".into())],
            };
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut job = Job::start(&command, &held).unwrap();
                let killer = job.killer();
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(400)).await;
                    killer.kill(Duration::from_millis(600)).await;
                });
                job.wait(|_| panic!("nothing has stopped")).await.unwrap();
            });
            let pid = std::fs::read_to_string(&file).unwrap();
            let path = format!("/proc/{}/stat", pid.trim());
            // One that nobody waits for is left as a zombie.
            let gone =
                || std::fs::read_to_string(&path).map_or(true, |status| status.contains(") Z "));
            for _ in 0..100 {
                if gone() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            assert!(gone(), "{inner}; {outer}");
        }
    }
}
