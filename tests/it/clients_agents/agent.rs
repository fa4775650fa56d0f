//! The agents that `tests/agents/install.sh` installs, run in a home directory of their own.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::recipe::Recipe;
use crate::support::run::{Output, finish};
use crate::support::skip::skip;

/// Says where the agents were installed.
const VARIABLE: &str = "TILL_TEST_AGENTS";

/// The agents of this machine.
#[derive(Debug)]
pub(super) struct Agents {
    /// What the shell looks for commands in: first the agents.
    path: OsString,
}

impl Agents {
    /// None, said aloud, where they are not installed.
    pub(super) fn installed() -> Option<Self> {
        let Some(folder) = std::env::var_os(VARIABLE).map(PathBuf::from) else {
            skip(&format!("Codex, Claude Code, Gemini CLI and aider: `{VARIABLE}` is not set"));
            return None;
        };
        let own = ["node_modules/.bin", "aider/bin"].map(|name| folder.join(name));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let all = own.into_iter().chain(std::env::split_paths(&path));
        Some(Self { path: std::env::join_paths(all).expect("no colon in a path") })
    }

    /// Runs a recipe in `home`. Whatever is not on this machine is asked for at `elsewhere`.
    #[track_caller]
    pub(super) fn run(&self, recipe: &Recipe, home: &Path, elsewhere: SocketAddr) -> Output {
        let work = home.join("work");
        std::fs::create_dir_all(&work).unwrap();
        for (path, content) in &recipe.files {
            let path = home.join(path);
            std::fs::create_dir_all(path.parent().expect("below the home")).unwrap();
            std::fs::write(path, content).unwrap();
        }
        let proxy = format!("http://{elsewhere}");
        let child = Command::new("sh")
            .args(["-eu", "-c", &recipe.script])
            .current_dir(&work)
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", home)
            .env("TMPDIR", &work)
            .envs(
                ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"]
                    .map(|name| (name, &proxy)),
            )
            .envs(["NO_PROXY", "no_proxy"].map(|name| (name, "127.0.0.1")))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("sh starts");
        finish(recipe.script.clone(), child)
    }
}
