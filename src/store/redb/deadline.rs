//! How long a call waits for the locks of others. The only place of the store with a clock.
//!
//! A deadline belongs to a call, and so to the thread that runs it: threads that queue for a
//! lock one behind the other all give up when their own time is over, not one after the other.

use std::cell::Cell;
use std::marker::PhantomData;
use std::thread;
use std::time::{Duration, Instant};

thread_local! {
    static CURRENT: Cell<Option<Deadline>> = const { Cell::new(None) };
}

/// A moment after which nothing is waited for any more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    /// `None` lies beyond what the clock can say.
    at: Option<Instant>,
}

impl Deadline {
    /// The moment that is `wait` from now.
    pub(super) fn after(wait: Duration) -> Self {
        Self { at: now().checked_add(wait) }
    }

    /// The deadline of the call that this thread is in.
    pub(super) fn current() -> Option<Self> {
        CURRENT.get()
    }

    /// What is left until then; zero afterwards.
    pub(super) fn remaining(self) -> Duration {
        self.at.map_or(Duration::MAX, |at| at.saturating_duration_since(now()))
    }

    /// Whether the moment has passed.
    pub(super) fn is_over(self) -> bool {
        self.remaining().is_zero()
    }

    /// Makes this the deadline of whatever the thread waits for, until the scope is dropped.
    pub(super) fn enter(self) -> Scope {
        Scope { outer: CURRENT.replace(Some(self)), _thread: PhantomData }
    }
}

/// The part of a call that has a deadline.
#[derive(Debug)]
pub(super) struct Scope {
    outer: Option<Deadline>,
    /// Not `Send`: the deadline is the thread's.
    _thread: PhantomData<*const ()>,
}

impl Drop for Scope {
    fn drop(&mut self) {
        CURRENT.set(self.outer);
    }
}

/// Pauses between two attempts, longer each time and never in step with other processes.
#[derive(Debug)]
pub(super) struct Backoff {
    next: Duration,
}

impl Backoff {
    /// Short beside a commit, which takes about a millisecond.
    const FIRST: Duration = Duration::from_micros(50);
    /// What a hundred waiting processes may ask of one machine.
    const LONGEST: Duration = Duration::from_millis(2);

    /// Begins with the shortest pause.
    pub(super) const fn new() -> Self {
        Self { next: Self::FIRST }
    }

    /// Sleeps; says `false`, without sleeping, once the deadline has passed.
    pub(super) fn pause(&mut self, deadline: Deadline) -> bool {
        let left = deadline.remaining();
        if left.is_zero() {
            return false;
        }
        thread::sleep(jittered(self.next).min(left));
        let longer = self.next.saturating_add(self.next.checked_div(2).unwrap_or_default());
        self.next = longer.min(Self::LONGEST);
        true
    }
}

/// Sleeps for about `pause`.
pub(super) fn sleep(pause: Duration) {
    thread::sleep(jittered(pause));
}

/// Somewhere between half of `pause` and all of it.
fn jittered(pause: Duration) -> Duration {
    let half = pause.checked_div(2).unwrap_or_default();
    // Without random numbers processes are merely more likely to meet.
    let part = getrandom::u32().unwrap_or(0).checked_rem(1024).unwrap_or(0);
    half.saturating_add(half.saturating_mul(part).checked_div(1024).unwrap_or_default())
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a lock is waited for decides nothing that is kept"
)]
fn now() -> Instant {
    Instant::now()
}
