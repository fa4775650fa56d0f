//! The interpreter that runs a client's code, with the SDKs that `.ci/run` installs.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::run::finish;
use super::skip::skip;

/// A language's driver, found through the environment.
#[derive(Debug)]
pub(crate) struct Driver {
    program: PathBuf,
    /// Below `tests/`.
    script: &'static str,
    /// Where the script runs: Node.js looks for packages from there.
    folder: PathBuf,
}

/// Code to run.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) code: String,
    pub(crate) environment: BTreeMap<String, String>,
}

/// What came of a step.
#[derive(Debug)]
pub(crate) enum Outcome {
    Printed(String),
    Failed {
        /// The error's class and those that it is one of.
        kinds: Vec<String>,
        message: String,
        fields: BTreeMap<String, String>,
        #[expect(dead_code, reason = "for the reader of a failed test")]
        trace: String,
    },
}

impl Driver {
    /// The driver of a language; none, said aloud, where its SDKs are not installed.
    pub(crate) fn of(language: &str) -> Option<Self> {
        let (variable, script) = match language {
            "python" => ("TILL_TEST_PYTHON", "python/recipe.py"),
            "js" => ("TILL_TEST_NODE", "node/recipe.mjs"),
            _ => panic!("no driver runs `{language}`"),
        };
        let Some(path) = std::env::var_os(variable).map(PathBuf::from) else {
            skip(&format!("SDKs for {language}: `{variable}` does not say where they are"));
            return None;
        };
        let (program, folder) = match language {
            "python" => (path, std::env::temp_dir()),
            _ => ("node".into(), path),
        };
        Some(Self { program, script, folder })
    }

    /// Runs the steps one after the other, in one process whose home is `home`.
    #[track_caller]
    pub(crate) fn run(&self, steps: &[Step], home: &Path) -> Vec<Outcome> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(self.script);
        let steps: Vec<_> = steps
            .iter()
            .map(|step| json!({"code": step.code, "environment": step.environment}))
            .collect();
        let mut child = Command::new(&self.program)
            .arg(script)
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", self.program.display()));
        let mut input = child.stdin.take().expect("piped");
        input.write_all(json!(steps).to_string().as_bytes()).expect("a script that reads");
        drop(input);
        let output = finish(self.script.to_owned(), child);
        assert_eq!(output.code, Some(0), "{output}");
        let told: Value = serde_json::from_str(&output.stdout).expect("JSON");
        assert_eq!(told["outside"], json!([]), "connections to other machines: {output}");
        told["outcomes"].as_array().expect("an array").iter().map(Outcome::of).collect()
    }
}

impl Outcome {
    fn of(told: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        if let Some(printed) = told["printed"].as_str() {
            return Self::Printed(printed.to_owned());
        }
        let kinds = told["failed"].as_array().expect("classes").iter().map(text).collect();
        let fields = told["fields"].as_object().expect("fields");
        Self::Failed {
            kinds,
            message: text(&told["message"]),
            fields: fields.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
            trace: text(&told["trace"]),
        }
    }
}
