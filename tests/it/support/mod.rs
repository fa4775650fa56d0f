//! The harness, one room for each thing that a test needs.

pub(crate) mod admin;
pub(crate) mod answer;
pub(crate) mod connect_proxy;
mod conversation;
pub(crate) mod dispositions;
pub(crate) mod driver;
pub(crate) mod faults;
pub(crate) mod frames;
pub(crate) mod home;
pub(crate) mod hook;
pub(crate) mod http;
pub(crate) mod http2;
pub(crate) mod hyper_body;
pub(crate) mod hyper_upstream;
pub(crate) mod issuer;
pub(crate) mod load;
pub(crate) mod metrics;
pub(crate) mod model;
pub(crate) mod proxy;
pub(crate) mod rough;
pub(crate) mod rows;
pub(crate) mod run;
pub(crate) mod session;
pub(crate) mod skip;
pub(crate) mod spent;
pub(crate) mod stage;
pub(crate) mod terminal;
pub(crate) mod tls;
pub(crate) mod upstream;
pub(crate) mod wire;

use std::time::{Duration, Instant};

/// Longer than anything in a test may take that is not stated.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Waits until `ready` says so, and fails with `what` where it never does.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut ready: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !ready() {
        assert!(Instant::now() < end, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
