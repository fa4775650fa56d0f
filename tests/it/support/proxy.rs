//! A running `till proxy`, on a port that it chose itself.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rustix::process::{Pid, Signal, kill_process};

use super::run::Run;
use super::{PATIENCE, wait_until};

/// Killed when dropped.
#[derive(Debug)]
pub(crate) struct Proxy {
    child: Child,
    address: SocketAddr,
    said: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Starts the proxy and waits for the line that names its address.
    pub(crate) fn start(run: Run) -> Self {
        let mut child = run.spawn();
        let stderr = BufReader::new(child.stderr.take().expect("piped"));
        let said = Arc::new(Mutex::new(String::new()));
        let (found, address) = mpsc::channel();
        let log = Arc::clone(&said);
        let reader = std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                {
                    let mut log = log.lock().unwrap();
                    log.push_str(&line);
                    log.push('\n');
                }
                // Who waits for the address finds the line in what was said.
                if let Some(address) = listening_at(&line) {
                    let _ = found.send(address);
                }
            }
        });
        let Ok(address) = address.recv_timeout(PATIENCE) else {
            let _ = child.kill();
            panic!("the proxy did not say where it listens; it said: {}", said.lock().unwrap());
        };
        Self { child, address, said, reader: Some(reader) }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Everything that it wrote to its standard error so far.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// A file of the kernel's about the process.
    pub(crate) fn proc_file(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.proc_path(name)).expect("a file of the kernel's")
    }

    pub(crate) fn proc_path(&self, name: &str) -> PathBuf {
        Path::new("/proc").join(self.child.id().to_string()).join(name)
    }

    /// The most memory that it ever had, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        self.status("VmHWM:")
    }

    /// The memory that it has, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    fn status(&self, name: &str) -> u64 {
        let status = String::from_utf8(self.proc_file("status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a figure");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("kilobytes") * 1_024
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("our child");
    }

    /// Whether the kernel has stopped it (SIGSTOP is not done when `kill` returns).
    pub(crate) fn is_stopped(&self) -> bool {
        let stat = String::from_utf8_lossy(&self.proc_file("stat")).into_owned();
        stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with(['T', 't']))
    }

    /// SIGSTOP, and waits until it stands.
    pub(crate) fn pause(&self) {
        self.signal(Signal::STOP);
        wait_until("the proxy is stopped", || self.is_stopped());
    }

    /// SIGKILL, and waits until it is gone.
    pub(crate) fn kill(mut self) {
        self.signal(Signal::KILL);
        self.child.wait().expect("our child");
    }

    /// SIGTERM, and waits for its end; returns its status and all that it said.
    pub(crate) fn stop(mut self) -> (ExitStatus, String) {
        self.signal(Signal::TERM);
        let status = self.wait();
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
        (status, self.said())
    }

    /// Waits for an end that is on its way.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let mut status = None;
        wait_until("the proxy has ended", || {
            status = self.child.try_wait().expect("our child");
            status.is_some()
        });
        status.expect("just seen")
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("the proxy said:\n{}", self.said());
        }
    }
}

fn listening_at(line: &str) -> Option<SocketAddr> {
    let (_, url) = line.split_once("listening on http")?;
    let (_, rest) = url.split_once("://")?;
    let end = rest.find(|c: char| !(c.is_ascii_digit() || ".:[]".contains(c)));
    rest[..end.unwrap_or(rest.len())].parse().ok()
}
