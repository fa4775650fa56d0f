//! One SDK before a proxy, and an upstream that answers as its API did.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::price::own_prices;
use super::sdk::Sdk;
use crate::support::answer::{Answer, Body, Gate};
use crate::support::driver::{Driver, Outcome, Step};
use crate::support::home::{Home, Key};
use crate::support::proxy::Proxy;
use crate::support::spent::place;
use crate::support::upstream::{Seen, Upstream};

pub(super) struct Stage {
    pub(super) sdk: &'static Sdk,
    pub(super) upstream: Upstream,
    pub(super) home: Home,
    pub(super) proxy: Proxy,
    driver: Driver,
}

impl Stage {
    /// A stage whose upstream answers so; none where the SDKs are not installed.
    pub(super) fn new(
        sdk: &'static Sdk,
        answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static,
    ) -> Option<Self> {
        let driver = Driver::of("python")?;
        let upstream = Upstream::expecting(place(sdk.provider), answer);
        let home = Home::with_provider(sdk.provider, &upstream);
        std::fs::write(home.prices(), own_prices().to_string()).unwrap();
        let proxy = home.proxy();
        Some(Self { sdk, upstream, home, proxy, driver })
    }

    /// A stage whose upstream answers at once, as it was recorded.
    pub(super) fn recorded(sdk: &'static Sdk) -> Option<Self> {
        Self::new(sdk, |seen| sdk.answer(seen))
    }

    /// A stage whose upstream stops behind three chunks, each time at a gate of its own.
    pub(super) fn gated(sdk: &'static Sdk) -> Option<(Self, Arc<Mutex<Vec<Gate>>>)> {
        let gates = Arc::<Mutex<Vec<Gate>>>::default();
        let made = Arc::clone(&gates);
        let stage = Self::new(sdk, move |seen| {
            let events = sdk.long_events(seen);
            let gate = Gate::default();
            // The first does not wait.
            gate.open(sdk.three_chunks(&events).0 - 1);
            made.lock().unwrap().push(gate.clone());
            Answer::events(Vec::new()).body(Body::Gated(events, gate))
        });
        Some((stage?, gates))
    }

    /// A key of this provider.
    #[track_caller]
    pub(super) fn mint(&self, options: &str) -> Key {
        self.home.mint(&format!("{} {options}", self.sdk.provider))
    }

    /// A call through the proxy.
    pub(super) fn step(&self, key: &Key, call: &str) -> Step {
        self.sdk.through(self.proxy.address(), &key.text, call)
    }

    /// Runs the steps one after the other, in one process.
    pub(super) fn run(&self, steps: &[Step]) -> Vec<Outcome> {
        self.driver.run(steps, &self.home.path("home-of-the-client"))
    }

    /// A folder through which the test and a step tell each other things.
    pub(super) fn folder(&self, name: &str) -> PathBuf {
        let folder = self.home.path(name);
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }
}

/// The keyword arguments of a call.
pub(super) fn arguments(model: &str, limit: u64, more: &str) -> String {
    format!("model='{model}', limit={limit}, {more}")
}

/// What a step printed.
#[track_caller]
pub(super) fn printed(outcome: &Outcome) -> &str {
    let Outcome::Printed(text) = outcome else { panic!("{outcome:#?}") };
    text
}
