//! Scrapes of a proxy with `--metrics`, read as Prometheus reads them.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::home::Home;
use super::http::{Reply, Request};
use super::proxy::Proxy;

/// The path that is scraped.
pub(crate) const PATH: &str = "/metrics";

/// What one scrape said.
#[derive(Clone, Debug)]
pub(crate) struct Scrape {
    pub(crate) text: String,
    /// By name and labels, as they stand in the text.
    samples: BTreeMap<String, String>,
}

impl Home {
    /// A running proxy with metrics, with these flags.
    pub(crate) fn measured(&self, flags: &str) -> Proxy {
        let line = format!("proxy --listen 127.0.0.1:0 --metrics 127.0.0.1:0 {flags}");
        Proxy::start(self.till(&line))
    }
}

impl Proxy {
    /// Where its metrics are.
    #[track_caller]
    pub(crate) fn metrics(&self) -> SocketAddr {
        let said = self.said();
        let address = said.lines().find_map(|line| {
            let (_, url) = line.split_once("metrics at ")?;
            url.split_once("://")?.1.strip_suffix(PATH)?.parse().ok()
        });
        address.unwrap_or_else(|| panic!("no metrics: {said}"))
    }

    /// Scrapes them.
    #[track_caller]
    pub(crate) fn scrape(&self) -> Scrape {
        Scrape::of(&Request::new("GET", PATH).send(self.metrics()))
    }
}

impl Scrape {
    #[track_caller]
    pub(crate) fn of(reply: &Reply) -> Self {
        reply.expect(200, "");
        let text = reply.text();
        let mut samples = BTreeMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (series, value) = line.rsplit_once(' ').expect("a name and a value");
            let before = samples.insert(series.to_owned(), value.to_owned());
            assert_eq!(before, None, "twice: {series}");
        }
        Self { text, samples }
    }

    /// The integer of a metric, summed over all series that have these parts in their labels.
    #[track_caller]
    pub(crate) fn sum(&self, name: &str, parts: &[&str]) -> u64 {
        let found = self.series(name, parts);
        found.map(|(_, value)| value.parse::<u64>().unwrap_or_else(|_| panic!("{value}"))).sum()
    }

    /// The series of a metric that have these parts in their labels.
    pub(crate) fn series<'a>(
        &'a self,
        name: &'a str,
        parts: &'a [&'a str],
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let all = self.samples.iter().map(|(series, value)| (series.as_str(), value.as_str()));
        all.filter(move |(series, _)| {
            let (own, labels) = series.split_once('{').unwrap_or((series, ""));
            own == name && parts.iter().all(|part| labels.contains(part))
        })
    }

    /// The only value of a metric without labels.
    #[track_caller]
    pub(crate) fn value(&self, name: &str) -> &str {
        self.samples.get(name).unwrap_or_else(|| panic!("no {name}: {}", self.text))
    }
}
