//! Where the store is: a proxy, an admin API, an issuer of identities. And a machine without any of
//! it, with `till` in its `PATH`, and a folder that jobs work in.

use std::ffi::OsString;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::agent;
use crate::support::answer::Answer;
use crate::support::home::Home;
use crate::support::http::{Reply, Request};
use crate::support::issuer::Issuer;
use crate::support::proxy::Proxy;
use crate::support::run::{Run, TILL};
use crate::support::upstream::Upstream;

/// What every key is held within.
pub(super) const BOUNDS: &str =
    "--provider openai --max-activations 50 --max-spend 2 --max-expires 1h";

pub(super) struct Site {
    pub(super) upstream: Upstream,
    pub(super) home: Home,
    pub(super) issuer: Issuer,
    pub(super) proxy: Proxy,
    admin: Proxy,
    machine: TempDir,
}

impl Site {
    pub(super) fn new() -> Self {
        let body = br#"{"id":"a","object":"chat.completion","model":"gpt-4o-mini","choices":[],
            "usage":{"prompt_tokens":9,"completion_tokens":9,"total_tokens":18}}"#;
        let upstream = Upstream::answering(Answer::json(200, body)).may_idle();
        let home = Home::with_openai(&upstream);
        let proxy = home.proxy();
        let admin = serve(&home, &proxy);
        let machine = tempfile::Builder::new().prefix("till-ci-").tempdir().unwrap();
        for folder in ["bin", "work", "temp", "home"] {
            fs::create_dir(machine.path().join(folder)).unwrap();
        }
        std::os::unix::fs::symlink(TILL, machine.path().join("bin/till")).unwrap();
        agent::put(&machine.path().join("work"));
        Self { upstream, home, issuer: Issuer::start(), proxy, admin, machine }
    }

    /// One more admin server.
    pub(super) fn admin(&self) -> Proxy {
        serve(&self.home, &self.proxy)
    }

    pub(super) fn admin_url(&self) -> String {
        format!("http://{}", self.admin.address())
    }

    pub(super) fn proxy_address(&self) -> SocketAddr {
        self.proxy.address()
    }

    /// A token of `till admin mint`.
    pub(super) fn token(&self) -> String {
        self.home.till(&format!("admin mint --name ci {BOUNDS}")).ok().trim().to_owned()
    }

    /// Trusts jobs of the test's issuer: `whose` as in `github --repo octo/app`.
    pub(super) fn trust(&self, whose: &str) {
        let issuer = self.issuer.url();
        self.home.till(&format!("admin trust {whose} --issuer {issuer} --local {BOUNDS}")).ok();
    }

    /// A folder of the machine: `work` with the agent in it, `temp`, `home`, `bin`.
    pub(super) fn folder(&self, name: &str) -> PathBuf {
        self.machine.path().join(name)
    }

    pub(super) fn work(&self) -> PathBuf {
        self.folder("work")
    }

    /// The machine's `PATH`.
    pub(super) fn path(&self) -> OsString {
        let system = std::env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(self.folder("bin")).chain(std::env::split_paths(&system));
        std::env::join_paths(all).unwrap()
    }

    /// A program on the machine, in its working folder.
    pub(super) fn program(&self, name: &str) -> Run {
        let run = Run::program(name).env("PATH", self.path()).env("HOME", self.folder("home"));
        run.within(&self.work())
    }

    /// A file of the working folder.
    pub(super) fn file(&self, name: &str) -> String {
        fs::read_to_string(self.work().join(name)).unwrap_or_default().trim().to_owned()
    }

    /// How many of the store's keys live.
    pub(super) fn live(&self) -> usize {
        self.home.till("key ls --status live").json().as_array().expect("keys").len()
    }

    /// The answer to a chat request.
    pub(super) fn chat(&self, key: &str) -> Reply {
        Request::chat(key).send(self.proxy_address())
    }

    /// Whether a file is in the folder of the jobs.
    pub(super) fn has_file(&self, name: &str) -> bool {
        Path::new(&self.work().join(name)).exists()
    }
}

fn serve(home: &Home, proxy: &Proxy) -> Proxy {
    let url = format!("http://{}", proxy.address());
    Proxy::start(home.till(&format!("admin serve --listen 127.0.0.1:0 --proxy-url {url}")))
}
