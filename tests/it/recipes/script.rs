//! The scripts of composite actions, run as GitHub's runner does.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use super::site::Site;
use super::yaml;
use crate::support::run::{Output, Run};

/// A job: what it has, and what its steps have left for those that follow.
pub(super) struct Job<'a> {
    site: &'a Site,
    pub(super) environment: BTreeMap<String, String>,
    /// What is found before everything else, the last first.
    path: Vec<String>,
    /// All that its steps have printed.
    pub(super) log: String,
}

/// What an action was given, by its inputs' names.
pub(super) type Inputs = BTreeMap<String, String>;

impl<'a> Job<'a> {
    pub(super) fn new(site: &'a Site) -> Self {
        Self { site, environment: BTreeMap::new(), path: Vec::new(), log: String::new() }
    }

    /// One whose runner hands out identities with these claims.
    pub(super) fn with_identity(site: &'a Site, claims: Value) -> Self {
        let mut job = Self::new(site);
        for (name, value) in site.issuer.job(claims) {
            job.environment.insert(name.to_owned(), value);
        }
        job
    }

    /// Runs a composite action. Returns its outputs, or what failed.
    pub(super) fn uses(&mut self, action: &Value, given: &Inputs) -> Result<Inputs, Output> {
        let known = action["inputs"].as_object().expect("inputs");
        for name in given.keys() {
            assert!(known.contains_key(name), "the action has no input `{name}`");
        }
        let mut values = context();
        for (name, input) in known {
            let default = fill(input["default"].as_str().unwrap_or_default(), &values);
            let value = given.get(name).cloned().unwrap_or(default);
            assert!(!value.is_empty() || input["required"] != true, "`{name}` is required");
            values.insert(format!("inputs.{name}"), value);
        }
        for step in action["runs"]["steps"].as_array().expect("steps") {
            if let Some(condition) = step["if"].as_str() {
                let (name, rest) = condition.split_once(' ').expect("NAME != ''");
                assert_eq!(rest, "!= ''", "a condition that this test does not evaluate");
                if values[name].is_empty() {
                    continue;
                }
            }
            assert_eq!(step["shell"], "bash");
            let mut variables = BTreeMap::new();
            for (name, value) in step["env"].as_object().into_iter().flatten() {
                variables.insert(name.clone(), fill(value.as_str().expect("text"), &values));
            }
            for (name, value) in self.run(yaml::string(step, "/run"), &variables)? {
                let id = step["id"].as_str().unwrap_or_default();
                values.insert(format!("steps.{id}.outputs.{name}"), value);
            }
        }
        let outputs = action["outputs"].as_object().into_iter().flatten();
        Ok(outputs
            .map(|(name, output)| (name.clone(), fill(yaml::string(output, "/value"), &values)))
            .collect())
    }

    /// Runs one script. Returns its outputs, or what failed.
    pub(super) fn run(
        &mut self,
        script: &str,
        variables: &BTreeMap<String, String>,
    ) -> Result<Inputs, Output> {
        assert!(!script.contains("${{"), "an expression inside of a script: {script}");
        let temp = self.site.folder("temp");
        let file = |name: &str| temp.join(name);
        let command_files = ["GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH"];
        for name in command_files {
            fs::write(file(name), "").unwrap();
        }
        fs::write(file("step.sh"), script).unwrap();
        let mut run: Run = self.site.program("bash").env("RUNNER_TEMP", &temp);
        let mut path = self.site.path().into_string().unwrap();
        for folder in &self.path {
            path = format!("{folder}:{path}");
        }
        run = run.env("PATH", path).env("GITHUB_ACTIONS", "true");
        for name in command_files {
            run = run.env(name, file(name));
        }
        for (name, value) in self.environment.iter().chain(variables) {
            run = run.env(name, value);
        }
        for flag in ["--noprofile", "--norc", "-eo", "pipefail"] {
            run = run.arg(flag);
        }
        let output = run.arg(file("step.sh").to_str().unwrap()).run();
        self.log.push_str(&output.stdout);
        self.log.push_str(&output.stderr);
        let pairs = |name: &str| -> Inputs {
            let text = fs::read_to_string(file(name)).unwrap();
            text.lines()
                .filter_map(|line| line.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect()
        };
        self.environment.extend(pairs("GITHUB_ENV"));
        let added = fs::read_to_string(file("GITHUB_PATH")).unwrap();
        self.path.extend(added.lines().map(str::to_owned));
        if output.code == Some(0) { Ok(pairs("GITHUB_OUTPUT")) } else { Err(output) }
    }

    /// The log as it is shown: what was masked before is not in it.
    #[track_caller]
    pub(super) fn assert_masked(&self, secret: &str) {
        let mask = format!("::add-mask::{secret}\n");
        assert!(self.log.contains(&mask), "not masked: {}", self.log);
        let shown = self.log.replace(&mask, "");
        assert!(!shown.contains(secret), "{shown}");
        let before = self.log.split(&mask).next().unwrap_or_default();
        assert!(!before.contains(secret), "{before}");
    }
}

/// What GitHub knows of a job.
fn context() -> BTreeMap<String, String> {
    let action = yaml::path("github").to_str().unwrap().to_owned();
    let known = [
        ("github.action_path", action.as_str()),
        ("github.action_repository", "octo/till"),
        ("github.repository", "octo/app"),
        ("github.run_id", "4711"),
    ];
    known.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The text with the values of its expressions.
#[track_caller]
pub(super) fn fill(text: &str, values: &BTreeMap<String, String>) -> String {
    let mut parts = text.split("${{");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").expect("a whole expression");
        // What a step that did not run would have said is empty.
        let value = values.get(name.trim()).map(String::as_str);
        let absent = name.trim().starts_with("steps.").then_some("");
        filled.push_str(value.or(absent).unwrap_or_else(|| panic!("unknown: {name}")));
        filled.push_str(rest);
    }
    filled
}
