//! What the tests were started with is not for the commands that they start: a runner in the
//! background, or under `nohup`, has them ignore Ctrl-C and hang-ups, and no shell can undo that.

use std::sync::Once;

use tokio::signal::unix::{SignalKind, signal};

/// Has commands that are started from here on meet these signals by default. A handler here is what
/// execve(2) resets; where nothing was ignored, nothing is done.
pub(crate) fn by_default() {
    static DONE: Once = Once::new();
    DONE.call_once(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        let ignored = ignored.unwrap_or_default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _inside = runtime.enter();
        for kind in [SignalKind::hangup(), SignalKind::interrupt(), SignalKind::quit()] {
            if ignored >> (kind.as_raw_value() - 1) & 1 == 1 {
                drop(signal(kind).unwrap());
            }
        }
    });
}
