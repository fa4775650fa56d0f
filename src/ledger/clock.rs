//! The clocks: the one place that reads them.

use std::fmt::Debug;
use std::sync::OnceLock;

use crate::domain::clock::Reading;
use crate::domain::time::{Span, Timestamp};

/// Where time comes from.
pub trait Clock: Send + Sync + Debug {
    /// Both clocks, now.
    fn read(&self) -> Reading;
}

/// The machine's own clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn read(&self) -> Reading {
        #[expect(clippy::disallowed_methods, reason = "this is the place that owns the clock")]
        let wall = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
        Reading { wall: Timestamp(wall), boot: boot_clock(), boot_id: boot_id() }
    }
}

/// Time since the machine booted, sleep included.
#[cfg(target_os = "linux")]
fn boot_clock() -> Span {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let millis = u64::try_from(time.tv_nsec).unwrap_or_default() / 1_000_000;
    Span(seconds.saturating_mul(1_000).saturating_add(millis))
}

/// Untested: without a boot clock every reading is of a boot of its own, and bounds nothing.
#[cfg(not(target_os = "linux"))]
fn boot_clock() -> Span {
    Span(0)
}

/// A number for this boot, from the kernel's own random identifier.
fn boot_id() -> u64 {
    static ID: OnceLock<u64> = OnceLock::new();
    *ID.get_or_init(|| {
        let text = std::fs::read("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let digest = *blake3::hash(&text).as_bytes();
        digest.first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes))
    })
}
