//! A running `till run`, whose command has told what it was given, and waits for its end.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdin};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rustix::process::{Pid, Signal, kill_process};

use super::home::{Home, MASTER};
use super::http::{Reply, Request};
use super::run::{Output, Run};
use super::upstream::Upstream;
use super::wait_until;

/// The command of a session: what it was given, its number, and then the code to end with.
const COMMAND: &str = "env; echo CHILD=$$; echo; read code; exit ${code:-0}";

/// Killed when dropped, and its command with it, which then reads the end of its input.
#[derive(Debug)]
pub(crate) struct Session {
    child: Child,
    input: Option<ChildStdin>,
    given: BTreeMap<String, String>,
    said: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<String>>,
}

impl Home {
    /// `till run` with these flags and the key of the tests in the environment, whose provider the
    /// upstream is.
    pub(crate) fn run_with_openai(&self, upstream: &Upstream, flags: &str) -> Run {
        self.till(&format!("run {flags} --"))
            .env("OPENAI_API_KEY", MASTER)
            .env("OPENAI_BASE_URL", upstream.base_url("/v1"))
    }
}

impl Session {
    /// Starts `till run … --` with a command of the session's own.
    #[track_caller]
    pub(crate) fn start(run: Run) -> Self {
        Self::of(run.arg("sh").arg("-c").arg(COMMAND))
    }

    /// The same of a `till run` that has such a command already, or another that tells alike.
    #[track_caller]
    pub(crate) fn of(run: Run) -> Self {
        let session = Self::begin(run);
        assert!(!session.given.is_empty(), "no command was started: {}", session.said());
        session
    }

    /// One that has no command, and closes its standard output.
    pub(crate) fn begin(run: Run) -> Self {
        let mut child = run.spawn_open();
        let input = child.stdin.take();
        let said = Arc::new(Mutex::new(String::new()));
        let errors = BufReader::new(child.stderr.take().expect("piped"));
        let log = Arc::clone(&said);
        let reader = std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                let mut log = log.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
            String::new()
        });
        let mut output = BufReader::new(child.stdout.take().expect("piped"));
        let mut given = BTreeMap::new();
        loop {
            let mut line = String::new();
            let count = output.read_line(&mut line).expect("text");
            if count == 0 || line == "\n" {
                break;
            }
            let (name, value) = line.trim_end().split_once('=').unwrap_or((line.trim_end(), ""));
            given.insert(name.to_owned(), value.to_owned());
        }
        let rest = std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = output.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        });
        Self { child, input, given, said, readers: vec![rest, reader] }
    }

    /// All variables that the command has.
    pub(crate) fn given(&self) -> &BTreeMap<String, String> {
        &self.given
    }

    /// One of them.
    #[track_caller]
    pub(crate) fn variable(&self, name: &str) -> &str {
        self.given.get(name).unwrap_or_else(|| panic!("no `{name}` in {:#?}", self.given))
    }

    /// The proxy key.
    #[track_caller]
    pub(crate) fn key(&self) -> &str {
        self.variable("TILL_KEY")
    }

    /// The forwarder.
    #[track_caller]
    pub(crate) fn address(&self) -> SocketAddr {
        let url = self.variable("OPENAI_BASE_URL");
        let (_, rest) = url.split_once("://").expect("a URL");
        rest.split('/').next().unwrap_or_default().parse().expect("an address")
    }

    /// The answer to a chat request of the command's.
    #[track_caller]
    pub(crate) fn chat(&self) -> Reply {
        Request::chat(self.key()).send(self.address())
    }

    /// What till wrote to its standard error so far.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Waits until till has written this.
    #[track_caller]
    pub(crate) fn await_said(&self, text: &str) {
        wait_until(&format!("till says {text:?}"), || self.said().contains(text));
    }

    /// A file of the kernel's about the command's process.
    pub(crate) fn child_path(&self, name: &str) -> PathBuf {
        PathBuf::from("/proc").join(self.variable("CHILD")).join(name)
    }

    /// A file of the kernel's about till's process.
    pub(crate) fn till_path(&self, name: &str) -> PathBuf {
        PathBuf::from("/proc").join(self.child.id().to_string()).join(name)
    }

    /// Sends a signal to till alone.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("our child");
    }

    /// SIGKILL for till; its command goes on, and is asked to end with the session.
    pub(crate) fn kill_till(&mut self) {
        self.signal(Signal::KILL);
        self.child.wait().expect("our child");
    }

    /// Has the command end with this code, and returns what till did.
    #[track_caller]
    pub(crate) fn end(mut self, code: u8) -> Output {
        let mut input = self.input.take().expect("still open");
        writeln!(input, "{code}").expect("a command that reads");
        drop(input);
        self.wait()
    }

    /// Waits for an end that is on its way.
    #[track_caller]
    pub(crate) fn wait(mut self) -> Output {
        let mut status = None;
        wait_until("till run has ended", || {
            status = self.child.try_wait().expect("our child");
            status.is_some()
        });
        let code = status.and_then(|status| status.code());
        let read = |reader: JoinHandle<String>| reader.join().expect("a reader");
        // The standard output's stands first; that of the errors ends later than the process may.
        let texts: Vec<String> = self.readers.drain(..).map(read).collect();
        let stdout = texts.into_iter().next().unwrap_or_default();
        Output { line: "till run".to_owned(), code, stdout, stderr: self.said() }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.input.take();
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("till run said:\n{}", self.said());
        }
    }
}
