//! Ctrl-Z, held back while a transaction is open.
//!
//! A process that is stopped inside a write transaction keeps every other one waiting. A forwarder
//! takes the signal itself, between its transactions; here it is held back in the thread that
//! writes, so that a command stops right after its transaction.

use nix::sys::signal::{SigSet, Signal};

/// For as long as it lives, SIGTSTP does not reach this thread.
#[derive(Debug)]
pub struct StopHeld {
    before: Option<SigSet>,
}

impl StopHeld {
    /// Begins to hold it back. A thread that is started meanwhile holds it back for good.
    #[must_use]
    pub fn new() -> Self {
        let mut stop = SigSet::empty();
        stop.add(Signal::SIGTSTP);
        let before = SigSet::thread_get_mask().ok();
        // Where the mask cannot be set, Ctrl-Z does what it always did.
        let _ = stop.thread_block();
        Self { before }
    }
}

impl Default for StopHeld {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for StopHeld {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            // A signal that waited arrives here.
            let _ = before.thread_set_mask();
        }
    }
}
