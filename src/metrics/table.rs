//! The table of all metrics. What is written, `docs/metrics.md` and the dashboard are held against it.

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, until the process ends.
    Counter,
    /// It goes up and down.
    Gauge,
    /// How many were at most as large as each of these, in the metric's unit.
    Histogram(&'static [u64]),
}

/// What an integer that is kept means in what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// As it is.
    One,
    /// Microseconds, written as seconds.
    Micros,
}

/// One metric: its row in the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name, as Prometheus has it.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// What its integers mean.
    pub unit: Unit,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it says, for `# HELP` and the documents.
    pub help: &'static str,
}

/// From a tenth of a millisecond to ten seconds, in microseconds.
const SHORT: Kind = Kind::Histogram(&[
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 2_500_000, 5_000_000, 10_000_000,
]);
/// From ten milliseconds to half an hour, in microseconds.
const LONG: Kind = Kind::Histogram(&[
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    20_000_000,
    30_000_000,
    60_000_000,
    120_000_000,
    300_000_000,
    600_000_000,
    1_800_000_000,
]);
/// Numbers up to what one commit takes.
const COUNTS: Kind = Kind::Histogram(&[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048]);

/// Declares the metrics, and the table of them all.
macro_rules! table {
    ($($id:ident: $kind:expr, $unit:ident, $name:literal, [$($label:literal),*], $help:literal;)*) => {
        $(
            #[doc = $help]
            pub const $id: Metric = Metric {
                name: $name,
                kind: $kind,
                unit: Unit::$unit,
                labels: &[$($label),*],
                help: $help,
            };
        )*

        /// Every metric, in the order in which they are written.
        pub const ALL: &[Metric] = &[$($id),*];
    };
}

use Kind::{Counter, Gauge};

#[rustfmt::skip]
table! {
    BUILD: Gauge, One, "till_build_info", ["version"], "Always 1; the version is in the label";

    REQUESTS: Counter, One, "till_requests_total", ["key", "provider", "model", "outcome"], "Requests that were admitted and have ended, by what became of them";
    ACTIVATIONS: Counter, One, "till_activations_total", ["key", "provider", "model"], "Of those, the ones that used up an activation";
    TOKENS: Counter, One, "till_tokens_total", ["key", "provider", "model", "direction"], "Tokens that were charged, where they were read or bounded";
    CACHED: Counter, One, "till_cached_tokens_total", ["key", "provider", "model"], "Of the input tokens, those that the provider read from its cache";
    SPEND: Counter, One, "till_spend_picodollars_total", ["key", "provider", "model"], "Money that was charged, in millionths of a millionth of a US dollar";
    DENIALS: Counter, One, "till_denials_total", ["key", "reason"], "Requests that till itself refused, by the code of the denial";

    IN_FLIGHT: Gauge, One, "till_requests_in_flight", [], "Requests that are admitted and have not ended";
    WAITING: Gauge, One, "till_admissions_waiting", [], "Requests that wait for the writer to decide on them";
    HOLDS: Gauge, One, "till_holds", [], "Holds of this process in the store: what is in flight, or not settled durably yet";
    CONNECTIONS: Gauge, One, "till_connections", [], "Clients that are connected";

    ADDED: SHORT, Micros, "till_added_latency_seconds", [], "From the head of a request to its departure: all that till adds, with the reading of a body that a limit needs, and waits for what others hold";
    ADMISSION: SHORT, Micros, "till_admission_wait_seconds", [], "Of that, the time until a request was decided on durably";
    FIRST_BYTE: LONG, Micros, "till_upstream_first_byte_seconds", ["provider"], "From the departure of a request to the head of its answer";
    WHOLE: LONG, Micros, "till_upstream_answer_seconds", ["provider"], "From the departure of a request to the end of its answer";

    COMMITS: Counter, One, "till_commits_total", [], "Transactions of admissions and settlements that became durable";
    COMMIT_FAILURES: Counter, One, "till_commit_failures_total", [], "Transactions of admissions and settlements that failed";
    COMMIT_JOBS: COUNTS, One, "till_commit_jobs", [], "Admissions, settlements and wishes for keys in one such transaction";
    COMMIT_TIME: SHORT, Micros, "till_commit_duration_seconds", [], "How long one such transaction took until it was durable, the wait for other processes included";

    STORE_READY: Gauge, One, "till_store_ready", [], "Whether the store could be read when it was last looked at: 1 or 0";
    STORE_CHECKED: Gauge, Micros, "till_store_checked_timestamp_seconds", [], "When the store was last looked at, with success or not";
    STORE_SIZE: Gauge, One, "till_store_size_bytes", [], "The length of the store's file";
    STORE_FREE: Gauge, One, "till_store_free_bytes", [], "What is free for till on the store's file system";
    STORE_HOLDS: Gauge, One, "till_store_holds", [], "Holds of all processes in the store";
    STORE_EVENTS: Gauge, One, "till_store_events", [], "Events that the store keeps";

    CPU: Counter, Micros, "process_cpu_seconds_total", [], "Processor time, the kernel's share included";
    MEMORY: Gauge, One, "process_resident_memory_bytes", [], "Memory that is in use";
    OPEN_FDS: Gauge, One, "process_open_fds", [], "Descriptors that are open";
    MAX_FDS: Gauge, One, "process_max_fds", [], "Descriptors that may be open";
    STARTED: Gauge, Micros, "process_start_time_seconds", [], "When the process started";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules of <https://prometheus.io/docs/practices/naming/>, as promtool checks them.
    #[test]
    fn names_are_as_prometheus_wants_them() {
        for metric in ALL {
            let Metric { name, kind, unit, labels, help } = metric;
            let plain = |text: &str| text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            assert!(name.starts_with("till_") || name.starts_with("process_"), "{name}");
            assert!(plain(name) && labels.iter().all(|label| plain(label)), "{name}");
            assert_eq!(name.ends_with("_total"), *kind == Counter, "{name}");
            let base = name.trim_end_matches("_total");
            assert_eq!(base.ends_with("_seconds"), *unit == Unit::Micros, "{name}");
            let reserved = ["_bucket", "_sum", "_count", "_created"];
            assert!(!reserved.iter().any(|end| name.ends_with(end)), "{name}");
            assert!(!labels.contains(&"le") && !help.ends_with('.') && !help.is_empty(), "{name}");
            assert_eq!(ALL.iter().filter(|other| other.name == *name).count(), 1, "{name}");
            if let Kind::Histogram(bounds) = kind {
                assert!(bounds.is_sorted_by(|a, b| a < b), "{name}");
            }
        }
    }
}
