//! The processes that a process has started, and those that these have.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A process. Its number may become another's; the two together are its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pid: i32,
    /// When it began, in the kernel's ticks since its own start.
    began: u64,
}

impl Process {
    /// Whether it has not ended yet.
    pub(super) fn is_alive(&self) -> bool {
        platform::entry(self.pid).is_some_and(|entry| entry.process == *self && !entry.is_dead)
    }

    /// Sends it a signal, if it lives.
    pub(super) fn send(&self, signal: Signal) {
        if self.is_alive() {
            // One that runs as another user takes none.
            let _ = kill(Pid::from_raw(self.pid), signal);
        }
    }
}

/// All that have come from the process of this number, or from those that are `known` to have, as
/// far as they live: what has lost its parent is known from before alone. Empty where the system
/// does not show it.
pub(super) fn below(root: Option<i32>, known: &[Process]) -> Vec<Process> {
    let entries = platform::entries();
    let living = entries.iter().filter(|entry| !entry.is_dead);
    let living = living.map(|entry| entry.process).filter(|process| known.contains(process));
    let mut found: Vec<Process> = living.collect();
    let mut parents: Vec<i32> = found.iter().map(|process| process.pid).chain(root).collect();
    while let Some(parent) = parents.pop() {
        let children = entries.iter().filter(|entry| entry.parent == parent);
        for process in children.map(|entry| entry.process) {
            // What is listed while it changes could name itself as its parent.
            if !found.contains(&process) {
                found.push(process);
                parents.push(process.pid);
            }
        }
    }
    found
}

/// What the system shows of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    process: Process,
    parent: i32,
    /// It has ended, and was not waited for.
    is_dead: bool,
}

#[cfg(target_os = "linux")]
mod platform {
    use std::fs;

    use super::{Entry, Process};

    pub(super) fn entries() -> Vec<Entry> {
        let Ok(folder) = fs::read_dir("/proc") else { return Vec::new() };
        let numbers = folder.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        numbers.filter_map(entry).collect()
    }

    pub(super) fn entry(pid: i32) -> Option<Entry> {
        parse(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// As `proc_pid_stat(5)` has it: a name in brackets, which may hold brackets, then fields.
    pub(super) fn parse(pid: i32, text: &str) -> Option<Entry> {
        let mut fields = text.rsplit_once(')')?.1.split_whitespace();
        let state = fields.next()?;
        let parent = fields.next()?.parse().ok()?;
        let began = fields.nth(17)?.parse().ok()?;
        let process = Process { pid, began };
        Some(Entry { process, parent, is_dead: matches!(state, "Z" | "X") })
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use super::Entry;

    pub(super) fn entries() -> Vec<Entry> {
        Vec::new()
    }

    pub(super) fn entry(_pid: i32) -> Option<Entry> {
        None
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_shows_is_read() {
        let text = "7 (a) b (c) S 4 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12345 6 7";
        let process = Process { pid: 7, began: 12345 };
        assert_eq!(platform::parse(7, text), Some(Entry { process, parent: 4, is_dead: false }));
        assert!(platform::parse(7, "7 (a) Z 4 7").is_none());
        let own = platform::entry(std::process::id().cast_signed()).unwrap();
        assert!(own.process.is_alive());
        let other = Process { began: own.process.began.wrapping_add(1), ..own.process };
        assert!(!other.is_alive());
        assert!(below(Some(own.parent), &[]).contains(&own.process));
        assert!(below(None, &[own.process]).contains(&own.process));
        assert!(below(None, &[other]).is_empty());
    }
}
