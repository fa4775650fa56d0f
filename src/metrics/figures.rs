//! Everything that a process counts, and its text.

use tokio::time::Instant;

use super::buckets::Buckets;
use super::count::Count;
use super::exposition::{Exposition, Format};
use super::moment::Moment;
use super::providers::Providers;
use super::refusals::Refusals;
use super::requests::Requests;
use super::table::{
    ADDED, ADMISSION, BUILD, COMMIT_FAILURES, COMMIT_JOBS, COMMIT_TIME, COMMITS, CONNECTIONS,
    HOLDS, IN_FLIGHT, WAITING,
};

/// The counters of a process.
#[derive(Debug)]
pub struct Figures {
    since: Instant,
    pub(super) requests: Requests,
    pub(super) refusals: Refusals,
    pub(super) providers: Providers,
    pub(super) in_flight: Count,
    pub(super) holds: Count,
    pub(super) connections: Count,
    pub(super) added: Buckets,
    pub(super) admission: Buckets,
    pub(super) commits: Count,
    pub(super) commit_failures: Count,
    pub(super) commit_jobs: Buckets,
    pub(super) commit_time: Buckets,
}

impl Default for Figures {
    fn default() -> Self {
        Self {
            since: Instant::now(),
            requests: Requests::default(),
            refusals: Refusals::default(),
            providers: Providers::default(),
            in_flight: Count::default(),
            holds: Count::default(),
            connections: Count::default(),
            added: Buckets::of(&ADDED),
            admission: Buckets::of(&ADMISSION),
            commits: Count::default(),
            commit_failures: Count::default(),
            commit_jobs: Buckets::of(&COMMIT_JOBS),
            commit_time: Buckets::of(&COMMIT_TIME),
        }
    }
}

impl Figures {
    /// Seconds since it counts.
    pub(super) fn now(&self) -> u64 {
        self.since.elapsed().as_secs()
    }

    /// Everything as text, with what was looked up beside it.
    #[must_use]
    pub fn write(&self, moment: &Moment, format: Format) -> String {
        let mut text = Exposition::new(format);
        text.family(&BUILD);
        text.sample(&BUILD, &[env!("CARGO_PKG_VERSION")], 1);
        self.requests.write(&mut text);
        self.refusals.write(&mut text);
        text.single(&IN_FLIGHT, self.in_flight.value());
        text.single(&WAITING, moment.waiting);
        text.single(&HOLDS, self.holds.value());
        text.single(&CONNECTIONS, self.connections.value());
        for (metric, buckets) in [(&ADDED, &self.added), (&ADMISSION, &self.admission)] {
            text.family(metric);
            text.histogram(metric, &[], &buckets.cumulative());
        }
        self.providers.write(&mut text);
        text.single(&COMMITS, self.commits.value());
        text.single(&COMMIT_FAILURES, self.commit_failures.value());
        let commits = [(&COMMIT_JOBS, &self.commit_jobs), (&COMMIT_TIME, &self.commit_time)];
        for (metric, buckets) in commits {
            text.family(metric);
            text.histogram(metric, &[], &buckets.cumulative());
        }
        moment.store.write(&mut text);
        moment.process.write(&mut text);
        text.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::moment::{OfProcess, OfStore};
    use super::super::table::ALL;
    use super::*;

    /// Each metric of the table once, in its order, and none beside.
    #[test]
    fn what_is_written_is_the_table() {
        let one = Some(1);
        let store = OfStore { size: one, free: one, holds: one, events: one, ..OfStore::default() };
        let process =
            OfProcess { cpu: one, memory: one, open_fds: one, max_fds: one, started_at: one };
        let moment = Moment { waiting: 0, store, process };
        let text = Figures::default().write(&moment, Format::Text);
        let heads = text.lines().filter_map(|line| line.strip_prefix("# HELP "));
        let names: Vec<_> = heads.map(|line| line.split(' ').next().unwrap()).collect();
        assert_eq!(names, ALL.iter().map(|metric| metric.name).collect::<Vec<_>>());
    }
}
