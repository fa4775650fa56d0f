//! One run of the real binary: arguments, environment and standard input in, everything out.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::PATIENCE;
use super::dispositions::by_default;

/// The binary under test.
pub(crate) const TILL: &str = env!("CARGO_BIN_EXE_till");

/// A command that has not been started.
#[derive(Debug)]
pub(crate) struct Run {
    command: Command,
    line: String,
    stdin: Option<Vec<u8>>,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) line: String,
    /// The exit code; none where a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// `till` with the words of `line` as its arguments, and nothing in the environment but PATH.
    pub(crate) fn till(line: &str) -> Self {
        let mut command = Command::new(TILL);
        command.args(line.split_whitespace()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        Self { command, line: format!("till {line}"), stdin: None }
    }

    /// A line of shell that has the binary in `$TILL`.
    pub(crate) fn sh(script: &str) -> Self {
        Self::program("sh").env("TILL", TILL).arg("-c").arg(script)
    }

    /// Another program, with nothing in the environment but PATH.
    pub(crate) fn program(name: &str) -> Self {
        let mut command = Command::new(name);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        Self { command, line: name.to_owned(), stdin: None }
    }

    /// The program and its arguments.
    pub(crate) fn words(&self) -> Vec<String> {
        let words = std::iter::once(self.command.get_program()).chain(self.command.get_args());
        words.map(|word| word.to_str().expect("text").to_owned()).collect()
    }

    /// All its variables.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (String, String)> {
        let text = |text: &std::ffi::OsStr| text.to_str().expect("text").to_owned();
        self.command.get_envs().filter_map(move |(name, value)| Some((text(name), text(value?))))
    }

    /// One more argument, spaces and all.
    pub(crate) fn arg(mut self, arg: &str) -> Self {
        self.command.arg(arg);
        self.line = format!("{} '{arg}'", self.line);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Runs it in this folder.
    pub(crate) fn within(mut self, folder: &std::path::Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// Starts it with all three streams piped; standard input is empty where none was given.
    pub(crate) fn spawn(mut self) -> Child {
        by_default();
        let input = self.stdin.take();
        self.command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().expect("till starts");
        if let Some(bytes) = input {
            // A command may end without reading: that is its right.
            let _ = child.stdin.take().expect("piped").write_all(&bytes);
        }
        child
    }

    /// Starts it with all three streams piped, and standard input open.
    pub(crate) fn spawn_open(mut self) -> Child {
        by_default();
        let piped = Stdio::piped;
        self.command.stdin(piped()).stdout(piped()).stderr(piped());
        self.command.spawn().expect("till starts")
    }

    /// Runs it to its end.
    pub(crate) fn run(self) -> Output {
        let line = self.line.clone();
        finish(line, self.spawn())
    }

    /// Runs it, expects exit 0, and returns what it printed on standard output.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        let output = self.run();
        assert_eq!(output.code, Some(0), "{output}");
        output.stdout
    }

    /// Runs it with `--json` and reads what it printed.
    #[track_caller]
    pub(crate) fn json(self) -> serde_json::Value {
        let output = self.arg("--json").run();
        assert_eq!(output.code, Some(0), "{output}");
        serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output}"))
    }

    /// Runs it and expects this exit code, an empty standard output, and these texts on the
    /// standard error.
    #[track_caller]
    pub(crate) fn fails(self, code: i32, says: &[&str]) -> Output {
        let output = self.run();
        output.expect_failure(code, says);
        output
    }
}

impl Output {
    #[track_caller]
    pub(crate) fn expect_failure(&self, code: i32, says: &[&str]) {
        assert_eq!(self.code, Some(code), "expected exit {code}: {self}");
        assert!(self.stdout.is_empty(), "data after a failure: {self}");
        for text in says {
            assert!(self.stderr.contains(text), "nothing of {text:?}: {self}");
        }
        assert!(!self.stderr.contains("panicked"), "{self}");
    }
}

impl std::fmt::Display for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { line, code, stdout, stderr } = self;
        write!(f, "$ {line}\nexit: {code:?}\nstdout: {stdout}\nstderr: {stderr}")
    }
}

/// Waits for a child that was spawned with pipes, and never for ever.
#[track_caller]
pub(crate) fn finish(line: String, mut child: Child) -> Output {
    let stdout = drain(child.stdout.take().expect("piped"));
    let stderr = drain(child.stderr.take().expect("piped"));
    let end = Instant::now() + PATIENCE * 3;
    let status = loop {
        if let Some(status) = child.try_wait().expect("our child") {
            break status;
        }
        if Instant::now() > end {
            child.kill().expect("our child");
            panic!("`{line}` hangs; it said {}", stderr.join().unwrap());
        }
        thread::sleep(Duration::from_millis(2));
    };
    let (stdout, stderr) = (stdout.join().unwrap(), stderr.join().unwrap());
    Output { line, code: status.code(), stdout, stderr }
}

fn drain(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
