//! A user at a terminal: `tests/python/terminal.py` with a pseudo-terminal.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::run::Run;
use super::skip::skip;

/// What the user sees and does.
#[derive(Debug)]
pub(crate) struct Terminal {
    task: Value,
}

/// How it ended.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Everything that was on the terminal.
    pub(crate) text: String,
    /// The exit code; negative for a signal.
    pub(crate) code: i64,
}

impl Terminal {
    /// A terminal on which this is run; none, said aloud, where Python is not installed.
    pub(crate) fn of(run: &Run) -> Option<Self> {
        let there = Command::new("python3").arg("-V").stdout(Stdio::null()).status();
        if !there.is_ok_and(|status| status.success()) {
            skip("a terminal: there is no `python3`");
            return None;
        }
        let command = run.words();
        let environment: BTreeMap<_, _> = run.variables().collect();
        Some(Self { task: json!({"command": command, "environment": environment, "steps": []}) })
    }

    /// Waits until this is shown.
    pub(crate) fn expect(self, text: &str) -> Self {
        self.step(json!(["expect", text]))
    }

    /// Types this, control characters and all.
    pub(crate) fn types(self, text: &str) -> Self {
        self.step(json!(["type", text]))
    }

    /// Gives the window another size.
    pub(crate) fn resize(self, rows: u16, columns: u16) -> Self {
        self.step(json!(["size", rows, columns]))
    }

    /// Closes the window.
    pub(crate) fn close(self) -> Self {
        self.step(json!(["close"]))
    }

    /// Plays it to its end.
    #[track_caller]
    pub(crate) fn play(self) -> Shown {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/terminal.py");
        let run = Run::program("python3").arg(script.to_str().expect("text"));
        let output = run.stdin(self.task.to_string()).run();
        assert_eq!(output.code, Some(0), "{output}");
        let told: Value = serde_json::from_str(&output.stdout).expect("JSON");
        let text = told["shown"].as_str().expect("text").to_owned();
        Shown { text, code: told["code"].as_i64().expect("a number") }
    }

    fn step(mut self, step: Value) -> Self {
        self.task["steps"].as_array_mut().expect("an array").push(step);
        self
    }
}
