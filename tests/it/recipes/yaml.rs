//! The YAML of a recipe.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::support::run::Run;
use crate::support::skip::skip;

/// A file in `recipes/`.
pub(super) fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("recipes").join(file)
}

/// The text of a file in `recipes/`.
#[track_caller]
pub(super) fn text(file: &str) -> String {
    std::fs::read_to_string(path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// What a file in `recipes/` holds; none, said aloud, where nothing here reads YAML.
#[track_caller]
pub(super) fn read(file: &str) -> Option<Value> {
    let python = python("yaml")?;
    let code = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))";
    let json = Run::program(&python).arg("-c").arg(code).stdin(text(file)).ok();
    Some(serde_json::from_str(&json).expect("JSON"))
}

/// A Python with this module; none, said aloud, where there is none.
pub(super) fn python(module: &str) -> Option<String> {
    let named = std::env::var("TILL_TEST_PYTHON").ok();
    let python = named.unwrap_or_else(|| "python3".to_owned());
    let has_it = Command::new(&python).args(["-c", &format!("import {module}")]).output();
    if has_it.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    skip(&format!("recipes: no Python with `{module}`; `TILL_TEST_PYTHON` names none"));
    None
}

/// Whether a program is there; said aloud where it is not.
pub(super) fn has(program: &str) -> bool {
    let there = on_path(program);
    if !there {
        skip(&format!("recipes: `{program}` is not installed"));
    }
    there
}

/// Whether a program is in `PATH`.
pub(super) fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// A text in it, by a JSON pointer.
#[track_caller]
pub(super) fn string<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no text at {pointer}: {value:#}"))
}
