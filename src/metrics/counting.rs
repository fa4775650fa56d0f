//! Whoever has something to count, and need not know whether anybody wants to.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::denial::Reason;
use crate::domain::ids::KeyId;

use super::figures::Figures;
use super::requests::Ended;

/// What is to be counted goes here; nowhere, where nobody asked for metrics. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Counting(Option<Arc<Figures>>);

impl Counting {
    /// Counts in these figures.
    #[must_use]
    pub fn new(figures: Arc<Figures>) -> Self {
        Self(Some(figures))
    }

    /// A request was admitted.
    pub fn began(&self) {
        if let Some(figures) = &self.0 {
            figures.in_flight.add(1);
        }
    }

    /// A request that was admitted has ended. `took` is the time from its departure, where it was
    /// answered.
    pub fn ended(&self, ended: &Ended<'_>, took: Option<Duration>) {
        let Some(figures) = &self.0 else { return };
        figures.in_flight.take(1);
        let provider = figures.providers.of(ended.provider);
        if let Some(took) = took {
            provider.whole.observe_time(took);
        }
        let ended = Ended { provider: &provider.name, ..*ended };
        figures.requests.count(&ended, figures.now());
    }

    /// An answer has begun, so long after its request departed.
    pub fn first_byte(&self, provider: &str, took: Duration) {
        if let Some(figures) = &self.0 {
            figures.providers.of(provider).first_byte.observe_time(took);
        }
    }

    /// A request was refused.
    pub fn denied(&self, key: Option<KeyId>, reason: Reason) {
        if let Some(figures) = &self.0 {
            figures.refusals.count(key, reason, figures.now());
        }
    }

    /// A request was decided on.
    pub fn decided(&self, took: Duration) {
        if let Some(figures) = &self.0 {
            figures.admission.observe_time(took);
        }
    }

    /// A request departs, so long after it came.
    pub fn departed(&self, took: Duration) {
        if let Some(figures) = &self.0 {
            figures.added.observe_time(took);
        }
    }

    /// So many jobs became durable in one transaction.
    pub fn committed(&self, jobs: usize, took: Duration) {
        if let Some(figures) = &self.0 {
            figures.commits.add(1);
            figures.commit_jobs.observe(u64::try_from(jobs).unwrap_or(u64::MAX));
            figures.commit_time.observe_time(took);
        }
    }

    /// A transaction failed.
    pub fn failed(&self) {
        if let Some(figures) = &self.0 {
            figures.commit_failures.add(1);
        }
    }

    /// So many holds are this process's.
    pub fn holds(&self, count: usize) {
        if let Some(figures) = &self.0 {
            figures.holds.set(u64::try_from(count).unwrap_or(u64::MAX));
        }
    }

    /// A client has connected; it is counted until what is returned is dropped.
    #[must_use]
    pub fn connection(&self) -> Connected {
        if let Some(figures) = &self.0 {
            figures.connections.add(1);
        }
        Connected(self.clone())
    }
}

/// A client that is connected.
#[derive(Debug)]
pub struct Connected(Counting);

impl Drop for Connected {
    fn drop(&mut self) {
        if let Some(figures) = &self.0.0 {
            figures.connections.take(1);
        }
    }
}
