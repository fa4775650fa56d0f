//! The table of metrics, held against its document and the dashboard: no name, label or variable
//! stands there that is not.

use std::path::Path;

use serde_json::Value;
use till::metrics::table::{ALL, Kind, Metric};

/// What else may stand in an expression.
const WORDS: [&str; 12] = [
    "by",
    "histogram_quantile",
    "increase",
    "label_values",
    "max",
    "min",
    "rate",
    "sum",
    "time",
    "topk",
    "le",
    "e12",
];
/// Labels that Prometheus itself adds.
const ADDED: [&str; 2] = ["instance", "job"];
/// Variables that Grafana itself has.
const BUILT_IN: [&str; 2] = ["__rate_interval", "__range"];

#[test]
fn the_document_has_the_table() {
    let document = read("docs/metrics.md");
    let mut rows = document
        .lines()
        .filter(|line| line.starts_with("| `till_") || line.starts_with("| `process_"));
    for metric in ALL {
        let Metric { name, kind, labels, help, .. } = metric;
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram(_) => "histogram",
        };
        let labels: Vec<_> = labels.iter().map(|label| format!("`{label}`")).collect();
        let labels = if labels.is_empty() { "–".to_owned() } else { labels.join(", ") };
        assert_eq!(rows.next(), Some(&*format!("| `{name}` | {kind} | {labels} | {help} |")));
    }
    assert_eq!(rows.next(), None);
    for label in ALL.iter().flat_map(|metric| metric.labels) {
        let explained = document.contains(&format!("\n| `{label}` | "));
        assert!(explained || *label == "version", "`{label}` is not explained");
    }
}

#[test]
fn the_dashboard_asks_for_what_there_is() {
    let dashboard = dashboard();
    let variables: Vec<_> =
        list(&dashboard["templating"]["list"]).map(|v| text(v, "name")).collect();
    for name in ["datasource", "key", "provider", "model"] {
        assert!(variables.contains(&name), "no variable `{name}`");
    }
    let mut asked = Vec::new();
    for panel in panels(&dashboard) {
        for target in list(&panel["targets"]) {
            let (expression, legend) = (text(target, "expr"), text(target, "legendFormat"));
            let found = check(expression, legend, &variables);
            asked.extend(found.unwrap_or_else(|fault| panic!("{}: {fault}", panel["title"])));
        }
    }
    for variable in list(&dashboard["templating"]["list"]).filter(|v| v["type"] == "query") {
        let query = text(&variable["query"], "query");
        assert_eq!(text(variable, "definition"), query);
        check(query, "", &variables).unwrap_or_else(|fault| panic!("{query}: {fault}"));
    }
    let missing: Vec<_> = ALL.iter().map(|m| m.name).filter(|name| !asked.contains(name)).collect();
    assert!(missing.is_empty(), "not in the dashboard: {missing:?}");
}

/// The rules that Grafana's own panels go by.
#[test]
fn the_dashboard_is_well_formed() {
    let dashboard = dashboard();
    assert!(dashboard["schemaVersion"].as_u64().unwrap() >= 36);
    assert!(dashboard["id"].is_null() && !text(&dashboard, "uid").is_empty());
    let (mut ids, mut taken) = (Vec::new(), Vec::new());
    for panel in panels(&dashboard) {
        let title = text(panel, "title");
        let id = panel["id"].as_u64().unwrap();
        assert!(!ids.contains(&id), "{title}: id {id} stands twice");
        ids.push(id);
        let [x, y, w, h] =
            ["x", "y", "w", "h"].map(|side| panel["gridPos"][side].as_u64().unwrap());
        assert!(w > 0 && h > 0 && x + w <= 24, "{title}");
        for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
            assert!(!taken.contains(&cell), "{title} lies over another panel at {cell:?}");
            taken.push(cell);
        }
        if panel["type"] == "row" {
            continue;
        }
        assert!(["timeseries", "stat"].contains(&text(panel, "type")), "{title}");
        assert!(!text(panel, "description").is_empty(), "{title}");
        assert!(!text(&panel["fieldConfig"]["defaults"], "unit").is_empty(), "{title}");
        let targets: Vec<_> = list(&panel["targets"]).collect();
        assert!(!targets.is_empty(), "{title}");
        for source in
            targets.iter().map(|target| &target["datasource"]).chain([&panel["datasource"]])
        {
            assert_eq!(text(source, "uid"), "${datasource}", "{title}");
        }
        let mut references: Vec<_> = targets.iter().map(|target| text(target, "refId")).collect();
        references.dedup();
        assert_eq!(references.len(), targets.len(), "{title}");
    }
    assert!(ids.len() > 20);
}

