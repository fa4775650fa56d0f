//! Findings as JSON. The schema is stable: fields are added, never changed.

use serde::Serialize;

use super::super::escaped::escaped;
use crate::report::doctor::{Finding, Severity};

/// All that was found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    findings: Vec<FindingJson>,
    worst: Option<&'static str>,
}

#[derive(Clone, Debug, Serialize)]
struct FindingJson {
    check: &'static str,
    severity: &'static str,
    #[serde(rename = "where")]
    place: String,
    last4: Option<String>,
    why: &'static str,
    mend: String,
}

impl Report {
    /// The report of these findings.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let worst = findings.iter().map(Finding::severity).max().map(Severity::name);
        Self { findings: findings.iter().map(FindingJson::from).collect(), worst }
    }
}

impl From<&Finding> for FindingJson {
    fn from(finding: &Finding) -> Self {
        let row = finding.check.row();
        // JSON lets some control characters through, which a terminal would take.
        let text = |text: &str| escaped(text).into_owned();
        Self {
            check: row.id,
            severity: row.severity.name(),
            place: text(&finding.place),
            last4: finding.last4.as_deref().map(text),
            why: row.why,
            mend: text(&finding.mend),
        }
    }
}
