//! Prometheus's text formats, written from integers.
//!
//! The text format 0.0.4 (<https://prometheus.io/docs/instrumenting/exposition_formats/>), and
//! OpenMetrics 1.0 (<https://prometheus.io/docs/specs/om/open_metrics_spec/>), which differ here in
//! the name of a counter's family and in the last line.

use std::fmt::Write;

use super::buckets::Cumulative;
use super::table::{Kind, Metric, Unit};

/// In which form metrics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The text format that every scraper reads.
    Text,
    /// OpenMetrics, for those that ask for it.
    OpenMetrics,
}

impl Format {
    /// Its content type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    /// The form that a client gets by its `Accept` header (RFC 9110 §12.5.1): OpenMetrics where it
    /// names that, and does not like plain text better.
    #[must_use]
    pub fn accepted(accept: &str) -> Self {
        let mut best = [("application/openmetrics-text", 0), ("text/plain", 0)];
        for range in accept.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(1_000, thousandths);
            for (known, weight) in &mut best {
                if known.eq_ignore_ascii_case(name) {
                    *weight = quality.max(*weight);
                }
            }
        }
        let [(_, open), (_, text)] = best;
        if open > 0 && open >= text { Self::OpenMetrics } else { Self::Text }
    }
}

/// A weight, `0` to `1` with at most three decimals, in thousandths; none where it is not one.
fn thousandths(text: &str) -> u16 {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{decimals:0<3}");
    let fits = whole.len() == 1 && decimals.len() <= 3;
    digits.parse().ok().filter(|weight| fits && *weight <= 1_000).unwrap_or_default()
}

/// Metrics as text, in the making.
#[derive(Debug)]
pub(super) struct Exposition {
    text: String,
    format: Format,
}

impl Exposition {
    pub(super) fn new(format: Format) -> Self {
        Self { text: String::new(), format }
    }

    /// The lines that say what the samples after them are.
    pub(super) fn family(&mut self, metric: &Metric) {
        let name = match self.format {
            Format::Text => metric.name,
            Format::OpenMetrics => metric.name.trim_end_matches("_total"),
        };
        let kind = match metric.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram(_) => "histogram",
        };
        // Writing to a string does not fail.
        let _ = write!(self.text, "# HELP {name} {}\n# TYPE {name} {kind}\n", metric.help);
    }

    /// A family with one sample, without labels.
    pub(super) fn single(&mut self, metric: &Metric, value: u64) {
        self.family(metric);
        self.sample(metric, &[], value);
    }

    /// One sample; the values of its labels stand in the order of the table.
    pub(super) fn sample(&mut self, metric: &Metric, values: &[&str], value: u64) {
        self.line(metric, "", values, None, &in_unit(metric.unit, value));
    }

    /// The samples of one histogram.
    pub(super) fn histogram(&mut self, metric: &Metric, values: &[&str], found: &Cumulative) {
        for (bound, within) in &found.within {
            let bound = as_float(&in_unit(metric.unit, *bound));
            self.line(metric, "_bucket", values, Some(&bound), &within.to_string());
        }
        let count = found.count.to_string();
        self.line(metric, "_bucket", values, Some("+Inf"), &count);
        self.line(metric, "_sum", values, None, &in_unit(metric.unit, found.sum));
        self.line(metric, "_count", values, None, &count);
    }

    /// The whole text.
    pub(super) fn finish(mut self) -> String {
        if self.format == Format::OpenMetrics {
            self.text.push_str("# EOF\n");
        }
        self.text
    }

    fn line(
        &mut self,
        metric: &Metric,
        end: &str,
        values: &[&str],
        bound: Option<&str>,
        value: &str,
    ) {
        self.text.push_str(metric.name);
        self.text.push_str(end);
        let labels = metric.labels.iter().copied().zip(values.iter().copied());
        for (index, (name, value)) in labels.chain(bound.map(|bound| ("le", bound))).enumerate() {
            let sign = if index == 0 { '{' } else { ',' };
            let _ = write!(self.text, "{sign}{name}=\"{}\"", Escaped(value));
        }
        let has_labels = bound.is_some() || !metric.labels.is_empty();
        let _ = writeln!(self.text, "{} {value}", if has_labels { "}" } else { "" });
    }
}

/// A label's value, in which backslashes, quotes and line ends are spelt out.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.chars().try_for_each(|letter| match letter {
            '\\' => f.write_str("\\\\"),
            '"' => f.write_str("\\\""),
            '\n' => f.write_str("\\n"),
            letter => f.write_char(letter),
        })
    }
}