/// The check itself finds what it is there to find.
#[test]
fn what_is_amiss_is_found() {
    let variables = ["key"];
    for (expression, legend) in [
        ("till_request_total", ""),
        ("rate(till_holds_bucket[5m])", ""),
        ("till_added_latency_seconds", ""),
        ("till_holds_sum", ""),
        ("sum by (modle) (till_requests_total)", ""),
        ("sum by (key) (till_holds)", ""),
        ("till_denials_total{model=\"x\"}", ""),
        ("till_requests_total{key=~\"$kye\"}", ""),
        ("avrg(till_holds)", ""),
        ("till_holds", "{{key}}"),
        ("1", ""),
    ] {
        assert!(check(expression, legend, &variables).is_err(), "{expression} {legend}");
    }
    let good =
        "sum by (le, key) (rate(till_requests_total{key=~\"$key\"}[$__rate_interval])) / 1e12";
    assert_eq!(check(good, "{{key}} of", &variables).unwrap(), ["till_requests_total"]);
}

/// The metrics that an expression asks for, or what it names that is not there.
fn check(expression: &str, legend: &str, variables: &[&str]) -> Result<Vec<&'static str>, String> {
    // Every second part is between quotes.
    let quoted = expression.split('"').skip(1).step_by(2).collect::<Vec<_>>().join(" ");
    let code = expression.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let (mut metrics, mut labels) = (Vec::new(), Vec::new());
    for word in code.split(|c| !is_word(c)).filter(|word| !word.is_empty()) {
        if word.starts_with("till_") || word.starts_with("process_") {
            let metric = ALL.iter().find(|metric| names(metric).any(|name| name == word));
            metrics.push(metric.ok_or_else(|| format!("there is no metric `{word}`"))?);
        } else if !word.starts_with('$')
            && !word.starts_with(|c: char| c.is_ascii_digit())
            && !WORDS.contains(&word)
        {
            labels.push(word);
        }
    }
    labels.extend(legend.split("{{").skip(1).filter_map(|part| part.split("}}").next()));
    for label in labels {
        let known = metrics.iter().all(|metric| metric.labels.contains(&label));
        if !known && !ADDED.contains(&label) {
            return Err(format!("a metric has no label `{label}`"));
        }
    }
    for variable in format!("{code} {quoted}").split('$').skip(1) {
        let name: String = variable.chars().take_while(|c| is_word(*c)).collect();
        if !variables.contains(&&*name) && !BUILT_IN.contains(&&*name) {
            return Err(format!("there is no variable `{name}`"));
        }
    }
    if metrics.is_empty() {
        return Err("it asks for nothing".to_owned());
    }
    Ok(metrics.into_iter().map(|metric| metric.name).collect())
}

/// The names of a metric's samples.
fn names(metric: &Metric) -> impl Iterator<Item = String> {
    let ends: &[&str] = match metric.kind {
        Kind::Histogram(_) => &["_bucket", "_sum", "_count"],
        Kind::Counter | Kind::Gauge => &[""],
    };
    ends.iter().map(|end| format!("{}{end}", metric.name))
}

fn dashboard() -> Value {
    serde_json::from_str(&read("dashboards/till.json")).unwrap()
}

fn panels(dashboard: &Value) -> impl Iterator<Item = &Value> {
    list(&dashboard["panels"])
}

#[track_caller]
fn list(value: &Value) -> impl Iterator<Item = &Value> {
    // A row has none.
    value.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

#[track_caller]
fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no `{name}`: {value}"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}
