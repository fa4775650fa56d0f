//! Where the commands are run: a store with every secret in it, an upstream that echoes, and
//! everything that is wrong.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::witness::Witness;
use crate::support::answer::{Answer, Body};
use crate::support::home::{Home, Key, MASTER};
use crate::support::hook::Hook;
use crate::support::proxy::Proxy;
use crate::support::rows::{put, rows};
use crate::support::run::{Output, Run, TILL};
use crate::support::upstream::Upstream;

/// What unlocks the store for a while, and then no more.
pub(super) const FIRST: &str = "the first canary of the passphrases";
const NEXT: &str = "the passphrase that sings after it";
const TOKEN_PREFIX: &str = "till_admin_";

pub(super) struct Scene {
    pub(super) home: Home,
    pub(super) key: Key,
    pub(super) witness: Witness,
    /// A file with the real key, as people leave it lying.
    open: TempDir,
    other: Key,
    upstream: Upstream,
    hook: Hook,
    damaged: PathBuf,
    forged: PathBuf,
}

impl Scene {
    pub(super) fn new() -> Self {
        let upstream = Upstream::new(|seen| {
            let sent = seen.head.get("authorization").unwrap_or_default().to_owned();
            let status = if seen.method == "GET" { 200 } else { 401 };
            let said = format!("{{\"data\":[],\"error\":\"bad key {sent}\"}}");
            Answer::status(status).field("x-echo", &sent).body(Body::Whole(said.into_bytes()))
        })
        .may_idle();
        let home = Home::with_openai(&upstream);
        let key = home.mint("openai -n 50 --delegate --name canary");
        let other = home.mint("openai -n 5");
        let token = home.token("ci", "--provider openai --max-activations 5 --max-expires 1h");
        assert!(token.starts_with(TOKEN_PREFIX), "{token}");
        let open = tempfile::tempdir().unwrap();
        fs::write(open.path().join(".env"), format!("OPENAI_API_KEY={MASTER}\n")).unwrap();
        secret_file(&open.path().join("first"), FIRST);
        secret_file(&open.path().join("next"), NEXT);
        secret_file(&open.path().join("wrong"), &"0".repeat(64));
        let alerted = home.path("alerted");
        let script = format!("#!/bin/sh\n{{ cat; env; }} > '{}'\n", alerted.display());
        let on_alert = open.path().join("on-alert");
        fs::write(&on_alert, script).unwrap();
        fs::set_permissions(&on_alert, Permissions::from_mode(0o700)).unwrap();
        let (damaged, forged) = (home.path("damaged.redb"), home.path("forged.redb"));
        let mut bytes = fs::read(home.store()).unwrap();
        bytes.iter_mut().skip(4096).step_by(97).for_each(|byte| *byte ^= 0x55);
        fs::write(&damaged, bytes).unwrap();
        fs::copy(home.store(), &forged).unwrap();
        for path in [&damaged, &forged] {
            fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
        }
        for table in ["keys", "usage", "masters"] {
            let mut edited = rows(&forged, table);
            for (_, row) in &mut edited {
                let middle = row.len() / 2;
                row[middle] ^= 1;
            }
            put(&forged, table, &edited);
        }
        let witness = Witness::of(&[MASTER, &key.text, &other.text, &token, FIRST, NEXT]);
        let hook = Hook::start(204);
        Self { home, key, witness, open, other, upstream, hook, damaged, forged }
    }

    /// The line with every variable that holds a secret, and as talkative as it can be.
    pub(super) fn till(&self, (command, rest): super::lines::Line, to: &Proxy) -> Run {
        let folder = |path: &Path| path.to_str().unwrap().to_owned();
        let open = folder(self.open.path());
        let home = folder(&self.home.path(""));
        let rest = rest
            .replace("{home}", home.trim_end_matches('/'))
            .replace("{upstream}", &self.upstream.base_url(""))
            .replace("{hook}", &self.hook.url())
            .replace("{id}", &self.key.id)
            .replace("{other}", &self.other.id)
            .replace("{till}", TILL)
            .replace("{first}", &format!("{open}/first"))
            .replace("{next}", &format!("{open}/next"))
            .replace("{open}", &open);
        let run = talkative(self.home.till(&format!("-vv {command} {rest}")))
            .env("OPENAI_API_KEY", MASTER)
            .env("OPENAI_BASE_URL", self.upstream.base_url("/v1"))
            .env("TILL_KEY", &self.key.text)
            .env("TILL_URL", format!("http://{}", to.address()))
            .env("TMPDIR", self.home.path(""))
            .within(self.open.path())
            .stdin(format!("{MASTER}\n"));
        match command {
            // It is about the passphrase, which has to be the one that unlocks.
            "passwd" => run.without("TILL_KEY_FILE").env("TILL_PASSPHRASE", FIRST),
            _ => run,
        }
    }

    /// The same line on whatever can be wrong with a store and what unlocks it.
    pub(super) fn wrong(&self, line: super::lines::Line, to: &Proxy) -> [Run; 3] {
        // They are copies: what is seen of them is not seen of the store.
        let of = |store: &Path| {
            let run = self.till(line, to).env("TILL_STORE", store);
            run.env("XDG_STATE_HOME", self.home.path("state-of-copies"))
        };
        let wrong = self.open.path().join("wrong");
        [of(&self.damaged), of(&self.forged), self.till(line, to).env("TILL_KEY_FILE", wrong)]
    }

    /// Looks at what a command said. One that hands keys out does so on stdout alone.
    #[track_caller]
    pub(super) fn hears(&self, line: super::lines::Line, output: &Output) {
        let Output { line: words, stdout, stderr, .. } = output;
        assert!(output.code.is_some(), "ended by a signal: {output}");
        assert!(!stderr.contains("panicked"), "{output}");
        self.witness.sees_no_key(&format!("stderr of `{words}`"), stderr);
        let place = format!("stdout of `{words}`");
        if ["key mint", "key delegate", "admin mint"].contains(&line.0) {
            self.witness.sees_none(&place, stdout.as_bytes());
        } else {
            self.witness.sees_no_key(&place, stdout);
        }
    }

    /// Looks into every file, the sealed store among them.
    #[track_caller]
    pub(super) fn looks_around(&self) {
        let files = self.home.files();
        assert!(files.iter().any(|(path, _)| path == self.home.store()));
        for (path, bytes) in files {
            self.witness.sees_none(&path.display().to_string(), &bytes);
        }
    }
}

/// All levels, and backtraces.
pub(super) fn talkative(run: Run) -> Run {
    run.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full")
}

fn secret_file(path: &Path, text: &str) {
    fs::write(path, format!("{text}\n")).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}
