//! An alert to a command: the JSON on its standard input, no shell, nothing of till's environment.

use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use super::web::PATIENCE;
use crate::domain::alert_retry::{Attempt, Failure};

/// Where programs are found that are named without a path.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Runs the command of these words, and says whether it ended with success in time. Its output is
/// dropped.
pub(super) async fn run(words: &[String], body: String) -> Attempt {
    let Some((program, arguments)) = words.split_first() else {
        return failed("it has no words".to_owned());
    };
    let child = Command::new(program)
        .args(arguments)
        .env_clear()
        .env("PATH", PATH)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Ctrl-C is meant for till, and what it starts ends with it.
        .process_group(0)
        .kill_on_drop(true)
        .spawn();
    let mut child = match child {
        Ok(child) => Group(child),
        Err(error) => return failed(format!("it cannot be started: {error}")),
    };
    let stdin = child.0.stdin.take();
    let whole = async {
        if let Some(mut stdin) = stdin {
            // A command may end without reading: that is its right.
            let _ = stdin.write_all(body.as_bytes()).await;
        }
        child.0.wait().await
    };
    match tokio::time::timeout(PATIENCE, whole).await {
        Ok(Ok(status)) if status.success() => Attempt::Delivered,
        Ok(Ok(status)) => failed(format!("it ended with {status}")),
        Ok(Err(error)) => failed(error.to_string()),
        Err(_) => failed("it took longer than 10 seconds".to_owned()),
    }
}

/// A child and what it has started: they end together where nobody waits any more.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        // One that was waited for has no id any more.
        let id = self.0.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(group) = id {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

fn failed(why: String) -> Attempt {
    Attempt::Failed(Failure::passing(why))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[tokio::test]
    async fn the_message_comes_on_stdin_and_nothing_of_the_environment_does() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("seen");
        let script = format!("cat > {0}; env >> {0}", file.display());
        assert_eq!(run(&words(&["sh", "-c", &script]), "{}".to_owned()).await, Attempt::Delivered);
        let seen = std::fs::read_to_string(&file).unwrap();
        assert!(seen.starts_with("{}"), "{seen}");
        let names: Vec<&str> =
            seen[2..].lines().filter_map(|line| line.split('=').next()).collect();
        assert!(
            names.iter().all(|name| matches!(*name, "PATH" | "PWD" | "OLDPWD" | "SHLVL" | "_")),
            "{seen}"
        );
    }

    #[tokio::test]
    async fn failures_say_why() {
        for (line, why) in [
            (&["false"][..], "exit status: 1"),
            (&["/nonexistent/program"], "cannot be started"),
            (&[], "no words"),
        ] {
            let Attempt::Failed(failure) = run(&words(line), "x".repeat(1 << 20)).await else {
                panic!("{line:?}")
            };
            assert!(failure.why.contains(why), "{line:?}: {}", failure.why);
        }
    }
}