/// An integer, as decimal text in the unit that is written: exact, without an exponent.
fn in_unit(unit: Unit, value: u64) -> String {
    match unit {
        Unit::One => value.to_string(),
        Unit::Micros => {
            let (seconds, micros) = (value / 1_000_000, value % 1_000_000);
            let text = format!("{seconds}.{micros:06}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    }
}

/// The same number with a decimal point, as OpenMetrics wants bounds to be.
fn as_float(number: &str) -> String {
    if number.contains('.') { number.to_owned() } else { format!("{number}.0") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::buckets::Buckets;
    use super::super::table::{COMMIT_JOBS, DENIALS, FIRST_BYTE, HOLDS, STARTED};
    use super::*;

    #[test]
    fn what_is_written() {
        let mut text = Exposition::new(Format::Text);
        text.single(&HOLDS, 3);
        text.family(&DENIALS);
        text.sample(&DENIALS, &["a\\\"\nb", "no_route"], u64::MAX);
        text.sample(&STARTED, &[], 1_764_000_000_250_000);
        let buckets = Buckets::of(&COMMIT_JOBS);
        for value in [1, 3, 5_000] {
            buckets.observe(value);
        }
        text.histogram(&COMMIT_JOBS, &[], &buckets.cumulative());
        let text = text.finish();
        for line in [
            "# TYPE till_holds gauge\ntill_holds 3\n",
            "# TYPE till_denials_total counter\n",
            "till_denials_total{key=\"a\\\\\\\"\\nb\",reason=\"no_route\"} 18446744073709551615\n",
            "process_start_time_seconds 1764000000.25\n",
            "till_commit_jobs_bucket{le=\"1.0\"} 1\ntill_commit_jobs_bucket{le=\"2.0\"} 1\n",
            "{le=\"4.0\"} 2\n",
            "{le=\"2048.0\"} 2\ntill_commit_jobs_bucket{le=\"+Inf\"} 3\n",
            "till_commit_jobs_sum 5004\ntill_commit_jobs_count 3\n",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert!(!text.contains("EOF"));
        let mut text = Exposition::new(Format::OpenMetrics);
        text.family(&DENIALS);
        text.sample(&DENIALS, &["-", "no_route"], 1);
        let found = Buckets::of(&FIRST_BYTE).cumulative();
        text.histogram(&FIRST_BYTE, &["openai"], &found);
        let text = text.finish();
        assert!(text.contains("# TYPE till_denials counter\ntill_denials_total{"), "{text}");
        assert!(text.contains("_bucket{provider=\"openai\",le=\"0.01\"} 0\n"), "{text}");
        assert!(text.ends_with("\n# EOF\n"), "{text}");
    }

    #[test]
    fn forms_that_are_asked_for() {
        let prometheus = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
                          application/openmetrics-text;version=0.0.1;q=0.5,\
                          text/plain;version=1.0.0;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        for (accept, format) in [
            ("", Format::Text),
            ("*/*", Format::Text),
            ("text/plain", Format::Text),
            (prometheus, Format::OpenMetrics),
            ("application/openmetrics-text", Format::OpenMetrics),
            ("application/openmetrics-text; q=0", Format::Text),
            ("application/openmetrics-text; q=0.5, text/plain", Format::Text),
            ("application/openmetrics-text; q=9.9999", Format::Text),
            ("application/openmetrics-text; q=é", Format::Text),
        ] {
            assert_eq!(Format::accepted(accept), format, "{accept}");
        }
    }

    proptest! {
        #[test]
        fn no_accept_panics(accept in "\\PC*") {
            let _ = Format::accepted(&accept);
        }

        /// What Prometheus reads back is what was meant.
        #[test]
        fn escapes_are_read_back(value in any::<String>()) {
            let written = Escaped(&value).to_string();
            prop_assert!(!written.contains('\n'));
            let (mut read, mut letters) = (String::new(), written.chars());
            while let Some(letter) = letters.next() {
                prop_assert!(letter != '"', "a quote that ends the value: {}", written);
                read.push(match letter {
                    '\\' => match letters.next() {
                        Some('n') => '\n',
                        Some(escaped @ ('\\' | '"')) => escaped,
                        other => panic!("{other:?} in {written}"),
                    },
                    letter => letter,
                });
            }
            prop_assert_eq!(read, value);
        }

        #[test]
        fn seconds_are_exact(micros in any::<u64>()) {
            let text = in_unit(Unit::Micros, micros);
            let (seconds, rest) = text.split_once('.').unwrap_or((&text, ""));
            let read = format!("{seconds}{rest:0<6}");
            prop_assert_eq!(read.parse::<u64>().unwrap(), micros, "{}", text);
        }
    }
}
