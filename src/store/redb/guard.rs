//! Keeps redb's panics inside the store: a damaged page can make it panic.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use crate::store::StoreError;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Installs a panic hook that prints nothing for the panics that the store turns into
/// [`StoreError::Damaged`], and hands every other to the hook that was there.
///
/// The hook is the process's, so the program decides: call it once, where the program begins,
/// after any other hook was set.
pub fn quiet_damage() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let outer = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !INSIDE.get() {
                outer(info);
            }
        }));
    });
}

/// Runs `work`, which is redb's code alone, and turns a panic of it into `Damaged`.
///
/// # Errors
/// `Damaged` after a panic, and what `work` returns.
pub(super) fn contained<T>(work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    let outer = INSIDE.replace(true);
    // What a panic leaves behind is never used again: the caller drops the handle.
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    INSIDE.set(outer);
    outcome.unwrap_or_else(|payload| Err(StoreError::Damaged(said(payload.as_ref()))))
}

/// A handle of redb's whose drop, which may write, keeps its panics to itself.
#[derive(Debug)]
pub(super) struct Contained<T>(Option<T>);

impl<T> Contained<T> {
    /// Wraps a handle.
    pub(super) fn new(handle: T) -> Self {
        Self(Some(handle))
    }

    /// The handle.
    #[expect(clippy::expect_used, reason = "only what consumes `self` takes the handle out")]
    pub(super) fn inner(&self) -> &T {
        self.0.as_ref().expect("the handle is there until it is dropped")
    }

    /// The handle, to change it.
    #[expect(clippy::expect_used, reason = "only what consumes `self` takes the handle out")]
    pub(super) fn inner_mut(&mut self) -> &mut T {
        self.0.as_mut().expect("the handle is there until it is dropped")
    }

    /// Takes the handle out.
    #[expect(clippy::expect_used, reason = "only what consumes `self` takes the handle out")]
    pub(super) fn into_inner(mut self) -> T {
        self.0.take().expect("the handle is there until it is dropped")
    }
}

impl<T> Drop for Contained<T> {
    fn drop(&mut self) {
        let handle = self.0.take();
        // An error here has nobody to go to: the next opening repairs the file.
        let _ = contained(|| {
            drop(handle);
            Ok(())
        });
    }
}

fn said(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.map_or_else(
        || "a page cannot be read".into(),
        |text| format!("a page cannot be read ({text})"),
    )
}
