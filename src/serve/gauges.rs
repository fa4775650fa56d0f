//! What metrics say beside what was counted: of the store, looked at now and then, and of the
//! process.

use std::sync::{Arc, Mutex, PoisonError};

use crate::ledger::{Forwarding, Ledger};
use crate::metrics::{Moment, OfProcess, OfStore};
use crate::store::{Rows, StoreError, Table};

/// Where to look.
#[derive(Debug)]
pub(super) struct Gauges {
    ledger: Ledger,
    forwarding: Arc<Forwarding>,
    /// What was seen last: a scrape never waits for the store.
    store: Mutex<OfStore>,
}

impl Gauges {
    pub(super) fn new(ledger: Ledger, forwarding: Arc<Forwarding>) -> Self {
        Self { ledger, forwarding, store: Mutex::default() }
    }

    /// Looks at the store, and waits for it for as long as anybody does.
    pub(super) fn look(&self) {
        let counts = self.ledger.view(|rows, _| counts(rows)).ok();
        let path = self.ledger.store().path();
        let size = path.and_then(|path| path.metadata().ok()).map(|file| file.len());
        let free = path.and_then(|path| rustix::fs::statvfs(path).ok());
        let seen = OfStore {
            ready: counts.is_some(),
            checked_at: self.ledger.reading().wall.0.saturating_mul(1_000),
            size,
            free: free.map(|system| system.f_bavail.saturating_mul(system.f_frsize)),
            holds: counts.map(|(holds, _)| holds),
            events: counts.map(|(_, events)| events),
        };
        *self.store.lock().unwrap_or_else(PoisonError::into_inner) = seen;
    }

    /// What is known now.
    pub(super) fn moment(&self) -> Moment {
        Moment {
            waiting: u64::try_from(self.forwarding.waiting()).unwrap_or(u64::MAX),
            store: *self.store.lock().unwrap_or_else(PoisonError::into_inner),
            process: self.process(),
        }
    }

    /// What the kernel says of this process (proc(5)). Elsewhere than on Linux that is little.
    fn process(&self) -> OfProcess {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
        let fds = std::fs::read_dir("/proc/self/fd").ok();
        // Looking takes one itself.
        let open_fds = fds.and_then(|all| u64::try_from(all.count()).ok()?.checked_sub(1));
        let now = self.ledger.reading();
        let age = started(&stat).and_then(|started| now.boot.0.checked_sub(started));
        let started_at = age.and_then(|age| now.wall.0.checked_sub(age));
        OfProcess {
            cpu: Some(cpu()),
            memory: resident(&status),
            open_fds,
            max_fds: rustix::process::getrlimit(rustix::process::Resource::Nofile).current,
            started_at: started_at.map(|at| at.saturating_mul(1_000)),
        }
    }
}

/// Holds and events.
fn counts(rows: &dyn Rows) -> Result<(u64, u64), StoreError> {
    Ok((rows.len(Table::Holds)?, rows.len(Table::Events)?))
}

/// Processor time, in microseconds.
fn cpu() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let micros = u64::try_from(time.tv_nsec).unwrap_or_default() / 1_000;
    seconds.saturating_mul(1_000_000).saturating_add(micros)
}

/// The memory in use, in bytes, by `/proc/self/status`.
fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1_024)
}

/// When the process started, in milliseconds since the machine booted, by `/proc/self/stat`.
fn started(stat: &str) -> Option<u64> {
    // The name of the program may hold anything, brackets and spaces too.
    let (_, rest) = stat.rsplit_once(") ")?;
    // The 22nd field; the first here is the third.
    let ticks: u64 = rest.split(' ').nth(19)?.parse().ok()?;
    ticks.checked_mul(1_000)?.checked_div(rustix::param::clock_ticks_per_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says() {
        assert_eq!(resident("VmHWM:\t 9 kB\nVmRSS:\t    12 kB\nX: 1\n"), Some(12_288));
        assert_eq!(resident(""), None);
        let fields: Vec<_> = (4..=22).map(|field| field.to_string()).collect();
        let stat = format!("7 (a) b (c) S {} 23", fields.join(" "));
        let second = rustix::param::clock_ticks_per_second();
        assert_eq!(started(&stat), Some(22_000 / second));
        assert_eq!(started("7 (till) S 1"), None);
    }
}
