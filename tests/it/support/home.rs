//! A home directory of its own for each test, and the store in it.

use std::fs::Permissions;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::proxy::Proxy;
use super::run::Run;
use super::upstream::Upstream;

/// The master key of the tests. A canary: it must never be seen but by the upstream.
pub(crate) const MASTER: &str = "sk-master-canary-0123456789abcdefWXYZ";

/// A home with, mostly, a store in it that a key file unlocks: no Argon2 at each command.
#[derive(Debug)]
pub(crate) struct Home {
    dir: TempDir,
    store: PathBuf,
    key_file: Option<PathBuf>,
}

/// A proxy key as `key mint --json` tells it.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) text: String,
}

impl Home {
    /// A home where nothing was ever done.
    pub(crate) fn empty() -> Self {
        let dir = tempfile::Builder::new().prefix("till-it-").tempdir().unwrap();
        let store = dir.path().join("store").join("till.redb");
        Self { dir, store, key_file: None }
    }

    /// A home whose store lies at `store`, perhaps on another file system.
    pub(crate) fn with_store_at(store: PathBuf) -> Self {
        Self { store, ..Self::empty() }.initialised()
    }

    /// A home with an empty store.
    pub(crate) fn new() -> Self {
        Self::empty().initialised()
    }

    /// A home with a store that knows `openai`, and has its master key.
    pub(crate) fn with_openai(upstream: &Upstream) -> Self {
        let home = Self::new();
        home.add_openai(&upstream.base_url("/v1"));
        home
    }

    /// A home whose store opens with a passphrase alone.
    pub(crate) fn with_passphrase(passphrase: &str) -> Self {
        let home = Self::empty();
        home.till("init").env("TILL_PASSPHRASE", passphrase).ok();
        home
    }

    /// A home with a copy of a store that was made elsewhere, which this key file unlocks.
    pub(crate) fn with_copy_of(store: &Path, key_file: &Path) -> Self {
        let mut home = Self::empty();
        let folder = home.store.parent().unwrap();
        std::fs::DirBuilder::new().mode(0o700).create(folder).unwrap();
        let file = home.path("key-file");
        for (from, to) in [(store, &home.store), (key_file, &file)] {
            std::fs::write(to, std::fs::read(from).unwrap()).unwrap();
            std::fs::set_permissions(to, Permissions::from_mode(0o600)).unwrap();
        }
        home.key_file = Some(file);
        home
    }

    fn initialised(mut self) -> Self {
        let file = self.path("key-file");
        self.till("init --key-file").arg(file.to_str().unwrap()).ok();
        self.key_file = Some(file);
        self
    }

    /// Seals the tests' master key for `openai`, which lies at `base_url`.
    #[track_caller]
    pub(crate) fn add_openai(&self, base_url: &str) {
        self.add_master("openai", base_url);
    }

    #[track_caller]
    pub(crate) fn add_master(&self, provider: &str, base_url: &str) {
        self.till(&format!("master add {provider} --local --base-url {base_url}"))
            .stdin(format!("{MASTER}\n"))
            .ok();
    }

    /// `till` in this home.
    pub(crate) fn till(&self, line: &str) -> Run {
        self.of(Run::till(line))
    }

    /// A line of shell in this home, with the binary in `$TILL`.
    pub(crate) fn sh(&self, script: &str) -> Run {
        self.of(Run::sh(script))
    }

    fn of(&self, run: Run) -> Run {
        let run = run
            .env("HOME", self.dir.path())
            .env("XDG_DATA_HOME", self.path("data"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("TILL_STORE", &self.store);
        match &self.key_file {
            Some(file) => run.env("TILL_KEY_FILE", file),
            None => run,
        }
    }

    /// Mints with these arguments, as in `openai -n 50`.
    #[track_caller]
    pub(crate) fn mint(&self, args: &str) -> Key {
        Key::of(&self.till(&format!("key mint {args}")).json())
    }

    /// A running proxy on this home's store.
    pub(crate) fn proxy(&self) -> Proxy {
        self.proxy_with("")
    }

    /// The same with these flags.
    pub(crate) fn proxy_with(&self, flags: &str) -> Proxy {
        Proxy::start(self.till(&format!("proxy --listen 127.0.0.1:0 {flags}")))
    }

    /// What `key show` says of the key.
    #[track_caller]
    pub(crate) fn show(&self, key: &Key) -> Value {
        self.till(&format!("key show {}", key.id)).json()
    }

    /// One figure of the key's activations: `limit`, `used`, `held` or `remaining`.
    #[track_caller]
    pub(crate) fn activations(&self, key: &Key, figure: &str) -> u64 {
        let shown = self.show(key);
        shown["activations"][figure].as_u64().unwrap_or_else(|| panic!("no {figure}: {shown}"))
    }

    /// How many keys the store has.
    #[track_caller]
    pub(crate) fn key_count(&self) -> usize {
        self.till("key ls").json().as_array().expect("an array of keys").len()
    }

    /// A path in this home.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Every file in this home but the one that unlocks the store.
    pub(crate) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        let mut folders = vec![self.path("")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder of our own") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if self.key_file.as_ref() != Some(&path)
                    && let Ok(bytes) = std::fs::read(&path)
                {
                    files.push((path, bytes));
                }
            }
        }
        files
    }

    /// Fails where one of these texts stands in a file of this home.
    #[track_caller]
    pub(crate) fn has_nowhere(&self, secrets: &[&str]) {
        let files = self.files();
        assert!(!files.is_empty());
        for (path, bytes) in files {
            for secret in secrets {
                let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
                assert!(!found, "{secret} in {}", path.display());
            }
        }
    }

    /// The file of the store.
    pub(crate) fn store(&self) -> &Path {
        &self.store
    }
}

impl Key {
    #[track_caller]
    pub(crate) fn of(minted: &Value) -> Self {
        let field = |name: &str| {
            minted[name].as_str().unwrap_or_else(|| panic!("no `{name}`: {minted}")).to_owned()
        };
        Self { id: field("id"), text: field("key") }
    }
}
