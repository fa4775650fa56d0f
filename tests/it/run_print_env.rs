//! `till run --print-env`: lines for another shell, good for as long as till runs.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpStream;
use std::process::{Command, Stdio};

use rustix::process::Signal;

use crate::support::answer::Answer;
use crate::support::home::{Home, MASTER};
use crate::support::http::Request;
use crate::support::run::Run;
use crate::support::session::Session;
use crate::support::upstream::Upstream;

const AZURE: &str = "0123456789abcdef0123456789abcdef";

/// A till that has printed its lines to `lines` in its home.
struct Printed {
    home: Home,
    session: Session,
    lines: String,
}

impl Printed {
    fn new(upstream: &Upstream, form: &str) -> Self {
        let home = Home::empty();
        let file = home.path("lines");
        let run = home
            .sh(&format!("exec \"$TILL\" run -n 2 --print-env{form} >\"$LINES\""))
            .env("LINES", &file)
            .env("OPENAI_API_KEY", MASTER)
            .env("OPENAI_BASE_URL", upstream.base_url("/v1"))
            .env("AZURE_OPENAI_API_KEY", AZURE);
        let session = Session::begin(run);
        session.await_said("until Ctrl-C");
        let lines = fs::read_to_string(&file).unwrap();
        assert!(!lines.contains(MASTER), "{lines}");
        Self { home, session, lines }
    }

    /// What a shell with the real keys has once it has read the lines.
    fn sourced(&self, shell: &str, line: &str) -> BTreeMap<String, String> {
        let run =
            Run::program(shell).arg("-c").arg(line).arg(self.home.path("lines").to_str().unwrap());
        let run = run.env("HOME", self.home.path("")).env("OPENAI_API_KEY", MASTER);
        let output = run.env("AZURE_OPENAI_API_KEY", AZURE).ok();
        assert!(!output.contains(MASTER), "{output}");
        let pairs = output.lines().filter_map(|line| line.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// Calls with these variables, ends it with this signal, and finds its port gone.
    fn use_up(self, variables: &BTreeMap<String, String>, end: Signal) {
        let url = &variables["OPENAI_BASE_URL"];
        let host = url.strip_prefix("http://").unwrap().split('/').next().unwrap();
        let (to, key) = (host.parse().unwrap(), &variables["OPENAI_API_KEY"]);
        for _ in 0..2 {
            Request::chat(key).send(to).expect(200, "");
        }
        Request::chat(key).send(to).expect(402, "activation_limit");
        self.session.signal(end);
        let output = self.session.wait();
        assert_eq!(output.code, Some(0), "{output}");
        assert!(output.stderr.contains("used 2 of 2 activations: 2 answers"), "{output}");
        assert!(TcpStream::connect(to).is_err());
    }
}

#[test]
fn a_shell_sources_it() {
    let upstream = Upstream::answering(Answer::status(200));
    for (form, end) in [("", Signal::INT), ("=sh", Signal::TERM)] {
        let printed = Printed::new(&upstream, form);
        assert!(printed.lines.contains("unset AZURE_OPENAI_API_KEY\n"), "{}", printed.lines);
        let variables = printed.sourced("sh", ". \"$0\"; env");
        assert!(!variables.contains_key("AZURE_OPENAI_API_KEY"), "{variables:?}");
        printed.use_up(&variables, end);
    }
}

#[test]
fn a_dotenv_file_says_the_same() {
    let upstream = Upstream::answering(Answer::status(200));
    let printed = Printed::new(&upstream, "=dotenv");
    assert!(printed.lines.contains("AZURE_OPENAI_API_KEY=\n"), "{}", printed.lines);
    let pairs = printed.lines.lines().map(|line| line.split_once('=').unwrap());
    let variables = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    printed.use_up(&variables, Signal::HUP);
}

#[test]
fn fish_sources_it() {
    let upstream = Upstream::answering(Answer::status(200));
    let printed = Printed::new(&upstream, "=fish");
    let unset = "set -e AZURE_OPENAI_API_KEY\n";
    assert!(printed.lines.contains(unset), "{}", printed.lines);
    let there = Command::new("fish").arg("--version").stdout(Stdio::null()).status();
    let variables = if there.is_ok_and(|status| status.success()) {
        printed.sourced("fish", "source $argv[1]; env")
    } else {
        // No value of these has a quote in it.
        let set = printed.lines.lines().filter_map(|line| line.strip_prefix("set -gx "));
        let pairs = set.filter_map(|line| line.split_once(' '));
        pairs.map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned())).collect()
    };
    printed.use_up(&variables, Signal::INT);
}

#[test]
fn it_takes_no_command() {
    let run = Home::empty().till("run --print-env -- true").env("OPENAI_API_KEY", MASTER);
    run.fails(2, &["--print-env"]);
    let run = Home::empty().till("run --print-env=csh").env("OPENAI_API_KEY", MASTER);
    run.fails(2, &["fish", "dotenv"]);
}
