//! No process of the same user can look into till while it holds keys: not by its files in `/proc`,
//! not as its parent, not with what debuggers use.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::home::MASTER;
use crate::support::run::{Run, TILL};
use crate::support::skip::skip;

/// Nobody's, in whose name the tests look where they run as root, to whom everything is open.
const USER: u32 = 65_534;

/// A folder of an ordinary user, with the binary and the script in it.
struct Place {
    dir: TempDir,
    /// What makes a program that user's.
    words: Vec<String>,
    python: &'static str,
}

impl Place {
    /// None, said aloud, where there is no other user to be, or no Python.
    fn new() -> Option<Self> {
        let is_root = rustix::process::geteuid().is_root();
        let dir = tempfile::Builder::new().prefix("till-it-public-").tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/look_into.py");
        fs::copy(TILL, dir.path().join("till")).unwrap();
        fs::copy(script, dir.path().join("look_into.py")).unwrap();
        fs::set_permissions(dir.path(), Permissions::from_mode(0o700)).unwrap();
        let mut words: Vec<String> = Vec::new();
        if is_root {
            chown(dir.path(), Some(USER), Some(USER)).unwrap();
            let user = USER.to_string();
            let of = ["setpriv", "--reuid", &user, "--regid", &user, "--clear-groups"];
            words.extend(of.map(str::to_owned));
        }
        // A user's own Python may be for that user alone.
        let there = |python: &&str| {
            let program = words.first().map_or(*python, String::as_str);
            let mut command = std::process::Command::new(program);
            command.args(words.iter().skip(1).map(String::as_str));
            if !words.is_empty() {
                command.arg(python);
            }
            command.arg("-V").output().is_ok_and(|output| output.status.success())
        };
        let Some(python) = ["python3", "/usr/bin/python3"].into_iter().find(there) else {
            skip("looking into a process: there is no `python3`, or no `setpriv`");
            return None;
        };
        Some(Self { dir, words, python })
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().unwrap().to_owned()
    }

    /// A program as the user, and nothing of a home but the folder.
    fn run(&self, words: &[&str]) -> Run {
        let mut all = self.words.iter().map(String::as_str).chain(words.iter().copied());
        let run = all.by_ref().take(1).map(Run::program).next().unwrap();
        let run = all.fold(run, Run::arg).within(self.dir.path());
        run.env("HOME", self.path(""))
            .env("TILL_STORE", self.path("store/till.redb"))
            .env("TILL_KEY_FILE", self.path("key-file"))
    }

    fn till(&self, line: &str) -> Run {
        let till = self.path("till");
        let words: Vec<&str> = std::iter::once(&*till).chain(line.split_whitespace()).collect();
        self.run(&words)
    }

    /// Starts this and looks into it when it says that it is ready.
    #[track_caller]
    fn expect_shut(&self, ready: &str, line: &str) {
        let (script, till) = (self.path("look_into.py"), self.path("till"));
        let mut words = vec![self.python, &script, ready, &till];
        words.extend(line.split_whitespace());
        let output = self.run(&words).env("OPENAI_API_KEY", MASTER).run();
        assert_eq!(output.code, Some(0), "{output}");
        let told: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_ne!(told["user"], 0, "to root everything is open");
        assert_eq!(told["ways"], Value::Array(Vec::new()), "into `till {line}`");
        // What is shut here is open elsewhere: the ways are ways.
        for way in ["environ", "mem", "maps", "fd", "exe"] {
            let open = told["plain"].as_array().unwrap().iter().any(|name| name == way);
            assert!(open, "{way} leads nowhere: {told}");
        }
    }
}

#[test]
fn another_process_of_the_user_cannot_look_into_till() {
    let Some(place) = Place::new() else { return };
    place.till("init").arg("--key-file").arg(&place.path("key-file")).ok();
    let add = place.till("master add openai --base-url http://127.0.0.1:1/v1");
    add.stdin(format!("{MASTER}\n")).ok();
    place.expect_shut("listening on", "proxy --listen 127.0.0.1:0");
    place.expect_shut("listening on", "admin serve --listen 127.0.0.1:0");
    place.expect_shut("begun", "run -n 2 -- sh -c echo${IFS}begun;read${IFS}line");
    place.expect_shut("begun", "run -n 2 --no-store -- sh -c echo${IFS}begun;read${IFS}line");
}
